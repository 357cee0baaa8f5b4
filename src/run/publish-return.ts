/** The transaction that takes readers back to earlier versions: data, views and ledger rows at once, as a publication is. */
import type { GraphNode } from '../compile/manifest.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Connection } from '../engine/engine.ts';
import { collectSql } from '../ledger/collect.ts';
import { publicName } from '../ledger/names.ts';
import {
  freeVersion,
  homeOf,
  type LedgerState,
  type NodeRunRecord,
  nameOf,
  type PublicationRecord,
  type RunRecord,
  type VersionRecord,
} from '../ledger/records.ts';
import { endRun, startRun, writeIntervals, writeNodeRuns } from '../ledger/write-ledger.ts';
import { isOlder, type Return } from '../plan/rollback.ts';
import type { FileText } from './commit-files.ts';
import { madeAhead } from './find-publications.ts';
import { followingViews } from './follow-views.ts';
import { asideName, type Publication, publishingSql, type Standing, viewsOnBase } from './publish.ts';
import { adoptions, ledgerTexts } from './record-publications.ts';
import { renamedViews, tableRenames } from './rename-views.ts';
import { displacedRelations, isReadable } from './show-again.ts';
import { standingIndexes, standingRelations } from './standing.ts';

export interface ReturnRequest {
  readonly state: LedgerState;
  readonly returns: readonly Return[];
  /** Published versions that readers did not see then: they are taken away. */
  readonly gone: readonly VersionRecord[];
  /** Nodes whose version the state that is returned to names, be it the one that is shown: views among them do not follow. */
  readonly settled: ReadonlySet<NodeId>;
  readonly run: RunRecord;
  readonly database: string;
  /** What becomes of the nodes that go, for the ledger; and of the others, where they return to: `run 2f61c0`. */
  readonly taking: Pick<NodeRunRecord, 'status' | 'reason' | 'held_reason'>;
  readonly to: string;
  readonly untested: (version: VersionRecord) => boolean;
  readonly nodeOf: (id: NodeId) => GraphNode | undefined;
  readonly now: () => Date;
  /** Only say what would happen. */
  readonly dryRun: boolean;
}

export interface Returned {
  readonly texts: readonly FileText[];
  readonly followed: readonly Publication[];
}

/** The SQL of it for each file, its own run in the ledger included, and the views that follow. Nothing has happened yet that readers could see. */
export async function planReturn(connection: Connection, request: ReturnRequest): Promise<Returned> {
  const { state, returns, gone, run, database, nodeOf } = request;
  const standing = await standingRelations(
    connection,
    [...returns.map(({ to }) => to), ...gone].map((version) => version.schema),
  );
  const indexes = await standingIndexes(
    connection,
    [...returns.flatMap(({ from }) => from ?? []), ...gone]
      .filter((version) => version.physical.kind === 'real-table')
      .map((version) => version.schema),
  );
  // What somebody put in the place of what readers saw is theirs: it is kept, or left where it is.
  const displaced = await displacedRelations([...returns.flatMap(({ from }) => from ?? []), ...gone], connection);
  const publications: Publication[] = [];
  for (const { to, from, earlier } of returns) {
    const there = standing.get(publicName(nameOf(to)).toLowerCase()) ?? 'nothing';
    const isForeign = there !== 'nothing' && (from === undefined || displaced.has(to.relation));
    publications.push({
      node: nodeOf(to.node),
      version: to,
      change: null,
      earlier,
      standing: there,
      before: from,
      adopts:
        isForeign && (await isReadable(to, connection))
          ? Math.max(freeVersion(state, to.relation), to.version + 1)
          : null,
      indexes: indexes.get(publicName(nameOf(to)).toLowerCase()) ?? [],
    });
  }
  const { adopted, stood } = adoptions(run, publications, run.started_at);
  const moved = new Set([...returns, ...gone].map(({ node }) => node));
  const following = followingViews({
    state,
    moving: publications,
    stays: (id) => moved.has(id) || request.settled.has(id) || Boolean(state.nodeRuns.get(id)?.held_reason),
    nodeOf,
    run_id: run.run_id,
    now: request.now(),
  });
  const renamed = renamedViews(
    tableRenames(publications, gone),
    [...state.versions.values()].flat().filter((version) => version.physical.kind === 'view'),
  );
  const restored = returns.filter(({ restores }) => restores.length > 0);
  const followed = request.dryRun
    ? following
    : await followedAhead(connection, publications, following, restored, database);
  const ended = request.now().toISOString();
  const texts: readonly FileText[] = [
    { database, sql: startRun(database, run) },
    ...restored.map((each) => ({ database: homeOf(each.to), sql: restoreSql(each).join('\n') })),
    ...gone.map((version) => {
      const name = publicName(nameOf(version)).toLowerCase();
      const sql = displaced.has(version.relation)
        ? ''
        : takeAway(version, standing.get(name) ?? 'nothing', indexes.get(name) ?? []);
      return { database: homeOf(version), sql };
    }),
    ...publishingSql([...publications, ...followed], renamed.sql),
    ...dropStaged(state, returns),
    ...restored.flatMap(({ to, wanted }) => {
      const filled = state.intervals.get(`${wanted.relation}@${wanted.version}`);
      return filled ? [{ database: homeOf(to), sql: writeIntervals(homeOf(to), to, filled) }] : [];
    }),
    ...ledgerTexts(
      [...renamed.versions, ...restored.map(({ to }) => to), ...followed.map(({ version }) => version), ...adopted],
      [...stood, ...publicationsOf(request, followed, ended)],
      [...returns.map(({ to }) => to), ...gone],
    ),
    {
      database,
      sql: [
        writeNodeRuns(database, nodeRunsOf(request)),
        endRun(database, { run_id: run.run_id, ended_at: ended, exit_code: 0, status: 'success' }),
      ].join('\n'),
    },
  ];
  return { texts, followed };
}

/** What follows, as far as it can be made before the transactions. It reads restored versions, whose rows come with these. */
async function followedAhead(
  connection: Connection,
  publications: readonly Publication[],
  following: readonly Publication[],
  restored: readonly Return[],
  database: string,
): Promise<readonly Publication[]> {
  const all = [...publications, ...following];
  if (all.some(({ version }) => homeOf(version) !== database))
    for (const { to } of restored)
      if (to.physical.kind === 'delta') {
        const { base, columns } = to.physical;
        await connection.run(viewsOnBase(to, base, columns, []).join('\n'));
      }
  return (await madeAhead(all, connection, database)).slice(publications.length);
}

function restoreSql({ to, restores, earlier }: Return): readonly string[] {
  if (to.physical.kind !== 'delta') throw new Error(`${to.relation}@${to.version} is restored but is no delta`);
  return [...restores, ...viewsOnBase(to, to.physical.base, to.physical.columns, earlier)];
}

/** A relation that was not there then. Its version stays, so that this can be undone. */
function takeAway(version: VersionRecord, standing: Standing, indexes: readonly string[]): string {
  const name = nameOf(version);
  // What was copied into another database is taken away after the commit.
  if (standing === 'nothing' || version.physical.kind === 'copied') return '';
  if (version.physical.kind !== 'real-table') return `drop ${standing} ${publicName(name)};`;
  return [
    ...indexes.map((index) => `drop index ${index};`),
    `alter table ${publicName(name)} rename to ${asideName(version)};`,
  ].join('\n');
}

/** A slice made by a run that did not publish it is for rows that are no longer there. */
function dropStaged(state: LedgerState, returns: readonly Return[]): readonly FileText[] {
  const relations = new Set(returns.filter(({ to }) => to.physical.kind === 'delta').map(({ relation }) => relation));
  const all = [...state.versions.values()].flat();
  const dropped = all.filter(
    (version) => relations.has(version.relation) && version.state !== 'kept' && version.physical.kind === 'delta',
  );
  const gone = new Set(dropped);
  return collectSql(
    dropped,
    all.filter((version) => !gone.has(version)),
  ).texts;
}

function publicationsOf(
  { returns, gone, run, untested }: ReturnRequest,
  followed: readonly Publication[],
  published_at: string,
): readonly PublicationRecord[] {
  const common = { run_id: run.run_id, sequence: run.sequence, target: run.target, published_at };
  return [
    ...returns.map(({ node, relation, to, wanted }) => ({
      ...common,
      node,
      relation,
      version: to.version,
      untested: untested(wanted),
    })),
    ...followed.map(({ version: { node, relation, version } }) => ({
      ...common,
      node,
      relation,
      version,
      untested: true,
    })),
    ...gone.map(({ node, relation }) => ({ ...common, node, relation, version: null, untested: false })),
  ];
}

/** The status of a node run that built nothing: readers see an earlier version again. */
export const ROLLED_BACK = 'rolled back';

/** A relation that was not there at the time a rollback returns to: until the next build it counts as held. */
export const takenAway = (to: string): ReturnRequest['taking'] => ({
  status: ROLLED_BACK,
  reason: `taken away, as of ${to}`,
  held_reason: `taken away, as of ${to}`,
});

function nodeRunsOf({ state, returns, gone, taking, run, to }: ReturnRequest): readonly NodeRunRecord[] {
  const common = {
    run_id: run.run_id,
    target: run.target,
    message: null,
    attempts: 0,
    bytes: null,
    seconds: 0,
  };
  return [
    ...returns.map((each) => {
      const reason = `returned to version ${each.wanted.version}, as of ${to}`;
      return {
        ...common,
        node: each.node,
        status: ROLLED_BACK,
        reason,
        rows: each.to.rows,
        code_fingerprint: each.to.code_fingerprint,
        version: each.to.version,
        published: true,
        // Readers see less than was built: until the next build it counts as held, and a view keeps this answer.
        held_reason: isOlder(state, each) ? reason : null,
      };
    }),
    ...gone.map((version) => ({
      ...common,
      ...taking,
      node: version.node,
      rows: null,
      code_fingerprint: null,
      version: null,
      published: false,
    })),
  ];
}
