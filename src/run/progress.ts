/** What a run knows so far. The only mutable value of the room; every part of the run reads and adds to it. */

import type { GraphNode } from '../compile/manifest.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Column } from '../engine/engine.ts';
import { publicName, versionName } from '../ledger/names.ts';
import { type LedgerState, nameOf, publishedVersion, standingVersion, type VersionRecord } from '../ledger/records.ts';
import type { DeltaChange } from '../plan/build.ts';
import { relationOf } from '../plan/plan-run.ts';
import type { RunContext, Tested, TestOutcome } from './context.ts';
import type { ForeignRelations } from './foreign-relations.ts';
import type { Publication } from './publish.ts';
import type { NodeResult } from './results.ts';

/** A version built, or taken over, by this run and not yet published. */
export interface NewVersion {
  readonly node: GraphNode;
  readonly version: VersionRecord;
  readonly object: string;
  readonly change: DeltaChange | null;
  readonly drop: readonly string[];
  readonly cause: 'code' | 'input' | 'forced';
}

export interface Progress {
  readonly results: Map<NodeId, NodeResult>;
  readonly outcomes: Map<NodeId, TestOutcome>;
  readonly built: Map<NodeId, NewVersion>;
  /** Staged versions that the ledger does not know yet, by `relation@version`. */
  readonly unrecorded: Map<string, VersionRecord>;
  /** When the ledger last learnt of some; performance.now(). */
  recordedAt: number;
  /** Columns of versions, by their SQL names, as far as somebody asked. */
  readonly columns: Map<string, readonly Column[]>;
  /** Published versions whose fingerprints this run brought up to date. */
  readonly refreshed: Map<NodeId, VersionRecord>;
  /** Nodes and tests below which nothing may be built. */
  readonly blocked: Set<NodeId>;
  readonly started: Map<NodeId, number>;
  /** What on-run-start set on every connection. */
  readonly session: string[];
  /** What somebody else made and stands under a node's name. */
  foreign: ForeignRelations;
  /** Views that cannot read what this run makes of their inputs, and go on reading what they read. */
  readonly staying: Set<NodeId>;
  /** Nodes whose new version readers see already. */
  readonly published: Set<NodeId>;
  /** What this run published so far: views follow it. */
  readonly publications: Publication[];
  /** Spent publishing; null before the first time. */
  publishSeconds: number | null;
  /** The ledger as this run's own publications left it; undefined: as it was at the start. */
  state: LedgerState | undefined;
  done: number;
  failed: boolean;
}

export const newProgress = (): Progress => ({
  results: new Map(),
  outcomes: new Map(),
  built: new Map(),
  unrecorded: new Map(),
  recordedAt: performance.now(),
  columns: new Map(),
  refreshed: new Map(),
  blocked: new Set(),
  started: new Map(),
  session: [],
  foreign: { refused: new Map(), adopted: new Set() },
  staying: new Set(),
  published: new Set(),
  publications: [],
  publishSeconds: null,
  state: undefined,
  done: 0,
  failed: false,
});

/** The version a node stands for in this run: the new one, else the published one. */
export function versionInUse(context: RunContext, progress: Progress, id: NodeId): VersionRecord | undefined {
  const built = progress.built.get(id);
  if (built) return built.version;
  const refreshed = progress.refreshed.get(id);
  if (refreshed) return refreshed;
  const node = context.manifest.nodes[id];
  return node && standingVersion(context.state, relationOf(node));
}

/** The SQL name of a kept or staged version. */
export function objectName(version: VersionRecord, isPublished: boolean): string {
  const name = nameOf(version);
  if (version.physical.kind !== 'real-table') return versionName(name, version.version);
  return publicName(isPublished ? name : { ...name, alias: `${name.alias}__dql_${version.version}` });
}

/** What refs print: this run's versions of what it built, the published versions of the rest. */
export function objectInUse(context: RunContext, progress: Progress, id: NodeId): string | undefined {
  const built = progress.built.get(id);
  if (built) return built.object;
  const version = versionInUse(context, progress, id);
  return version && objectName(version, version.state === 'kept');
}

/** Content id of what stands for a node, whoever made it. */
export function contentInUse(context: RunContext, progress: Progress, id: NodeId): string | undefined {
  return context.outside.get(id)?.contentId ?? versionInUse(context, progress, id)?.content_id;
}

/** What tests read while the run goes on. */
export const testedNow = (context: RunContext, progress: Progress): Tested => ({
  objectOf: (id) => objectInUse(context, progress, id),
  contentOf: (id) => contentInUse(context, progress, id),
  rowsOf: (id) => {
    const version = versionInUse(context, progress, id);
    // A delta counts its slice.
    return version?.physical.kind === 'delta' ? undefined : (version?.rows ?? undefined);
  },
  // Published real tables change what their names mean in the middle of such a run.
  columns: context.plan.publish === 'as_ready' ? undefined : progress.columns,
  changeOf: (id) => {
    const fresh = progress.built.get(id);
    const before = fresh?.change && publishedVersion(context.state, relationOf(fresh.node));
    return fresh?.change && before ? { slice: fresh.change.slice, before: before.content_id } : undefined;
  },
});
