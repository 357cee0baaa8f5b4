/** What the ledger remembers, as values. Times are ISO 8601 in UTC. */
import type { Json, NodeId } from '../core/node-id.ts';
import type { Column } from '../engine/engine.ts';
import type { RelationName } from './names.ts';

/** One command that could write. A run without `ended_at` crashed or is still going on. */
export interface RunRecord {
  readonly run_id: string;
  /** Counts up by one with every run of this warehouse file; gives runs their order. */
  readonly sequence: number;
  readonly command: string;
  readonly args: Readonly<Record<string, Json>>;
  readonly target: string;
  /** Name of the project; null where an earlier dql made the run. */
  readonly project: string | null;
  readonly git_sha: string | null;
  readonly git_dirty: boolean | null;
  readonly user: string | null;
  readonly dql_version: string;
  readonly engine_version: string;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly exit_code: number | null;
  readonly status: 'running' | 'success' | 'failed' | 'interrupted';
}

/** Where a version's rows are. Every version has an object of its own name in `_dql`, whatever it is made of. */
export type Physical =
  | { readonly kind: 'table' }
  | { readonly kind: 'view'; readonly sql: string }
  /** Rows live in `base`, shared by all versions since the last full build; see `delta.ts` in plan/. */
  | {
      readonly kind: 'delta';
      readonly base: string;
      readonly baseVersion: number;
      readonly undo: string | null;
      readonly columns: readonly string[];
      /** What publishing will do to the base; gone once it is done. */
      readonly pending?: PendingChange | undefined;
    }
  | {
      readonly kind: 'external';
      readonly file: string;
      readonly location: string;
      readonly format: string;
      readonly partitioned: boolean;
    }
  /** `publish: table`: a real table in the target schema, named `<alias>__dql_<version>` unless it is the published one. */
  | { readonly kind: 'real-table' }
  /** A table kept in `home`, because the relation's own database is of another engine: publishing copies its rows there. */
  | { readonly kind: 'copied'; readonly home: string };

/** The names a version's own objects are made of. */
export const nameOf = ({ database, schema, alias, physical }: VersionRecord): RelationName => ({
  database,
  schema,
  alias,
  ...(physical.kind === 'copied' ? { home: physical.home } : {}),
});

/** The database whose ledger a version is written in: it is committed together with the version's rows. */
export const homeOf = (version: VersionRecord): string => nameOf(version).home ?? version.database;

/** What publishing a delta does to its base table, kept with the staged version until then. */
export interface PendingChange {
  readonly base: string;
  readonly slice: string;
  readonly undo: string;
  /** Condition over the base (alias DBT_INTERNAL_DEST) choosing the rows that the slice replaces; null: it only adds. */
  readonly replaces: string | null;
  readonly columns: readonly string[];
  readonly version: number;
  /** Objects to drop once it is applied. */
  readonly leftovers: readonly string[];
}

/** A kept build of a relation's data. */
export interface VersionRecord {
  readonly target: string;
  readonly node: NodeId;
  /** The relation it is a version of, see `relationKey`. */
  readonly relation: string;
  readonly database: string;
  readonly schema: string;
  readonly alias: string;
  readonly version: number;
  readonly run_id: string;
  readonly materialized: string;
  readonly physical: Physical;
  readonly code_fingerprint: string;
  /** Content id of every input, by node id; a version is reused while code and inputs stay the same. */
  readonly inputs: Readonly<Record<NodeId, string>>;
  /** What the inputs were before, the latest first, when this version was found to be what building from the present ones gives. */
  readonly former_inputs?: readonly Readonly<Record<NodeId, string>>[];
  /** `relation@version` of every version object its SQL reads: these may not be collected before it. */
  readonly reads: readonly string[];
  /** Equal ids mean equal rows. */
  readonly content_id: string;
  /** Order-independent hash of all rows, once somebody needed it. */
  readonly content_hash: string | null;
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly columns: readonly Column[];
  /** `building` while its post-hooks are to come, `staged` until a publishing transaction took it, then `kept`; `lost` once somebody dropped it. */
  readonly state: 'building' | 'staged' | 'kept' | 'lost';
  readonly built_at: string;
  readonly git_sha: string | null;
}

/** A moment when readers began to see a version of a relation (or, with null, none). Never changed, only added. */
export interface PublicationRecord {
  readonly run_id: string;
  readonly sequence: number;
  readonly target: string;
  readonly node: NodeId;
  readonly relation: string;
  readonly version: number | null;
  readonly published_at: string;
  readonly untested: boolean;
}

export interface NodeRunRecord {
  readonly run_id: string;
  readonly target: string;
  readonly node: NodeId;
  readonly status: string;
  readonly reason: string | null;
  readonly message: string | null;
  readonly attempts: number;
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly seconds: number;
  readonly code_fingerprint: string | null;
  readonly version: number | null;
  readonly published: boolean;
  readonly held_reason: string | null;
}

export interface TestRunRecord {
  readonly run_id: string;
  readonly target: string;
  readonly test: NodeId;
  readonly node: NodeId | null;
  readonly status: string;
  readonly verdict: string;
  readonly failures: number | null;
  readonly considered: number | null;
  readonly message: string | null;
  /** What the test measured, where it measures something. */
  readonly value: Json;
  readonly sample: Json;
  /** Test SQL, configuration and the content ids of what it read: a pass is not repeated while this stays the same. */
  readonly fingerprint: string;
  /** Until when a pass over the same rows is not repeated, where the clock or the ledger decides, too; null: for good. */
  readonly holds_until: string | null;
  readonly executed_at: string;
  readonly seconds: number;
}

/** What was last seen of something outside dql's care: a file, a source table. */
export interface InputRecord {
  /** `file:/data/flights.parquet` or `table:"db"."raw"."orders"`. */
  readonly input: string;
  /** Cheap mark (size and mtime); when it is unchanged the content id is trusted. */
  readonly mark: string;
  readonly content_id: string;
  readonly seen_at: string;
}

/** Everything a run needs to know of the past, read once at its start. */
export interface LedgerState {
  /** Databases whose ledgers this is, the target's own first; attached files carry what was published in them. */
  readonly ledgers: readonly string[];
  /** The highest of all of them. */
  readonly lastSequence: number;
  /** All kept and staged versions, newest first, by relation. */
  readonly versions: ReadonlyMap<string, readonly VersionRecord[]>;
  /** What readers see now, by relation. */
  readonly published: ReadonlyMap<string, PublicationRecord>;
  /** The highest version readers ever saw, by relation: no other version gets its number, also once it is collected. */
  readonly highest: ReadonlyMap<string, number>;
  /** The latest executed result of each test, by test id, for the target. */
  readonly tests: ReadonlyMap<NodeId, TestRunRecord>;
  /** The latest node run, by node id, for the target. */
  readonly nodeRuns: ReadonlyMap<NodeId, NodeRunRecord>;
  readonly inputs: ReadonlyMap<string, InputRecord>;
  /** Microbatch models: what a version has filled, by `relation@version`; milliseconds since 1970. */
  readonly intervals: ReadonlyMap<string, readonly FilledRange[]>;
  /** The version last copied into a database of another engine, by relation. */
  readonly copies: ReadonlyMap<string, number>;
  /** Names of the projects whose runs made the versions, by `run_id`; not those of runs that an earlier dql made. */
  readonly projects: ReadonlyMap<string, string>;
}

/** From `start` up to, not including, `end`. */
export interface FilledRange {
  readonly start: number;
  readonly end: number;
}

export const emptyState: LedgerState = {
  ledgers: [],
  lastSequence: 0,
  versions: new Map(),
  published: new Map(),
  highest: new Map(),
  tests: new Map(),
  nodeRuns: new Map(),
  inputs: new Map(),
  intervals: new Map(),
  copies: new Map(),
  projects: new Map(),
};

/** The version readers see of a relation, or undefined. */
export function publishedVersion(state: LedgerState, relation: string): VersionRecord | undefined {
  const shown = shownVersion(state, relation);
  return shown?.state === 'lost' ? undefined : shown;
}

/** The same, also of a version that somebody dropped: its name stands and answers nothing. */
export function shownVersion(state: LedgerState, relation: string): VersionRecord | undefined {
  const current = state.published.get(relation)?.version;
  return current === undefined || current === null
    ? undefined
    : state.versions.get(relation)?.find((record) => record.version === current);
}

/** The first number that none of a relation's versions has, nor had while readers saw it. */
export const freeVersion = ({ versions, highest }: LedgerState, relation: string): number =>
  Math.max(0, highest.get(relation) ?? 0, ...(versions.get(relation) ?? []).map(({ version }) => version)) + 1;

/** When its rows were computed: after a rollback that is neither its publication nor, of an incremental model, the version that brought them back. */
export const rowsBuiltAt = (state: LedgerState, { relation, content_id, built_at }: VersionRecord): Date =>
  new Date(
    Math.min(
      Date.parse(built_at),
      ...(state.versions.get(relation) ?? []).flatMap((version) =>
        version.content_id === content_id ? [Date.parse(version.built_at)] : [],
      ),
    ),
  );

/**
 * What stands for a relation that a run reads and does not build: the version readers see, or, while none was ever published, the newest
 * one that was built and held. Its tests can so be repeated and looked at before anybody else sees it.
 */
export function standingVersion(state: LedgerState, relation: string): VersionRecord | undefined {
  return publishedVersion(state, relation) ?? state.versions.get(relation)?.find((record) => record.state === 'staged');
}

/** The versions that a version's SQL reads, as far as they are kept. */
export const versionsRead = ({ versions }: LedgerState, { reads }: VersionRecord): readonly VersionRecord[] =>
  reads.flatMap((read) => {
    const at = read.lastIndexOf('@');
    const number = Number(read.slice(at + 1));
    return versions.get(read.slice(0, at))?.find(({ version }) => version === number) ?? [];
  });

/** What tells apart the rows of a version that are nobody else's. */
export const ownContent = ({
  relation,
  version,
  run_id,
}: Pick<VersionRecord, 'relation' | 'version' | 'run_id'>): string => `${relation}@${version}:${run_id}`;

/** True of a view whose SQL asks the clock, chance or files: what it shows may be another thing a moment later. */
export const variesByItself = ({ relation, content_id, physical }: VersionRecord): boolean =>
  physical.kind === 'view' && content_id.startsWith(`${relation}@`);
