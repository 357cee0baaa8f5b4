/** Publishes another target's versions in this one, by sharing or copying their rows: what promote and clone have in common. */
import type { GraphNode, Manifest } from '../../compile/manifest.ts';
import { type Diagnostic, DqlError } from '../../core/diagnostic.ts';
import type { Json, NodeId } from '../../core/node-id.ts';
import { quotedIdentifier } from '../../core/quote.ts';
import { fileStore } from '../../disk/file-store.ts';
import type { Connection, Warehouse } from '../../engine/engine.ts';
import { publicName, type RelationName, versionName, withinFile } from '../../ledger/names.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import {
  freeVersion,
  homeOf,
  type LedgerState,
  nameOf,
  type PublicationRecord,
  shownVersion,
  type VersionRecord,
} from '../../ledger/records.ts';
import { endedWith, endRun, replaceVersions, startRun, writeIntervals } from '../../ledger/write-ledger.ts';
import { isAddedTo, keptWhole } from '../../plan/build.ts';
import { external, firstBuild, locationOf, table } from '../../plan/materializations.ts';
import { isRealTable } from '../../plan/node-config.ts';
import { inputsOf, relationOf } from '../../plan/plan-run.ts';
import type { Project } from '../../project/project.ts';
import { commitFiles, type FileText } from '../../run/commit-files.ts';
import type { ObjectOf } from '../../run/context.ts';
import { keptAs, madeAhead } from '../../run/find-publications.ts';
import { followingViews, keyOf } from '../../run/follow-views.ts';
import { foreignRelations } from '../../run/foreign-relations.ts';
import { objectName } from '../../run/progress.ts';
import { type Publication, publishingSql, repointed, schemasOf } from '../../run/publish.ts';
import { adoptions, ledgerTexts } from '../../run/record-publications.ts';
import { renamedViews, tableRenames } from '../../run/rename-views.ts';
import { displacedRelations } from '../../run/show-again.ts';
import { standingIndexes, standingRelations } from '../../run/standing.ts';
import type { CommonOptions } from '../contract.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import { keepState } from '../opening/state-manifest.ts';
import { isForeign } from '../warehouse/outside.ts';
import { serveCopy } from '../warehouse/serve-copy.ts';
import { knownRelations } from './known-relations.ts';
import { newRun } from './new-run.ts';

export interface Taken {
  readonly id: NodeId;
  /** The other target's version. */
  readonly source: VersionRecord;
  /** Its object, as this connection reads it. */
  readonly object: string;
  /** `share`: a view on it; `copy`: its rows are written here; `restate`: a view's SQL over this target's versions. */
  readonly how: 'share' | 'copy' | 'restate';
  /** The SQL to restate, where the other target's is not the view's own. */
  readonly sqlOf?: ((objectOf: ObjectOf) => Promise<string>) | undefined;
}

/** A relation of this target. */
export interface Beside {
  readonly object: string;
  /** `relation@version`; undefined of what no run of dql made. */
  readonly key: string | undefined;
  readonly contentId: string;
  /** What `isForeign` tells of its rows. */
  readonly rows: string;
}

export interface TakeOver {
  readonly opened: OpenedProject;
  readonly options: CommonOptions;
  readonly warehouse: Warehouse;
  readonly connection: Connection;
  readonly state: LedgerState;
  /** The other target's ledger, for what a microbatch has filled. */
  readonly from: LedgerState;
  readonly command: 'promote' | 'clone';
  readonly args: Readonly<Record<string, Json>>;
  /** Parents before children. */
  readonly taken: readonly Taken[];
  /** What this target has already, and restated views may read. */
  readonly left?: readonly { readonly source: VersionRecord; readonly there: VersionRecord }[];
  /** What else restated views read, which the other target's versions were built on without having it. */
  readonly beside?: ReadonlyMap<NodeId, Beside>;
  /** This target's own fingerprints of the same code. Asked for once; the connection is busy meanwhile. */
  readonly codes: () => Promise<ReadonlyMap<NodeId, string>>;
  readonly untested: boolean;
}

/** One transaction: data, views and ledger. Answers the run and the version each node has here now. */
export async function takeOver(request: TakeOver): Promise<{
  readonly runId: string;
  /** Why readers of `serve` do not see it, in words. */
  readonly unserved: string | null;
  readonly versions: ReadonlyMap<NodeId, number>;
}> {
  const { opened, options, warehouse, connection, state, from, taken } = request;
  const { manifest, project } = opened;
  const run = await newRun({ ...request, project });
  const nodes = taken.flatMap(({ id }) => manifest.nodes[id] ?? []);
  await openHomes(warehouse, connection, nodes, request.command);
  const known = () => knownRelations(opened);
  const { refused } = await foreignRelations(nodes, { state, adopt: options.adopt, known }, connection);
  if (refused.size > 0) throw new DqlError([...refused.values()]);
  const standing = await standingRelations(
    connection,
    nodes.map((node) => node.schema),
  );
  const indexes = await standingIndexes(
    connection,
    nodes.map((node) => node.schema),
  );
  // What somebody put in the place of what readers saw is theirs: it is kept.
  const displaced = await displacedRelations(
    nodes.flatMap((node) => shownVersion(state, relationOf(node)) ?? []),
    connection,
  );
  const moves = new Map<string, string>();
  const here = new Map<NodeId, { readonly object: string; readonly key: string | undefined }>(request.beside);
  const reads = new Map<string, string>();
  const note = (source: VersionRecord, { node, object, key }: { node: NodeId; object: string; key: string }) => {
    moves.set(objectName(source, true), object);
    reads.set(keyOf(source), key);
    here.set(node, { object, key });
  };
  for (const { source, there } of request.left ?? [])
    note(source, { node: there.node, object: objectName(there, true), key: keyOf(there) });
  const creating: FileText[] = [];
  const final: Publication[] = [];
  for (const { id, source, object, how, sqlOf } of taken) {
    const node = manifest.nodes[id];
    if (!node) throw new Error(`${id} is not in the manifest`);
    const relation = relationOf(node);
    const name = { database: node.database, schema: node.schema, alias: node.alias };
    const version = freeVersion(state, relation);
    const exported =
      how === 'copy' && source.physical.kind === 'external' ? exportedHere(project, node, source, version) : undefined;
    const sql = await sqlOf?.((input) => here.get(input)?.object);
    const made =
      exported ??
      (sql !== undefined
        ? viewOf(name, version, sql)
        : how === 'copy'
          ? await copied(node, source, object, version, project.target.publish, connection)
          : viewOn(how, source, object, name, version, moves));
    const shared = how === 'share' && source.database === node.database ? [keyOf(source)] : [];
    const restated = sqlOf
      ? inputsOf(manifest, id).flatMap((input) => here.get(input)?.key ?? [])
      : source.reads.map((read) => reads.get(read) ?? read);
    const record: VersionRecord = {
      ...source,
      ...name,
      target: project.target.name,
      relation,
      version,
      run_id: run.run_id,
      physical: made.physical,
      inputs: inputsHere(manifest, source, request.beside),
      reads: how === 'restate' ? restated : shared,
      state: 'kept',
    };
    note(source, { node: id, object: objectName(record, false), key: keyOf(record) });
    creating.push({ database: node.database, sql: made.statements.join('\n'), defines: how !== 'copy' });
    const before = shownVersion(state, relation);
    const there = standing.get(publicName(name).toLowerCase()) ?? 'nothing';
    final.push({
      node,
      version: record,
      change: null,
      earlier: [],
      standing: there,
      before,
      adopts: there === 'nothing' ? null : await keptAs({ state, displaced }, record, connection),
      // Only where a real table stands are there indexes to drop before it can step aside.
      indexes: indexes.get(publicName(name).toLowerCase()) ?? [],
    });
  }
  const mine = new Set(taken.map(({ id }) => id));
  const following = followingViews({
    state,
    moving: final,
    stays: (id) => mine.has(id) || Boolean(state.nodeRuns.get(id)?.held_reason),
    nodeOf: (id) => manifest.nodes[id],
    run_id: run.run_id,
    now: options.now,
  });
  const renamed = renamedViews(
    tableRenames(final),
    [...[...state.versions.values()].flat(), ...final.map(({ version }) => version)].filter(
      ({ physical }) => physical.kind === 'view',
    ),
  );
  const ended = new Date().toISOString();
  const { adopted, stood } = adoptions(run, final, ended);
  const { database } = warehouse;
  await connection.run(
    schemasOf(nodes)
      .map((schema) => `create schema if not exists ${schema};`)
      .join('\n'),
  );
  let asked: ReturnType<TakeOver['codes']> | undefined;
  const coded = async (): Promise<readonly VersionRecord[]> => {
    asked ??= request.codes();
    const codes = await asked;
    return final.map(({ version }, index) => ({
      ...version,
      code_fingerprint: codes.get(taken[index]?.id ?? '') ?? version.code_fingerprint,
    }));
  };
  const isOneFile = new Set(final.map(({ version }) => homeOf(version))).size < 2;
  if (!isOneFile) await createdAhead(creating, await coded(), connection);
  // What is cloned may be of other code than this target's: only what is promoted is the project as it is.
  const kept = request.command === 'promote' ? (await keepState(opened, connection, database, run)).sql : '';
  const moving = await madeAhead([...final, ...following], connection, database);
  const followed = moving.slice(final.length);
  const shown: readonly FileText[] = [
    { database, sql: `${startRun(database, run)}\n${kept}` },
    ...(isOneFile ? creating : []),
    ...publishingSql([...final, ...followed], renamed.sql),
  ];
  const written = async (): Promise<readonly VersionRecord[]> => {
    const all = new Map(renamed.versions.map((version) => [keyOf(version), version]));
    // Views over real tables are written with the names these have from now on.
    for (const version of await coded())
      all.set(keyOf(version), { ...version, physical: all.get(keyOf(version))?.physical ?? version.physical });
    return [...all.values()];
  };
  const recorded = async (): Promise<readonly FileText[]> => [
    ...taken.flatMap(({ source }, index) => {
      const filled = from.intervals.get(`${source.relation}@${source.version}`);
      const own = final[index]?.version;
      return filled && own ? [{ database: homeOf(own), sql: writeIntervals(homeOf(own), own, filled) }] : [];
    }),
    ...ledgerTexts(
      [...adopted, ...(await written()), ...followed.map(({ version }) => version)],
      [
        ...stood,
        ...[...final, ...followed].map(
          ({ version }, index): PublicationRecord => ({
            run_id: run.run_id,
            sequence: run.sequence,
            target: run.target,
            node: version.node,
            relation: version.relation,
            version: version.version,
            published_at: ended,
            untested: request.untested || index >= final.length,
          }),
        ),
      ],
    ),
    { database, sql: endRun(database, { run_id: run.run_id, ended_at: ended, exit_code: 0, status: 'success' }) },
  ];
  await commitFiles(warehouse, connection, shown, { id: run.run_id, run_id: run.run_id }, recorded);
  showFiles(final.map(({ version }) => version));
  const unserved = await serveCopy(project, warehouse, connection);
  if (unserved) await connection.run(endedWith(database, run.run_id, 1));
  return {
    runId: run.run_id,
    unserved: unserved?.message ?? null,
    versions: new Map(final.map(({ version }) => [version.node, version.version])),
  };
}

/** What it was built on elsewhere, by its content here. */
const inputsHere = (manifest: Manifest, { inputs }: VersionRecord, beside: TakeOver['beside']) =>
  Object.fromEntries(
    Object.entries(inputs).map(([input, content]) => [
      input,
      (isForeign(manifest, input, content) ? beside?.get(input)?.contentId : undefined) ?? content,
    ]),
  );

/** The ledgers of attached files that are published into. */
async function openHomes(
  warehouse: Warehouse,
  connection: Connection,
  nodes: readonly GraphNode[],
  command: string,
): Promise<void> {
  const keeping = new Set(
    (await warehouse.databases()).flatMap(({ name, keepsVersions }) => (keepsVersions ? [name] : [])),
  );
  const without = nodes.filter(({ database }) => !keeping.has(database));
  if (without.length > 0) throw new DqlError(without.map((node) => keepsNoVersions(node, command)));
  for (const home of new Set(nodes.map((node) => node.database))) {
    const problem = await openLedger(connection, home);
    if (problem) throw new DqlError([problem]);
  }
}

/** Over several files the objects are made beforehand, as staged versions: a transaction does not see what another is going to make. */
async function createdAhead(
  creating: readonly FileText[],
  versions: readonly VersionRecord[],
  connection: Connection,
): Promise<void> {
  for (const [index, { database, sql }] of creating.entries()) {
    const staged = versions.slice(index, index + 1).map((version) => ({ ...version, state: 'staged' as const }));
    await connection.transaction(() => connection.run(`${sql}\n${replaceVersions(database, staged)}`));
  }
}

const keepsNoVersions = (node: GraphNode, command: string): Diagnostic => ({
  code: 'take-over/no-versions',
  severity: 'error',
  message: `\`${node.name}\` lies in \`${node.database}\`, which keeps no versions that ${command} could publish`,
  at: { file: node.original_file_path, start: 0, end: 0 },
  hint: 'leave it out with --exclude, and build it there',
});

/** A table of its own, with the constraints and indexes that building it would give it. Later increments are added to a base. */
async function copied(
  node: GraphNode,
  source: VersionRecord,
  object: string,
  version: number,
  publishAs: Project['target']['publish'],
  connection: Connection,
): Promise<{ readonly physical: VersionRecord['physical']; readonly statements: readonly string[] }> {
  const { physical, materialized } = source;
  const name = { database: node.database, schema: node.schema, alias: node.alias };
  const publish = isRealTable(node, publishAs) ? 'table' : 'view';
  const whole = keptWhole(name, version, publish);
  const materialize =
    isAddedTo(source) && ['delta', 'view'].includes(physical.kind)
      ? firstBuild
      : ['table', 'incremental', 'snapshot'].includes(materialized)
        ? table
        : undefined;
  if (!materialize)
    return { physical: whole.physical, statements: [`create table ${whole.object} as\nselect *\nfrom ${object};`] };
  const columns = await connection.describe(`from ${object}`);
  const built = materialize({
    node,
    name,
    version,
    sql: `select ${columns.map((column) => quotedIdentifier(column.name)).join(', ')}\nfrom ${object}`,
    columns,
    current: undefined,
    fullRefresh: false,
    publish,
    whole,
    hookWritesThis: false,
    location: null,
    seedFile: null,
    now: '',
  });
  return {
    physical: built.physical,
    statements: built.steps.flatMap((step) => (step.kind === 'statement' ? `${step.sql};` : [])),
  };
}

function viewOn(
  how: 'share' | 'restate',
  source: VersionRecord,
  object: string,
  name: RelationName,
  version: number,
  moves: ReadonlyMap<string, string>,
): { readonly physical: VersionRecord['physical']; readonly statements: readonly string[] } {
  const sql =
    how === 'restate' && source.physical.kind === 'view'
      ? repointed(source.physical.sql, moves)
      : `select *\nfrom ${object}`;
  return viewOf(name, version, sql);
}

const createView = (name: RelationName, version: number, sql: string): string =>
  `create view ${versionName(name, version)} as\n${withinFile(name.database, sql)};`;

const viewOf = (name: RelationName, version: number, sql: string) => ({
  physical: { kind: 'view' as const, sql },
  statements: [createView(name, version, sql)],
});

/** An exported file under this target's own location, aside until the commit: a version's file never changes, so it may be the same one. */
function exportedHere(project: Project, node: GraphNode, source: VersionRecord, version: number) {
  const name = { database: node.database, schema: node.schema, alias: node.alias };
  const { steps, physical } = external({
    node,
    name,
    version,
    sql: '',
    columns: source.columns,
    location: locationOf(project.folder, node),
  });
  const [step] = steps;
  if (step?.kind !== 'export' || source.physical.kind !== 'external') throw new Error(`${node.unique_id} is no export`);
  fileStore.makeFolderFor(step.file);
  fileStore.remove(step.file);
  fileStore.share(source.physical.file, step.file);
  const isEmpty = step.partitioned && source.rows === 0;
  return { physical, statements: [`${isEmpty ? step.readEmpty : step.read};`] };
}

/** `location` follows the commit; what a crash leaves undone the next command finishes. */
function showFiles(versions: readonly VersionRecord[]): void {
  for (const { physical } of versions)
    if (physical.kind === 'external') fileStore.switchLocation(physical.file, physical.location, physical.partitioned);
}

export const publicObject = (version: VersionRecord): string => publicName(nameOf(version));
