/** A published view shows its source as it is now: no answer about it outlives the rows that it was about, and nothing built from it. */
import { afterEach, expect, test, vi } from 'vitest';
import type { NodeResult } from '../run/results.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

const open: TemporaryProject[] = [];
function openShop(more: Readonly<Record<string, string>> = {}): TemporaryProject {
  const project = temporaryProject({
    'orders.csv': 'id\n1\n2\n',
    'models/stg_orders.sql': "select id from {{ source('raw', 'orders') }}",
    'models/paid.sql': "select id from {{ ref('stg_orders') }}",
    'models/totals.sql': "{{ config(materialized='table') }}\nselect count(*) as orders from {{ ref('paid') }}",
    'models/models.yml': `sources: [{ name: raw, tables: [{ name: orders, external: { location: orders.csv } }] }]
models: [{ name: paid, columns: [{ name: id, data_tests: [unique] }] }]
`,
    ...more,
  });
  open.push(project);
  return project;
}
afterEach(() => {
  for (const project of open.splice(0)) project.close();
});

const told = ({ status, meta }: NodeResult) => (meta.dql.verdict_from === undefined ? status : `${status} as before`);

test('`dql test` looks again at a view whose source changed, and keeps its verdict while it did not', async () => {
  const shop = openShop();
  await shop.answer('build');
  const unique = async () => Object.values(await shop.tests('test', told));
  expect(await unique()).toEqual(['pass as before']);
  shop.write('orders.csv', 'id\n1\n2\n2\n');
  expect(await unique()).toEqual(['fail']);
  expect((await shop.dql('test')).code).toBe(1);
  shop.write('orders.csv', 'id\n1\n2\n3\n');
  expect([await unique(), await unique()]).toEqual([['pass'], ['pass as before']]);
  // What was found about the view holds for the version that a build makes of it.
  const { results } = await shop.answer('build');
  expect(results.filter(({ unique_id }) => unique_id.startsWith('test.')).map(told)).toEqual(['pass as before']);
});

test('a table is built anew from a view whose source changed, also when the view is not selected', async () => {
  const shop = openShop();
  await shop.answer('build');
  const totals = async () => (await shop.answer('build -s totals')).results.map(({ status }) => status);
  expect(await totals()).toEqual(['reused']);
  shop.write('orders.csv', 'id\n1\n2\n3\n');
  expect(await totals()).toEqual(['success']);
  expect(await shop.rows('select orders from totals')).toEqual([[3n]]);
  expect(await totals()).toEqual(['reused']);
  // Nor is it built again when its parents are.
  const { results } = await shop.answer('build');
  expect(results.find(({ unique_id }) => unique_id.endsWith('.totals'))?.status).toBe('reused');
});

test('a view that reads files or the clock itself is looked at each time, and so is what shows it', async () => {
  const shop = openShop();
  shop.write('models/stg_orders.sql', `select id from read_csv('${shop.folder}/orders.csv')`);
  await shop.answer('build');
  const unique = async () => Object.values(await shop.tests('test', told));
  expect([await unique(), await unique()]).toEqual([['pass'], ['pass']]);
  shop.write('orders.csv', 'id\n1\n1\n');
  expect(await unique()).toEqual(['fail']);
});

test('a file that a model names itself is no input, also where a source is the same file', async () => {
  const shop = openShop();
  shop.write(
    'models/totals.sql',
    `{{ config(materialized='table') }}\nselect count(*) as orders from read_csv('${shop.folder}/orders.csv')`,
  );
  await shop.answer('build');
  shop.write('orders.csv', 'id\n1\n2\n3\n');
  expect((await shop.answer('build -s totals')).results).toMatchObject([
    { status: 'success', meta: { dql: { reason: 'not deterministic: read_csv() reads files' } } },
  ]);
  expect(await shop.rows('select orders from totals')).toEqual([[3n]]);
});
