/** A warehouse that was there before dql: what dbt made is taken over with its rows, what nobody knows is not touched. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openWarehouse } from '../engine/open.ts';
import { resultOf, type StoryProject, statuses, storyProject } from '../testing/story-project.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let shop: StoryProject;

beforeAll(async () => {
  shop = storyProject({
    'models/orders.sql': "{{ config(materialized='table') }}\nselect 1 as id, 'new' as state",
    'models/customers.sql': "{{ config(materialized='view') }}\nselect 'Ada' as name",
    'models/report.sql': "{{ config(materialized='table') }}\nselect count(*) as orders from {{ ref('orders') }}",
    'models/clock.sql': "{{ config(materialized='table') }}\nselect 12 as hour",
  });
  const path = join(shop.folder, 'shop.duckdb');
  const warehouse = await openWarehouse('duckdb', { path, readOnly: false, instanceSettings: {} });
  const connection = await warehouse.connect();
  await connection.run(`
    create table orders as select 7 as id, 'old' as state;
    create index orders_by_id on orders (id);
    create view customers as select 'Grace' as name;`);
  connection.close();
  await warehouse.close();
});
afterAll(() => shop.remove());

test('a table and a view that nobody knows are refused before anything is built over them, and again the next time', async () => {
  for (const ended of [await shop.dql('build'), await shop.dql('build')]) {
    expect(ended.code, ended.stderr + ended.stdout).toBe(1);
    expect(statuses(ended)).toMatchObject({ orders: 'error', customers: 'error', report: 'skipped' });
    expect(resultOf(ended, 'orders').meta.dql.diagnostics).toEqual([
      expect.objectContaining({ code: 'run/foreign-relation', hint: expect.stringContaining('--adopt') }),
    ]);
    expect(ended.stdout + ended.stderr).toContain('--adopt');
  }
  expect(await shop.query('from main.orders')).toEqual([[7, 'old']]);
  expect(await shop.query('from main.customers')).toEqual([['Grace']]);
  expect(await shop.query('from main.clock')).toEqual([[12]]);
});

test("what dbt's manifest names is adopted without asking; the rest with --adopt", async () => {
  const [[database = ''] = []] = await shop.query('select current_database()');
  shop.write({
    'target/manifest.json': JSON.stringify({
      metadata: { dbt_version: '1.10.0' },
      nodes: {
        'model.shop.orders': {
          database,
          schema: 'main',
          alias: 'orders',
          relation_name: `"${database}"."main"."orders"`,
        },
      },
    }),
  });
  const withManifest = await shop.dql('build');
  expect(statuses(withManifest)).toMatchObject({ orders: 'success', customers: 'error', report: 'success' });
  expect(await shop.query('from main.orders')).toEqual([[1, 'new']]);
  expect(await shop.query('from main.customers')).toEqual([['Grace']]);
  const adopting = await shop.dql('build', '--adopt');
  expect(adopting.code, adopting.stderr).toBe(0);
  expect(await shop.query('from main.customers')).toEqual([['Ada']]);
});

test('the adopted rows are version 0, and a rollback shows them again', async () => {
  expect(await shop.query(`select alias, version from _dql.versions where version = 0 order by alias`)).toEqual([
    ['customers', 0],
    ['orders', 0],
  ]);
  const back = await shop.dql('rollback', 'orders@0', 'customers');
  expect(back.code, back.stderr).toBe(0);
  expect(await shop.query('from main.orders')).toEqual([[7, 'old']]);
  expect(await shop.query('from main.customers')).toEqual([['Grace']]);
  const next = await shop.dql('build', '--force');
  expect(next.code, next.stderr).toBe(0);
  expect(await shop.query('from main.orders')).toEqual([[1, 'new']]);
});

test('a history and an incremental model that dbt kept are gone on with, also after a rollback to them', async () => {
  const kept = storyProject({
    'models/orders.sql': "select 1 as id, {{ var('state', \"'new'\") }} as state, timestamp '2024-02-01' as updated_at",
    'models/totals.sql': `{{ config(materialized='incremental', unique_key='id') }}
select id, {{ 'true' if is_incremental() else 'false' }} as added from {{ ref('orders') }}`,
    'snapshots/history.yml':
      "snapshots: [{ name: history, relation: ref('orders'), config: { strategy: timestamp, updated_at: updated_at, unique_key: id } }]",
  });
  const path = join(kept.folder, 'shop.duckdb');
  const warehouse = await openWarehouse('duckdb', { path, readOnly: false, instanceSettings: {} });
  const connection = await warehouse.connect();
  await connection.run(`
    create table totals as select 77 as id, false as added;
    create table history as select 1 as id, 'old' as state, t as updated_at, md5('1|' || t) as dbt_scd_id, t as dbt_updated_at, t as dbt_valid_from, null::timestamp as dbt_valid_to
    from (select timestamp '2023-01-01' as t);`);
  connection.close();
  await warehouse.close();
  const states = () => kept.query('select state, dbt_valid_to::varchar from main.history order by dbt_valid_from');
  const totals = () => kept.query('from main.totals order by id');

  for (const words of [
    ['build', '--adopt'],
    ['build', '--force'],
  ]) {
    const built = await kept.dql(...words);
    expect(built.code, built.stderr).toBe(0);
    expect(await states()).toEqual([
      ['old', '2024-02-01 00:00:00'],
      ['new', null],
    ]);
    expect(await totals()).toEqual([
      [1, true],
      [77, false],
    ]);
    const back = await kept.dql('rollback', 'history@0', 'totals@0');
    expect(back.code, back.stderr).toBe(0);
    expect(await states()).toEqual([['old', null]]);
    expect(await totals()).toEqual([[77, false]]);
  }
  // A full refresh starts anew what can be computed again.
  const anew = await kept.dql('build', '--full-refresh');
  expect(anew.code, anew.stderr).toBe(0);
  expect(await totals()).toEqual([[1, false]]);
  expect(await states()).toHaveLength(2);
  kept.remove();
});
