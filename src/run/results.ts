/**
 * What a run says while it goes (RunEvent) and when it is over (RunResults). RunResults is dbt's run-results v6 in dbt's spelling,
 * so that target/run_results.json is this value; what dql knows beyond dbt stands under `meta.dql`.
 */

import type { Diagnostic } from '../core/diagnostic.ts';
import type { Json, NodeId } from '../core/node-id.ts';
import type { NodeStatus } from '../core/node-status.ts';

export type { NodeStatus };

/** A few rows as people see them: every cell already text, NULL as null. */
export interface RowSample {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** True when there are more rows than shown. */
  readonly truncated: boolean;
  /** Why more may be masked than had to be. */
  readonly masked?: string | undefined;
}

/** Why a node that was built, or would have been, is not what readers see, and how old what they see is. */
export interface Held {
  /** "test `not_null_orders_id` failed", "its parent `stg_orders` was held". */
  readonly reason: string;
  /** Unique ids of the tests or nodes to blame. */
  readonly because: readonly NodeId[];
  /** When the rows that readers still see were built (ISO 8601 UTC); null when there are none. */
  readonly serving_since: string | null;
  readonly serving_version: number | null;
  readonly age_seconds: number | null;
}

/** dql's own facts about one result, under `meta.dql`. */
export interface NodeFacts {
  /** Why the node was built, reused or skipped: "code changed", "input changed (raw.flights: 2 new files)", "unchanged". */
  readonly reason?: string;
  /** Builds: whether readers see it after this run. */
  readonly published?: boolean;
  readonly untested?: boolean;
  readonly held?: Held;
  /** The version that was built or reused. */
  readonly version?: number;
  readonly materialized?: string;
  readonly rows?: number;
  readonly bytes?: number;
  readonly attempts?: number;
  /** A warning of which the user does not want to hear (`--warn-error-options`). */
  readonly silenced?: boolean;
  /** Tests: dql's finer status. `vacuous`: no row was considered; `learning`: not enough history; `proved`: needed no query. */
  readonly verdict?: 'pass' | 'warn' | 'fail' | 'error' | 'skipped' | 'vacuous' | 'learning' | 'proved' | 'info';
  /** Tests: how it was answered (`one scan`, `slice`, `proved` …) and why that way. */
  readonly strategy?: string;
  readonly because?: string;
  readonly considered?: number;
  /** Tests that pass, where rows were found all the same: how many, once the run is over. dbt's `failures` is 0 then. */
  readonly failures?: number;
  readonly value?: Json;
  readonly sample?: RowSample;
  /** Reused verdicts: when it was really executed (ISO 8601 UTC). */
  readonly verdict_from?: string;
  /** Errors of the user's making, with places. */
  readonly diagnostics?: readonly Diagnostic[];
}

export interface NodeResult {
  readonly unique_id: NodeId;
  readonly status: NodeStatus;
  readonly timing: readonly {
    readonly name: 'compile' | 'execute';
    readonly started_at: string | null;
    readonly completed_at: string | null;
  }[];
  readonly thread_id: string;
  /** Seconds. */
  readonly execution_time: number;
  readonly adapter_response: Readonly<Record<string, Json>>;
  readonly message: string | null;
  readonly failures: number | null;
  readonly compiled: boolean | null;
  readonly compiled_code: string | null;
  readonly relation_name: string | null;
  readonly batch_results: {
    readonly successful: readonly (readonly [string, string])[];
    readonly failed: readonly (readonly [string, string])[];
  } | null;
  readonly meta: { readonly dql: NodeFacts };
}

export interface RunResults {
  readonly metadata: Readonly<Record<string, Json>> & {
    readonly invocation_id: string;
    readonly generated_at: string;
  };
  readonly results: readonly NodeResult[];
  /** Seconds. */
  readonly elapsed_time: number;
  /** dbt's `args`, with `which` the command and `invocation_command` what was typed (secrets masked). */
  readonly args: Readonly<Record<string, Json>>;
  readonly meta: { readonly dql: RunFacts };
}

export interface RunFacts {
  readonly run_id: string;
  readonly target: string;
  readonly exit_code: 0 | 1 | 2 | 130;
  readonly interrupted: boolean;
  readonly published: number;
  /** Seconds the publishing transaction took; null when nothing was to be published. */
  readonly publish_seconds: number | null;
  readonly warnings: readonly Diagnostic[];
}

export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly run_id: string;
      readonly command: string;
      readonly target: string;
      readonly threads: number;
      readonly total: number;
      readonly at: string;
    }
  | {
      readonly type: 'waiting-for-lock';
      /** Absolute: the warehouse's, or one that it attaches. */
      readonly file: string | null;
      /** The process, as the engine names it. */
      readonly holder: string | null;
      /** How long at most. */
      readonly seconds: number;
    }
  | {
      readonly type: 'log';
      readonly level: 'debug' | 'info' | 'warn';
      readonly message: string;
      readonly node: NodeId | null;
    }
  | {
      readonly type: 'node-started';
      readonly node: NodeId;
      readonly index: number;
      readonly at: string;
    }
  | {
      readonly type: 'node-finished';
      readonly result: NodeResult;
      readonly index: number;
      readonly done: number;
      readonly total: number;
    }
  | { readonly type: 'publishing'; readonly nodes: number }
  | {
      readonly type: 'published';
      readonly nodes: number;
      readonly held: number;
      readonly seconds: number;
    }
  | { readonly type: 'run-finished'; readonly results: RunResults };
