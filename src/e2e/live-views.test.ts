/** A published view shows the rows of this moment. Who builds or tests something on it, and not the view itself, goes by those rows, too. */
import { afterEach, expect, test, vi } from 'vitest';
import type { NodeResult } from '../run/results.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 40_000 });

let shop: TemporaryProject | undefined;
afterEach(() => shop?.close());

const ok = async (words: string | readonly string[]) => {
  const told = await shop?.dql(words);
  expect(`${told?.code} ${told?.stderr}${told?.stdout}`).toMatch(/^0 /);
};
/** `<reason> (<status>)` of models, `kept` or the status of tests. */
const said = async (words: string): Promise<Readonly<Record<string, string>>> => {
  const results = (await shop?.answer(words))?.results ?? [];
  return Object.fromEntries(
    results.map(({ unique_id, status, meta }) => [
      unique_id.split('.')[2] ?? '',
      unique_id.startsWith('test.') ? (meta.dql.verdict_from ? 'kept' : status) : `${meta.dql.reason} (${status})`,
    ]),
  );
};

const MODELS = {
  'models/stg_orders.sql': "{{ config(materialized='view') }} select * from {{ source('raw', 'orders') }}",
  'models/placed.sql': "{{ config(materialized='view') }} select * from {{ ref('stg_orders') }}",
  'models/totals.sql': "{{ config(materialized='table') }} select sum(amount)::int as total from {{ ref('placed') }}",
  'models/shop.yml': `sources: [{ name: raw, schema: main, tables: [{ name: orders }, { name: refunds, external: { location: refunds.csv } }] }]
models: [{ name: placed, columns: [{ name: id, data_tests: [{ unique: { name: placed_once } }] }] }]
`,
};

test('a table over views of a source is built again when the source changed, although the views are not selected', async () => {
  shop = temporaryProject({
    ...MODELS,
    'refunds.csv': 'id,amount\n1,5\n',
    'models/refunded.sql': "{{ config(materialized='view') }} select * from {{ source('raw', 'refunds') }}",
    'models/refund_total.sql':
      "{{ config(materialized='incremental') }} select sum(amount)::int as total from {{ ref('refunded') }}",
  });
  const sql = (text: string) => ok(['run-operation', '--sql', text]);
  await sql('create table orders as select 1 as id, 10 as amount');
  await ok('build');
  await sql('insert into orders values (2, 20)');
  shop.write('refunds.csv', 'id,amount\n1,5\n2,7\n');
  expect(await said('build --select totals refund_total')).toEqual({
    totals: 'input changed (placed: raw.orders changed) (success)',
    refund_total: 'input changed (refunded: raw.refunds changed) (success)',
  });
  expect(await shop.rows('select * from totals')).toEqual([[30]]);
  expect(await said('build --select totals refund_total')).toEqual({
    totals: 'unchanged (reused)',
    refund_total: 'unchanged (reused)',
  });
  // What building the views comes to is known already.
  expect(await said('test')).toEqual({ placed_once: 'pass' });
  expect(await said('build')).toMatchObject({
    stg_orders: 'input changed (raw.orders) (success)',
    placed_once: 'kept',
    totals: 'unchanged (reused)',
    refund_total: 'unchanged (reused)',
  });

  await sql('insert into orders values (2, 30)');
  expect(await said('test')).toEqual({ placed_once: 'fail' });
  await sql('delete from orders where amount = 30');
  expect(await said('test')).toEqual({ placed_once: 'pass' });
  expect(await said('build --select totals')).toEqual({ totals: 'unchanged (reused)' });
});

test('a view of what is deferred to another environment is tested again when that changed, or is not open', async () => {
  shop = temporaryProject({
    ...MODELS,
    'project.yml': `name: shop
target: dev
targets:
  prod: { path: prod.duckdb, schema: main }
  dev: { path: shop.duckdb, schema: main, defer: prod, attach: [{ path: prod.duckdb, alias: prod, read_only: true }] }
`,
    'refunds.csv': 'id\n1\n',
    'models/stg_orders.sql': "{{ config(materialized='table') }} select * from {{ source('raw', 'orders') }}",
  });
  const inProd = (text: string) => ok(['run-operation', '-t', 'prod', '--sql', text]);
  await inProd('create table orders as select 1 as id, 10 as amount');
  await ok('build -t prod');
  await ok('build --defer --select placed');
  expect(await said('test --defer --select placed')).toEqual({ placed_once: 'kept' });
  await inProd('insert into orders values (2, 20)');
  await ok('build -t prod');
  expect(await said('test --defer --select placed')).toEqual({ placed_once: 'pass' });
  expect(await said('test --defer --select placed')).toEqual({ placed_once: 'kept' });
  // Without --defer nobody says where the view has its rows from.
  expect(await said('test --select placed')).toEqual({ placed_once: 'pass' });
  expect(await said('test --select placed')).toEqual({ placed_once: 'pass' });
  expect(await said('build --defer --select totals')).toEqual({ totals: 'first build (success)' });
  await inProd('insert into orders values (3, 30)');
  await ok('build -t prod');
  expect(await said('build --defer --select totals')).toEqual({
    totals: 'input changed (placed: stg_orders changed) (success)',
  });
  expect(await shop.rows('select * from totals')).toEqual([[60]]);
});

/** Views over a file, the second with a test, and a table over them. */
function openShop(): TemporaryProject {
  const project = temporaryProject({
    'orders.csv': 'id\n1\n2\n',
    'models/stg_orders.sql': "select id from {{ source('raw', 'orders') }}",
    'models/paid.sql': "select id from {{ ref('stg_orders') }}",
    'models/totals.sql': "{{ config(materialized='table') }}\nselect count(*) as orders from {{ ref('paid') }}",
    'models/models.yml': `sources: [{ name: raw, tables: [{ name: orders, external: { location: orders.csv } }] }]
models: [{ name: paid, columns: [{ name: id, data_tests: [unique] }] }]
`,
  });
  shop = project;
  return project;
}

const told = ({ status, meta }: NodeResult) => (meta.dql.verdict_from === undefined ? status : `${status} as before`);

test('`dql test` looks again at a view whose source changed, and keeps its verdict while it did not', async () => {
  const orders = openShop();
  await orders.answer('build');
  const unique = async () => Object.values(await orders.tests('test', told));
  expect(await unique()).toEqual(['pass as before']);
  orders.write('orders.csv', 'id\n1\n2\n2\n');
  expect(await unique()).toEqual(['fail']);
  expect((await orders.dql('test')).code).toBe(1);
  orders.write('orders.csv', 'id\n1\n2\n3\n');
  expect([await unique(), await unique()]).toEqual([['pass'], ['pass as before']]);
  // What was found about the view holds for the version that a build makes of it.
  const { results } = await orders.answer('build');
  expect(results.filter(({ unique_id }) => unique_id.startsWith('test.')).map(told)).toEqual(['pass as before']);
});

test('a view that reads files or the clock itself is looked at each time, and so is what shows it', async () => {
  const orders = openShop();
  orders.write('models/stg_orders.sql', `select id from read_csv('${orders.folder}/orders.csv')`);
  await orders.answer('build');
  const unique = async () => Object.values(await orders.tests('test', told));
  expect([await unique(), await unique()]).toEqual([['pass'], ['pass']]);
  orders.write('orders.csv', 'id\n1\n1\n');
  expect(await unique()).toEqual(['fail']);
});

test('a file that a model names itself is no input, also where a source is the same file', async () => {
  const orders = openShop();
  orders.write(
    'models/totals.sql',
    `{{ config(materialized='table') }}\nselect count(*) as orders from read_csv('${orders.folder}/orders.csv')`,
  );
  await orders.answer('build');
  orders.write('orders.csv', 'id\n1\n2\n3\n');
  expect((await orders.answer('build -s totals')).results).toMatchObject([
    { status: 'success', meta: { dql: { reason: 'not deterministic: read_csv() reads files' } } },
  ]);
  expect(await orders.rows('select orders from totals')).toEqual([[3n]]);
});
