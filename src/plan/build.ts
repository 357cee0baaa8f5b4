/**
 * How one node is built, as values: what the materializations answer and `run/` carries out. Everything here is printable SQL;
 * the two late steps are named because their SQL depends on rows nobody has seen yet.
 */

import type { GraphNode } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Column } from '../engine/engine.ts';
import { type RelationName, realTableName, versionName } from '../ledger/names.ts';
import type { PendingChange, Physical, VersionRecord } from '../ledger/records.ts';
import type { Range } from './intervals.ts';

export type Step =
  /** Runs as it is. `counts` marks the statement whose changed rows are the node's row count. */
  | { readonly kind: 'statement'; readonly purpose: string; readonly sql: string; readonly counts?: true }
  /** Late: reads a CSV, infers types as dbt does (32-bit integers where they fit), and fills `into`. */
  | {
      readonly kind: 'load-seed';
      readonly purpose: string;
      readonly file: string;
      readonly into: string;
      readonly options: SeedOptions;
    }
  /** Writes a query's rows to a file or folder of its own, aside from the public location; `read` then makes the object that reads it. */
  | {
      readonly kind: 'export';
      readonly purpose: string;
      readonly sql: string;
      readonly file: string;
      readonly partitioned: boolean;
      readonly read: string;
      readonly readEmpty: string;
    }
  /** Fails the node when the query answers a row; the row's first cell is the message. */
  | { readonly kind: 'refuse-when'; readonly purpose: string; readonly sql: string }
  /** Warns when the query answers a row; the row's first cell is the message. */
  | { readonly kind: 'warn-when'; readonly purpose: string; readonly sql: string; readonly warning: Warning };

/** A warning that waits for its message. */
export type Warning = Omit<Diagnostic, 'severity' | 'message'>;

export interface SeedOptions {
  readonly delimiter: string;
  /** Column → type, as the user wrote them; every other column is inferred. */
  readonly columnTypes: Readonly<Record<string, string>>;
  readonly quoteColumns: boolean;
}

/** What publishing a delta does to its base table. */
export type DeltaChange = PendingChange;

export interface Build {
  readonly steps: readonly Step[];
  readonly physical: Physical;
  /** The object other nodes and tests read while the version is staged. */
  readonly object: string;
  readonly change: DeltaChange | null;
  /** Drops everything the steps made, in any order of failure. */
  readonly undo: readonly string[];
}

export interface BuildRequest {
  readonly node: GraphNode;
  readonly name: RelationName;
  readonly version: number;
  /** The compiled query, refs resolved to this run's versions. */
  readonly sql: string;
  /** The query's columns, as the engine binds it. */
  readonly columns: readonly Column[];
  /** The version readers see now. */
  readonly current: VersionRecord | undefined;
  readonly fullRefresh: boolean;
  /** `view` over a version in `_dql`, real `table`s that change names, or a `copy` of the rows into a database of another engine. */
  readonly publish: 'view' | 'table' | 'copy';
  /** See `keptWhole`. */
  readonly whole: { readonly object: string; readonly physical: Physical };
  /** A hook writes to `{{ this }}`: an incremental model is then built on a full copy. */
  readonly hookWritesThis: boolean;
  /** A table with the current rows as a pre-hook left them, to build on instead of the current version. */
  readonly rowsBefore?: string | undefined;
  /** Absolute path of the public file or folder (`external` only). */
  readonly location: string | null;
  /** Absolute path of a seed's file. */
  readonly seedFile: string | null;
  /** Microbatch: what of the time this build has computed. */
  readonly ranges?: readonly Range[] | undefined;
  /** Snapshots: the time of this run, an SQL timestamp literal. */
  readonly now: string;
}

/** A materialization: pure, from what is wanted and what exists to the steps. */
export type Materialization = (request: BuildRequest) => Build | { readonly refused: Diagnostic };

/** Rows that a later build adds to: a table's, or those of another target that a clone's view shows; the first build after it copies them. */
export const isAddedTo = (version: VersionRecord | undefined): version is VersionRecord =>
  version !== undefined &&
  (version.physical.kind !== 'view' || ['incremental', 'snapshot'].includes(version.materialized));

/** True when the model adds to what exists rather than starting anew: dbt's `is_incremental()`. */
export const addsToExisting = (request: Pick<BuildRequest, 'current' | 'fullRefresh'>): boolean =>
  isAddedTo(request.current) && !request.fullRefresh;

/** The table of a version that is kept whole, and what it is then. */
export function keptWhole(
  name: RelationName,
  version: number,
  publish: BuildRequest['publish'],
): BuildRequest['whole'] {
  switch (publish) {
    case 'view':
      return { object: versionName(name, version), physical: { kind: 'table' } };
    case 'table':
      return { object: realTableName(name, version), physical: { kind: 'real-table' } };
    case 'copy':
      return { object: versionName(name, version), physical: { kind: 'copied', home: name.home ?? name.database } };
    default:
      return publish satisfies never;
  }
}
