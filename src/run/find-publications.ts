/** What a run is to publish: its new versions, what is shown again, and the views that follow. */

import type { NodeId } from '../core/node-id.ts';
import type { Connection } from '../engine/engine.ts';
import { publicName, withinFile } from '../ledger/names.ts';
import { freeVersion, homeOf, nameOf, publishedVersion, shownVersion, type VersionRecord } from '../ledger/records.ts';
import { replaceVersions } from '../ledger/write-ledger.ts';
import type { RunContext } from './context.ts';
import { followingViews } from './follow-views.ts';
import { type NewVersion, objectName, type Progress } from './progress.ts';
import type { Publication } from './publish.ts';
import { keptRecord } from './record-publications.ts';
import { isReadable } from './show-again.ts';
import { standingIndexes, standingRelations } from './standing.ts';

/** @param again published versions that are to be shown again, since somebody put something else under their names */
export async function publicationsOf(
  context: RunContext,
  progress: Progress,
  fresh: readonly NewVersion[],
  again: readonly VersionRecord[],
  connection: Connection,
): Promise<readonly Publication[]> {
  if (fresh.length + again.length + progress.publications.length === 0) return [];
  const standing = await standingRelations(
    connection,
    [...fresh.map(({ version }) => version), ...again].map(({ schema }) => schema),
  );
  const swaps = fresh.filter(
    ({ version }) => publishedVersion(context.state, version.relation)?.physical.kind === 'real-table',
  );
  const indexes = await standingIndexes(
    connection,
    swaps.map(({ node }) => node.schema),
  );
  const publicationOf = async (version: VersionRecord): Promise<Omit<Publication, 'node' | 'change' | 'earlier'>> => {
    const there = standing.get(publicName(nameOf(version)).toLowerCase()) ?? 'nothing';
    return {
      version,
      standing: there,
      before: shownVersion(context.state, version.relation),
      adopts: there === 'nothing' ? null : await keptAs(context, version, connection),
      indexes: indexes.get(publicName(nameOf(version)).toLowerCase()) ?? [],
    };
  };
  const own: Publication[] = [];
  for (const { node, version, change } of fresh)
    own.push({
      ...(await publicationOf(keptRecord(version))),
      node,
      change,
      earlier: earlierOnBase(context, version),
    });
  const shownAgain: Publication[] = [];
  for (const version of again)
    shownAgain.push({
      ...(await publicationOf(version)),
      node: context.manifest.nodes[version.node],
      change: null,
      earlier: [],
    });
  const followed = followingViews({
    state: context.state,
    moving: [...progress.publications, ...own],
    stays: (id) => progress.built.has(id) || progress.staying.has(id) || keepsItsAnswer(context, progress, id),
    nodeOf: (id) => context.manifest.nodes[id],
    run_id: context.run.run_id,
    now: context.now(),
  });
  return [...own, ...shownAgain, ...followed];
}

/** The version that becomes of what somebody else put under a name: none of a view that answers nothing. */
export async function keptAs(
  { state, displaced }: Pick<RunContext, 'state' | 'displaced'>,
  version: VersionRecord,
  connection: Connection,
): Promise<number | null> {
  const { relation } = version;
  if (shownVersion(state, relation) && !displaced.has(relation)) return null;
  if (!(await isReadable(version, connection))) return null;
  return state.published.has(relation) ? Math.max(freeVersion(state, relation), version.version + 1) : 0;
}

/** A held view does not follow: its last try failed or was not published. One that waits for its turn is dealt with then. */
function keepsItsAnswer(context: RunContext, progress: Progress, id: NodeId): boolean {
  const result = progress.results.get(id);
  if (result) return result.meta.dql.held !== undefined;
  return context.plan.tasks.some((task) => task.node === id) || Boolean(context.state.nodeRuns.get(id)?.held_reason);
}

/** Kept versions that share a delta's base, newest first. */
function earlierOnBase(context: RunContext, version: VersionRecord): readonly VersionRecord[] {
  const { physical } = version;
  if (physical.kind !== 'delta') return [];
  return (context.state.versions.get(version.relation) ?? []).filter(
    (other) =>
      other.version < version.version &&
      other.state === 'kept' &&
      other.physical.kind === 'delta' &&
      other.physical.base === physical.base,
  );
}

/**
 * Views that follow into another file are made before the transactions, as staged versions: one transaction does not see what another
 * is going to make.
 * @param database the warehouse's own, where all of it is one transaction
 */
export async function madeAhead(
  publications: readonly Publication[],
  connection: Connection,
  database: string,
): Promise<readonly Publication[]> {
  if (publications.every(({ version }) => homeOf(version) === database)) return publications;
  for (const { version, created } of publications)
    if (created)
      await connection.transaction(() =>
        connection.run(
          `create or replace view ${objectName(version, false)} as\n${withinFile(homeOf(version), created)};\n${replaceVersions(homeOf(version), [{ ...version, state: 'staged' }])}`,
        ),
      );
  return publications.map((publication) => ({ ...publication, created: undefined }));
}
