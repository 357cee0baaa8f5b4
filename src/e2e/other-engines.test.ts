/** Models in a database of another engine. The lake is a DuckDB file that says it is not: no extension is needed to be honest about one. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { PlanRow } from '../app/contract.ts';
import type { Warehouse, WarehouseOptions } from '../engine/engine.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** While true the lake takes nothing. */
const lake = vi.hoisted(() => ({ isFull: false }));

vi.mock('../engine/duckdb/open-duckdb.ts', async (original) => {
  const { openDuckDb } = await original<{ openDuckDb: (options: WarehouseOptions) => Promise<Warehouse> }>();
  const notDuckDb = async (options: WarehouseOptions): Promise<Warehouse> => {
    const warehouse = await openDuckDb(options);
    return {
      ...warehouse,
      databases: async () =>
        (await warehouse.databases()).map((database) =>
          database.name === 'lake' ? { ...database, engine: 'sqlite', keepsVersions: false } : database,
        ),
      connect: async () => {
        const connection = await warehouse.connect();
        const run = connection.run.bind(connection);
        connection.run = async (sql, parameters) =>
          run(
            lake.isFull ? sql.replace(/create table "lake"\S+ as/, 'create table "lake"."nowhere"."full" as') : sql,
            parameters,
          );
        return connection;
      },
    };
  };
  return { openDuckDb: notDuckDb };
});

const orders = (rows: string) =>
  `{{ config(database='lake', materialized='table') }}\nselect * from (values ${rows}) as orders (id, amount)`;

let shop: TemporaryProject;
const sum = async () => Number((await shop.rows('select sum(amount) from main.orders', 'lake.duckdb'))[0]?.[0]);

beforeAll(async () => {
  shop = temporaryProject({
    'project.yml': `name: shop
target: dev
targets:
  dev: { path: shop.duckdb, schema: main, attach: [{ path: lake.duckdb, alias: lake }] }
`,
    'models/orders.sql': orders('(1, 10), (2, 20)'),
    'models/totals.sql': "{{ config(database='lake') }}\nselect sum(amount)::int as total from {{ ref('orders') }}",
    'models/days.sql': `{{ config(database='lake', materialized='incremental', unique_key='day') }}
select (select count(*) from {{ ref('orders') }}) as day`,
    'models/report.sql': "select total from {{ ref('totals') }}",
    'models/_models.yml': 'models:\n  - name: orders\n    columns: [{ name: amount, data_tests: [not_null] }]\n',
  });
});
afterAll(() => shop.close());

test('the plan says that promises 2 and 3 do not hold for them', async () => {
  const plan = await shop.answer<{ readonly rows: readonly PlanRow[] }>('plan');
  const notes = (name: string) => plan.rows.find((row) => row.name === name)?.notes;
  expect(notes('orders')).toEqual([
    expect.stringMatching(/^promises 2 and 3 do not hold: the database lake is of another engine/),
  ]);
  expect(notes('report')).toEqual([]);
});

test('they are written there after the run is published, as tables, and nothing of dql stands beside them', async () => {
  const told = await shop.dql('build');
  expect(told.code, told.stderr + told.stdout).toBe(0);
  expect(await sum()).toBe(30);
  expect(await shop.rows('select schema_name, table_name from duckdb_tables() order by all', 'lake.duckdb')).toEqual([
    ['main', 'days'],
    ['main', 'orders'],
    ['main', 'totals'],
  ]);
  expect(await shop.rows('from main.totals', 'lake.duckdb')).toEqual([[30]]);
  expect(await shop.rows('from main.report')).toEqual([[30]]);
});

test('what fails its tests is not written there', async () => {
  shop.write('models/orders.sql', orders('(1, 10), (3, null)'));
  expect((await shop.dql('build')).code).toBe(1);
  expect(await sum()).toBe(30);
});

test('a database that cannot be written to is named, and the next command writes what is overdue', async () => {
  shop.write('models/orders.sql', orders('(1, 10), (2, 20), (3, 30)'));
  lake.isFull = true;
  const told = await shop.dql('build');
  lake.isFull = false;
  expect(told.code).toBe(1);
  expect(told.stdout + told.stderr).toMatch(/version \d of `orders` is published, but could not be written to `lake`/);
  expect(await sum()).toBe(30);
  expect(await shop.rows('from main.report')).toEqual([[60]]);
  const next = await shop.dql('build');
  expect(next.code, next.stderr + next.stdout).toBe(0);
  expect(await sum()).toBe(60);
  expect(await shop.rows('from main.days order by all', 'lake.duckdb')).toEqual([[2n], [3n]]);
});

test('a rollback copies the earlier rows back', async () => {
  shop.write('models/orders.sql', orders('(1, 1)'));
  expect((await shop.dql('build')).code).toBe(0);
  expect(await sum()).toBe(1);
  const back = await shop.dql('rollback');
  expect(back.code, back.stderr).toBe(0);
  expect(await sum()).toBe(60);
  expect(await shop.rows('from main.totals', 'lake.duckdb')).toEqual([[60]]);
});
