import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { HistoryAnswer, RollbackAnswer, VersionsAnswer } from '../app/contract.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 60_000 });

const SHOP = {
  'seeds/orders.csv': 'id,customer,amount,ordered_on\n1,ada,10,2024-01-01\n2,bob,20,2024-01-01\n3,ada,30,2024-01-02\n',
  'models/stg_orders.sql':
    "{{ config(materialized='view') }}\nselect id, customer, amount, ordered_on from {{ ref('orders') }}",
  'models/customers.sql':
    "{{ config(materialized='table') }}\nselect customer, sum(amount) as spent from {{ ref('stg_orders') }} group by all",
  'models/big_spenders.sql':
    "{{ config(materialized='view') }}\nselect customer from {{ ref('customers') }} where spent >= 40",
  'models/days.sql': `{{ config(materialized='incremental', unique_key='ordered_on') }}
select ordered_on, count(*) as orders, sum(amount) as amount from {{ ref('stg_orders') }}
{% if is_incremental() %} where ordered_on >= (select max(ordered_on) from {{ this }}) {% endif %}
group by all`,
  'models/report.sql':
    "{{ config(materialized='external', location='out/report.csv') }}\nselect * from {{ ref('customers') }} order by customer",
  'snapshots/prices.sql': `{% snapshot prices %}{{ config(unique_key='id', strategy='check', check_cols=['amount']) }}
select id, amount from {{ ref('orders') }}{% endsnapshot %}`,
};
const ALL = ['orders', 'stg_orders', 'customers', 'big_spenders', 'days', 'report', 'prices'];
const BAD =
  'id,customer,amount,ordered_on\n1,ada,10,2024-01-01\n2,bob,2000,2024-01-01\n3,ada,-30,2024-01-02\n4,eve,5,2024-01-03\n';
const FIXED = BAD.replace('2000', '25').replace('-30', '30');

const open: TemporaryProject[] = [];
const openShop = (): TemporaryProject => {
  const project = temporaryProject(SHOP);
  open.push(project);
  return project;
};
afterEach(() => {
  for (const project of open.splice(0)) project.close();
});

const ok = async (project: TemporaryProject, words: string): Promise<string> => {
  const told = await project.dql(words);
  expect(`${told.code} ${told.stderr}`).toMatch(/^0 /);
  return told.stdout;
};
const seen = async (project: TemporaryProject): Promise<Readonly<Record<string, string>>> => ({
  ...(await project.hashes(ALL)),
  file: readFileSync(join(project.folder, 'out/report.csv'), 'utf8'),
});

/** A shop that was built, and built again from other orders; what readers saw each time. */
async function builtTwice(orders: string) {
  const shop = openShop();
  await ok(shop, 'build');
  const good = await seen(shop);
  shop.write('seeds/orders.csv', orders);
  await ok(shop, 'build');
  return { shop, good, now: await seen(shop) };
}

test('tables, views, incremental models, snapshots and files return to the same bytes, and forth again', async () => {
  const { shop, good, now: bad } = await builtTwice(BAD);
  for (const name of [...ALL, 'file']) expect([name, bad[name]]).not.toEqual([name, good[name]]);

  const planned = await shop.answer<RollbackAnswer>('rollback --dry-run');
  expect(planned.run_id).toBe(null);
  expect(await seen(shop)).toEqual(bad);

  const back = await shop.answer<RollbackAnswer>('rollback');
  expect(
    back.moved.map(({ name, from_version, to_version }) => `${name} ${from_version}→${to_version}`).sort(),
  ).toEqual(ALL.map((name) => `${name} 2→1`).sort());
  expect(back.inconsistent).toEqual([]);
  expect(await seen(shop)).toEqual(good);

  const { held, rolled_back: returned } = await shop.answer<HistoryAnswer>('history');
  expect(held).toEqual([]);
  expect(returned.map(({ name }) => name).sort()).toEqual([...ALL].sort());
  expect(returned[0]?.reason).toMatch(/^returned to version 1, as of before run /);

  await ok(shop, 'rollback');
  expect(await seen(shop)).toEqual(bad);
  await ok(shop, 'rollback');
  expect(await seen(shop)).toEqual(good);

  shop.write('seeds/orders.csv', FIXED);
  await ok(shop, 'build');
  expect(await shop.rows('select * from customers order by all')).toEqual([
    ['ada', 40n],
    ['bob', 25n],
    ['eve', 5n],
  ]);
  expect(await shop.rows('select ordered_on::varchar, orders, amount from days order by all')).toEqual([
    ['2024-01-01', 2n, 30n],
    ['2024-01-02', 1n, 30n],
    ['2024-01-03', 1n, 5n],
  ]);
  expect(await shop.rows('select id, amount, dbt_valid_to is null from prices order by all')).toEqual([
    [1, 10, true],
    [2, 20, false],
    [2, 25, true],
    [3, 30, true],
    [4, 5, true],
  ]);
  expect(await shop.answer<HistoryAnswer>('history')).toMatchObject({ held: [], rolled_back: [] });
});

test('what is held after a rollback is as old as its rows, not as the rollback', async () => {
  const shop = openShop();
  await ok(shop, 'build --now 2024-03-01T00:00:00Z');
  shop.write('seeds/orders.csv', BAD);
  await ok(shop, 'build --now 2024-03-02T00:00:00Z');
  await ok(shop, 'rollback --now 2024-03-03T00:00:00Z');
  shop.write('models/_tests.yml', 'seeds: [{ name: orders, columns: [{ name: id, data_tests: [is_null] }] }]');

  const { results } = await shop.answer('build --now 2024-03-04T00:00:00Z');
  const held = results.flatMap(({ unique_id: id, meta }) => (meta.dql.held ? [[id, meta.dql.held] as const] : []));
  expect(held.map(([id]) => id.split('.').at(-1)).sort()).toEqual([...ALL].sort());
  const days = (seconds: number | null) => Math.round((seconds ?? 0) / 86_400);
  for (const [id, { serving_since, age_seconds }] of held)
    expect([id, serving_since?.slice(0, 10), days(age_seconds)]).toEqual([id, '2024-03-01', 3]);
  const history = await shop.answer<HistoryAnswer>('history --now 2024-03-04T00:00:00Z');
  expect(history.held.map(({ age_seconds }) => days(age_seconds))).toEqual(ALL.map(() => 3));
});

test('what was reused because it uses none of the columns that changed still fits after going back', async () => {
  const prices = (amount: number, note: string) =>
    `{{ config(materialized='table') }}\nselect 1 as id, ${amount} as amount, '${note}' as note`;
  const project = temporaryProject({
    'models/prices.sql': prices(10, 'old'),
    'models/sums.sql': "{{ config(materialized='table') }}\nselect sum(amount) as amount from {{ ref('prices') }}",
    'models/signs.sql': "{{ config(materialized='table') }}\nselect amount > 0 as positive from {{ ref('prices') }}",
    'models/signed.sql': "{{ config(materialized='table') }}\nselect * from {{ ref('signs') }}",
  });
  open.push(project);
  await ok(project, 'build');
  project.write('models/prices.sql', prices(10, 'new'));
  expect((await project.answer('build')).results.map(({ status }) => status)).toEqual([
    'success',
    'reused',
    'reused',
    'reused',
  ]);
  expect(await project.answer<RollbackAnswer>('rollback --dry-run')).toMatchObject({
    moved: [{ name: 'prices', from_version: 2, to_version: 1 }],
    inconsistent: [],
  });
  // Rebuilt to the same rows is right for both, too; rebuilt to others is not.
  project.write('models/prices.sql', prices(20, 'new'));
  await ok(project, 'build');
  const { inconsistent } = await project.answer<RollbackAnswer>('rollback prices@1');
  expect(inconsistent.map(({ name, reason }) => `${name} ${reason}`)).toEqual([
    'sums was built from other rows of `prices`',
  ]);
  expect(await project.answer<RollbackAnswer>('rollback prices@3 --with-descendants')).toMatchObject({
    inconsistent: [],
    moved: [{ name: 'prices' }],
  });
  const back = await project.answer<RollbackAnswer>('rollback prices@2 --with-descendants');
  expect(back.moved.map(({ name, to_version }) => `${name}@${to_version}`)).toEqual(['prices@2', 'sums@1']);
});

test('a run three runs ago is returned to as a whole, what did not exist then is taken away', async () => {
  const shop = openShop();
  await ok(shop, 'build');
  const first = (await shop.answer<HistoryAnswer>('history')).runs[0]?.run_id ?? '';
  const good = await seen(shop);
  shop.write('seeds/orders.csv', BAD);
  await ok(shop, 'build');
  shop.write('models/refunds.sql', "select * from {{ ref('orders') }} where amount < 0");
  await ok(shop, 'build');
  shop.write('seeds/orders.csv', FIXED);
  await ok(shop, 'build');
  const newest = await seen(shop);

  const back = await shop.answer<RollbackAnswer>(`rollback --to ${first.slice(0, 8)}`);
  expect(back.to).toBe(`run ${first}`);
  expect(back.moved).toContainEqual({
    node: 'model.shop.refunds',
    name: 'refunds',
    from_version: 2,
    to_version: null,
  });
  expect(await seen(shop)).toEqual(good);
  expect(await shop.rows("select schema_name, sql from duckdb_views() where view_name = 'refunds'")).toEqual([]);

  await ok(shop, 'rollback');
  expect(await seen(shop)).toEqual(newest);
  expect(await shop.rows('select count(*) from refunds')).toEqual([[0n]]);

  shop.remove('models/refunds.sql');
  expect(await ok(shop, 'versions refunds')).toMatch(/refunds .*published/);
});

test('one model goes back: its views follow, and the tables that no longer fit are named or taken along', async () => {
  const shop = openShop();
  await ok(shop, 'build');
  shop.write('seeds/orders.csv', BAD);
  await ok(shop, 'build');

  const one = await shop.answer<RollbackAnswer>('rollback customers');
  expect(one.moved.map(({ name }) => name)).toEqual(['customers']);
  expect(one.inconsistent.map(({ name }) => name)).toEqual(['report']);
  expect(one.inconsistent[0]?.reason).toBe('was built from other rows of `customers`');
  // big_spenders is a view: it answers by what customers shows now.
  expect(await shop.rows('select * from big_spenders')).toEqual([['ada']]);

  await ok(shop, 'rollback');
  expect(await shop.rows('select * from big_spenders')).toEqual([['bob']]);

  const along = await shop.answer<RollbackAnswer>('rollback customers@1 --with-descendants');
  expect(along.moved.map(({ name }) => name).sort()).toEqual(['big_spenders', 'customers', 'report']);
  expect(along.inconsistent).toEqual([]);
  expect(readFileSync(join(shop.folder, 'out/report.csv'), 'utf8')).toBe('customer,spent\nada,40\nbob,20\n');
});

test('an edit that is undone, and a build after a rollback, publish the version that is kept instead of building it again', async () => {
  const { shop, good, now: bad } = await builtTwice(BAD);
  const WHOLE = ['orders', 'stg_orders', 'customers', 'big_spenders', 'report'];
  const again = async (version: number) => {
    const planned = (await shop.dql('plan')).stdout;
    expect(planned).toMatch(new RegExp(`orders .*the same as version ${version}, which is kept`));
    const { results } = await shop.answer('build');
    for (const name of WHOLE)
      expect(results.find(({ unique_id: id }) => id.endsWith(`.${name}`))).toMatchObject({
        status: 'reused',
        meta: { dql: { version, published: true, reason: `the same as version ${version}, which is kept` } },
      });
  };

  shop.write('seeds/orders.csv', SHOP['seeds/orders.csv']);
  await again(1);
  const { file, ...rows } = await seen(shop);
  expect(file).toBe(good['file']);
  for (const name of WHOLE) expect([name, rows[name]]).toEqual([name, good[name]]);

  shop.write('seeds/orders.csv', BAD);
  await again(2);
  await ok(shop, 'rollback');
  await again(2);
  expect(await shop.hashes(WHOLE)).toEqual(Object.fromEntries(WHOLE.map((name) => [name, bad[name]])));
  expect(await shop.answer<HistoryAnswer>('history')).toMatchObject({ held: [], rolled_back: [] });
  shop.remove('out/.dql/report@1.csv');
  shop.write('seeds/orders.csv', SHOP['seeds/orders.csv']);
  const { results } = await shop.answer('build');
  expect(results.find(({ unique_id: id }) => id.endsWith('.report'))?.status).toBe('success');
  expect(readFileSync(join(shop.folder, 'out/report.csv'), 'utf8')).toBe(good['file']);
});

test('a view that reads a file in place shows what is in it now, and the rollback says so', async () => {
  const shop = temporaryProject({
    'raw/orders.csv': 'id\n1\n',
    'models/sources.yml': 'sources: [{ name: raw, tables: [{ name: orders, external: raw/orders.csv }] }]',
    'models/stg_orders.sql': "select id from {{ source('raw', 'orders') }}",
    'models/kept_orders.sql': "{{ config(materialized='table') }} select id from {{ ref('stg_orders') }}",
  });
  open.push(shop);
  await ok(shop, 'build');
  shop.write('raw/orders.csv', 'id\n1\n2\n');
  await ok(shop, 'build');
  const back = await shop.answer<RollbackAnswer>('rollback');
  expect(back.of_today).toEqual([
    {
      node: 'model.shop.stg_orders',
      name: 'stg_orders',
      reason: 'reads `raw.orders`, which has changed since',
    },
  ]);
  expect(
    await shop.rows('select (from (select count(*) from stg_orders)), (select count(*) from kept_orders)'),
  ).toEqual([[2n, 1n]]);
});

test('what cannot be returned to is said, and nothing is changed', async () => {
  const shop = openShop();
  const nothing = await shop.dql('rollback');
  expect(nothing).toMatchObject({ code: 2, stdout: '' });
  expect(nothing.stderr).toContain('has no warehouse yet');
  await ok(shop, 'build');
  const before = await seen(shop);
  for (const [words, message] of [
    ['rollback --to 12345', 'remembers no run `12345`'],
    ['rollback --to-git abc', 'no run of target `dev` was made at commit `abc`'],
    ['rollback custmers', 'never published a model `custmers`'],
    ['rollback customers', '`customers` has no earlier version than 1'],
    ['rollback customers@7', 'version 7 of `customers` is not kept'],
  ] as const) {
    const told = await shop.dql(words);
    expect(told.code).toBe(2);
    expect(told.stderr).toContain(message);
  }
  expect(await seen(shop)).toEqual(before);
});

test('history and versions tell what happened, and say that a run without an end has crashed', async () => {
  const shop = openShop();
  await ok(shop, 'build');
  shop.write('tests/none_negative.sql', "select * from {{ ref('customers') }} where spent < 0");
  shop.write('seeds/orders.csv', BAD.replace('2000', '-2000'));
  expect((await shop.dql('build')).code).toBe(1);
  const [failed, first] = (await shop.answer<HistoryAnswer>('history')).runs;
  expect(first).toMatchObject({ command: 'build', status: 'success', exit_code: 0, failed: 0, held: 0, published: 7 });
  expect(failed).toMatchObject({ status: 'error', exit_code: 1, failed: 1 });
  const detail = (await shop.answer<HistoryAnswer>(`history ${failed?.run_id.slice(0, 6)}`)).runs[0];
  expect(detail?.nodes.find(({ name }) => name === 'customers')).toMatchObject({
    status: 'success',
    published: false,
    reason: 'test `none_negative` failed',
  });
  expect(detail?.nodes.find(({ name }) => name === 'none_negative')).toMatchObject({ status: 'fail', failures: 2 });

  const { versions } = await shop.answer<VersionsAnswer>('versions customers');
  expect(versions.map(({ version, state }) => `${version} ${state}`)).toEqual(['2 held', '1 published']);
  const refused = await shop.dql('rollback customers@2');
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('version 2 of `customers` is not kept')]);

  const { openWarehouse } = await import('../engine/open.ts');
  const warehouse = await openWarehouse('duckdb', {
    path: join(shop.folder, 'shop.duckdb'),
    readOnly: false,
    instanceSettings: {},
  });
  const connection = await warehouse.connect();
  await connection.run("update _dql.ledger_runs set ended_at = null, status = 'running' where sequence = 2");
  connection.close();
  await warehouse.close();
  expect((await shop.answer<HistoryAnswer>('history')).runs[0]?.status).toBe('crashed');
  expect(await ok(shop, 'history')).toContain('crashed');
});

test('a warehouse in memory has no past', async () => {
  const shop = openShop();
  shop.write('project.yml', "name: shop\ntarget: dev\ntargets:\n  dev: { path: ':memory:', schema: main }\n");
  for (const words of ['history', 'versions', 'rollback', 'rollback --dry-run']) {
    const told = await shop.dql(words);
    expect([words, told.code]).toEqual([words, 2]);
    expect(told.stderr).toContain('lives for one command');
  }
});

test('real tables with indexes go back and forth, and a held slice of other rows is forgotten', async () => {
  const shop = openShop();
  shop.remove('models/big_spenders.sql');
  shop.write(
    'models/customers.sql',
    `{{ config(materialized='table', publish='table', indexes=[{'columns': ['customer'], 'unique': true}]) }}
select customer, sum(amount) as spent from {{ ref('stg_orders') }} group by all`,
  );
  await ok(shop, 'build');
  const good = await shop.hashes(['customers', 'days']);
  shop.write('seeds/orders.csv', BAD);
  await ok(shop, 'build');
  shop.write('tests/few.sql', "select * from {{ ref('days') }} where orders > 2");
  shop.write('seeds/orders.csv', `${BAD}5,eve,5,2024-01-03\n6,eve,5,2024-01-03\n`);
  expect((await shop.dql('build')).code).toBe(1);
  const held = await shop.hashes(['customers', 'days']);
  await ok(shop, 'rollback customers@1 days@1');
  expect(await shop.hashes(['customers', 'days'])).toEqual(good);
  expect(await shop.rows("select count(*) from duckdb_indexes() where table_name = 'customers'")).toEqual([[1n]]);
  await ok(shop, 'rollback');
  expect(await shop.hashes(['customers', 'days'])).toEqual(held);
  shop.remove('tests/few.sql');
  await ok(shop, 'build');
  expect(await shop.rows('select sum(orders) from days')).toEqual([[6n]]);
  expect(await shop.rows("select spent from customers where customer = 'eve'")).toEqual([[15n]]);
});

test('on the day models do not compile, and macros are gone, there is a past to look at, and a way back', async () => {
  const { shop, good } = await builtTwice(FIXED);
  shop.write('models/customers.sql', "select * from {{ ref('nothing_like_it') }} {% if");
  shop.write('models/models.yml', 'models:\n  - nmae: customers\n   columns: [');
  expect((await shop.dql('build')).code).toBe(2);
  expect(await ok(shop, 'history')).toContain('build');
  expect(await ok(shop, 'versions')).toContain('customers');
  expect(await ok(shop, 'versions customers')).toMatch(/customers .* 2 .*published/);
  expect((await shop.dql('versions customers+')).code).toBe(2);
  expect((await shop.answer<HistoryAnswer>('history')).runs).toHaveLength(2);
  expect((await shop.answer<VersionsAnswer>('versions')).versions).toHaveLength(14);
  expect(await ok(shop, 'rollback --dry-run')).toContain('customers');
  const back = await shop.answer<RollbackAnswer>('rollback');
  expect(back.moved.map(({ name }) => name).sort()).toEqual([...ALL].sort());
  expect(await seen(shop)).toEqual(good);
  const nowhere = await shop.dql('rollback -t nowhere');
  expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('nowhere')]);
});

test('a view that was held goes back to its old answer, also where readers see that version already', async () => {
  const shop = openShop();
  const lastRun = async () => (await shop.answer<HistoryAnswer>('history')).runs[0]?.run_id ?? '';
  await ok(shop, 'build');
  const first = await lastRun();
  shop.write('seeds/orders.csv', FIXED.replace('3,ada,30', '3,ada,5'));
  shop.write(
    'models/held.yml',
    'models: [{ name: big_spenders, data_tests: [row_count: { arguments: { min: 1 } }] }]\n',
  );
  expect((await shop.dql('build')).code).toBe(1);
  const [second, held] = [await lastRun(), await seen(shop)];
  shop.write('models/held.yml', '');
  await ok(shop, 'build');
  await ok(shop, `rollback --to ${first}`);
  await ok(shop, 'run -s big_spenders');
  await ok(shop, `rollback --to ${second}`);
  expect(await seen(shop)).toEqual(held);
});
