/** `dql inspect TEST`: its failing rows and where they come from, its SQL, and since when it fails. */
import { NOW_PARAMETER } from '../checks/expressions.ts';
import { sampleOf } from '../checks/sample.ts';
import type { GraphNode } from '../compile/manifest.ts';
import { DqlError } from '../core/diagnostic.ts';
import { EngineError } from '../core/engine-error.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Connection, Warehouse } from '../engine/engine.ts';
import { readTestRuns } from '../ledger/read-ledger.ts';
import { type LedgerState, publishedVersion, type TestRunRecord } from '../ledger/records.ts';
import { inputsOf, relationOf } from '../plan/plan-run.ts';
import type { ObjectOf } from '../run/context.ts';
import { objectName } from '../run/progress.ts';
import type { RowSample } from '../run/results.ts';
import { type ProjectLineage, withColumnLineage } from './columns/column-lineage.ts';
import { samplingOf } from './columns/sampling.ts';
import { type ShownTest, secretColumns } from './columns/secret-columns.ts';
import type { CommonOptions, Hooks, InspectAnswer, UseCases } from './contract.ts';
import { findNode } from './opening/find-node.ts';
import { openProject } from './opening/open-project.ts';
import type { OpenedProject } from './opening/opened-project.ts';
import { warningsOfTestsFail } from './opening/warning-policy.ts';
import { openedState } from './running/opened-state.ts';
import { planTests, shownTest, type TestsRequest } from './tests/answer-tests.ts';
import { compileTest } from './tests/compile-test.ts';
import { rowOrigins } from './tests/row-origins.ts';
import { liveWarehouse, openWarehouseOf } from './warehouse/live-warehouse.ts';
import { nothingBuilt } from './warehouse/open-target.ts';
import { relationsOf } from './warehouse/relations.ts';

export const inspect: UseCases['inspect'] = async (options, hooks) => {
  const opened = await openProject(options, 'inspect', hooks);
  const { id } = findNode(opened.manifest, options.test, ['test', 'unit_test'], 'test');
  const live = liveWarehouse(opened.project, options, hooks);
  try {
    const [connection, warehouse] = [await live.connection(), await live.warehouse()];
    if (!connection || !warehouse) throw new DqlError([nothingBuilt(opened.project)]);
    const state = await openedState(warehouse, connection, opened.project.target.name);
    const past = state.lastSequence === 0 ? [] : await readTestRuns(connection, warehouse.database);
    const runs = past.filter((run) => run.test === id && run.target === opened.project.target.name);
    return await inspected(opened, options, hooks, { id, warehouse, connection, state, runs });
  } finally {
    await live.close();
  }
};

interface Inspected {
  readonly id: NodeId;
  readonly warehouse: Warehouse;
  readonly connection: Connection;
  readonly state: LedgerState;
  /** Of this test in this target, oldest first. */
  readonly runs: readonly TestRunRecord[];
}

async function inspected(
  opened: OpenedProject,
  options: CommonOptions & { readonly limit: number },
  hooks: Hooks,
  about: Inspected,
): Promise<InspectAnswer> {
  const { manifest } = opened;
  const { id, connection, runs } = about;
  const node = manifest.nodes[id] ?? manifest.unit_tests[id];
  const last = runs.at(-1);
  const facts = {
    test: id,
    name: node?.name ?? id,
    status: last?.status ?? 'never run',
    message: last?.message ?? null,
    failures: last?.failures ?? null,
    considered: last?.considered ?? null,
    failing_since: failingSince(runs),
    last_run: last?.executed_at ?? null,
    path: opened.describe(id)?.path ?? null,
    line: opened.describe(id)?.line ?? null,
    about: opened.describe(id)?.description ?? null,
    hint: opened.describe(id)?.hint ?? null,
    owner: opened.describe(id)?.owner ?? null,
  };
  const test = manifest.nodes[id];
  // What a unit test compares is made of its YAML: its rows are those of the last run.
  if (!test) return { ...facts, sql: '', rows: asSample(last?.sample), origins: [] };
  const objectOf = objectsOf(opened, about);
  const planned = await testPlan(opened, options, about, test, objectOf);
  if (!('test' in planned))
    return { ...facts, sql: '', rows: asSample(last?.sample), origins: [], message: facts.message ?? planned.problem };
  const { check, subject } = planned.test;
  try {
    const failing = 'dql_inspected_rows';
    await connection.run(`drop table if exists temp.${failing}`);
    await connection.run(
      `create temp table ${failing} as\nselect *\nfrom (\n${check.failing}\n) as failing\nlimit ${options.limit + 1}`,
      check.failing.includes(NOW_PARAMETER) ? [options.now.toISOString()] : [],
    );
    const found = await connection.query(`select *\nfrom temp.${failing}\norder by rowid`);
    const count = Math.min(found.rows.length, options.limit);
    const shown = async (lineage: ProjectLineage) =>
      sampleOf(
        found,
        options.limit,
        await secretColumns(manifest, async () => lineage).ofTest(
          planned.test,
          found.columns.map(({ name }) => name),
        ),
        check,
      );
    return await withColumnLineage(opened, options, liveWarehouse(opened.project, options, hooks), async (lineage) => ({
      ...facts,
      sql: check.failing,
      rows: await shown(lineage),
      origins:
        subject === undefined || count === 0
          ? []
          : await rowOrigins({
              opened,
              graph: lineage.graph,
              connection,
              check,
              subject,
              objectOf: (each) => objectOf(each) ?? publishedObject(opened, about, each),
              failing: `temp.${failing}`,
              count,
            }),
    }));
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind === 'interrupted') throw error;
    const [reason = ''] = error.message.split('\n');
    return {
      ...facts,
      sql: check.failing,
      rows: asSample(last?.sample),
      origins: [],
      message: facts.message ?? reason,
    };
  }
}

async function testPlan(
  opened: OpenedProject,
  options: CommonOptions,
  { warehouse, connection, state }: Inspected,
  test: GraphNode,
  objectOf: ObjectOf,
): Promise<{ readonly test: ShownTest } | { readonly problem: string }> {
  const { manifest } = opened;
  const relations = relationsOf({
    manifest,
    folder: opened.project.folder,
    state,
    empty: false,
    sampling: await samplingOf(opened, options, openWarehouseOf(warehouse)),
    deferred: new Map(),
  });
  const compile: TestsRequest['compile'] = (each, objects, on) => compileTest(opened, relations, each, objects, on);
  const { planned } = await planTests(
    {
      manifest,
      state,
      target: opened.project.target.name,
      compile,
      sqlOf: (each) => manifest.nodes[each]?.raw_code,
      storeFailures: false,
      runId: '',
      warnError: warningsOfTestsFail(options),
      placeOf: opened.compiler.placeOf,
      warn: () => {},
      identityOf: () => undefined,
      runUnitTest: () => Promise.reject(new Error('a unit test is not planned')),
      now: options.now,
    },
    [test.unique_id],
    { objectOf },
    connection,
  );
  const [found] = planned;
  return found?.check
    ? { test: shownTest({ compile, manifest }, found, found.check, connection) }
    : { problem: found?.diagnostics[0]?.message ?? 'it cannot be compiled' };
}

/** What the test read when it last ran: versions that were held because of it are still there; otherwise what is published. */
function objectsOf({ manifest }: OpenedProject, { id, state, runs }: Inspected): ObjectOf {
  const runId = runs.at(-1)?.run_id;
  const objects = new Map(
    inputsOf(manifest, id).flatMap((input): readonly (readonly [NodeId, string])[] => {
      const node = manifest.nodes[input];
      if (!node || node.relation_name === null) return [];
      const relation = relationOf(node);
      const held = state.versions
        .get(relation)
        ?.find((version) => version.state === 'staged' && version.run_id === runId);
      // What is published goes by its public name, which people can copy.
      return held ? [[input, objectName(held, false)]] : [];
    }),
  );
  return (each) => objects.get(each);
}

const FAILING = ['fail', 'warn', 'error', 'runtime error'];

function publishedObject({ manifest }: OpenedProject, { state }: Inspected, id: NodeId): string | undefined {
  const node = manifest.nodes[id];
  const version = node && publishedVersion(state, relationOf(node));
  return version && objectName(version, true);
}

/** The first of the failures that were not interrupted by a pass. */
function failingSince(runs: readonly TestRunRecord[]): string | null {
  let since: string | null = null;
  for (const { status, executed_at } of runs) since = FAILING.includes(status) ? (since ?? executed_at) : null;
  return since;
}

/** The ledger keeps samples as this code wrote them. */
const asSample = (value: unknown): RowSample | null =>
  typeof value === 'object' && value !== null && 'rows' in value ? (value as RowSample) : null;
