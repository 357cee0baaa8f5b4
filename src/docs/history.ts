/** What the site needs of the ledger: how past runs went, node by node. The ledger's rows are brought into this shape by `app`. */
import type { NodeId } from '../core/node-id.ts';
import type { Held, NodeFacts, NodeStatus } from '../run/results.ts';

export interface RunHistoryEntry {
  readonly id: string;
  /** ISO 8601 UTC. */
  readonly started_at: string;
  /** Seconds the whole run took. */
  readonly seconds: number;
  readonly status: 'success' | 'error' | 'interrupted';
  /** The command's name: `build`, `test`. */
  readonly command: string;
  readonly git_sha: string | null;
  readonly nodes: Readonly<Record<NodeId, NodeHistory>>;
  readonly tests: Readonly<Record<NodeId, TestHistory>>;
}

export interface NodeHistory {
  readonly seconds: number;
  readonly rows: number | null;
  /** `rolled back`: nothing was built, readers see another of the kept versions. */
  readonly status: NodeStatus | typeof ROLLED_BACK;
  /** It was built and not published: readers kept what they had. */
  readonly held?: true;
  /** Why it was built, or not. */
  readonly reason?: string | null;
}

export interface TestHistory {
  readonly verdict: NonNullable<NodeFacts['verdict']>;
  readonly failures: number | null;
}

export const ROLLED_BACK = 'rolled back';

/** Readers see an earlier version, or nothing, since somebody ran `dql rollback`. `reason`: "returned to version 1, as of run 2f61c0". */
export interface RolledBack extends Pick<Held, 'reason' | 'serving_since'> {
  /** The rollback itself. */
  readonly run_id: string;
  /** ISO 8601 UTC: when readers began to see it. */
  readonly at: string | null;
}

/** A kept build of a relation's data. */
export interface KeptVersion {
  readonly version: number;
  /** ISO 8601 UTC. */
  readonly built_at: string;
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly run_id: string;
  readonly git_sha: string | null;
  /** Why it was built: `code changed`. */
  readonly reason: string | null;
  /** True for the version that readers see. */
  readonly current: boolean;
}

/** How old a source's (or a model's) newest row is. dbt's words. */
export interface MeasuredFreshness {
  readonly status: 'pass' | 'warn' | 'error' | 'runtime error';
  /** ISO 8601 UTC; null when it could not be measured. */
  readonly max_loaded_at: string | null;
  /** ISO 8601 UTC: when it was measured. */
  readonly snapshotted_at: string;
  /** Seconds between the two. */
  readonly age_seconds: number | null;
  /** "warn after 12 hours, error after 24 hours". */
  readonly expectation: string | null;
}
