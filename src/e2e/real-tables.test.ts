/** `publish: table`: real tables with indexes under the public names, swapped by renaming; views that read them follow. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type StoryProject, storyProject } from '../testing/story-project.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const orders = (
  rows: string,
) => `{{ config(materialized='table', publish='table', indexes=[{'columns': ['id'], 'unique': true}, {'columns': ['country']}]) }}
select * from (values ${rows}) as rows (id, country)`;

let shop: StoryProject;
beforeAll(() => {
  shop = storyProject({
    'models/orders.sql': orders("(1, 'NL')"),
    'models/days.sql': `{{ config(materialized='incremental', publish='table', unique_key='day') }}
select {{ var('day', 1) }} as day, count(*) as orders from {{ ref('orders') }}`,
    'models/latest.sql':
      "{{ config(materialized='view', publish='table', post_hook='create or replace temp table seen as from {{ this }}') }}\nselect max(id) as id from {{ ref('orders') }}",
    'models/over_days.sql':
      "{{ config(materialized='view') }}\nselect count(*) as days, sum(orders) as orders from {{ ref('days') }}",
    'models/_models.yml': `models:
  - name: orders
    description: Every order.
    config: { persist_docs: { relation: true } }
    columns: [{ name: country, data_tests: [not_null] }]
`,
    'seeds/regions.csv': 'region\nEurope\n',
    'seeds/_seeds.yml': 'seeds: [{ name: regions, config: { publish: table } }]\n',
  });
});
afterAll(() => shop.remove());

const tables = async () =>
  (
    await shop.query(
      "select table_name, comment from duckdb_tables() where schema_name = 'main' and table_name not like '%\\_\\_dql\\_%' escape '\\' order by all",
    )
  ).map(([name]) => name);

test('they are tables, where they are not views that their hooks read, with their indexes and comments, version after version', async () => {
  const first = await shop.dql('build');
  expect(first.code, first.stderr + first.stdout).toBe(0);
  expect(await tables()).toEqual(['days', 'orders', 'regions']);
  shop.write({ 'models/orders.sql': orders("(1, 'NL'), (2, 'DE')"), 'seeds/regions.csv': 'region\nAsia\nEurope\n' });
  const second = await shop.dql('build', '--vars', '{day: 2}');
  expect(second.code, second.stderr + second.stdout).toBe(0);
  expect(await tables()).toEqual(['days', 'orders', 'regions']);
  expect(
    await shop.query("select is_unique, expressions from duckdb_indexes() where table_name = 'orders' order by all"),
  ).toEqual([
    [false, '[country]'],
    [true, '[id]'],
  ]);
  expect(
    await shop.query("select comment from duckdb_tables() where schema_name = 'main' and table_name = 'orders'"),
  ).toEqual([['Every order.']]);
  expect(await shop.query('select count(*)::int from main.regions')).toEqual([[2]]);
});

test('views over them see the new rows, incremental ones keep the old', async () => {
  expect(await shop.query('from main.latest')).toEqual([[2]]);
  expect(await shop.query('select day, orders::int from main.days order by all')).toEqual([
    [1, 1],
    [2, 2],
  ]);
  expect(await shop.query('select days::int, orders::int from main.over_days')).toEqual([[2, 3]]);
});

test('a failing test and an index that cannot be made leave the published table and its indexes', async () => {
  const before = await shop.published();
  shop.write({ 'models/orders.sql': orders('(1, null)') });
  expect((await shop.dql('build')).code).toBe(1);
  expect(await shop.published()).toEqual(before);
  // The unique index is made in the publishing transaction: it fails there, and only its node and what reads it are held.
  shop.write({ 'models/orders.sql': orders("(1, 'NL'), (1, 'DE')"), 'seeds/regions.csv': 'region\nAfrica\n' });
  const twice = await shop.dql('build');
  expect(twice.code, twice.stderr + twice.stdout).toBe(1);
  expect({ ...(await shop.published()), 'main.regions': '' }).toEqual({ ...before, 'main.regions': '' });
  expect(await shop.query('from main.regions')).toEqual([['Africa']]);
});

test('a rollback brings the earlier table back, and changing to a view and back works', async () => {
  shop.write({ 'models/orders.sql': orders("(3, 'FR')") });
  expect((await shop.dql('build')).code).toBe(0);
  const back = await shop.dql('rollback', 'orders');
  expect(back.code, back.stderr).toBe(0);
  expect(await shop.query('select id from main.orders order by all')).toEqual([[1], [2]]);
  shop.write({ 'models/orders.sql': orders("(4, 'FR')").replace("publish='table', ", '') });
  const asView = await shop.dql('build');
  expect(asView.code, asView.stderr + asView.stdout).toBe(0);
  expect(await tables()).toEqual(['days', 'regions']);
  shop.write({ 'models/orders.sql': orders("(5, 'FR')") });
  const asTable = await shop.dql('build');
  expect(asTable.code, asTable.stderr + asTable.stdout).toBe(0);
  expect(await tables()).toEqual(['days', 'orders', 'regions']);
  expect(await shop.query('from main.latest')).toEqual([[5]]);
});
