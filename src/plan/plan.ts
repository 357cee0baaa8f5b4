/** What a run is going to do, written down before it does it. `dql plan` prints this value; `dql build` carries out the same one. */
import type { Diagnostic } from '../core/diagnostic.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Batches } from './batches.ts';
import type { Decision } from './decide.ts';

export interface BuildTask {
  readonly kind: 'build';
  readonly node: NodeId;
  /** Tasks that must be over before this one may start. */
  readonly after: readonly NodeId[];
  readonly materialized: string;
  readonly decision: Decision;
  readonly codeFingerprint: string | undefined;
  /** Microbatch models: what is computed if it is built. */
  readonly batches?: Batches | undefined;
  /** From the ledger's last build; null when it was never built. */
  readonly estimate: { readonly seconds: number; readonly rows: number | null } | null;
}

export interface TestTask {
  readonly kind: 'test' | 'unit_test';
  readonly node: NodeId;
  readonly after: readonly NodeId[];
  /** Nodes of this run that a failure holds back. */
  readonly guards: readonly NodeId[];
  readonly severity: 'error' | 'warn';
  readonly estimate: { readonly seconds: number; readonly rows: null } | null;
}

export type Task = BuildTask | TestTask;

export interface Plan {
  /** In an order in which they could run one after another. */
  readonly tasks: readonly Task[];
  readonly publish: 'together' | 'as_ready';
  /** What the user should know before it runs: promises that do not hold, hooks that write elsewhere. */
  readonly notes: readonly Diagnostic[];
}
