/** What a selection method is: from one criterion to the question it asks of every node. */
import type { Manifest } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Criterion } from './criterion.ts';
import type { SelectableGraph, SelectableNode } from './graph.ts';

/** When a source was last loaded, as sources.json has it: ISO 8601, or null when its freshness could not be told. */
export type LoadTimes = ReadonlyMap<NodeId, string | null>;

/** What some methods need to know besides the graph. */
export interface SelectContext {
  /** `state:`; the manifest of `--state`. */
  readonly previous?: Manifest;
  /** `result:`; the statuses of the run_results.json of `--state`. */
  readonly previousResults?: ReadonlyMap<NodeId, string>;
  /** `source_status:`; sources.json of `--state` and of the current target. */
  readonly previousSources?: LoadTimes;
  readonly currentSources?: LoadTimes;
  /** `state:`: a model with a contract may go after its deprecation date. Without it no date has passed. */
  readonly now?: Date;
  /** What criteria without `+` and `@` select, by `method:value`, where somebody has found it out before. */
  readonly answers?: ReadonlyMap<string, ReadonlySet<NodeId>>;
}

export interface MethodScope extends SelectContext {
  readonly graph: SelectableGraph;
  /** For what is wrong about the project rather than about the criterion. */
  readonly report: (diagnostic: Omit<Diagnostic, 'at'>) => void;
}

/** The criterion has no sense here. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

export type NodeQuestion = (node: SelectableNode) => boolean;

export interface SelectorMethod {
  /** One line for help and completion. */
  readonly summary: string;
  /** True when a value without wildcards names one thing, so that a value that matches nothing is a mistake. */
  readonly isName?: boolean;
  readonly ask: (criterion: Criterion, scope: MethodScope) => NodeQuestion | Problem;
  /** Values that would match, for did-you-mean and completion. */
  readonly known?: (graph: SelectableGraph) => Iterable<string>;
}

export const isProblem = (answer: NodeQuestion | Problem): answer is Problem => typeof answer !== 'function';

/** The value as text: YAML may give a number or a boolean. */
export const valueText = (criterion: Criterion): string => String(criterion.value);

/** A value that is none of the few there are. */
export const unknownValue = (criterion: Criterion, known: readonly string[], hint: string | undefined): Problem => ({
  code: 'select/unknown-value',
  message: `\`${criterion.method}:\` knows no \`${valueText(criterion)}\``,
  hint: hint ?? `it is one of ${known.join(', ')}`,
});
