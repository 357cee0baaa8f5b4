/** A warehouse that was there before dql: what dbt made is taken over with its rows, what nobody knows is not touched. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openWarehouse } from '../engine/open.ts';
import { resultOf, type StoryProject, statuses, storyProject } from '../testing/story-project.ts';
import { temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let shop: StoryProject;

async function inWarehouse(sql: string, folder = shop.folder): Promise<void> {
  const path = join(folder, 'shop.duckdb');
  const warehouse = await openWarehouse('duckdb', { path, readOnly: false, instanceSettings: {} });
  const connection = await warehouse.connect();
  await connection.run(sql);
  connection.close();
  await warehouse.close();
}

beforeAll(async () => {
  shop = storyProject({
    'models/orders.sql': "{{ config(materialized='table') }}\nselect 1 as id, 'new' as state",
    'models/customers.sql': "{{ config(materialized='view') }}\nselect 'Ada' as name",
    'models/report.sql': "{{ config(materialized='table') }}\nselect count(*) as orders from {{ ref('orders') }}",
    'models/clock.sql': "{{ config(materialized='table') }}\nselect 12 as hour",
    'models/states.sql': "select state from {{ ref('orders') }}",
    'models/as_dbt_left_it.sql': "{{ config(materialized='table') }}\nselect * from {{ ref('states') }}",
  });
  await inWarehouse(`
    create table orders as select 7 as id, 'old' as state;
    create index orders_by_id on orders (id);
    create view customers as select 'Grace' as name;
    create view states as select state from orders;
    create view as_dbt_left_it as select * from states;`);
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
      nodes: Object.fromEntries(
        ['orders', 'states', 'as_dbt_left_it'].map((alias) => [
          `model.shop.${alias}`,
          { database, schema: 'main', alias, relation_name: `"${database}"."main"."${alias}"` },
        ]),
      ),
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

test('views of before that read what is replaced with them keep the rows they had', async () => {
  expect(await shop.query('from main.as_dbt_left_it')).toEqual([['new']]);
  for (const name of ['states', 'as_dbt_left_it'])
    expect(await shop.query(`from _dql."main.${name}@0"`)).toEqual([['old']]);
});

test('an incremental model and a snapshot go on from the rows that stand there, and a full refresh does not', async () => {
  await inWarehouse(`
    create table events as select range as id, 'old' as source from range(3);
    create table visits as select 1 as id;
    create table prices_before as select 1 as id, 10 as price, 'a' as dbt_scd_id, timestamp '2020-01-01' as dbt_updated_at,
      timestamp '2020-01-01' as dbt_valid_from, timestamp '2021-01-01' as dbt_valid_to
    union all select 1, 20, 'b', timestamp '2021-01-01', timestamp '2021-01-01', null;`);
  shop.write({
    'models/events.sql': `{{ config(materialized='incremental') }}
select 3 as id, 'new' as source {% if is_incremental() %} where 3 > (select max(id) from {{ this }}) {% endif %}`,
    'models/visits.sql': `{{ config(materialized='incremental', full_refresh=true) }}\nselect 2 as id`,
    'snapshots/prices_before.sql': `{% snapshot prices_before %}
{{ config(unique_key='id', strategy='check', check_cols=['price']) }} select 1 as id, 30 as price{% endsnapshot %}`,
  });
  const ended = await shop.dql('build', '--adopt', '-s', 'events', 'visits', 'prices_before');
  expect(ended.code, ended.stdout).toBe(0);
  expect(resultOf(ended, 'events').meta.dql.reason).toBe('first build, on the rows that stand there');
  expect(await shop.query('from main.events order by id')).toEqual([
    [0n, 'old'],
    [1n, 'old'],
    [2n, 'old'],
    [3n, 'new'],
  ]);
  expect(await shop.query('from main.visits')).toEqual([[2]]);
  expect(await shop.query('select price, dbt_valid_to is null from main.prices_before order by all')).toEqual([
    [10, false],
    [20, false],
    [30, true],
  ]);
  expect(await shop.query('select count(*) from _dql."main.prices_before@0"')).toEqual([[2n]]);
});

test('the adopted rows are version 0, and a rollback shows them again', async () => {
  expect(await shop.query(`select alias, version from _dql.versions where version = 0 order by alias`)).toEqual([
    ['as_dbt_left_it', 0],
    ['customers', 0],
    ['events', 0],
    ['orders', 0],
    ['prices_before', 0],
    ['states', 0],
    ['visits', 0],
  ]);
  const back = await shop.dql('rollback', 'orders@0', 'customers');
  expect(back.code, back.stderr).toBe(0);
  expect(await shop.query('from main.orders')).toEqual([[7, 'old']]);
  expect(await shop.query('from main.customers')).toEqual([['Grace']]);
  const next = await shop.dql('build', '--force');
  expect(next.code, next.stderr).toBe(0);
  expect(await shop.query('from main.orders')).toEqual([[1, 'new']]);
});

test('a history and an incremental model that went back to what dbt left go on from there again', async () => {
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

test.each([
  ['promote', 'promote --from staging --to prod'],
  ['clone', 'clone --from staging -t prod'],
])('%s leaves alone what nobody knows, and keeps the rows of what it adopts', async (_, words) => {
  const project = temporaryProject({
    'project.yml': `name: shop
targets:
  staging: { path: shop.duckdb, schema: staging, threads: 2 }
  prod: { path: shop.duckdb, schema: main, threads: 2 }
`,
    'models/orders.sql': "{{ config(materialized='table') }}\nselect 1 as id",
  });
  try {
    expect((await project.dql('build -t staging')).code).toBe(0);
    const write = (sql: string) => inWarehouse(sql, project.folder);
    await write('create table main.orders as select 7 as id');
    expect(await project.dql(words)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        'a table `main.orders` stands there that neither dql nor an earlier manifest made',
      ),
    });
    expect(await project.rows('from main.orders')).toEqual([[7]]);
    expect((await project.dql(`${words} --adopt`)).code).toBe(0);
    expect(await project.rows('from main.orders')).toEqual([[1]]);
    expect((await project.dql('rollback -t prod')).code).toBe(0);
    expect(await project.rows('from main.orders')).toEqual([[7]]);
    // What is put in the place of what was published is kept, too.
    await write('drop view main.orders; create table main.orders as select 8 as id');
    project.write('models/orders.sql', "{{ config(materialized='table') }}\nselect 2 as id");
    expect((await project.dql('build -t staging')).code).toBe(0);
    expect((await project.dql(`${words} ${words.startsWith('clone') ? '--full-refresh' : ''}`.trim())).code).toBe(0);
    expect(await project.rows('from main.orders')).toEqual([[2]]);
    expect((await project.dql('rollback -t prod')).code).toBe(0);
    expect(await project.rows('from main.orders')).toEqual([[8]]);
  } finally {
    project.close();
  }
});
