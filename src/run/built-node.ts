/** What is asked of the build of one node, and what comes of it. */

import type { GraphNode } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { EngineErrorKind } from '../core/engine-error.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Connection } from '../engine/engine.ts';
import type { VersionRecord } from '../ledger/records.ts';
import type { Batches } from '../plan/batches.ts';
import type { DeltaChange } from '../plan/build.ts';
import type { Range } from '../plan/intervals.ts';
import type { Compiled } from './context.ts';

export type CompiledSql = Extract<Compiled, { readonly kind: 'sql' }>;

export interface BuiltNode {
  readonly kind: 'built';
  readonly version: VersionRecord;
  readonly object: string;
  readonly change: DeltaChange | null;
  readonly sql: string;
  readonly rows: number | null;
  /** Drops what the build made. */
  readonly drop: readonly string[];
  /** Microbatch models. */
  readonly batches?: GatheredBatches | undefined;
  readonly filled?: readonly Range[] | undefined;
  /** False: the ledger does not know the version yet. */
  readonly isRecorded: boolean;
}

export interface FailedBuild {
  readonly kind: 'failed';
  readonly diagnostics: readonly Diagnostic[];
  readonly sql: string | null;
  /** What kind of error the engine met, where another try, or the user's Ctrl-C, is to be told from a mistake. */
  readonly met?: EngineErrorKind | undefined;
}

export interface BuildNodeRequest {
  readonly node: GraphNode;
  readonly version: number;
  readonly current: VersionRecord | undefined;
  /** Content ids of its inputs. */
  readonly inputs: Readonly<Record<NodeId, string>>;
  /** Objects it may read, for refs; and which versions those are. */
  readonly objectOf: (id: NodeId) => string | undefined;
  readonly reads: readonly string[];
  readonly connection: Connection;
  /** Another connection with this run's session settings; the caller closes it. */
  readonly openSession: () => Promise<Connection>;
  /** Microbatch models: what to compute. */
  readonly batches?: Batches | undefined;
  /** Of a node that is rendered at its turn: true when code with this fingerprint is what readers see already. */
  readonly isCurrent?: ((codeFingerprint: string) => boolean) | undefined;
  /** True: a build of one statement need not record its version; the caller does. */
  readonly recordsLater: boolean;
}

export interface GatheredBatches {
  readonly kind: 'gathered';
  /** The compiled query to go on with: all rows of the batches that succeeded. Pre-hooks have run. */
  readonly compiled: CompiledSql;
  /** The last batch's own query, for people to read. */
  readonly sql: string;
  readonly done: readonly Range[];
  readonly successful: readonly Range[];
  readonly failed: readonly Range[];
  /** The first failed batch's. */
  readonly message: string | undefined;
}
