/** YAML selectors: definitions → SelectionTree. */
import type { Diagnostic } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Json } from '../core/node-id.ts';
import type { Span } from '../core/source.ts';
import { type Criterion, defaultMethod, isBad, methodProblem, parseCriterion } from './criterion.ts';
import { isRecord } from './graph.ts';
import { INDIRECT_SELECTIONS, type IndirectSelection } from './indirect.ts';
import { METHOD_NAMES } from './methods.ts';
import { combined, type SelectionTree, without } from './selection-tree.ts';

/** One entry of selectors.yml. */
export interface NamedSelector {
  readonly name: string;
  readonly isDefault: boolean;
  readonly definition: Json;
  /** The place of a path inside the entry, `['definition', 'union', 0]`; absent when nobody knows (a manifest read from a file). */
  readonly span?: (path: readonly (string | number)[]) => Span;
}

/** The selectors as a manifest keeps them: name → `{ name, default, definition }`, or the bare definition. */
export const selectorsOfManifest = (kept: Readonly<Record<string, Json>>): readonly NamedSelector[] =>
  Object.entries(kept).map(([name, entry]) => {
    const whole = isRecord(entry) && entry.definition !== undefined ? entry : { definition: entry };
    return {
      name,
      isDefault: whole.default === true,
      definition: whole.definition ?? null,
    };
  });

/** Reads one definition; what is wrong in it goes to `report`. */
export function readSelector(selector: NamedSelector, report: (diagnostic: Diagnostic) => void): SelectionTree {
  return new DefinitionReader(selector, report).root();
}

type Place = readonly (string | number)[];
type Definition = { readonly [key: string]: Json };

/** The keys of a criterion in its long form. */
const KEYS = [
  'method',
  'value',
  'parents',
  'parents_depth',
  'children',
  'children_depth',
  'childrens_parents',
  'indirect_selection',
  'exclude',
];

class DefinitionReader {
  readonly #selector: NamedSelector;
  readonly #report: (diagnostic: Diagnostic) => void;
  constructor(selector: NamedSelector, report: (diagnostic: Diagnostic) => void) {
    this.#selector = selector;
    this.#report = report;
  }

  root(): SelectionTree {
    const { definition } = this.#selector;
    if (isRecord(definition) && Object.keys(definition).length > 1)
      for (const operator of ['union', 'intersection'])
        if (operator in definition) {
          const others = Object.keys(definition).filter((key) => key !== operator);
          return this.#wrong(['definition', others[0] ?? ''], `\`${operator}\` stands alone at the top of a selector`, {
            hint: `move \`${others.join('`, `')}\` into a list item under \`${operator}:\``,
          });
        }
    return this.definition(definition, ['definition']);
  }

  definition(definition: Json, place: Place): SelectionTree {
    if (typeof definition === 'string') return this.text(definition, place);
    if (!isRecord(definition))
      return this.#wrong(
        place,
        'a definition is a text such as `tag:nightly`, or keys such as `method` and `value`',
        {},
      );
    const operator = 'union' in definition ? 'union' : 'intersection';
    if (!(operator in definition)) return this.criterion(definition, place);
    const stranger = Object.keys(definition).find((key) => key !== operator && key !== 'exclude');
    if (stranger !== undefined)
      return this.#wrong([...place, stranger], `\`${stranger}\` has no meaning beside \`${operator}\``, {
        hint: `make it an item of the list under \`${operator}:\``,
      });
    const tree = this.operation(operator, definition, place);
    return 'exclude' in definition ? without(tree, this.exclusion(definition.exclude, place)) : tree;
  }

  text(text: string, place: Place): SelectionTree {
    const parsed = parseCriterion(text);
    if (isBad(parsed))
      return this.#wrong(place, parsed.message, {
        code: parsed.code,
        hint: parsed.hint,
      });
    return this.checked(parsed, place);
  }

  operation(operator: 'union' | 'intersection', definition: Definition, place: Place): SelectionTree {
    const items = definition[operator];
    if (!Array.isArray(items)) return this.#wrong([...place, operator], `\`${operator}\` takes a list`, {});
    const included: SelectionTree[] = [];
    let excluded: SelectionTree | undefined;
    for (const [at, item] of items.entries()) {
      const itemPlace = [...place, operator, at];
      // An item with `exclude` and more is a part with an exclusion of its own.
      if (!isRecord(item) || !('exclude' in item) || Object.keys(item).length > 1)
        included.push(this.definition(item, itemPlace));
      else if (excluded !== undefined)
        return this.#wrong(itemPlace, `one \`exclude\` is enough for one \`${operator}\``, {
          hint: 'join the two lists',
        });
      else excluded = this.exclusion(item.exclude, itemPlace);
    }
    // In dbt only operators on the command line look at waiting tests again; those in YAML never do.
    const tree = combined(operator, included, 'eager');
    return excluded === undefined ? tree : without(tree, excluded);
  }

  exclusion(items: Json | undefined, place: Place): SelectionTree {
    if (!Array.isArray(items)) return this.#wrong([...place, 'exclude'], '`exclude` takes a list', {});
    return combined(
      'union',
      items.map((item, at) => this.definition(item, [...place, 'exclude', at])),
      'eager',
    );
  }

  criterion(definition: Definition, place: Place): SelectionTree {
    const keys = Object.keys(definition);
    const [only = ''] = keys;
    if (keys.length === 1 && only !== 'method' && only !== 'value') {
      const value = scalar(definition[only]);
      if (value === undefined) return this.#wrong([...place, only], `\`${only}\` takes one value`, {});
      const [method = '', ...rest] = only.split('.');
      return this.checked({ method, arguments: rest, value, childrensParents: false }, [...place, only]);
    }
    const value = scalar(definition.value);
    if (value === undefined)
      return this.#wrong(place, 'a definition with several keys needs `value`', {
        hint: 'write `method: tag` and `value: nightly`, or the short form `tag: nightly`',
      });
    this.#checkKeys(keys, place);
    const dotted =
      definition.method === undefined ? defaultMethod(String(value)) : String(scalar(definition.method) ?? '');
    const [method = '', ...rest] = dotted.split('.');
    const mode = definition.indirect_selection;
    const known = INDIRECT_SELECTIONS.find((one) => one === mode);
    if (mode !== undefined && known === undefined)
      this.#wrong(
        [...place, 'indirect_selection'],
        `there is no indirect selection \`${String(scalar(mode) ?? '')}\``,
        {
          hint: didYouMean(String(mode), INDIRECT_SELECTIONS) ?? `it is one of ${INDIRECT_SELECTIONS.join(', ')}`,
        },
      );
    const parents = this.#reach(definition, 'parents', place);
    const children = this.#reach(definition, 'children', place);
    const childrensParents = isYes(definition.childrens_parents);
    if (childrensParents && children !== undefined)
      return this.#wrong([...place, 'children'], '`childrens_parents` already takes in all children', {
        code: 'select/at-with-plus',
        hint: 'leave `children` out',
      });
    const tree = this.checked(
      {
        method,
        arguments: rest,
        value,
        ...(parents === undefined ? {} : { parents }),
        ...(children === undefined ? {} : { children }),
        childrensParents,
        ...(known === undefined ? {} : { indirectSelection: known satisfies IndirectSelection }),
      },
      place,
    );
    return 'exclude' in definition ? without(tree, this.exclusion(definition.exclude, place)) : tree;
  }

  checked(criterion: Criterion, place: Place): SelectionTree {
    const problem = methodProblem(criterion, METHOD_NAMES);
    if (problem !== undefined) return this.#wrong(place, problem.message, problem);
    const at = this.#selector.span?.(place);
    return {
      kind: 'criterion',
      criterion: at === undefined ? criterion : { ...criterion, at },
    };
  }

  #checkKeys(keys: readonly string[], place: Place): void {
    for (const key of keys)
      if (!KEYS.includes(key))
        this.#say('warning', [...place, key], `\`${key}\` has no meaning in a selector`, {
          code: 'select/unknown-selector-key',
          hint: didYouMean(key, KEYS) ?? `the keys are ${KEYS.join(', ')}`,
        });
  }

  /** `parents: true` and `parents_depth: 2`; a depth alone walks nowhere, as in dbt, but it is said. */
  #reach(definition: Definition, direction: 'parents' | 'children', place: Place): number | undefined {
    const depth = definition[`${direction}_depth`];
    if (!isYes(definition[direction])) {
      if (depth !== undefined && depth !== null)
        this.#say(
          'warning',
          [...place, `${direction}_depth`],
          `\`${direction}_depth\` has no effect without \`${direction}: true\``,
          {
            code: 'select/depth-without-direction',
          },
        );
      return undefined;
    }
    if (depth === undefined || depth === null || depth === '') return Number.POSITIVE_INFINITY;
    const steps = Number(depth);
    if (Number.isInteger(steps) && steps >= 0) return steps;
    this.#wrong([...place, `${direction}_depth`], `\`${direction}_depth\` is a number of steps`, {});
    return undefined;
  }

  #wrong(
    place: Place,
    message: string,
    more: { readonly code?: string; readonly hint?: string | undefined },
  ): SelectionTree {
    this.#say('error', place, message, more);
    return { kind: 'nothing' };
  }

  #say(
    severity: 'error' | 'warning',
    place: Place,
    message: string,
    { code = 'select/bad-selector', hint }: { readonly code?: string; readonly hint?: string | undefined },
  ): void {
    this.#report({
      code,
      severity,
      message: `selector \`${this.#selector.name}\`: ${message}`,
      at: this.#selector.span?.(place),
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

const scalar = (value: Json | undefined): string | number | boolean | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;

/** YAML's truth as Python has it: absent, null, false, 0 and the empty text are no. */
const isYes = (value: Json | undefined): boolean =>
  value !== undefined && value !== null && value !== false && value !== 0 && value !== '';
