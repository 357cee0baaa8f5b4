/** Published views follow what they read when it moves on to a newer version, or back to an older one. */
import type { GraphNode } from '../compile/manifest.ts';
import type { NodeId } from '../core/node-id.ts';
import {
  freeVersion,
  type LedgerState,
  ownContent,
  publishedVersion,
  type VersionRecord,
  variesByItself,
} from '../ledger/records.ts';
import { digest } from '../plan/fingerprint.ts';
import { objectName } from './progress.ts';
import { type Publication, repointed } from './publish.ts';

export interface Following {
  readonly state: LedgerState;
  /** What moves. */
  readonly moving: readonly Publication[];
  /** True for nodes that keep what they show: they move by themselves, or are held. */
  readonly stays: (id: NodeId) => boolean;
  readonly nodeOf: (id: NodeId) => GraphNode | undefined;
  readonly run_id: string;
  readonly now: Date;
}

/** A followed view is a new version of the same code over the other inputs. Parents come before children. */
export function followingViews({ state, moving, stays, nodeOf, run_id, now }: Following): readonly Publication[] {
  const moves = new Map<string, string>();
  const reads = new Map<string, string>();
  const contents = new Map<NodeId, string>();
  const note = ({ before, version }: Publication) => {
    if (before) {
      moves.set(objectName(before, true), objectName(version, version.physical.kind === 'real-table'));
      reads.set(keyOf(before), keyOf(version));
    }
    contents.set(version.node, version.content_id);
  };
  moving.forEach(note);
  const own = new Set(moving.map(({ version }) => version.node));
  const views = [...state.published.keys()].flatMap((relation) => {
    const version = publishedVersion(state, relation);
    return version?.physical.kind === 'view' && !own.has(version.node) && !stays(version.node)
      ? [{ ...version, physical: version.physical }]
      : [];
  });
  const followed: Publication[] = [];
  for (const current of parentsFirst(views)) {
    const { sql } = current.physical;
    if (![...moves.keys()].some((from) => sql.includes(from))) continue;
    const inputs = Object.fromEntries(
      Object.entries(current.inputs).map(([node, content]) => [node, contents.get(node) ?? content]),
    );
    // Real tables keep their names, so a view that has followed them already reads the same text.
    if (repointed(sql, moves) === sql && JSON.stringify(inputs) === JSON.stringify(current.inputs)) continue;
    const version = freeVersion(state, current.relation);
    const content_id = variesByItself(current)
      ? ownContent({ ...current, version, run_id })
      : digest([current.relation, current.code_fingerprint, inputs]);
    const publication: Publication = {
      node: nodeOf(current.node),
      version: {
        ...current,
        version,
        run_id,
        physical: { kind: 'view', sql: repointed(sql, moves) },
        inputs,
        reads: current.reads.map((read) => reads.get(read) ?? read),
        content_id,
        content_hash: null,
        built_at: now.toISOString(),
        state: 'kept',
      },
      change: null,
      earlier: [],
      standing: 'view',
      before: current,
      adopts: null,
      created: repointed(sql, moves),
      indexes: [],
    };
    followed.push(publication);
    note(publication);
  }
  return followed;
}

export const keyOf = (version: VersionRecord): string => `${version.relation}@${version.version}`;

/** Views in an order in which each can be made after those it reads. */
export function parentsFirst<View extends VersionRecord>(views: readonly View[]): readonly View[] {
  const byKey = new Map(views.map((view) => [keyOf(view), view]));
  const ordered = new Set<View>();
  const visit = (view: View): void => {
    if (ordered.has(view)) return;
    for (const read of view.reads) {
      const parent = byKey.get(read);
      if (parent && parent !== view) visit(parent);
    }
    ordered.add(view);
  };
  for (const view of views) visit(view);
  return [...ordered];
}
