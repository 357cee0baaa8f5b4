/** SelectionTree + graph → the nodes, and which part matched what. */
import type { Diagnostic } from '../core/diagnostic.ts';
import { nearestName } from '../core/nearest.ts';
import type { NodeId } from '../core/node-id.ts';
import { type Criterion, printCriterion } from './criterion.ts';
import { hasWildcard, wildcard } from './fnmatch.ts';
import type { SelectableGraph } from './graph.ts';
import { arrivedTests, type IndirectSelection, type Picked, withTests } from './indirect.ts';
import { isProblem, type SelectContext, valueText } from './method.ts';
import { METHODS } from './methods.ts';
import { printSelection, type SelectionTree } from './selection-tree.ts';
import { type NamedSelector, readSelector } from './selectors.ts';
import { neighbourhood, reached } from './walk.ts';

/** What one part of a selection did, for `dql ls --explain`. */
export interface SelectionPart {
  /** As typed: `+orders`, `tag:nightly`. */
  readonly text: string;
  /** The option or selector it stands in: `--select`, `--exclude`, `selector nightly`. */
  readonly from: string;
  /** True when what it matched was taken away. */
  readonly excludes: boolean;
  /** What the method itself matched. */
  readonly matched: ReadonlySet<NodeId>;
  /** What `+` and `@` brought besides. */
  readonly related: ReadonlySet<NodeId>;
  /** Tests that came along unnamed. */
  readonly tests: ReadonlySet<NodeId>;
}

export interface Evaluation {
  readonly graph: SelectableGraph;
  readonly context: SelectContext;
  readonly selectors: readonly NamedSelector[];
  readonly mode: IndirectSelection;
  /** Whether a name that matches nothing is an error; a warning otherwise. */
  readonly literalsMustMatch: boolean;
}

/** Where in the request the evaluation stands. */
export interface Role {
  readonly from: string;
  readonly excludes: boolean;
}

export class Evaluator {
  readonly parts: SelectionPart[] = [];
  readonly found: Diagnostic[] = [];
  readonly #job: Evaluation;
  /** Selectors that are being read, outermost first: a name that comes again closes a ring. */
  readonly #open: string[] = [];
  constructor(job: Evaluation) {
    this.#job = job;
  }

  evaluate(tree: SelectionTree, role: Role): Picked {
    const { graph, mode } = this.#job;
    if (tree.kind === 'everything') return { direct: new Set(graph.nodes.keys()), waiting: new Set() };
    if (tree.kind === 'nothing') return { direct: new Set(), waiting: new Set() };
    if (tree.kind === 'criterion') return this.#criterion(tree.criterion, role);
    const parts = tree.parts.map((part, at) =>
      this.evaluate(part, at > 0 && tree.kind === 'difference' ? { ...role, excludes: !role.excludes } : role),
    );
    const direct = OPERATIONS[tree.kind](parts.map((part) => part.direct));
    const touched = OPERATIONS[tree.kind](parts.map((part) => joined(part.direct, part.waiting)));
    const arrived = arrivedTests(graph, direct, touched, tree.recheck ?? mode);
    if (arrived.length > 0)
      this.parts.push({
        ...role,
        text: printSelection(tree),
        matched: new Set(),
        related: new Set(),
        tests: new Set(arrived),
      });
    const all = arrived.length === 0 ? direct : joined(direct, arrived);
    return { direct: all, waiting: minus(touched, all) };
  }

  /** A selector by its name, which may have wildcards (dbt 1.12). */
  selector(name: string, role: Role, at: Criterion['at']): ReadonlySet<NodeId> {
    const { selectors } = this.#job;
    const matches = wildcard(name);
    const wanted = selectors.filter((selector) => matches(selector.name));
    if (wanted.length === 0) {
      const nearest = nearestName(
        name,
        selectors.map((selector) => selector.name),
      );
      this.#say(
        'error',
        'select/unknown-selector',
        `there is no selector \`${name}\``,
        at,
        didYouMeanOr(nearest, selectors.length === 0 ? 'the project has no selectors.yml' : undefined),
      );
    }
    const picked = new Set<NodeId>();
    for (const selector of wanted) {
      if (this.#open.includes(selector.name)) {
        const ring = this.#ringFrom(selector.name).map((one) => `\`${one}\``);
        this.#say(
          'error',
          'select/selector-cycle',
          `selectors refer to each other in a ring: ${ring.join(' → ')}`,
          at,
          'break the ring at one of them',
        );
        continue;
      }
      this.#open.push(selector.name);
      const tree = readSelector(selector, (diagnostic) => this.found.push(diagnostic));
      const inner = this.evaluate(tree, {
        from: `selector ${selector.name}`,
        excludes: role.excludes,
      });
      for (const id of inner.direct) picked.add(id);
      this.#open.pop();
    }
    return picked;
  }

  /** The ring that `name` closes, from its first member by name and back, so that it reads alike wherever one enters it. */
  #ringFrom(name: string): readonly string[] {
    const members = this.#open.slice(this.#open.indexOf(name));
    const first = members.indexOf([...members].sort()[0] ?? name);
    const turned = [...members.slice(first), ...members.slice(0, first)];
    return [...turned, ...turned.slice(0, 1)];
  }

  #criterion(criterion: Criterion, role: Role): Picked {
    const { graph, mode, context } = this.#job;
    const isSelector = criterion.method === 'selector';
    const answer = context.answers?.get(`${criterion.method}:${valueText(criterion)}`);
    const matched = answer
      ? answer
      : isSelector
        ? this.selector(valueText(criterion), role, criterion.at)
        : this.#matched(criterion, role);
    const selected = joined(matched, this.#relatives(criterion, matched));
    // A selector brought its own tests and left out what it excludes: expanding it again would undo that.
    const picked = isSelector
      ? { direct: selected, waiting: new Set<NodeId>() }
      : withTests(graph, selected, criterion.indirectSelection ?? mode);
    this.parts.push({
      ...role,
      text: printCriterion(criterion),
      matched,
      related: minus(selected, matched),
      tests: minus(picked.direct, selected),
    });
    return picked;
  }

  #matched(criterion: Criterion, role: Role): ReadonlySet<NodeId> {
    const { graph, context } = this.#job;
    const method = METHODS[criterion.method];
    if (method === undefined) throw new Error(`the parser let the method ${criterion.method} through`);
    const report = (diagnostic: Omit<Diagnostic, 'at'>) => this.found.push({ ...diagnostic, at: criterion.at });
    const question = method.ask(criterion, { ...context, graph, report });
    const matched = new Set<NodeId>();
    if (isProblem(question)) {
      this.#say('error', question.code, question.message, criterion.at, question.hint);
      return matched;
    }
    for (const [id, node] of graph.nodes) if (question(node)) matched.add(id);
    if (matched.size === 0) this.#nothing(criterion, role);
    return matched;
  }

  #relatives(criterion: Criterion, matched: ReadonlySet<NodeId>): ReadonlySet<NodeId> {
    const { parents, children } = this.#job.graph;
    if (criterion.childrensParents) return neighbourhood(parents, children, matched);
    const above = criterion.parents === undefined ? undefined : reached(parents, matched, criterion.parents);
    const below = criterion.children === undefined ? undefined : reached(children, matched, criterion.children);
    return joined(above ?? new Set(), below ?? new Set());
  }

  /** A name that matches nothing is a mistake; a tag or a state that matches nothing may be meant so, and is only mentioned. */
  #nothing(criterion: Criterion, role: Role): void {
    const method = METHODS[criterion.method];
    const value = valueText(criterion);
    if (criterion.method === 'state' || criterion.method === 'result' || criterion.method === 'source_status') return;
    const isName = method?.isName === true && !hasWildcard(value);
    const fatal = isName && !role.excludes && this.#job.literalsMustMatch;
    const nearest = hasWildcard(value) ? undefined : nearestName(value, method?.known?.(this.#job.graph) ?? []);
    this.#say(
      fatal ? 'error' : 'warning',
      isName ? 'select/no-such-node' : 'select/matches-nothing',
      isName ? `nothing in the project is called \`${value}\`` : `\`${printCriterion(criterion)}\` matches nothing`,
      criterion.at,
      this.#whyNothing(criterion) ?? didYouMeanOr(nearest, undefined),
    );
  }

  #whyNothing(criterion: Criterion): string | undefined {
    if (criterion.method !== 'fqn') return undefined;
    const { graph } = this.#job;
    const value = valueText(criterion);
    for (const node of graph.disabled?.values() ?? [])
      if (node.name === value) return `\`${value}\` is disabled by \`enabled: false\``;
    for (const node of graph.nodes.values())
      if (
        node.resource_type === 'source' &&
        [node.source_name, node.name, `${node.source_name}.${node.name}`].includes(value)
      )
        return `sources are selected with \`source:${value === node.name ? `${node.source_name}.${value}` : value}\``;
    if (!value.includes('.') && hasWildcard(value)) {
      const matches = wildcard(value);
      for (const node of graph.nodes.values())
        if (matches(node.name))
          return `a pattern starts at the top folder; write \`*.${value}\` for \`${node.name}\` and others`;
    }
    return undefined;
  }

  #say(
    severity: 'error' | 'warning',
    code: string,
    message: string,
    at: Criterion['at'],
    hint: string | undefined,
  ): void {
    this.found.push({
      code,
      severity,
      message,
      at,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

const OPERATIONS = {
  union: (sets: readonly ReadonlySet<NodeId>[]) => joined(...sets),
  intersection: ([first = new Set<NodeId>(), ...others]: readonly ReadonlySet<NodeId>[]): ReadonlySet<NodeId> =>
    new Set([...first].filter((id) => others.every((other) => other.has(id)))),
  difference: ([first = new Set<NodeId>(), ...others]: readonly ReadonlySet<NodeId>[]): ReadonlySet<NodeId> =>
    new Set([...first].filter((id) => !others.some((other) => other.has(id)))),
};

function joined(...sets: readonly Iterable<NodeId>[]): ReadonlySet<NodeId> {
  const all = new Set<NodeId>();
  for (const set of sets) for (const id of set) all.add(id);
  return all;
}

const minus = (from: ReadonlySet<NodeId>, away: ReadonlySet<NodeId>): ReadonlySet<NodeId> =>
  new Set([...from].filter((id) => !away.has(id)));

const didYouMeanOr = (nearest: string | undefined, otherwise: string | undefined): string | undefined =>
  nearest === undefined ? otherwise : `did you mean \`${nearest}\`?`;
