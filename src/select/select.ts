/**
 * The front door: what a person asked for → the nodes, and why each is among them. Pure and without Node's modules, so that the docs
 * site's selection box is this very parser.
 */
import { type Checked, type Diagnostic, hasErrors } from '../core/diagnostic.ts';
import type { NodeId } from '../core/node-id.ts';
import type { SourceFile } from '../core/source.ts';
import { Evaluator, type SelectionPart } from './evaluate.ts';
import type { SelectableGraph } from './graph.ts';
import type { IndirectSelection } from './indirect.ts';
import type { SelectContext as MethodContext } from './method.ts';
import { argumentFile, parseSelection } from './parse-selection.ts';
import { type SelectionTree, without } from './selection-tree.ts';
import { type NamedSelector, readSelector } from './selectors.ts';

export { printValue } from './criterion.ts';
export type { SelectionPart } from './evaluate.ts';
export {
  graphOfNodes,
  type SelectableGraph,
  type SelectableNode,
  selectableGraph,
} from './graph.ts';
export type { IndirectSelection } from './indirect.ts';
export { isProblem, type LoadTimes } from './method.ts';
export { METHOD_NAMES, METHODS } from './methods.ts';
export { type NamedSelector, selectorsOfManifest } from './selectors.ts';

export interface SelectionRequest {
  /** One entry an argument; none selects everything, or the selector with `default: true`. */
  readonly select: readonly string[];
  readonly exclude: readonly string[];
  /** A selector of selectors.yml in place of `select`; `exclude` is taken away from it. */
  readonly selector?: string | undefined;
  /** dbt's default is `eager`. */
  readonly indirectSelection: IndirectSelection;
  /** Only these kinds; absent: all. */
  readonly resourceTypes?: readonly string[] | undefined;
  readonly excludeResourceTypes?: readonly string[] | undefined;
  /** Keep nodes whose file is blank, as `ls` does. Default false: nothing can be built of them. */
  readonly includeEmpty?: boolean | undefined;
  /** A name or path in `select` that matches nothing is an error (default) or a warning. */
  readonly literalsMustMatch?: boolean | undefined;
}

export interface SelectContext extends MethodContext {
  readonly selectors?: readonly NamedSelector[];
}

export interface Selection {
  /** In the graph's order. */
  readonly ids: ReadonlySet<NodeId>;
  /** What each part did, in the order it was evaluated: inner parts before the whole. */
  readonly explain: readonly SelectionPart[];
  /** Of how many nodes, kinds left out not counted. */
  readonly total: number;
}

/** With errors the selection is empty: half of what was asked for must not run. */
export function selectNodes(
  graph: SelectableGraph,
  request: SelectionRequest,
  context: SelectContext,
): Checked<Selection> {
  const selectors = context.selectors ?? [];
  const evaluator = new Evaluator({
    graph,
    context,
    selectors,
    mode: request.indirectSelection,
    literalsMustMatch: request.literalsMustMatch !== false,
  });
  const asked = askedFor(request, selectors);
  const picked = evaluator.evaluate(asked.value, {
    from: '--select',
    excludes: false,
  });
  const diagnostics = [...asked.diagnostics, ...unique(evaluator.found)];
  const isWanted = kindFilter(request);
  const ids = new Set<NodeId>();
  let total = 0;
  for (const node of graph.nodes.values()) {
    if (!isWanted(node.resource_type)) continue;
    total += 1;
    const isEmpty =
      request.includeEmpty !== true && HAVE_CODE.includes(node.resource_type) && node.raw_code?.trim() === '';
    if (!isEmpty && picked.direct.has(node.unique_id)) ids.add(node.unique_id);
  }
  return {
    value: {
      ids: hasErrors(diagnostics) ? new Set() : ids,
      explain: evaluator.parts,
      total,
    },
    diagnostics,
  };
}

/** The arguments as files, for the code frames of diagnostics that point into them. */
export const selectionSources = (request: SelectionRequest): readonly SourceFile[] => [
  argumentFile('--select', request.select),
  argumentFile('--exclude', request.exclude),
  argumentFile('--selector', request.selector === undefined ? [] : [request.selector]),
];

/** What speaks for or against one node: "`+orders`: ancestor or descendant", in the order of the selection's parts. */
export function reasonsFor(selection: Selection, id: NodeId): readonly string[] {
  return selection.explain.flatMap((part) => {
    const how = part.matched.has(id)
      ? 'matches'
      : part.related.has(id)
        ? 'is related by'
        : part.tests.has(id)
          ? 'tests what is selected by'
          : undefined;
    if (how === undefined) return [];
    return [
      `${how} ${part.text}${part.from.startsWith('--') ? '' : ` in ${part.from}`}${part.excludes ? ' (excluded)' : ''}`,
    ];
  });
}

/** Everything that is wrong in the selectors themselves, whether or not they are used: bad definitions, unknown names, rings. */
export function checkSelectors(graph: SelectableGraph, selectors: readonly NamedSelector[]): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const defaults = selectors.filter((selector) => selector.isDefault);
  for (const second of defaults.slice(1))
    found.push({
      code: 'select/two-defaults',
      severity: 'error',
      message: `selectors \`${defaults[0]?.name}\` and \`${second.name}\` are both the default`,
      at: second.span?.(['default']),
      hint: 'leave `default: true` at one of them',
    });
  for (const selector of selectors) {
    readSelector(selector, (diagnostic) => found.push(diagnostic));
    // Each member of a ring leads around it; to say it once is enough.
    for (const problem of referenceProblems(graph, selector, selectors))
      if (!found.some(({ code, message }) => code === problem.code && message === problem.message)) found.push(problem);
  }
  return unique(found);
}

/** Unknown names and rings of one selector. Its criteria are evaluated on no nodes: that they match nothing says nothing here. */
function referenceProblems(
  graph: SelectableGraph,
  selector: NamedSelector,
  selectors: readonly NamedSelector[],
): readonly Diagnostic[] {
  const empty: SelectableGraph = {
    projectName: graph.projectName,
    nodes: new Map(),
    parents: new Map(),
    children: new Map(),
  };
  const evaluator = new Evaluator({
    graph: empty,
    context: {},
    selectors,
    mode: 'empty',
    literalsMustMatch: false,
  });
  evaluator.selector(selector.name, { from: '--selector', excludes: false }, selector.span?.([]));
  return evaluator.found.filter(({ code }) => code === 'select/unknown-selector' || code === 'select/selector-cycle');
}

function askedFor(request: SelectionRequest, selectors: readonly NamedSelector[]): Checked<SelectionTree> {
  const diagnostics: Diagnostic[] = [];
  const taken = (option: string, words: readonly string[]): SelectionTree => {
    const parsed = parseSelection(option, words);
    diagnostics.push(...parsed.diagnostics);
    if (parsed.value.kind === 'nothing' && parsed.diagnostics.length === 0)
      diagnostics.push({
        code: 'select/empty-argument',
        severity: 'warning',
        message: `\`${option}\` was given an empty text, so it ${option === '--select' ? 'selects' : 'excludes'} nothing`,
      });
    return parsed.value;
  };
  const included = ((): SelectionTree => {
    if (request.selector !== undefined) {
      if (request.select.length > 0)
        diagnostics.push({
          code: 'select/select-with-selector',
          severity: 'error',
          message: '`--selector` and `--select` both say what to select',
          at: {
            file: '--select',
            start: 0,
            end: argumentFile('--select', request.select).text.length,
          },
          hint: `write \`--select selector:${request.selector} …\` for both, or \`selector:${request.selector},…\` for what is in both`,
        });
      return named(request.selector, '--selector');
    }
    if (request.select.length > 0) return taken('--select', request.select);
    const standard = request.exclude.length === 0 ? selectors.find((selector) => selector.isDefault) : undefined;
    return standard === undefined ? { kind: 'everything' } : named(standard.name, undefined);
  })();
  const value = request.exclude.length === 0 ? included : without(included, taken('--exclude', request.exclude));
  return { value, diagnostics };
}

function named(name: string, option: string | undefined): SelectionTree {
  const at = option === undefined ? {} : { at: { file: option, start: 0, end: name.length } };
  return {
    kind: 'criterion',
    criterion: {
      method: 'selector',
      arguments: [],
      value: name,
      childrensParents: false,
      ...at,
    },
  };
}

/** Kinds whose file may be blank; the others have no code, or may be asked for without it. */
const HAVE_CODE: readonly string[] = ['model', 'snapshot', 'test', 'analysis', 'operation'];

function kindFilter(request: SelectionRequest): (type: string) => boolean {
  const { resourceTypes, excludeResourceTypes = [] } = request;
  return (type) =>
    (resourceTypes === undefined || resourceTypes.includes(type)) && !excludeResourceTypes.includes(type);
}

/** The same mistake is said once, also when several parts lead to it. */
function unique(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Map(diagnostics.map((one) => [JSON.stringify([one.code, one.message, one.at]), one]));
  return [...seen.values()];
}
