import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { CloneAnswer, PromoteAnswer } from '../app/contract.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 40_000 });

const ORDERS = 'id,customer,amount\n1,ada,10\n2,bob,20\n3,ada,30\n';
const SHOP = {
  'project.yml': `name: shop
target: dev
targets:
  dev: { path: shop.duckdb, schema: dev, threads: 2 }
  staging: { path: shop.duckdb, schema: staging, threads: 2 }
  prod: { path: live.duckdb, schema: main, threads: 2, serve: served/live.duckdb }
  laptop: { path: laptop.duckdb, schema: main, threads: 2, attach: [{ path: live.duckdb, alias: live, read_only: true }] }
`,
  'seeds/orders.csv': ORDERS,
  'models/stg_orders.sql': "{{ config(materialized='view') }}\nselect * from {{ ref('orders') }}",
  'models/customers.sql':
    "{{ config(materialized='table') }}\nselect customer, sum(amount) as spent from {{ ref('stg_orders') }} group by all",
  'models/totals.sql': `{{ config(materialized='incremental', unique_key='id') }}
select id, amount from {{ ref('stg_orders') }} {% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}`,
  'models/big.sql': "{{ config(materialized='view') }}\nselect customer from {{ ref('customers') }} where spent >= 40",
  'tests/positive.sql': "select * from {{ ref('customers') }} where spent < 0",
};
const open: TemporaryProject[] = [];
const openShop = (): TemporaryProject => {
  const project = temporaryProject(SHOP);
  open.push(project);
  return project;
};
afterEach(() => {
  for (const project of open.splice(0)) project.close();
});
const ok = async (shop: TemporaryProject, words: string) => {
  const told = await shop.dql(words);
  expect(`${told.code} ${told.stderr}${told.stdout}`).toMatch(/^0 /);
  return told.stdout;
};
const statuses = async (shop: TemporaryProject, words: string) =>
  Object.fromEntries(
    (await shop.answer(words)).results
      .filter(({ unique_id }) => !unique_id.startsWith('test.'))
      .map(({ unique_id, status }) => [unique_id.split('.')[2], status]),
  );
const ALL_REUSED = { orders: 'reused', stg_orders: 'reused', customers: 'reused', totals: 'reused', big: 'reused' };

test('what staging built and tested is published in production without being computed again', async () => {
  const shop = openShop();
  await ok(shop, 'build -t staging');
  const first = await shop.answer<PromoteAnswer>('promote --from staging --to prod');
  expect(first.refused).toEqual([]);
  expect(first.promoted.map(({ name }) => name).sort()).toEqual(['big', 'customers', 'orders', 'stg_orders', 'totals']);
  const names = ['orders', 'stg_orders', 'customers', 'totals', 'big'];
  const there = await shop.hashes(names.map((name) => `staging.${name}`));
  expect(Object.values(await shop.hashes(names, 'live.duckdb'))).toEqual(Object.values(there));
  // Production stands on its own: its file is enough.
  renameSync(join(shop.folder, 'shop.duckdb'), join(shop.folder, 'away.duckdb'));
  expect(await shop.rows('select * from big', 'live.duckdb')).toEqual([['ada']]);
  expect(await shop.rows('select * from big', 'served/live.duckdb')).toEqual([['ada']]);
  renameSync(join(shop.folder, 'away.duckdb'), join(shop.folder, 'shop.duckdb'));
  expect(await statuses(shop, 'build -t prod')).toEqual(ALL_REUSED);

  shop.write('seeds/orders.csv', `${ORDERS}4,bob,30\n`);
  const stale = await shop.dql('promote --from staging --to prod --output json');
  expect(stale.code).toBe(1);
  const refused: PromoteAnswer = JSON.parse(stale.stdout);
  expect(refused.run_id).toBe(null);
  expect(refused.refused.map(({ name }) => name).sort()).toEqual([
    'big',
    'customers',
    'orders',
    'stg_orders',
    'totals',
  ]);
  expect(refused.refused.find(({ name }) => name === 'orders')?.reason).toBe(
    'code changed since it was built in `staging`',
  );

  await ok(shop, 'build -t staging');
  await ok(shop, 'promote --from staging --to prod');
  expect(await shop.rows('select * from big order by all', 'live.duckdb')).toEqual([['ada'], ['bob']]);
  expect(await shop.rows('select * from big order by all', 'served/live.duckdb')).toEqual([['ada'], ['bob']]);
  expect(await shop.rows('select count(*) from totals', 'live.duckdb')).toEqual([[4n]]);
  // Its own next build goes on from there.
  shop.write('seeds/orders.csv', `${ORDERS}4,bob,30\n5,eve,90\n`);
  await ok(shop, 'build -t prod');
  expect(await shop.rows('select count(*) from totals', 'live.duckdb')).toEqual([[5n]]);
  await ok(shop, 'rollback -t prod');
  expect(await shop.rows('select count(*) from totals', 'live.duckdb')).toEqual([[4n]]);
});

test('what `dql run` published without tests, or what was held, is not promoted', async () => {
  const shop = openShop();
  await ok(shop, 'seed -t staging');
  await ok(shop, 'run -t staging');
  const { refused } = JSON.parse(
    (await shop.dql('promote --from staging --to prod --output json')).stdout,
  ) as PromoteAnswer;
  expect(refused.find(({ name }) => name === 'customers')?.reason).toMatch(/published untested/);
  expect((await shop.dql('promote --from staging --to nowhere')).code).toBe(2);
});

test('a new environment opens on the tables of another in the same file, and its next build reuses them', async () => {
  const shop = openShop();
  await ok(shop, 'build -t staging');
  const cloned = await shop.answer<CloneAnswer>('clone --from staging -t dev');
  expect(cloned.cloned.map(({ name, how }) => `${name} ${how}`)).toEqual([
    'big view',
    'customers view',
    'orders view',
    'stg_orders view',
    'totals view',
  ]);
  expect(await shop.rows('select * from dev.big')).toEqual([['ada']]);
  expect(await statuses(shop, 'build -t dev')).toEqual(ALL_REUSED);
  expect((await shop.answer<CloneAnswer>('clone --from staging -t dev')).cloned[0]?.how).toBe('already there');

  shop.write('models/big.sql', SHOP['models/big.sql'].replace('40', '20'));
  expect(await statuses(shop, 'build -t dev')).toEqual({ ...ALL_REUSED, big: 'success' });
  expect(await shop.rows('select * from dev.big order by all')).toEqual([['ada'], ['bob']]);
  expect(await shop.rows('select * from staging.big')).toEqual([['ada']]);
});

test('across files the other one is attached READ_ONLY, and must be', async () => {
  const shop = openShop();
  await ok(shop, 'build -t prod');
  const refused = await shop.dql('clone --from prod -t dev');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('attach: [{ path: live.duckdb, alias: live, read_only: true }]');
  const cloned = await shop.answer<CloneAnswer>('clone --from prod -t laptop');
  expect(cloned.cloned.every(({ how }) => how === 'attached')).toBe(true);
  expect(await statuses(shop, 'build -t laptop')).toEqual(ALL_REUSED);
  expect(await ok(shop, 'show -t laptop -s big')).toContain('ada');
});
