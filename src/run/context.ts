/** What a run is given to work with. Everything that touches the world comes in here; `app` makes it. */

import type { GraphNode, Manifest } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Json, NodeId } from '../core/node-id.ts';
import type { Column, Connection, Warehouse } from '../engine/engine.ts';
import type { LedgerState, RunRecord, VersionRecord } from '../ledger/records.ts';
import type { BatchSize } from '../plan/batches.ts';
import type { NodeFacts } from '../plan/fingerprint.ts';
import type { Range } from '../plan/intervals.ts';
import type { Plan } from '../plan/plan.ts';
import type { Standing } from './publish.ts';
import type { NodeResult, RunEvent } from './results.ts';
import type { RetryPolicy } from './try-again.ts';

/** How a relation is printed where a template refers to it. */
export type ObjectOf = (id: NodeId) => string | undefined;

export interface CompileRequest {
  /** The object a ref or source stands for; undefined: the public name. */
  readonly objectOf: ObjectOf;
  readonly isIncremental: boolean;
  /** What `{{ this }}` prints in the node's hooks: the version being built. */
  readonly thisInHooks: string;
  /** Answers the template's questions (run_query, adapter.*) on this connection. */
  readonly connection: Connection;
  /** Microbatch: refs and sources with an `event_time` show this window only. */
  readonly batch?: { readonly window: Range; readonly size: BatchSize } | undefined;
}

export type Compiled =
  | {
      readonly kind: 'sql';
      readonly sql: string;
      readonly answers: Json;
      readonly preHooks: readonly string[];
      readonly postHooks: readonly PostHook[];
      readonly header: string;
      /** Why it may answer differently on the same inputs, of nodes of which that was not known before their turn. */
      readonly varies?: string | undefined;
    }
  | Unrendered;

type Unrendered = { readonly kind: 'failed'; readonly diagnostics: readonly Diagnostic[] };

/** What it says, or, of one that asks the warehouse while it is rendered, how to find out once the node is built. */
export type PostHook = string | (() => Promise<string | Unrendered>);

export interface Compiler {
  compile(id: NodeId, request: CompileRequest): Promise<Compiled>;
  /** on-run-start and on-run-end, one text per hook. */
  renderOperation(id: NodeId, results: readonly NodeResult[], connection: Connection): Promise<Compiled>;
}

/** What a test came to, before dql decides what that means for the nodes it guards. */
export interface TestOutcome {
  readonly id: NodeId;
  readonly result: Omit<NodeResult, 'timing' | 'thread_id' | 'execution_time'>;
  /** True when a failure of it must keep the tested nodes from being published. */
  readonly blocks: boolean;
  readonly fingerprint: string;
  /** ISO 8601; null: as long as the fingerprint stays the same. */
  readonly holdsUntil?: string | null;
  readonly seconds: number;
  /** Why it could not be answered, where it may be at the next try. */
  readonly passing?: string | undefined;
}

/** What tests find under a node's name. */
export interface Tested {
  readonly objectOf: ObjectOf;
  readonly contentOf: ObjectOf;
  /** undefined: not known. */
  readonly rowsOf?: ((id: NodeId) => number | undefined) | undefined;
  /** Columns by the SQL name of what has them: whoever asks the warehouse writes them down for those who ask later. */
  readonly columns?: Map<string, readonly Column[]> | undefined;
  /** Of an incremental node: the relation of the rows that are new in it, and the content id that all its other rows were part of. */
  readonly changeOf?: ((id: NodeId) => { readonly slice: string; readonly before: string } | undefined) | undefined;
}

export interface Tester {
  /** Runs the tests given, all of them ready; answers one outcome each, whatever happens to the others. */
  run(tests: readonly NodeId[], tested: Tested, connection: Connection): Promise<readonly TestOutcome[]>;
  /** Identifies the test over this content; an earlier pass with the same fingerprint still holds. undefined: never reuse. */
  fingerprint(test: NodeId, contentOf: (id: NodeId) => string | undefined): string | undefined;
}

/** The files a run writes beside the warehouse. */
export interface FileStore {
  /** Makes a version's file or folder also another's, without copying bytes where the file system can. */
  share(from: string, to: string): void;
  readonly exists: (path: string) => boolean;
  /** True of a real folder with something in it, not of the symlink that shows a version. */
  readonly isFullFolder: (path: string) => boolean;
  readonly makeFolderFor: (path: string) => void;
  readonly remove: (path: string) => void;
  /** Makes `location` show a version: one rename of a hard link (or copy), of a relative symlink for a folder. */
  readonly switchLocation: (version: string, location: string, partitioned: boolean) => void;
  /** True when `location` already shows that version. */
  readonly shows: (version: string, location: string) => boolean;
  readonly bytesOf: (path: string) => number;
  /** True of two files, or folders of them, that are the same to the byte. */
  readonly areSame: (left: string, right: string) => boolean;
}

/** Rows of a microbatch model whose event time is not within the batch that was computed. */
export interface RowsOutside {
  readonly rows: number;
  /** The first batch that answered some, and the least event time among them; null: it is NULL. */
  readonly batch: Range;
  readonly example: string | null;
}

export interface RunContext {
  readonly warehouse: Warehouse;
  /** Published relations under whose names stands something else, or nothing: somebody replaced or dropped them. By relation. */
  readonly displaced: ReadonlyMap<string, Standing>;
  /** Attached databases that keep no versions: what is published in them is copied there, node by node. */
  readonly copied: ReadonlySet<string>;
  readonly manifest: Manifest;
  readonly plan: Plan;
  readonly facts: ReadonlyMap<NodeId, NodeFacts>;
  readonly state: LedgerState;
  readonly outside: ReadonlyMap<NodeId, { readonly contentId: string; readonly change?: string | undefined }>;
  readonly compiler: Compiler;
  readonly tester: Tester;
  readonly files: FileStore;
  readonly run: RunRecord;
  readonly threads: number;
  readonly force: boolean;
  /** `--empty`: what is built has no rows, so no batch of it is filled. */
  readonly empty: boolean;
  readonly fullRefresh: boolean;
  readonly failFast: boolean;
  /** `--warn-error`: a warning of an earlier run would fail now, so it is looked at again. */
  readonly warnError: boolean;
  /** False for `dql run`: what builds is published, marked untested. */
  readonly tested: boolean;
  readonly adopt: boolean;
  /** How the target publishes relations whose config does not say: `publish: view` or `table`. */
  readonly publishAs: 'view' | 'table';
  /** Relations an earlier manifest knew: these may be replaced although no ledger knows them. */
  readonly known: () => ReadonlySet<string>;
  readonly projectFolder: string;
  readonly retryPolicy: (node: GraphNode) => RetryPolicy;
  readonly onRunStart: readonly NodeId[];
  readonly onRunEnd: readonly NodeId[];
  readonly now: () => Date;
  readonly emit: (event: RunEvent) => void;
  /** What is said when the run is over. */
  readonly warn: (warning: Diagnostic) => void;
  /** A microbatch model answered rows that are not of the batch they were computed for, and left them out. */
  readonly onRowsOutside: (node: GraphNode, rows: RowsOutside) => Promise<void>;
  readonly signal: AbortSignal;
}

/** What stands for a node while the run goes on: the version its children and tests read. */
export interface InUse {
  readonly node: GraphNode;
  readonly version: VersionRecord;
  /** SQL name of the object. */
  readonly object: string;
  readonly columns: readonly Column[] | undefined;
}
