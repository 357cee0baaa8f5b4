/** From a selection to a plan and everything a run needs: the steps that `dql plan` and `dql build` share to the letter. */

import { randomUUID } from 'node:crypto';
import type { CompileOutcome } from '../../compile/compile.ts';
import { type GraphNode, type Manifest, nodeOf } from '../../compile/manifest.ts';
import { type Diagnostic, DqlError } from '../../core/diagnostic.ts';
import type { NodeId } from '../../core/node-id.ts';
import { fileStore } from '../../disk/file-store.ts';
import { isOwnFile } from '../../disk/is-own-file.ts';
import type { Connection, Warehouse } from '../../engine/engine.ts';
import { lostVersions, withLost } from '../../ledger/lost.ts';
import { ledgersBeside, ledgerVersion, newerLedger, openLedger } from '../../ledger/open-ledger.ts';
import { readLedger } from '../../ledger/read-ledger.ts';
import {
  emptyState,
  homeOf,
  type InputRecord,
  type LedgerState,
  publishedVersion,
  shownVersion,
  standingVersion,
  type VersionRecord,
} from '../../ledger/records.ts';
import { LEDGER_VERSION } from '../../ledger/schema.ts';
import { replaceVersions } from '../../ledger/write-ledger.ts';
import { copiedDatabases, databaseProblems } from '../../plan/databases.ts';
import { knownCode, type NodeFacts } from '../../plan/fingerprint.ts';
import type { Range } from '../../plan/intervals.ts';
import { flagAt } from '../../plan/node-config.ts';
import type { Plan } from '../../plan/plan.ts';
import { inputsOf, makesRelation, planRun, relationOf } from '../../plan/plan-run.ts';
import { finishCommits } from '../../run/commit-files.ts';
import type { ObjectOf } from '../../run/context.ts';
import type { Standing } from '../../run/publish.ts';
import { displacedRelations } from '../../run/show-again.ts';
import { sampledApart, samplingOf } from '../columns/sampling.ts';
import { columnsUsed, sqlFacts } from '../columns/sql-facts.ts';
import type { CommonOptions } from '../contract.ts';
import { eventTimes } from '../opening/event-times.ts';
import { besideSql, variesByHooks } from '../opening/hook-texts.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import type { FactsCache } from '../opening/parsed-sql.ts';
import { sampleWindow } from '../opening/sample-window.ts';
import { heeded } from '../opening/warning-policy.ts';
import { checkSpace } from '../warehouse/check-space.ts';
import { type Renamed, renamedFiles, takeNewName, underNewNames } from '../warehouse/former-name.ts';
import { liveViews } from '../warehouse/live-views.ts';
import { openWarehouseOf } from '../warehouse/live-warehouse.ts';
import { lookOutside, type Outside } from '../warehouse/outside.ts';
import { type Relations, relationsOf } from '../warehouse/relations.ts';
import { sourceName } from '../warehouse/source-names.ts';
import { externalRelation } from '../warehouse/source-relations.ts';
import { isTouched } from './last-run.ts';
import { orphans, orphansStand } from './orphans.ts';
import { batchesReadEverything } from './rows-outside.ts';
import { refusedLogs } from './tell-logs.ts';

export interface PreparedRun {
  readonly plan: Plan;
  /** The plan, were the past another. */
  readonly planWith: (state: LedgerState) => Plan;
  readonly facts: ReadonlyMap<NodeId, NodeFacts>;
  readonly state: LedgerState;
  /** What stands under the names of published relations where somebody replaced or dropped them; by relation. */
  readonly displaced: ReadonlyMap<string, Standing>;
  /** Attached databases that are written node by node. */
  readonly copied: ReadonlySet<string>;
  readonly outside: Outside;
  readonly relations: Relations;
  readonly runId: string;
  readonly seen: readonly InputRecord[];
}

/** What a retry takes from the command it repeats. */
export interface Again {
  /** When that was: batches are those of then. */
  readonly now: Date;
  /** The batches that failed of models whose others were published. */
  readonly batches: ReadonlyMap<NodeId, readonly Range[]>;
}

export interface PrepareRequest {
  readonly opened: OpenedProject;
  readonly options: CommonOptions;
  readonly warehouse: Warehouse;
  readonly connection: Connection;
  readonly selected: ReadonlySet<NodeId>;
  readonly builds: boolean;
  readonly tests: boolean;
  readonly cache: FactsCache;
  readonly notes: readonly Diagnostic[];
  readonly again?: Again | undefined;
  /** Finishes what a crash left and drops what nobody needs, before anything is planned; answers what then is remembered. */
  readonly tidyUp?: ((state: LedgerState) => Promise<LedgerState>) | undefined;
}

/**
 * The ledger as it is; empty where there is none and the warehouse is only read. Where it may be written, a publication that a crash
 * left half done is finished first.
 * @param elsewhere nodes that will be built into attached files: their ledgers are opened, too
 */
export async function openedState(
  warehouse: Warehouse,
  connection: Connection,
  target: string,
  elsewhere: readonly GraphNode[] = [],
): Promise<LedgerState> {
  const { database } = warehouse;
  const wanted = new Set(elsewhere.map(relationOf));
  if (!warehouse.readOnly) {
    for (const home of new Set([database, ...elsewhere.map((node) => node.database)])) {
      const problem = await openLedger(connection, home);
      if (problem) throw new DqlError([problem]);
    }
    const problem = await finishCommits(warehouse, connection);
    if (problem) throw new DqlError([problem]);
    const ledgers = await ledgersBeside(connection, database);
    const state = await readLedger(connection, ledgers, target, wanted);
    const renamed = await renamedFiles(connection, ledgers);
    if (renamed.length === 0) return state;
    const closed = new Set((await warehouse.databases()).flatMap(({ name, readOnly }) => (readOnly ? [name] : [])));
    const isClosed = (file: Renamed) => closed.has(file.database);
    // One file at a time: what a crash leaves undone the next command does.
    for (const file of renamed.filter((each) => !isClosed(each)))
      await connection.transaction(() => connection.run(takeNewName(state, file)));
    return underNewNames(await readLedger(connection, ledgers, target, wanted), renamed.filter(isClosed));
  }
  const version = await ledgerVersion(connection, database);
  if (version > LEDGER_VERSION) throw new DqlError([newerLedger(database, version)]);
  if (version === 0) return emptyState;
  const ledgers = await ledgersBeside(connection, database);
  const state = await readLedger(connection, ledgers, target, wanted);
  return underNewNames(state, await renamedFiles(connection, ledgers));
}

/** The ledgers of nodes that will be built here, and the attached databases among theirs that keep none. Rejects with DqlError when one of them cannot be built where it is configured. */
export async function openedFor(
  request: Pick<PrepareRequest, 'opened' | 'warehouse' | 'connection'>,
  building: readonly NodeId[],
): Promise<{ readonly copied: ReadonlySet<string>; readonly found: LedgerState }> {
  const { opened, warehouse, connection } = request;
  const nodes = building.flatMap((id) => opened.manifest.nodes[id] ?? []);
  const copied = await databasesFor(request, nodes);
  const elsewhere = nodes.filter(({ database }) => database !== warehouse.database && !copied.has(database));
  return { copied, found: await openedState(warehouse, connection, opened.project.target.name, elsewhere) };
}

/** Of a file on this machine; of one that is far away nobody can tell. */
const isGone = (file: string): boolean => !file.includes('://') && !fileStore.exists(file);

export async function prepareRun(request: PrepareRequest): Promise<PreparedRun> {
  const { opened, options, warehouse, connection, selected } = request;
  const { manifest, project } = opened;
  const building = [...selected].filter((id) => request.builds && makesRelation(manifest, id));
  const { copied, found: before } = await openedFor(request, building);
  const touched = request.builds && isTouched(options, project);
  const whole = touched ? await withoutLost(request, before) : before;
  const state = request.tidyUp ? await request.tidyUp(whole) : whole;
  const displaced = touched ? await displacedRelations(shownOf(manifest, state, building), connection) : new Map();
  const sample = sampleWindow(options);
  const deferred = await deferredRelations(request, state);
  const sampling = await samplingOf(opened, options, openWarehouseOf(warehouse));
  const relations = relationsOf({
    manifest,
    folder: project.folder,
    state,
    empty: options.empty,
    sample,
    sampling,
    deferred,
  });
  const facts = await factsOfNodes(request, building, relations, state);
  const read = new Set([...selected].flatMap((id) => inputsOf(manifest, id)));
  const runId = randomUUID();
  const builds = new Set(building);
  const live = liveViews(
    manifest,
    state,
    [...read].filter((id) => !builds.has(id) && !deferred.has(id)),
    `unknown:${runId}`,
  );
  const looked = new Set([...read, ...live.shown]);
  const sources = new Set([...looked].filter((id) => id in manifest.sources));
  const unmanaged = new Map(
    [...looked].flatMap((id): readonly (readonly [NodeId, string])[] => {
      const node = manifest.nodes[id];
      const isKnown = !deferred.has(id) && node && standingVersion(state, relationOf(node));
      if (!node || selected.has(id) || !makesRelation(manifest, id) || isKnown) return [];
      const relation = relations.relation(id, () => undefined);
      return relation ? [[id, relation.rendered]] : [];
    }),
  );
  const isElsewhere = [...sources].some((id) => manifest.sources[id]?.database !== warehouse.database);
  const found = await lookOutside(
    manifest,
    sources,
    unmanaged,
    state,
    project.folder,
    connection,
    options.now,
    isElsewhere ? copiedDatabases(await warehouse.databases()) : undefined,
  );
  const outside = live.seenWith(found);
  const planWith = (known: LedgerState): Plan =>
    planRun({
      manifest,
      selected,
      facts,
      state: known,
      outside: outside.contents,
      builds: request.builds,
      tests: request.tests,
      force: options.force,
      fullRefresh: options.fullRefresh,
      now: request.again?.now ?? options.now,
      eventTimes: eventTimes(options),
      failedBatches: request.again?.batches,
      publish: project.root.settings.publish,
      isLost: ({ physical }) =>
        physical.kind === 'external' && (isGone(physical.file) || !isOwnFile(physical.file, project.folder)),
      notes: heeded(
        [
          ...request.notes,
          ...batchesReadEverything(manifest, building),
          ...(sample ? nothingSampled(manifest, building) : []),
          ...(request.builds ? orphansStand(orphans(opened, known)) : []),
          ...(sampling && request.tests ? sampledApart(manifest, sampling, selected) : []),
        ],
        options,
      ),
    });
  const planned = toldDisplaced(planWith(state), manifest, displaced);
  const space = await checkSpace({
    connection,
    plan: planned,
    publishedOf: ({ node }) => {
      const found = manifest.nodes[node];
      return found && publishedVersion(state, relationOf(found));
    },
    fullRefresh: options.fullRefresh,
  });
  // Who only looks is told; who would build does not begin.
  const told = warehouse.readOnly ? space.map((each) => ({ ...each, severity: 'warning' as const })) : space;
  const plan = { ...planned, notes: [...planned.notes, ...heeded(told, options)] };
  return {
    plan,
    planWith,
    facts,
    state,
    displaced,
    copied,
    outside,
    relations,
    runId,
    seen: outside.seen,
  };
}

/** What somebody dropped is written down, so that nothing returns to it. */
async function withoutLost(
  { warehouse, connection }: Pick<PrepareRequest, 'warehouse' | 'connection'>,
  state: LedgerState,
): Promise<LedgerState> {
  const lost = await lostVersions(connection, state);
  if (!warehouse.readOnly)
    for (const database of new Set([...lost].map(homeOf))) {
      const here = [...lost].filter((version) => homeOf(version) === database);
      await connection.run(
        replaceVersions(
          database,
          here.map((version) => ({ ...version, state: 'lost' })),
        ),
      );
    }
  return withLost(state, lost);
}

const shownOf = (manifest: Manifest, state: LedgerState, ids: readonly NodeId[]): readonly VersionRecord[] =>
  ids.flatMap((id) => {
    const node = manifest.nodes[id];
    return (node && shownVersion(state, relationOf(node))) ?? [];
  });

/** What is reused and stands no more under its name is shown again, and the plan says so. */
const toldDisplaced = (plan: Plan, manifest: Manifest, displaced: PreparedRun['displaced']): Plan => ({
  ...plan,
  tasks: plan.tasks.map((task) => {
    const node = manifest.nodes[task.node];
    const there = node && displaced.get(relationOf(node));
    if (task.kind !== 'build' || task.decision.action !== 'reuse' || there === undefined) return task;
    const what = there === 'nothing' ? 'it was dropped' : `a ${there} was put in its place`;
    return { ...task, decision: { ...task.decision, reason: `unchanged; ${what}, it is shown again` } };
  }),
});

/** The attached databases that keep no versions. */
async function databasesFor(
  { opened: { manifest, project }, warehouse }: Pick<PrepareRequest, 'opened' | 'warehouse'>,
  nodes: readonly GraphNode[],
): Promise<ReadonlySet<string>> {
  if (nodes.every(({ database }) => database === warehouse.database)) return new Set();
  // While everything is only looked at, every attachment is open read-only.
  const configured = new Set(project.target.attach.flatMap(({ alias, readOnly }) => (readOnly ? [alias] : [])));
  const databases = (await warehouse.databases()).map((database) => ({
    ...database,
    readOnly: configured.has(database.name) || (database.readOnly && !warehouse.readOnly),
  }));
  const problems = databaseProblems({ manifest, nodes, databases, publishAs: project.target.publish });
  if (problems.length > 0) throw new DqlError(problems);
  return copiedDatabases(databases);
}

/** dbt's words for a window that changes nothing: no input of what is built says when its rows happened. */
function nothingSampled(manifest: Manifest, building: readonly NodeId[]): readonly Diagnostic[] {
  const hasTime = (id: NodeId) => typeof nodeOf(manifest, id)?.config['event_time'] === 'string';
  if (building.length === 0 || building.some((id) => inputsOf(manifest, id).some(hasTime))) return [];
  return [
    {
      code: 'app/nothing-sampled',
      severity: 'warning',
      message: '--sample changes nothing: no input of what is built has an `event_time`',
      hint: 'name the column that says when a row happened in the source’s or model’s config: `event_time: ordered_at`',
    },
  ];
}

export const READS_TIME = 'its template reads the time of the run';

/** What identifies the code of nodes, where nothing is planned; undefined where it is known only when parents are built. */
export async function codesOf(
  request: Pick<PrepareRequest, 'opened' | 'options' | 'warehouse' | 'connection' | 'cache'> & {
    readonly ids: readonly NodeId[];
    readonly state: LedgerState;
  },
): Promise<ReadonlyMap<NodeId, string | undefined>> {
  const { opened, options, ids, state } = request;
  const { manifest, project } = opened;
  const relations = relationsOf({
    manifest,
    folder: project.folder,
    state,
    empty: options.empty,
    sample: sampleWindow(options),
    sampling: await samplingOf(opened, options, openWarehouseOf(request.warehouse)),
    deferred: new Map(),
  });
  const facts = await factsOfNodes(request, ids, relations, state);
  return new Map(
    ids.flatMap((id) => {
      const node = manifest.nodes[id];
      return node ? [[id, knownCode(node, facts.get(id))] as const] : [];
    }),
  );
}

/** Renders every node with public names, which is what its fingerprint and `target/compiled` are made of. */
async function factsOfNodes(
  request: Pick<PrepareRequest, 'opened' | 'options' | 'connection' | 'cache'>,
  ids: readonly NodeId[],
  relations: Relations,
  state: LedgerState,
): Promise<ReadonlyMap<NodeId, NodeFacts>> {
  const { opened, options, connection, cache } = request;
  const { manifest } = opened;
  const publicName: ObjectOf = (each) =>
    (each in manifest.sources ? undefined : manifest.nodes[each]?.relation_name) ?? undefined;
  const namesIn = (id: NodeId) => (each: NodeId) =>
    each === id ? relations.relation(each, publicName) : relations.input(each, publicName);
  const rendered = ids.map((id) => {
    const node = manifest.nodes[id];
    const compile = (isIncremental: boolean): CompileOutcome =>
      opened.compiler.compileNode(id, { relationOf: namesIn(id), isIncremental });
    const first = compile(false);
    const other = node?.config.materialized === 'incremental' ? compile(true) : undefined;
    return { id, node, first, other };
  });
  const known = rendered.flatMap(({ id, first, other }) =>
    [first, other].flatMap((outcome) =>
      outcome?.kind === 'compiled' ? [withSourceNames(outcome.sql, id, opened)] : [],
    ),
  );
  const learnt = new Map((await sqlFacts(known, cache, connection)).map((each, index) => [known[index] ?? '', each]));
  return new Map(
    rendered.map(({ id, node, first, other }): readonly [NodeId, NodeFacts] => {
      const sqlOf = (outcome: CompileOutcome | undefined) =>
        outcome?.kind === 'compiled' ? withSourceNames(outcome.sql, id, opened) : undefined;
      const [sql, otherSql] = [sqlOf(first), sqlOf(other)];
      // A warning of its template that is to be an error is found by building it, as if it were new.
      const refused = [first, other].some(
        (each) => each?.kind === 'compiled' && refusedLogs(each.logs, options).length > 0,
      );
      const complete = !refused && sql !== undefined && (other === undefined || otherSql !== undefined);
      const own = sql === undefined ? undefined : learnt.get(sql);
      const readsTime = first.kind === 'compiled' && first.readsTime ? READS_TIME : undefined;
      const beside = node ? besideSql(node, opened, namesIn(id)) : [];
      return [
        id,
        {
          publicSql: first.kind === 'compiled' ? first.sql : undefined,
          canonicalSql: complete && node?.resource_type !== 'seed' ? own?.canonical : undefined,
          canonicalOther: otherSql === undefined ? undefined : learnt.get(otherSql)?.canonical,
          nondeterministic:
            readsTime ??
            own?.nondeterministic ??
            (otherSql === undefined ? null : learnt.get(otherSql)?.nondeterministic) ??
            (node ? variesByHooks(node, beside) : undefined),
          usedColumns: async (parent) => (sql === undefined ? undefined : usedColumns(request, state, sql, parent)),
          extra: node ? beside : null,
        },
      ];
    }),
  );
}

/**
 * Files of sources are inputs of their own, so in a fingerprint a source goes by its name wherever its files are; which of its rows are
 * read stays. Files that a node names itself are no input of it, also where some source is the same files.
 */
function withSourceNames(sql: string, id: NodeId, { manifest, project }: OpenedProject): string {
  if (!/\bread_\w+\(/.test(sql)) return sql;
  let text = sql;
  for (const input of inputsOf(manifest, id)) {
    const source = manifest.sources[input];
    const files = source && externalRelation(source, project.folder);
    if (source && files !== undefined) text = text.replaceAll(files, () => sourceName(source));
  }
  return text;
}

async function usedColumns(
  { opened, connection }: Pick<PrepareRequest, 'opened' | 'connection'>,
  state: LedgerState,
  sql: string,
  parent: NodeId,
): Promise<readonly string[] | undefined> {
  const { manifest } = opened;
  const node = manifest.nodes[parent];
  if (!node) return undefined;
  const columnsOf = new Map(
    Object.values(manifest.nodes).flatMap((each) => {
      const version = each.relation_name === null ? undefined : publishedVersion(state, relationOf(each));
      return version?.columns.length ? [[`${each.schema}.${each.alias}`.toLowerCase(), version.columns] as const] : [];
    }),
  );
  return columnsUsed(
    sql,
    node.alias,
    { columnsOf: (relation) => columnsOf.get(`${relation.schema ?? ''}.${relation.name}`.toLowerCase()) },
    connection,
  );
}

/** `--defer`: unselected nodes that this target does not have (with `--favor-state` all of them) are read where `--state` has them. */
export async function deferredRelations(
  { opened, options, selected, connection }: Pick<PrepareRequest, 'opened' | 'options' | 'selected' | 'connection'>,
  state: LedgerState,
): Promise<ReadonlyMap<NodeId, string>> {
  const { deferred } = opened;
  if (!deferred) return new Map();
  const standing = new Set(
    (
      await connection.query(
        `select lower(schema_name || '.' || table_name) from duckdb_tables() where database_name = current_database() union all select lower(schema_name || '.' || view_name) from duckdb_views() where database_name = current_database()`,
      )
    ).rows.map(([name]) => String(name)),
  );
  return new Map(
    Object.values(opened.manifest.nodes).flatMap((node): readonly (readonly [NodeId, string])[] => {
      const there = deferred.manifest.nodes[node.unique_id]?.relation_name;
      if (!there || selected.has(node.unique_id) || node.config.materialized === 'ephemeral') return [];
      const isHere =
        publishedVersion(state, relationOf(node)) !== undefined ||
        standing.has(`${node.schema}.${node.alias}`.toLowerCase());
      return isHere && !options.favorState ? [] : [[node.unique_id, there]];
    }),
  );
}

/** Full refresh as a node wants it: its own `full_refresh` wins over the flag. */
export const refreshes = (node: GraphNode, flag: boolean): boolean => flagAt(node.config, 'full_refresh') ?? flag;
