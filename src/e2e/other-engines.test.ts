/** Models in a database of another engine. The lake is a DuckDB file that says it is not: no extension is needed to be honest about one. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { PlanRow } from '../app/contract.ts';
import type { Warehouse, WarehouseOptions } from '../engine/engine.ts';
import { openWarehouse } from '../engine/open.ts';
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
            lake.isFull ? sql.replace(/(create table|insert into|drop table if exists) "lake"/, '$1 "full"') : sql,
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
    expect.stringMatching(
      /^promises 2 and 3 do not hold: the database lake is of another engine.* columns and rows alone/,
    ),
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
  lake.isFull = true;
  const still = await shop.dql('build');
  lake.isFull = false;
  expect([still.code, still.stderr]).toEqual([
    1,
    expect.stringMatching(
      /error\[run\/not-written\]: version \d of `orders` is published, but could not be written to `lake`/,
    ),
  ]);
  const next = await shop.dql('build');
  expect(next.code, next.stderr + next.stdout).toBe(0);
  expect(await sum()).toBe(60);
  expect(await shop.rows('from main.days order by all', 'lake.duckdb')).toEqual([[2n], [3n]]);
});

test('what others made for a table stays while its columns are the same', async () => {
  const path = join(shop.folder, 'lake.duckdb');
  const warehouse = await openWarehouse('duckdb', { path, readOnly: false, instanceSettings: {} });
  const connection = await warehouse.connect();
  await connection.run('create index by_id on main.orders (id)');
  connection.close();
  await warehouse.close();
  const indexes = () => shop.rows('select index_name from duckdb_indexes()', 'lake.duckdb');
  shop.write('models/orders.sql', orders('(1, 10), (2, 20), (4, 40)'));
  expect((await shop.dql('build')).code).toBe(0);
  expect([await sum(), await indexes()]).toEqual([70, [['by_id']]]);
  shop.write('models/orders.sql', orders("(1, 10, 'x')").replace('id, amount', 'id, amount, note'));
  expect((await shop.dql('build')).code).toBe(0);
  expect([await sum(), await indexes()]).toEqual([10, []]);
  shop.write('models/orders.sql', orders('(1, 10), (2, 20), (3, 30)'));
  expect((await shop.dql('build')).code).toBe(0);
});

test('a rollback copies the earlier rows back', async () => {
  shop.write('models/orders.sql', orders('(1, 1)'));
  expect((await shop.dql('build')).code).toBe(0);
  expect(await sum()).toBe(1);
  lake.isFull = true;
  const refused = await shop.dql('rollback');
  lake.isFull = false;
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringMatching(/`orders` is published, but could not be written/),
  ]);
  expect((await shop.dql('rollback')).code).toBe(0);
  expect(await sum()).toBe(1);
  const back = await shop.dql('rollback');
  expect(back.code, back.stderr).toBe(0);
  expect(await sum()).toBe(60);
  expect(await shop.rows('from main.totals', 'lake.duckdb')).toEqual([[60]]);
});

test('a source there counts as changed in every run, unless a change_marker says whether it did', async () => {
  const sources = (config: string) =>
    `sources:\n  - name: sea\n    database: lake\n    schema: main\n    tables: [{ name: orders${config} }]\n`;
  shop.write('models/_sources.yml', sources(''));
  shop.write(
    'models/seen.sql',
    "{{ config(materialized='table') }}\nselect count(*) as orders from {{ source('sea', 'orders') }}",
  );
  const seen = async () => (await shop.answer('build -s seen')).results[0];
  expect((await seen())?.status).toBe('success');
  expect(await seen()).toMatchObject({
    status: 'success',
    meta: {
      dql: {
        reason: expect.stringMatching(/sea.orders: nothing tells whether its rows changed: it has no change_marker/),
      },
    },
  });
  shop.write('models/_sources.yml', sources(", config: { change_marker: 'select max(amount) from lake.main.orders' }"));
  expect((await seen())?.status).toBe('success');
  expect((await seen())?.status).toBe('reused');
  shop.write('models/orders.sql', orders('(1, 99)'));
  expect((await shop.dql('build -s orders')).code).toBe(0);
  expect((await seen())?.status).toBe('success');
});
