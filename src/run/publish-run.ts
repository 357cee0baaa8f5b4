/** Decides who is published, runs the publishing transaction, and says what was held and why. */

import { EngineError } from '../core/engine-error.ts';
import type { NodeId } from '../core/node-id.ts';
import { quotedString } from '../core/quote.ts';
import type { Column, Connection } from '../engine/engine.ts';
import { LEDGER_SCHEMA, publicName, withinFile } from '../ledger/names.ts';
import {
  freeVersion,
  homeOf,
  nameOf,
  type PublicationRecord,
  publishedVersion,
  shownVersion,
  type VersionRecord,
} from '../ledger/records.ts';
import { replaceVersions, writeInputs, writePublications, writeVersions } from '../ledger/write-ledger.ts';
import { inputsOf, relationOf } from '../plan/plan-run.ts';
import { adoptedVersion } from './adopted-version.ts';
import { commitFiles, type FileText } from './commit-files.ts';
import type { RunContext, TestOutcome } from './context.ts';
import { followingViews, keyOf } from './follow-views.ts';
import { type NewVersion, objectName, type Progress } from './progress.ts';
import { type Publication, publishingSql, schemasOf, showVersion } from './publish.ts';
import { recordNow } from './record-later.ts';
import { refreshedComments } from './refresh-comments.ts';
import { renamedViews, tableRenames } from './rename-views.ts';
import { type HeldNode, settle, type Verdict } from './settle.ts';
import { isReadable } from './show-again.ts';
import { standingIndexes, standingRelations } from './standing.ts';
import { toldMessage } from './told-error.ts';

/** At the end of a run, when what is unchanged is looked after, too. */
const everything = () => true;

export interface Published {
  readonly nodes: readonly NodeId[];
  readonly held: ReadonlyMap<NodeId, HeldNode>;
}

/**
 * Publishes what passed, in one transaction together with `ledger` (SQL that is committed with the data; it is told who was held).
 * What can fail has failed before; if the transaction fails all the same, the guilty node is held and publishing is tried again.
 */
export async function publishRun(
  run: RunContext,
  progress: Progress,
  connection: Connection,
  ledger: (held: ReadonlyMap<NodeId, HeldNode>, published: readonly NodeId[]) => string,
  isDue: (id: NodeId) => boolean = everything,
): Promise<Published> {
  const context = progress.state ? { ...run, state: progress.state } : run;
  const broken = new Map<NodeId, HeldNode>();
  for (;;) {
    const everyHeld = await settled(context, progress, connection, broken);
    const held = new Map([...everyHeld].filter(([id]) => !progress.published.has(id)));
    const fresh = [...progress.built.values()].filter(
      ({ node: { unique_id: id } }) => !held.has(id) && !progress.published.has(id) && isDue(id),
    );
    const columns = await columnsOf(connection, fresh, progress.columns);
    const described = fresh.map((version) => ({
      ...version,
      version: { ...version.version, columns: columns.get(version.object) ?? version.version.columns },
    }));
    const startedAt = performance.now();
    const unchanged = isDue === everything ? progress.refreshed : new Map<NodeId, VersionRecord>();
    const displaced = [...unchanged.values()].filter(({ relation }) => context.displaced.has(relation));
    const again = displaced.filter(
      ({ node, relation }) => context.displaced.get(relation) !== 'nothing' && !broken.has(node),
    );
    const found = await publicationsOf(context, progress, described, again, connection);
    // Over several files a crash can come before the first commits; what was built must then be known.
    if (found.some(({ version }) => homeOf(version) !== context.warehouse.database))
      await recordNow(context, progress, connection);
    const publications = await madeAhead(found, connection, context.warehouse.database);
    const renamed = renamedViews(tableRenames(publications), viewVersions(context, progress, publications));
    const gone = displaced.filter(({ relation }) => context.displaced.get(relation) === 'nothing');
    const commented = await refreshedComments(context, unchanged, described, connection);
    const shown: readonly FileText[] = [
      ...publishingSql(publications, renamed.sql),
      ...gone.map((version) => ({
        database: homeOf(version),
        sql: showVersion({ version, node: context.manifest.nodes[version.node] }),
      })),
      ...commented.texts,
    ];
    const recorded = async (): Promise<readonly FileText[]> => [
      ...records(context, progress, publications, renamed.versions),
      {
        database: context.warehouse.database,
        sql: [
          writeInputs(context.warehouse.database, commented.marks),
          ledger(
            held,
            described.map((version) => version.node.unique_id),
          ),
        ].join('\n'),
      },
    ];
    // What is recorded may be in other files than what is shown, but not where there is one.
    const isOneFile = context.state.ledgers.length < 2;
    try {
      const intent = { id: `${context.run.run_id}/${progress.publications.length}`, run_id: context.run.run_id };
      if (isOneFile) await commitFiles(context.warehouse, connection, shown, intent, recorded);
      else await commitFiles(context.warehouse, connection, [...shown, ...(await recorded())], intent);
      progress.unrecorded.clear();
      for (const message of [...gone.map(wasGone), ...publications.flatMap(wasReplaced)])
        context.emit({ type: 'log', level: 'info', message, node: null });
      note(progress, described, renamed.versions);
      progress.publications.push(...publications.filter(({ version }) => progress.built.has(version.node)));
      if (publications.length > again.length)
        progress.publishSeconds = (progress.publishSeconds ?? 0) + (performance.now() - startedAt) / 1000;
      return { nodes: described.map((version) => version.node.unique_id), held };
    } catch (error) {
      if (!(error instanceof EngineError) || error.kind === 'interrupted' || publications.length === 0) throw error;
      const guilty = await guiltyOf(connection, publications, renamed.sql);
      if (!guilty) throw error;
      const why = toldMessage(guilty.message, context.manifest, [guilty.node]);
      broken.set(guilty.node, { reason: `publishing it failed: ${why}`, because: [] });
    }
  }
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

/** What was published has a name and a record of its own now, and views over real tables new names to read. */
function note(progress: Progress, fresh: readonly NewVersion[], renamed: readonly VersionRecord[]): void {
  for (const view of renamed) {
    const known = progress.built.get(view.node);
    if (known?.version.version === view.version)
      progress.built.set(view.node, { ...known, version: { ...known.version, physical: view.physical } });
  }
  for (const { node, version } of fresh) {
    progress.published.add(node.unique_id);
    const known = progress.built.get(node.unique_id);
    if (!known) continue;
    const physical = known.version.physical.kind === 'view' ? known.version.physical : version.physical;
    const kept = keptRecord({ ...version, physical });
    progress.built.set(node.unique_id, { ...known, version: kept, object: objectName(kept, true) });
  }
}

/** Holds what failed, repeats the tests whose verdict was about another combination, until nothing more is held. */
async function settled(
  context: RunContext,
  progress: Progress,
  connection: Connection,
  broken: Map<NodeId, HeldNode>,
): Promise<ReadonlyMap<NodeId, HeldNode>> {
  const built = [...progress.built.keys()];
  const repeated = new Map<NodeId, { readonly key: string; readonly outcome: TestOutcome }>();
  for (;;) {
    const verdicts = verdictsOf(context, progress);
    const { held, repeat } = settle(
      built,
      (id) => inputsOf(context.manifest, id),
      verdicts,
      broken,
      (id) => context.manifest.nodes[id]?.name ?? id,
    );
    const objectOf = (id: NodeId): string | undefined => {
      if (!held.has(id)) {
        const fresh = progress.built.get(id);
        if (fresh) return fresh.object;
      }
      const node = context.manifest.nodes[id];
      const version = node && (progress.refreshed.get(id) ?? publishedVersion(context.state, relationOf(node)));
      return version && objectName(version, true);
    };
    const key = [...held.keys()].sort().join();
    // Where a relation has never been published there is no pair that readers could see, hence nothing to verify.
    const exists = (test: NodeId) =>
      inputsOf(context.manifest, test).every((id) => !(id in context.manifest.nodes) || objectOf(id) !== undefined);
    const due = repeat.filter((test) => repeated.get(test)?.key !== key && exists(test));
    if (due.length === 0) return held;
    let more = false;
    for (const outcome of await context.tester.run(due, { objectOf, contentOf: objectOf }, connection)) {
      repeated.set(outcome.id, { key, outcome });
      if (!outcome.blocks) continue;
      more = true;
      const test = verdicts.find((verdict) => verdict.test === outcome.id);
      for (const guard of test?.guards ?? [])
        if (!held.has(guard))
          broken.set(guard, {
            reason: `test \`${test?.name}\` fails together with what stays published`,
            because: [outcome.id],
          });
    }
    if (!more) return held;
  }
}

function verdictsOf(context: RunContext, progress: Progress): readonly Verdict[] {
  return context.plan.tasks.flatMap((task): readonly Verdict[] => {
    const outcome = task.kind === 'build' ? undefined : progress.outcomes.get(task.node);
    if (task.kind === 'build' || !outcome) return [];
    const name = context.manifest.nodes[task.node]?.name ?? context.manifest.unit_tests[task.node]?.name ?? task.node;
    // A warning never holds anything, so its verdict need not be repeated either.
    const passed = !outcome.blocks;
    return task.severity === 'warn' && passed
      ? []
      : [{ test: task.node, name, passed, guards: task.guards, reads: task.guards }];
  });
}

async function publicationsOf(
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
    stays: (id) => progress.built.has(id) || keepsItsAnswer(context, progress, id),
    nodeOf: (id) => context.manifest.nodes[id],
    run_id: context.run.run_id,
    now: context.now(),
  });
  return [...own, ...shownAgain, ...followed];
}

/** The version that becomes of what somebody else put under a name: none of a view that answers nothing. */
async function keptAs(
  { state, displaced }: RunContext,
  version: VersionRecord,
  connection: Connection,
): Promise<number | null> {
  const { relation } = version;
  if (shownVersion(state, relation) && !displaced.has(relation)) return null;
  if (!(await isReadable(version, connection))) return null;
  return state.published.has(relation) ? Math.max(freeVersion(state, relation), version.version + 1) : 0;
}

const wasGone = ({ schema, alias }: VersionRecord): string => `\`${schema}.${alias}\` was gone and stands again`;

const wasReplaced = ({ version, before, standing, adopts }: Publication): readonly string[] =>
  before && adopts !== null
    ? [
        `\`${version.schema}.${version.alias}\` had been replaced by a ${standing} of somebody else, whose rows are kept as version ${adopts}`,
      ]
    : [];

/** A held view does not follow: its last try failed or was not published. One that waits for its turn is dealt with then. */
function keepsItsAnswer(context: RunContext, progress: Progress, id: NodeId): boolean {
  const result = progress.results.get(id);
  if (result) return result.meta.dql.held !== undefined;
  return context.plan.tasks.some((task) => task.node === id) || Boolean(context.state.nodeRuns.get(id)?.held_reason);
}

/** Every version of every view but those that this publishing makes with their final names. */
function viewVersions(
  context: RunContext,
  progress: Progress,
  publications: readonly Publication[],
): readonly VersionRecord[] {
  const built = new Map([...progress.built.values()].map(({ version }) => [keyOf(version), version]));
  for (const { version } of publications) if (built.has(keyOf(version))) built.set(keyOf(version), version);
  const known = [...context.state.versions.values()].flat().filter((version) => !built.has(keyOf(version)));
  return [...known, ...built.values()].filter((version) => version.physical.kind === 'view');
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

/** Ledger rows of the publications, and of reused versions whose fingerprints moved on. */
function records(
  context: RunContext,
  progress: Progress,
  publications: readonly Publication[],
  renamed: readonly VersionRecord[],
): readonly FileText[] {
  const now = context.now().toISOString();
  const followed = publications.filter((publication) => !progress.built.has(publication.version.node));
  const refreshed = [...progress.refreshed.values()].filter((version) => {
    const before = context.state.versions.get(version.relation)?.find((known) => known.version === version.version);
    return (
      before &&
      (before.node !== version.node ||
        before.code_fingerprint !== version.code_fingerprint ||
        JSON.stringify(before.inputs) !== JSON.stringify(version.inputs))
    );
  });
  const published = publications.map(
    ({ version }): PublicationRecord => ({
      run_id: context.run.run_id,
      sequence: context.run.sequence,
      target: context.run.target,
      node: version.node,
      relation: version.relation,
      version: version.version,
      published_at: now,
      untested:
        context.displaced.has(version.relation) && !progress.built.has(version.node)
          ? (context.state.published.get(version.relation)?.untested ?? true)
          : !context.tested || followed.some((other) => other.version === version),
    }),
  );
  const adopted = publications.flatMap(({ version, adopts }) => {
    if (adopts === null) return [];
    const first = adoptedVersion({ ...version, run_id: context.run.run_id, built_at: now }, adopts);
    return [version.physical.kind === 'copied' ? { ...first, physical: version.physical } : first];
  });
  const stood = adopted.map(
    (version): PublicationRecord => ({
      run_id: context.run.run_id,
      sequence: context.run.sequence - 1,
      target: context.run.target,
      node: version.node,
      relation: version.relation,
      version: version.version,
      published_at: context.run.started_at,
      untested: true,
    }),
  );
  // A view over real tables is written with the names they have from now on, whatever else is said of it.
  const written = new Map(
    [...adopted, ...publications.map((publication) => publication.version), ...refreshed].map((version) => [
      keyOf(version),
      version,
    ]),
  );
  for (const version of renamed)
    written.set(keyOf(version), { ...(written.get(keyOf(version)) ?? version), physical: version.physical });
  const isNew = (version: VersionRecord) => progress.unrecorded.has(keyOf(version));
  const all = new Map([...progress.unrecorded, ...written]);
  return ledgerTexts([...all.values()], [...stood, ...published], [], isNew);
}

/**
 * Versions and publications go into the ledgers of the files that their rows are in.
 * @param others versions of published relations that are not written anew
 * @param isNew true for versions that no ledger has a record of
 */
export function ledgerTexts(
  versions: readonly VersionRecord[],
  publications: readonly PublicationRecord[],
  others: readonly VersionRecord[] = [],
  isNew: (version: VersionRecord) => boolean = () => false,
): readonly FileText[] {
  const homes = new Map([...others, ...versions].map((version) => [version.relation, homeOf(version)]));
  return [...new Set(homes.values())].map((database) => {
    const here = versions.filter((version) => homeOf(version) === database);
    return {
      database,
      sql: [
        replaceVersions(
          database,
          here.filter((version) => !isNew(version)),
        ),
        writeVersions(database, here.filter(isNew)),
        writePublications(
          database,
          publications.filter(({ relation }) => homes.get(relation) === database),
        ),
      ].join('\n'),
    };
  });
}

/** A published delta has nothing pending any more. */
const keptRecord = (version: VersionRecord): VersionRecord => ({
  ...version,
  state: 'kept',
  physical: version.physical.kind === 'delta' ? { ...version.physical, pending: undefined } : version.physical,
});

/** Describing a relation takes half a millisecond; asking for all columns of a warehouse binds each of its views, which takes forty and more. */
const FEW = 60;

/** The columns of all new versions, in one question where there are many. */
async function columnsOf(
  connection: Connection,
  fresh: readonly NewVersion[],
  known: ReadonlyMap<string, readonly Column[]>,
): Promise<ReadonlyMap<string, readonly Column[]>> {
  const isUnknown = ({ version, object }: NewVersion) =>
    !known.has(object) && (version.columns.length === 0 || version.physical.kind !== 'view');
  const unknown = fresh.filter(isUnknown);
  if (unknown.length <= FEW) {
    const all = new Map(known);
    for (const { object } of unknown) all.set(object, await connection.describe(`from ${object}`));
    return all;
  }
  const found = await connection.query(
    `select database_name, schema_name, table_name, list({name: column_name, type: data_type} order by column_index)
     from duckdb_columns()
     where schema_name = ${quotedString(LEDGER_SCHEMA)} or table_name like '%\\_\\_dql\\_%' escape '\\'
     group by all`,
  );
  return new Map(
    found.rows.map(([database, schema, alias, columns]) => [
      publicName({ database: String(database), schema: String(schema), alias: String(alias) }),
      (columns as unknown as readonly Column[]).map((column) => ({ name: column.name, type: column.type })), // the query's own shape
    ]),
  );
}

/** Finds the publication that the engine refuses, by trying them one at a time; nothing stays. */
async function guiltyOf(
  connection: Connection,
  everything: readonly Publication[],
  everyRenamed: readonly FileText[],
): Promise<{ readonly node: NodeId; readonly message: string } | undefined> {
  for (const database of new Set(everything.map(({ version }) => homeOf(version)))) {
    const publications = everything.filter(({ version }) => homeOf(version) === database);
    const renamed = everyRenamed.filter((each) => each.database === database).map(({ sql }) => sql);
    const guilty = await guiltyIn(connection, database, publications, renamed);
    if (guilty) return guilty;
  }
  return undefined;
}

async function guiltyIn(
  connection: Connection,
  database: string,
  publications: readonly Publication[],
  renamed: readonly string[],
): Promise<{ readonly node: NodeId; readonly message: string } | undefined> {
  let guilty: { readonly node: NodeId; readonly message: string } | undefined;
  const rehearsal = new Error('rehearsal');
  await connection
    .transaction(async () => {
      for (const { sql, node } of publishingSql(publications, [{ database, sql: renamed.join('\n') }])) {
        try {
          if (sql !== '') await connection.run(sql);
        } catch (error) {
          if (!(error instanceof EngineError)) throw error;
          if (node) guilty = { node, message: error.message.split('\n')[0] ?? '' };
          throw rehearsal;
        }
      }
      throw rehearsal;
    })
    .catch((error: unknown) => {
      if (error !== rehearsal) throw error;
    });
  return guilty;
}

export const schemasNeeded = (context: RunContext): readonly string[] =>
  schemasOf(
    context.plan.tasks
      .flatMap((task) => (task.kind === 'build' ? [context.manifest.nodes[task.node]] : []))
      .filter((node) => node !== undefined),
    context.copied,
  );
