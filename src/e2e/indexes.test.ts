import { afterEach, expect, test, vi } from 'vitest';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

const orders = (rows: string, config = "materialized='incremental', unique_key='id'") =>
  `{{ config(${config}, indexes=[{'columns': ['id'], 'unique': true}, {'columns': ['shop', 'id']}]) }}\n${rows}`;
const FIRST = "select 1 as id, 'a' as shop union all select 2, 'b'";
const indexesOn = (shop: TemporaryProject) =>
  shop.rows("select table_name, is_unique, expressions from duckdb_indexes() where schema_name = '_dql' order by all");

let open: TemporaryProject | undefined;
const openShop = (text: string): TemporaryProject => {
  open = temporaryProject({ 'models/orders.sql': text });
  return open;
};
afterEach(() => open?.close());

test('the table behind an incremental model has its indexes, through new rows, replaced rows and a way back', async () => {
  const shop = openShop(orders(FIRST));
  await shop.dql('build');
  const standing = [
    ['main.orders#1', true, '[id]'],
    ['main.orders#1', false, '[shop, id]'],
  ].sort();
  expect((await indexesOn(shop)).toSorted()).toEqual(standing);
  shop.write('models/orders.sql', orders("select 2 as id, 'c' as shop union all select 3, 'd'"));
  expect(await shop.dql('build')).toMatchObject({ code: 0 });
  expect(await shop.rows('select * from orders order by id')).toEqual([
    [1, 'a'],
    [2, 'c'],
    [3, 'd'],
  ]);
  expect(await shop.dql('rollback orders@1')).toMatchObject({ code: 0 });
  expect(await shop.rows('select * from orders order by id')).toEqual([
    [1, 'a'],
    [2, 'b'],
  ]);
  expect((await indexesOn(shop)).toSorted()).toEqual(standing);
});

test('columns that are added make a new table, with indexes of its own', async () => {
  const shop = openShop(orders(FIRST));
  await shop.dql('build');
  const more = "materialized='incremental', unique_key='id', on_schema_change='append_new_columns'";
  shop.write('models/orders.sql', orders("select 3 as id, 'c' as shop, true as paid", more));
  expect(await shop.dql('build')).toMatchObject({ code: 0 });
  expect((await indexesOn(shop)).filter(([table]) => table === 'main.orders#2')).toHaveLength(2);
});

test('a row that a unique index refuses holds the model, at its first build and later', async () => {
  const append = "materialized='incremental', incremental_strategy='append'";
  const shop = openShop(orders("select 1 as id, 'a' as shop union all select 1, 'b'", append));
  expect(await shop.dql('build')).toMatchObject({ code: 1, stderr: expect.stringContaining('uplicate key') });
  shop.write('models/orders.sql', orders(FIRST, append));
  await shop.dql('build');
  const again = await shop.dql('build --force');
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('uplicate key') });
  expect(await shop.rows('select count(*)::int from orders')).toEqual([[2]]);
});
