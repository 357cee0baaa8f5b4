import { expect, test } from 'vitest';
import type { GraphNode, Manifest } from '../compile/manifest.ts';
import type { NodeId } from '../core/node-id.ts';
import { quotedIdentifier } from '../core/quote.ts';
import type { Connection, Warehouse } from '../engine/engine.ts';
import { openWarehouse } from '../engine/open.ts';
import { ledgersBeside, openLedger } from '../ledger/open-ledger.ts';
import { readLedger } from '../ledger/read-ledger.ts';
import { startRun } from '../ledger/write-ledger.ts';
import type { NodeFacts } from '../plan/fingerprint.ts';
import { planRun } from '../plan/plan-run.ts';
import { graphNode, manifestOf } from '../testing/manifest-parts.ts';
import type { RunContext, TestOutcome } from './context.ts';
import { nodeResult } from './node-result.ts';
import { type RunOutcome, runPlan } from './run-plan.ts';

interface Model {
  /** `$x` stands for ref('x'), `$this` for the relation itself, `[[…]]` for what only an incremental run adds. */
  readonly sql: string;
  readonly config?: Record<string, unknown>;
}

interface Shop {
  readonly warehouse: Warehouse;
  readonly connection: Connection;
  build(
    models: Record<string, Model>,
    tests?: Record<string, string>,
    options?: { force?: boolean; tested?: boolean; select?: string[]; fullRefresh?: boolean },
  ): Promise<RunOutcome>;
  rows(sql: string): Promise<readonly (readonly unknown[])[]>;
}

const modelId = (name: string): NodeId => `model.shop.${name}`;
const testId = (name: string): NodeId => `test.shop.${name}`;
const namesIn = (sql: string) =>
  [...sql.matchAll(/\$(\w+)/g)].map(([, name = '']) => name).filter((name) => name !== 'this');

/** A shop with a warehouse in memory and a compiler small enough to read. */
async function openShop(): Promise<Shop> {
  const warehouse = await openWarehouse('duckdb', { path: ':memory:', readOnly: false, instanceSettings: {} });
  const connection = await warehouse.connect();
  await openLedger(connection, warehouse.database);
  const rows = async (sql: string) => (await connection.query(sql)).rows;
  const build: Shop['build'] = async (models, tests = {}, options = {}) => {
    const manifest = shopManifest(warehouse.database, models, tests);
    const state = await readLedger(connection, await ledgersBeside(connection, warehouse.database), 'dev');
    const facts = new Map<NodeId, NodeFacts>(
      Object.entries(models).map(([name, model]) => [
        modelId(name),
        {
          publicSql: model.sql,
          canonicalSql: model.sql.replace(/--.*$/gm, '').replace(/\s+/g, ' ').trim(),
          nondeterministic: undefined,
          usedColumns: async () => undefined,
          isOrdered: false,
          extra: null,
        },
      ]),
    );
    const chosen = options.select ? new Set(options.select.map(modelId)) : undefined;
    const selected = new Set<NodeId>([
      ...Object.keys(models)
        .map(modelId)
        .filter((id) => !chosen || chosen.has(id)),
      ...Object.keys(tests)
        .map(testId)
        .filter((id) => !chosen || manifest.parent_map[id]?.some((parent) => chosen.has(parent))),
    ]);
    const tested = options.tested ?? true;
    const plan = planRun({
      manifest,
      selected,
      facts,
      state,
      outside: new Map(),
      builds: true,
      tests: tested,
      force: options.force ?? false,
      fullRefresh: options.fullRefresh ?? false,
      now: new Date('2024-05-01T00:00:00Z'),
      publish: 'together',
      notes: [],
      eventTimes: {},
    });
    const run = {
      run_id: `run-${state.lastSequence + 1}`,
      sequence: state.lastSequence + 1,
      command: 'build',
      args: {},
      target: 'dev',
      project: 'shop',
      git_sha: null,
      git_dirty: null,
      user: null,
      dql_version: '0',
      engine_version: '',
      started_at: new Date().toISOString(),
      ended_at: null,
      exit_code: null,
      status: 'running' as const,
    };
    await connection.run(startRun(warehouse.database, run));
    const render = (text: string, incremental: boolean, objectOf: (id: NodeId) => string | undefined, self: NodeId) =>
      text
        .replace(/\[\[([\s\S]*?)\]\]/g, (_, inner: string) => (incremental ? inner : ''))
        .replace(/\$this/g, objectOf(self) ?? 'missing')
        .replace(/\$(\w+)/g, (_, name: string) => objectOf(modelId(name)) ?? `main.${quotedIdentifier(name)}`);
    const context: RunContext = {
      warehouse,
      displaced: new Map(),
      copied: new Set(),
      manifest,
      plan,
      facts,
      state,
      outside: new Map(),
      run,
      threads: 2,
      empty: false,
      force: options.force ?? false,
      fullRefresh: options.fullRefresh ?? false,
      failFast: false,
      warnError: false,
      tested,
      adopt: true,
      publishAs: 'view',
      known: () => new Set(),
      projectFolder: '/nowhere',
      retryPolicy: () => ({ retries: 0, delaySeconds: 0 }),
      onRunStart: [],
      onRunEnd: [],
      now: () => new Date(),
      emit: () => undefined,
      warn: () => undefined,
      onRowsOutside: async () => undefined,
      signal: new AbortController().signal,
      compiler: {
        compile: async (id, request) => ({
          kind: 'sql',
          sql: render(models[id.slice('model.shop.'.length)]?.sql ?? '', request.isIncremental, request.objectOf, id),
          answers: null,
          preHooks: [],
          postHooks: [],
          header: '',
        }),
        renderOperation: async () => ({ kind: 'sql', sql: '', answers: null, preHooks: [], postHooks: [], header: '' }),
      },
      tester: {
        fingerprint: (id, contentOf) =>
          JSON.stringify([
            tests[id.slice('test.shop.'.length)],
            manifest.parent_map[id]?.map((parent) => contentOf(parent)),
          ]),
        run: async (ids, { objectOf, contentOf }, on) =>
          Promise.all(
            ids.map(async (id): Promise<TestOutcome> => {
              const sql = render(tests[id.slice('test.shop.'.length)] ?? '', false, objectOf, id);
              const failures = Number((await on.query(`select count(*) from (${sql})`)).rows[0]?.[0]);
              const result = nodeResult({
                id,
                node: manifest.nodes[id],
                status: failures > 0 ? 'fail' : 'pass',
                startedAt: 0,
                endedAt: 0,
                worker: 0,
                failures,
                facts: { verdict: failures > 0 ? 'fail' : 'pass' },
              });
              return {
                id,
                result,
                blocks: failures > 0,
                fingerprint: JSON.stringify([
                  tests[id.slice('test.shop.'.length)],
                  manifest.parent_map[id]?.map((parent) => contentOf(parent)),
                ]),
                seconds: 0,
              };
            }),
          ),
      },
      files: {
        exists: () => false,
        makeFolderFor: () => undefined,
        remove: () => undefined,
        isFullFolder: () => false,
        switchLocation: () => undefined,
        shows: () => true,
        share: () => undefined,
        bytesOf: () => 0,
        areSame: () => true,
      },
    };
    return runPlan(context);
  };
  return { warehouse, connection, build, rows };
}

function shopManifest(database: string, models: Record<string, Model>, tests: Record<string, string>): Manifest {
  const node = (type: 'model' | 'test', name: string, sql: string, config: Record<string, unknown>): GraphNode =>
    graphNode(type, name, '', sql, {
      unique_id: type === 'test' ? testId(name) : modelId(name),
      database,
      relation_name: `"${database}"."main"."${name}"`,
      checksum: { name: 'sha256', checksum: sql },
      config: { enabled: true, materialized: 'table', tags: [], meta: {}, ...config },
      depends_on: { nodes: namesIn(sql).map(modelId), macros: [] },
    });
  return manifestOf({
    nodes: [
      ...Object.entries(models).map(([name, { sql, config = {} }]) => node('model', name, sql, config)),
      ...Object.entries(tests).map(([name, sql]) =>
        node('test', name, sql, { materialized: 'test', severity: 'error' }),
      ),
    ],
  });
}

const statuses = (outcome: RunOutcome) =>
  Object.fromEntries(outcome.results.map((result) => [result.unique_id.split('.')[2], result.status]));

test('what passes is published as ordinary views over versioned tables', async () => {
  const shop = await openShop();
  const outcome = await shop.build({
    orders: { sql: 'select 1 as id, 10 as amount' },
    totals: { sql: 'select sum(amount) as total from $orders', config: { materialized: 'view' } },
  });
  expect(statuses(outcome)).toEqual({ orders: 'success', totals: 'success' });
  expect(await shop.rows('from main.totals')).toEqual([[10n]]);
  expect(await shop.rows('select relation, version, is_published from _dql.versions order by 1')).toEqual([
    ['memory.main.orders', 1, true],
    ['memory.main.totals', 1, true],
  ]);
});

test('a failing test keeps the last good version and holds what is built on it, other branches publish', async () => {
  const shop = await openShop();
  const tests = { positive: 'select * from $orders where amount < 0' };
  const models = (amount: number) => ({
    orders: { sql: `select 1 as id, ${amount} as amount` },
    totals: { sql: 'select sum(amount) as total from $orders' },
    shops: { sql: `select ${amount} as shop` },
  });
  await shop.build(models(10), tests);
  const outcome = await shop.build(models(-5), tests);
  expect(statuses(outcome)).toEqual({ orders: 'success', positive: 'fail', totals: 'skipped', shops: 'success' });
  expect(await shop.rows('select amount from main.orders')).toEqual([[10]]);
  expect(await shop.rows('from main.totals')).toEqual([[10n]]);
  expect(await shop.rows('from main.shops')).toEqual([[-5]]);
  const orders = outcome.results.find((result) => result.unique_id === 'model.shop.orders');
  expect(orders?.meta.dql).toMatchObject({
    published: false,
    held: { reason: 'test `positive` failed', serving_version: 1 },
  });
  expect(outcome.facts.exit_code).toBe(1);
});

test('a failing test that reads no model holds nothing up', async () => {
  const shop = await openShop();
  const models = { orders: { sql: 'select 1 as id' }, totals: { sql: 'select count(*) as orders from $orders' } };
  const outcome = await shop.build(models, { weekday: 'select 1' });
  expect(statuses(outcome)).toEqual({ weekday: 'fail', orders: 'success', totals: 'success' });
  expect(outcome.facts).toMatchObject({ published: 2, exit_code: 1 });
});

test('unchanged code on unchanged inputs is reused, a comment changes nothing, an edit rebuilds what depends on it', async () => {
  const shop = await openShop();
  const models = (sql: string) => ({ orders: { sql }, totals: { sql: 'select sum(amount) as total from $orders' } });
  await shop.build(models('select 10 as amount'));
  expect(statuses(await shop.build(models('select 10 as amount -- euros')))).toEqual({
    orders: 'reused',
    totals: 'reused',
  });
  expect(statuses(await shop.build(models('select 5 + 5 as amount')))).toEqual({ orders: 'success', totals: 'reused' });
  expect(statuses(await shop.build(models('select 11 as amount')))).toEqual({ orders: 'success', totals: 'success' });
  expect(await shop.rows('from main.totals')).toEqual([[11n]]);
});

test('an incremental model publishes its slice and its earlier versions can still be read', async () => {
  const shop = await openShop();
  const config = { materialized: 'incremental', unique_key: 'id' };
  const source = (sql: string) => ({ raw: { sql }, orders: { sql: 'select * from $raw', config } });
  await shop.build(source("select * from (values (1, 'new'), (2, 'new')) t(id, state)"));
  await shop.build(source("select * from (values (2, 'paid'), (3, 'new')) t(id, state)"));
  expect(await shop.rows('from main.orders order by id')).toEqual([
    [1, 'new'],
    [2, 'paid'],
    [3, 'new'],
  ]);
  expect(await shop.rows('from _dql."main.orders@1" order by id')).toEqual([
    [1, 'new'],
    [2, 'new'],
  ]);
  await shop.build(source("select * from (values (1, 'paid')) t(id, state)"));
  expect(await shop.rows('from main.orders order by id')).toEqual([
    [1, 'paid'],
    [2, 'paid'],
    [3, 'new'],
  ]);
  expect(await shop.rows('from _dql."main.orders@1" order by id')).toEqual([
    [1, 'new'],
    [2, 'new'],
  ]);
  expect(await shop.rows('from _dql."main.orders@2" order by id')).toEqual([
    [1, 'new'],
    [2, 'paid'],
    [3, 'new'],
  ]);
});

test('a failing test on an incremental model leaves its table as it was', async () => {
  const shop = await openShop();
  const models = (values: string) => ({
    raw: { sql: `select * from (values ${values}) t(id, amount)` },
    orders: { sql: 'select * from $raw', config: { materialized: 'incremental', unique_key: 'id' } },
  });
  const tests = { positive: 'select * from $orders where amount < 0' };
  await shop.build(models('(1, 10), (2, 20)'), tests);
  await shop.build(models('(2, -20)'), tests);
  expect(await shop.rows('from main.orders order by id')).toEqual([
    [1, 10],
    [2, 20],
  ]);
  await shop.build(models('(2, 25)'), tests);
  expect(await shop.rows('from main.orders order by id')).toEqual([
    [1, 10],
    [2, 25],
  ]);
});

test('publishing a parent takes unselected views along, and leaves tables alone', async () => {
  const shop = await openShop();
  const models = (amount: number) => ({
    orders: { sql: `select ${amount} as amount` },
    shown: { sql: 'select amount from $orders', config: { materialized: 'view' } },
    kept: { sql: 'select amount from $orders' },
  });
  await shop.build(models(1));
  await shop.build(models(2), {}, { select: ['orders'], tested: false });
  expect(await shop.rows('from main.shown')).toEqual([[2]]);
  expect(await shop.rows('from main.kept')).toEqual([[1]]);
});

test('a relation of someone else under a model’s name is kept as version 0', async () => {
  const shop = await openShop();
  await shop.connection.run('create table main.orders as select 7 as amount');
  await shop.build({ orders: { sql: 'select 8 as amount' } });
  expect(await shop.rows('from main.orders')).toEqual([[8]]);
  expect(await shop.rows('from _dql."main.orders@0"')).toEqual([[7]]);
});
