/**
 * What the commands that do not run a plan answer: plain printable values, the same for text and for `--output json`.
 * `app` makes them, `report` draws them. Times are ISO 8601 UTC, durations seconds, sizes bytes; null means unknown.
 */
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Json, NodeId } from '../core/node-id.ts';
import type { Path } from '../core/source.ts';
import type { RowSample } from '../run/results.ts';

export type PlanAction = 'build' | 'reuse' | 'test' | 'skip' | 'hook';

export interface PlanRow {
  readonly node: NodeId;
  readonly name: string;
  readonly kind: string;
  readonly materialized: string | null;
  /** `main.orders`; null for tests and hooks. */
  readonly relation: string | null;
  readonly action: PlanAction;
  /** "code changed", "input changed (raw.flights: 2 new files)", "unchanged", "only its test changed". */
  readonly reason: string;
  readonly estimated_seconds: number | null;
  readonly estimated_rows: number | null;
  /** Whether readers will see something new when its tests pass. */
  readonly publishes: boolean;
  /** What else to know: filled intervals, "rendered when its parents are built", promises that do not hold. */
  readonly notes: readonly string[];
}

export interface PlanView {
  readonly command: string;
  readonly target: string;
  /** In the order in which they would run. */
  readonly rows: readonly PlanRow[];
  /** How many nodes the project has, selected or not. */
  readonly project_nodes: number;
  readonly estimated_seconds: number | null;
  readonly warnings: readonly Diagnostic[];
}

export interface LsRow {
  readonly unique_id: NodeId;
  /** dbt's fully qualified selector: `shop.staging.stg_orders`, `source:shop.raw.events`. */
  readonly selector: string;
  readonly name: string;
  readonly path: Path;
  /** The manifest's entry, all keys, for `--output json --output-keys`. */
  readonly node: Readonly<Record<string, Json>>;
}
export interface LsAnswer {
  readonly rows: readonly LsRow[];
  readonly warnings: readonly Diagnostic[];
}

export interface ShowTable {
  /** Null for `--inline`. */
  readonly node: NodeId | null;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Values as JSON; integers beyond 2^53, decimals, dates and times as text. */
  readonly rows: readonly (readonly Json[])[];
  /** True when there are more rows than were asked for. */
  readonly truncated: boolean;
}
export interface ShowAnswer {
  readonly tables: readonly ShowTable[];
  readonly warnings: readonly Diagnostic[];
}

export interface CompiledNode {
  readonly node: NodeId | null;
  readonly name: string;
  readonly path: Path | null;
  readonly compiled_path: Path | null;
  readonly compiled_code: string;
}
export interface CompileAnswer {
  readonly nodes: readonly CompiledNode[];
  readonly seconds: number;
  readonly warnings: readonly Diagnostic[];
}

export interface ParseAnswer {
  /** How many of each resource type: `{ model: 12, test: 30 }`. */
  readonly counts: Readonly<Record<string, number>>;
  readonly files: number;
  readonly seconds: number;
  /** The manifest that was written. */
  readonly manifest_path: Path;
  readonly warnings: readonly Diagnostic[];
}

export interface DebugAnswer {
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly detail: string;
    readonly hint: string | null;
  }[];
}

/** dbt's sources.json v3. */
export interface FreshnessResults {
  readonly metadata: Readonly<Record<string, Json>>;
  readonly results: readonly FreshnessResult[];
  readonly elapsed_time: number;
}
export interface FreshnessResult {
  readonly unique_id: NodeId;
  readonly status: 'pass' | 'warn' | 'error' | 'runtime error';
  readonly max_loaded_at: string | null;
  readonly snapshotted_at: string | null;
  readonly max_loaded_at_time_ago_in_s: number | null;
  readonly criteria: Readonly<Record<string, Json>> | null;
  /** Only with `runtime error`. */
  readonly error: string | null;
  readonly adapter_response: Readonly<Record<string, Json>>;
  readonly timing: readonly Json[];
  readonly thread_id: string;
  readonly execution_time: number;
  /** What else is to be known of its rows: `2 rows say they are of the future …`. */
  readonly meta?: { readonly dql: { readonly note: string } };
}

export interface HistoryRun {
  readonly run_id: string;
  readonly command: string;
  readonly args: Readonly<Record<string, Json>>;
  readonly target: string;
  readonly status: 'success' | 'error' | 'interrupted' | 'running' | 'crashed';
  readonly exit_code: number | null;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly seconds: number | null;
  readonly git_sha: string | null;
  readonly git_dirty: boolean | null;
  readonly user: string | null;
  readonly dql_version: string;
  readonly engine_version: string;
  readonly built: number;
  readonly reused: number;
  readonly failed: number;
  readonly held: number;
  readonly published: number;
  /** Filled when one run was asked for. */
  readonly nodes: readonly HistoryNode[];
}
export interface HistoryNode {
  readonly node: NodeId;
  readonly name: string;
  readonly status: string;
  readonly reason: string | null;
  readonly rows: number | null;
  readonly seconds: number | null;
  readonly version: number | null;
  readonly published: boolean | null;
  readonly failures: number | null;
  readonly message: string | null;
}
export interface HistoryAnswer {
  /** The newest first. */
  readonly runs: readonly HistoryRun[];
  /** Nodes that serve an older version than their last build. */
  readonly held: readonly ServingOlder[];
  /** Nodes that were returned to an older version, or taken away, and not built since. */
  readonly rolled_back: readonly ServingOlder[];
}

export interface ServingOlder {
  readonly node: NodeId;
  readonly name: string;
  readonly reason: string;
  /** When the rows that readers see were built. */
  readonly serving_since: string | null;
  readonly serving_version: number | null;
  readonly age_seconds: number | null;
}

export interface VersionRow {
  readonly node: NodeId;
  readonly name: string;
  /** `schema.alias`: a node has several once its alias or schema was changed. */
  readonly relation: string;
  readonly version: number;
  readonly state: 'published' | 'kept' | 'held' | 'staged' | 'untested' | 'lost';
  readonly untested: boolean;
  readonly run_id: string | null;
  readonly built_at: string;
  readonly published_at: string | null;
  readonly git_sha: string | null;
  readonly rows: number | null;
  readonly bytes: number | null;
}
export interface VersionsAnswer {
  readonly versions: readonly VersionRow[];
}

export interface RollbackAnswer {
  /** The run that the rollback is; it can be undone in its turn. Null for a dry run. */
  readonly run_id: string | null;
  readonly to: string;
  readonly git_sha: string | null;
  readonly moved: readonly {
    readonly node: NodeId;
    readonly name: string;
    /** Null: it was not shown. */
    readonly from_version: number | null;
    readonly to_version: number | null;
  }[];
  /** What now reads data newer or older than it was built from. */
  readonly inconsistent: readonly { readonly node: NodeId; readonly name: string; readonly reason: string }[];
  /** Views that moved back and read a source in place, which holds other rows than it did then. */
  readonly of_today: readonly { readonly node: NodeId; readonly name: string; readonly reason: string }[];
  /** What reads the moved nodes was taken along as far as a version is kept that fits. */
  readonly with_descendants: boolean;
  /** It is published, but the copy of `serve` could not be written: why. */
  readonly unserved: string | null;
  readonly seconds: number;
}

export interface VerifyAnswer {
  readonly checks: readonly {
    readonly node: NodeId;
    readonly name: string;
    /** `[2001-03-01, 2001-03-02)` or `whole`. */
    readonly interval: string;
    readonly equal: boolean;
    readonly missing: number;
    readonly extra: number;
    /** What besides rows differs, and why that may be: columns, SQL that is not deterministic. */
    readonly notes: readonly string[];
    readonly sample: RowSample | null;
    readonly seconds: number;
  }[];
}

export interface DiffRelation {
  readonly name: string;
  readonly left: string;
  readonly right: string;
  /** Null where nothing can be said: a version is no longer kept. */
  readonly equal: boolean | null;
  readonly left_rows: number | null;
  readonly right_rows: number | null;
  readonly schema: readonly {
    readonly column: string;
    readonly change: 'added' | 'removed' | 'type';
    readonly left: string | null;
    readonly right: string | null;
  }[];
  readonly key: readonly string[];
  /** Null where nothing was compared: only one side has it, or a version is no longer kept. */
  readonly added: number | null;
  readonly removed: number | null;
  /** Null, too, when there is no key to pair rows by. */
  readonly changed: number | null;
  readonly duplicate_keys: number;
  readonly null_keys: number;
  readonly columns: readonly { readonly column: string; readonly changed: number; readonly rate: number }[];
  /** First columns the key, then `column`, `left`, `right`; without a key `row`, which says whether it was added or removed, and its columns. */
  readonly sample: RowSample | null;
  readonly seconds: number;
  readonly note: string | null;
}
export interface DiffAnswer {
  readonly left: string;
  readonly right: string;
  readonly relations: readonly DiffRelation[];
}

export interface CloneAnswer {
  readonly from: string;
  readonly to: string;
  readonly cloned: readonly {
    readonly node: NodeId;
    readonly name: string;
    readonly relation: string;
    readonly how: 'view' | 'attached' | 'already there' | 'skipped';
    readonly note: string | null;
  }[];
  /** It is published, but the copy of `serve` could not be written: why. */
  readonly unserved: string | null;
  readonly seconds: number;
}

export interface PromoteAnswer {
  readonly from: string;
  readonly to: string;
  readonly run_id: string | null;
  readonly promoted: readonly { readonly node: NodeId; readonly name: string; readonly version: number }[];
  /** How many of the nodes the target had already, and were left as they are. */
  readonly already_there: number;
  readonly refused: readonly { readonly node: NodeId; readonly name: string; readonly reason: string }[];
  /** It is published, but the copy of `serve` could not be written: why. */
  readonly unserved: string | null;
  readonly seconds: number;
}

export interface LineageNode {
  /** A unique id, or `unique_id#column` for a column. */
  readonly id: string;
  readonly label: string;
  readonly kind: string;
  /** Steps from what was asked for: negative upstream, positive downstream. */
  readonly distance: number;
}
export interface LineageEdge {
  readonly from: string;
  readonly to: string;
  /** Columns: whether the value itself flows, or only steers which rows there are. */
  readonly use: 'direct' | 'indirect' | null;
  /** `copied`, `renamed`, `derived`, `aggregated`, `filter`, `join`, `group`, `order`. */
  readonly transformation: string | null;
}
export interface LineageAnswer {
  readonly root: string;
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
  /** What could not be analysed, and why. */
  readonly unresolved: readonly { readonly node: string; readonly reason: string }[];
}

export interface ImpactAnswer {
  readonly against: string;
  readonly verdict: 'breaking' | 'partial' | 'none';
  readonly changes: readonly {
    readonly node: NodeId;
    readonly name: string;
    readonly verdict: 'breaking' | 'partial' | 'none';
    readonly columns: readonly { readonly column: string; readonly change: string; readonly reason: string }[];
    readonly reason: string;
  }[];
  readonly affected: readonly {
    readonly node: NodeId;
    readonly name: string;
    readonly kind: string;
    /** `breaking`: all its rows, or it does not run any more. `partial`: `columns` only. */
    readonly verdict: 'breaking' | 'partial';
    readonly columns: readonly string[];
    readonly owner: string | null;
    readonly reason: string;
  }[];
  /** Whom to tell, and about what. */
  readonly owners: readonly { readonly owner: string; readonly nodes: readonly string[] }[];
}

export interface InspectAnswer {
  readonly test: NodeId;
  readonly name: string;
  readonly status: string;
  readonly message: string | null;
  readonly failures: number | null;
  readonly considered: number | null;
  readonly failing_since: string | null;
  readonly last_run: string | null;
  readonly path: Path | null;
  readonly line: number | null;
  readonly sql: string;
  readonly rows: RowSample | null;
  /** Where the shown rows come from: upstream relation, and for files the rows there that it may come from. One entry a row, same order. */
  readonly origins: readonly {
    readonly relation: string;
    /** The file and row where there is just one. */
    readonly file: Path | null;
    readonly row_number: number | null;
    /** The first of them: several rows can hold the same values. */
    readonly places: readonly { readonly file: Path; readonly row_number: number }[];
    /** How many rows there are. */
    readonly matches: number;
  }[];
  /** What the project says the test is about, and what to do. */
  readonly about: string | null;
  readonly hint: string | null;
  readonly owner: string | null;
}

export const COVERAGE_DIMENSIONS = ['schema', 'null', 'uniqueness', 'range', 'freshness', 'volume'] as const;
export type CoverageDimension = (typeof COVERAGE_DIMENSIONS)[number];
export interface CoverageAnswer {
  readonly models: readonly {
    readonly node: NodeId;
    readonly name: string;
    readonly exposed_by: readonly string[];
    readonly owner: string | null;
    /** True: tested. Null: does not apply to this model (no date to be fresh). */
    readonly dimensions: Readonly<Record<CoverageDimension, boolean | null>>;
    /** Dimensions no test of its own covers, with the tests above that do: their columns are copied here. */
    readonly inherited: Readonly<Partial<Record<CoverageDimension, readonly string[]>>>;
    /** 0–100. */
    readonly percent: number;
    readonly missing: readonly string[];
  }[];
  readonly percent: number;
  readonly fail_under: number | null;
}

/** How each test would be answered, for `dql test --explain`. */
export interface TestExplanation {
  readonly tests: readonly {
    readonly node: NodeId;
    readonly name: string;
    readonly relation: string;
    /** `proved`, `statistics`, `metadata`, `union all`, `materialise once`, `fused scan`, `shared group by`, `own query`. */
    readonly how: string;
    readonly reason: string;
    readonly estimated_seconds: number | null;
  }[];
  /** How many statements answer them all; unit tests not counted. */
  readonly statements: number;
}

export interface DocsAnswer {
  readonly path: Path;
  readonly pages: number;
  readonly bytes: number;
  readonly seconds: number;
}
export interface ServeAnswer {
  readonly url: string;
}

export interface OperationAnswer {
  readonly macro: string;
  readonly ok: boolean;
  /** What the macro returned, as JSON; null when nothing. */
  readonly value: Json;
  readonly message: string | null;
  readonly seconds: number;
}

export interface CleanAnswer {
  readonly removed: readonly {
    readonly what: string;
    readonly kind: 'folder' | 'version' | 'relation';
    readonly bytes: number | null;
  }[];
  readonly bytes: number;
  /** Of the run that took relations from readers, which `dql rollback` takes back. */
  readonly run_id: string | null;
  /** Why readers of the target's `serve` copy do not see it yet. */
  readonly unserved: string | null;
}

export interface InitAnswer {
  readonly folder: string;
  readonly files: readonly Path[];
  /** Commands to type next, in order. */
  readonly next: readonly string[];
}
