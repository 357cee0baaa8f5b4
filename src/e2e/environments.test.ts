import { mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
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
  // Each target has a file of its own.
  'models/spent.sql': `{{ config(materialized='external', location='exports/' ~ target.name ~ '/spent.csv') }}
select customer, spent from {{ ref('customers') }} order by customer`,
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
const exported = (shop: TemporaryProject, target: string) =>
  readFileSync(join(shop.folder, 'exports', target, 'spent.csv'), 'utf8');
const statuses = async (shop: TemporaryProject, words: string) =>
  Object.fromEntries(
    (await shop.answer(words)).results
      .filter(({ unique_id }) => !unique_id.startsWith('test.'))
      .map(({ unique_id, status }) => [unique_id.split('.')[2], status]),
  );
const ALL_REUSED = {
  orders: 'reused',
  stg_orders: 'reused',
  customers: 'reused',
  totals: 'reused',
  big: 'reused',
  spent: 'reused',
};

test('what staging built and tested is published in production without being computed again', async () => {
  const shop = openShop();
  await ok(shop, 'build -t staging');
  const first = await shop.answer<PromoteAnswer>('promote --from staging --to prod');
  expect(first.refused).toEqual([]);
  expect(first.promoted.map(({ name }) => name).sort()).toEqual([
    'big',
    'customers',
    'orders',
    'spent',
    'stg_orders',
    'totals',
  ]);
  const names = ['orders', 'stg_orders', 'customers', 'totals', 'big'];
  const there = await shop.hashes(names.map((name) => `staging.${name}`));
  expect(Object.values(await shop.hashes(names, 'live.duckdb'))).toEqual(Object.values(there));
  // Production stands on its own: its file is enough.
  renameSync(join(shop.folder, 'shop.duckdb'), join(shop.folder, 'away.duckdb'));
  expect(await shop.rows('select * from big', 'live.duckdb')).toEqual([['ada']]);
  expect(await shop.rows('select * from big', 'served/live.duckdb')).toEqual([['ada']]);
  expect(await shop.rows('select customer, spent::int from spent order by all', 'live.duckdb')).toEqual([
    ['ada', 40],
    ['bob', 20],
  ]);
  expect(exported(shop, 'prod')).toBe('customer,spent\nada,40\nbob,20\n');
  renameSync(join(shop.folder, 'away.duckdb'), join(shop.folder, 'shop.duckdb'));
  expect(await statuses(shop, 'build -t prod')).toEqual(ALL_REUSED);
  const again = await shop.dql('promote --from staging --to prod');
  expect([again.code, again.stdout]).toEqual([0, 'Nothing to promote: prod has what staging has\n']);
  const same = await shop.dql('promote --from prod --to prod');
  expect(same).toMatchObject({ code: 2, stderr: expect.stringContaining('--from and --to are both `prod`') });

  shop.write('seeds/orders.csv', `${ORDERS}4,bob,30\n`);
  const stale = await shop.dql('promote --from staging --to prod --output json');
  expect(stale.code).toBe(1);
  const refused: PromoteAnswer = JSON.parse(stale.stdout);
  expect(refused.run_id).toBe(null);
  expect(refused.refused.map(({ name }) => name).sort()).toEqual([
    'big',
    'customers',
    'orders',
    'spent',
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
  expect(exported(shop, 'prod')).toBe('customer,spent\nada,40\nbob,50\n');
  // What is there already is left as it is; a view goes with what it reads.
  shop.write('models/customers.sql', SHOP['models/customers.sql'].replace('sum(amount)', 'sum(amount) + 1'));
  await ok(shop, 'build -t staging');
  const changed = await shop.answer<PromoteAnswer>('promote --from staging --to prod');
  expect([changed.promoted.map(({ name }) => name).sort(), changed.already_there]).toEqual([
    ['big', 'customers', 'spent'],
    3,
  ]);
  expect(await shop.rows('select spent::int from customers order by all', 'live.duckdb')).toEqual([[41], [51]]);
  expect(await shop.rows('select customer from big order by all', 'live.duckdb')).toEqual([['ada'], ['bob']]);
  expect(await statuses(shop, 'build -t prod')).toEqual(ALL_REUSED);
  await ok(shop, 'rollback -t prod');
  expect(await shop.rows('select spent::int from customers order by all', 'live.duckdb')).toEqual([[40], [50]]);
  shop.write('models/customers.sql', SHOP['models/customers.sql']);
  // Its own next build goes on from there.
  shop.write('seeds/orders.csv', `${ORDERS}4,bob,30\n5,eve,90\n`);
  await ok(shop, 'build -t prod');
  expect(await shop.rows('select count(*) from totals', 'live.duckdb')).toEqual([[5n]]);
  expect(exported(shop, 'prod')).toContain('eve,90');
  expect(exported(shop, 'staging')).not.toContain('eve');
  await ok(shop, 'rollback -t prod');
  expect(exported(shop, 'prod')).toBe('customer,spent\nada,40\nbob,50\n');
  expect(await shop.rows('select count(*) from totals', 'live.duckdb')).toEqual([[4n]]);
});

test('a view is promoted alone where the rows that it reads are there already, and refused where others are', async () => {
  const shop = openShop();
  await ok(shop, 'build -t staging');
  await ok(shop, 'promote --from staging --to prod');
  shop.write('models/big.sql', SHOP['models/big.sql'].replace('>= 40', '< 40'));
  await ok(shop, 'build -t staging');
  const alone = await shop.answer<PromoteAnswer>('promote --from staging --to prod -s big');
  expect([alone.refused, alone.promoted.map(({ name }) => name)]).toEqual([[], ['big']]);
  expect(await shop.rows('from big', 'live.duckdb')).toEqual([['bob']]);
  expect(await statuses(shop, 'build -t prod')).toEqual(ALL_REUSED);
  shop.write('seeds/orders.csv', `${ORDERS}4,bob,30\n`);
  shop.write('models/big.sql', SHOP['models/big.sql']);
  await ok(shop, 'build -t staging');
  const { refused } = await shop.answer<PromoteAnswer>('promote --from staging --to prod -s big');
  expect(refused.map(({ reason }) => reason)).toEqual(['it is a view of `customers`, which is not promoted with it']);
});

test('what is promoted by copying has the constraints and indexes that building it would give it', async () => {
  const shop = openShop();
  shop.write(
    'models/shop.yml',
    `models:
  - name: customers
    config: { contract: { enforced: true }, indexes: [{ columns: [spent] }] }
    columns:
      - { name: customer, data_type: varchar, constraints: [{ type: primary_key }] }
      - { name: spent, data_type: hugeint }
  - name: totals
    config: { contract: { enforced: true }, on_schema_change: append_new_columns, indexes: [{ columns: [id], unique: true }] }
    columns:
      - { name: id, data_type: int, constraints: [{ type: not_null }] }
      - { name: amount, data_type: int }
`,
  );
  const rules = `select table_name, constraint_type from duckdb_constraints() where table_name similar to 'main.(customers|totals).*' and constraint_type <> 'CHECK'
    union all select table_name, case when is_unique then 'unique index' else 'index' end from duckdb_indexes() order by all`;
  await ok(shop, 'build -t prod');
  const built = await shop.rows(rules, 'live.duckdb');
  expect(built.length).toBeGreaterThan(3);
  rmSync(join(shop.folder, 'live.duckdb'));
  await ok(shop, 'build -t staging');
  await ok(shop, 'promote --from staging --to prod');
  expect(await shop.rows(rules, 'live.duckdb')).toEqual(built);
});

test('a target that publishes tables has tables after a promotion, with all that is theirs, and after going back', async () => {
  const shop = openShop();
  shop.write(
    'project.yml',
    SHOP['project.yml'].replace('path: live.duckdb, schema: main,', 'path: live.duckdb, schema: main, publish: table,'),
  );
  shop.write(
    'models/shop.yml',
    `models:
  - name: customers
    description: Who buys.
    config: { contract: { enforced: true }, indexes: [{ columns: [customer], unique: true }], persist_docs: { relation: true } }
    columns:
      - { name: customer, data_type: varchar, constraints: [{ type: not_null }] }
      - { name: spent, data_type: hugeint }
  - { name: big, description: Who buys most., config: { persist_docs: { relation: true } } }
`,
  );
  const standing = () =>
    shop.rows(
      `select table_name, comment, index_count from duckdb_tables() where schema_name = 'main' and not contains(table_name, '__dql_')
       union all select view_name, comment, null from duckdb_views() where schema_name = 'main' and not internal order by all`,
      'live.duckdb',
    );
  await ok(shop, 'build -t prod');
  const built = await standing();
  expect(built).toEqual([
    ['big', 'Who buys most.', null],
    ['customers', 'Who buys.', 1n],
    ['orders', null, 0n],
    ['spent', null, null],
    ['stg_orders', null, null],
    ['totals', null, 0n],
  ]);
  rmSync(join(shop.folder, 'live.duckdb'));
  await ok(shop, 'build -t staging');
  await ok(shop, 'promote --from staging --to prod');
  expect(await standing()).toEqual(built);
  expect(await statuses(shop, 'build -t prod')).toEqual(ALL_REUSED);
  shop.write('seeds/orders.csv', `${ORDERS}4,bob,30\n`);
  await ok(shop, 'build -t staging');
  await ok(shop, 'promote --from staging --to prod');
  expect(await standing()).toEqual(built);
  expect(await shop.rows('from big order by all', 'live.duckdb')).toEqual([['ada'], ['bob']]);
  expect(await shop.rows('select count(*) from totals', 'live.duckdb')).toEqual([[4n]]);
  expect(await statuses(shop, 'build -t prod')).toEqual(ALL_REUSED);
  await ok(shop, 'rollback -t prod');
  expect(await standing()).toEqual(built);
  expect(await shop.rows('from big order by all', 'live.duckdb')).toEqual([['ada']]);
  expect(await shop.rows('select count(*) from totals', 'live.duckdb')).toEqual([[3n]]);
  // And away from there, into a target that publishes views.
  shop.write('seeds/orders.csv', `${ORDERS}4,bob,70\n`);
  await ok(shop, 'build -t prod');
  await ok(shop, 'promote --from prod --to staging');
  expect(await shop.rows('select spent::int from staging.customers order by all')).toEqual([[40], [90]]);
  expect(await statuses(shop, 'build -t staging')).toEqual(ALL_REUSED);
});

test('what was built of a sample of the sources is not promoted to where all of them are read', async () => {
  const shop = openShop();
  shop.write('project.yml', SHOP['project.yml'].replace('schema: dev,', 'schema: dev, sample: 10%,'));
  await ok(shop, 'build -t dev');
  expect(await shop.dql('promote --from dev --to staging')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("target `dev` reads 10% of its sources' rows and `staging` 100%"),
  });
  await ok(shop, 'build -t staging');
  expect((await shop.dql('promote --from staging --to dev')).code).toBe(2);
});

test('what was built with --defer is promoted to where the rows are those it was built on', async () => {
  const shop = openShop();
  shop.write(
    'models/twice.sql',
    "{{ config(materialized='view') }}\nselect c.customer, o.id * 2 as id from {{ ref('customers') }} as c join {{ ref('stg_orders') }} as o using (customer)",
  );
  shop.write(
    'models/shop.yml',
    `models:
  - name: customers
    columns: [{ name: customer, data_tests: [{ relationships: { arguments: { to: ref('orders'), field: customer } } }] }]
`,
  );
  await ok(shop, 'build -t prod');
  const deferred = async (factor: number) => {
    shop.write('models/customers.sql', SHOP['models/customers.sql'].replace('sum(amount)', `sum(amount) * ${factor}`));
    await ok(shop, 'build -t staging --defer --state live.duckdb -s customers+');
  };
  const promoted = () =>
    shop.answer<PromoteAnswer>('promote --from staging --to prod -s customers+').then((answer) => ({
      names: answer.promoted.map(({ name }) => name).sort(),
      refused: Object.fromEntries(answer.refused.map(({ name, reason }) => [name, reason])),
    }));
  await deferred(2);
  expect(await promoted()).toEqual({ names: ['big', 'customers', 'spent', 'twice'], refused: {} });
  expect(await shop.rows('select spent::int from customers order by all', 'live.duckdb')).toEqual([[40], [80]]);
  expect(await shop.rows('select id from twice order by all', 'live.duckdb')).toEqual([[2], [4], [6]]);
  expect(await statuses(shop, 'build -t prod')).toEqual({ ...ALL_REUSED, twice: 'reused' });
  // A view reads production's versions, and follows them.
  shop.write('seeds/orders.csv', ORDERS.replace('1,ada,10', '9,ada,10'));
  await ok(shop, 'build -t prod');
  expect(await shop.rows('select id from twice order by all', 'live.duckdb')).toEqual([[4], [6], [18]]);

  const elsewhere =
    "`stg_orders` was none of `staging` when it was built on it (--defer, or somebody else's table), and";
  await deferred(3);
  shop.write('seeds/orders.csv', ORDERS.replace('1,ada,10', '8,ada,10'));
  await ok(shop, 'build -t prod');
  const moved = `${elsewhere} \`prod\` shows other rows of it: build it again`;
  expect((await promoted()).refused).toEqual({ customers: moved, twice: moved });
  await deferred(3);
  shop.write('models/customers.sql', SHOP['models/customers.sql']);
  expect((await promoted()).refused).toEqual({
    customers:
      'its code changed since it was built in `staging`, or it was built on what neither `staging` nor `prod` has',
  });
  await deferred(3);
  shop.write('models/stg_orders.sql', `${SHOP['models/stg_orders.sql']} where true`);
  await ok(shop, 'build -t staging -s +stg_orders');
  const all = await shop.answer<PromoteAnswer>('promote --from staging --to prod --exclude totals');
  expect(all.refused.map(({ name, reason }) => [name, reason])).toEqual(
    ['customers', 'twice'].map((name) => [
      name,
      `${elsewhere} is another one in \`prod\` after this: build it on that one`,
    ]),
  );
  rmSync(join(shop.folder, 'live.duckdb'));
  expect((await promoted()).refused).toEqual({
    customers: `${elsewhere} \`prod\` does not have it`,
    twice: `${elsewhere} \`prod\` does not have it`,
  });
});

test('what would be another each time is promoted as it was built, and refused when its code differs', async () => {
  const shop = openShop();
  shop.write('models/dice.sql', "{{ config(materialized='table') }} select random() as thrown");
  await ok(shop, 'build -t dev -s dice');
  shop.write(
    'models/game.sql',
    "{{ config(materialized='table') }} select thrown * 2 as points from {{ ref('dice') }}",
  );
  await ok(shop, 'build -t dev -s dice game');
  const promoted = await shop.answer<PromoteAnswer>('promote --from dev --to staging -s dice game');
  expect(promoted.promoted.map(({ name }) => name)).toEqual(['dice', 'game']);
  expect(await shop.rows('select points from staging.game')).toEqual(
    await shop.rows('select thrown * 2 from dev.dice'),
  );
  // Built of another throw than the one that is published.
  await ok(shop, 'build -t dev -s dice');
  expect((await shop.dql('promote --from dev --to staging -s dice game')).stdout).toContain(
    'game  what it is built from is not up to date',
  );
  await ok(shop, 'promote --from dev --to staging -s dice');
  expect(await shop.rows('select thrown from staging.dice')).toEqual(await shop.rows('select thrown from dev.dice'));
  shop.write('models/dice.sql', "{{ config(materialized='table') }} select 1 + random() as thrown");
  const refused = await shop.answer<PromoteAnswer>('promote --from dev --to staging -s dice');
  expect(refused.refused.map(({ name }) => name)).toEqual(['dice']);
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

  // A test that is new has said nothing yet; one that fails on what is published already has said enough.
  await ok(shop, 'build -t staging --force');
  shop.write('tests/modest.sql', "select * from {{ ref('customers') }} where spent > 30");
  const promoted = () => shop.dql('promote --from staging --to prod --select customers orders stg_orders');
  expect(await promoted()).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('test `modest` was never run in `staging`: run `dql build -t staging`'),
  });
  expect((await shop.dql('build -t staging')).code).toBe(1);
  expect(await promoted()).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('test `modest` did not pass in `staging`'),
  });
  shop.write('tests/modest.sql', "select * from {{ ref('customers') }} where spent > 300");
  await ok(shop, 'build -t staging');
  // What passed is another question than the one that is asked now.
  shop.write('tests/modest.sql', "select * from {{ ref('customers') }} where spent > 20");
  expect(await promoted()).toMatchObject({
    code: 1,
    stdout: expect.stringContaining(
      'test `modest`, or what it reads, changed since it was run in `staging`: run `dql build -t staging`',
    ),
  });
  shop.write('tests/modest.sql', "select * from {{ ref('customers') }} where spent > 300");
  expect((await promoted()).code).toBe(0);
  shop.write('models/customers.sql', SHOP['models/customers.sql'].replace('sum(amount)', 'sum(amount) + 1'));
  await ok(shop, 'build -t staging');
  await ok(shop, 'rollback -t staging');
  expect((await promoted()).stdout).toContain('customers  it is held in `staging`: returned to version');
});

test('a new environment opens on the tables of another in the same file, and its next build reuses them', async () => {
  const shop = openShop();
  await ok(shop, 'build -t staging');
  const cloned = await shop.answer<CloneAnswer>('clone --from staging -t dev');
  expect(cloned.cloned.map(({ name, how }) => `${name} ${how}`)).toEqual([
    'big view',
    'customers view',
    'orders view',
    'spent view',
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

test('models can be cloned one after another, and one whose code differs here is built by the next build', async () => {
  const shop = openShop();
  await ok(shop, 'build -t staging');
  shop.write('models/big.sql', SHOP['models/big.sql'].replace('40', '20'));
  const notes: string[] = [];
  for (const selected of ['totals', '*']) {
    const { cloned } = await shop.answer<CloneAnswer>(`clone --from staging -t dev --select ${selected}`);
    notes.push(...cloned.map(({ name, note }) => `${name}: ${note}`));
  }
  expect(notes).toEqual([
    'totals: null',
    'big: its code differs here: the next build builds it',
    'customers: null',
    'orders: null',
    'spent: null',
    'stg_orders: null',
    'totals: replace it with --full-refresh',
  ]);
  expect(await statuses(shop, 'build -t dev')).toEqual({ ...ALL_REUSED, big: 'success' });
  expect(await shop.rows('select * from dev.big order by all')).toEqual([['ada'], ['bob']]);
});

test('a cloned incremental model and a cloned snapshot go on from the cloned rows', async () => {
  const shop = openShop();
  const model = (
    strategy: string,
  ) => `{{ config(materialized='incremental', unique_key='id', incremental_strategy='${strategy}') }}
select id, amount{{ ' * 0' if not is_incremental() }} as amount from {{ ref('stg_orders') }}`;
  shop.write('models/merged.sql', model('merge'));
  shop.write('models/replaced.sql', model('delete+insert'));
  shop.write(
    'snapshots/history.yml',
    "snapshots: [{ name: history, relation: ref('orders'), config: { strategy: check, check_cols: all, unique_key: id } }]",
  );
  await ok(shop, 'build -t staging');
  await ok(shop, 'clone --from staging -t dev');
  const before = await shop.hashes(['staging.merged', 'staging.replaced', 'staging.history']);
  // In production, and then staging, things move on; the clone has its own history.
  shop.write('seeds/orders.csv', `${ORDERS.replace('bob,20', 'bob,25')}4,bob,30\n`);
  await ok(shop, 'build -t dev');
  const amounts = async (name: string) =>
    (await shop.rows(`select id, amount from ${name} order by all`)).map((row) => row.join(' '));
  // A first build would have left zeros nowhere but here.
  expect(await amounts('dev.merged')).toEqual(['1 10', '2 25', '3 30', '4 30']);
  expect(await amounts('dev.replaced')).toEqual(['1 10', '2 25', '3 30', '4 30']);
  expect(await amounts('dev.history where dbt_valid_to is null')).toEqual(['1 10', '2 25', '3 30', '4 30']);
  expect(await amounts('dev.history where dbt_valid_to is not null')).toEqual(['2 20']);
  expect(await shop.hashes(['staging.merged', 'staging.replaced', 'staging.history'])).toEqual(before);
  await ok(shop, 'rollback -t dev');
  expect(await amounts('dev.merged')).toEqual(['1 0', '2 0', '3 0']);
  // What a clone shows can be promoted: its rows are copied.
  shop.write('seeds/orders.csv', ORDERS);
  await ok(shop, 'build -t dev');
  expect(await amounts('dev.merged')).toEqual(['1 0', '2 0', '3 0']);
  await ok(shop, 'promote --from dev --to prod');
  expect(await shop.rows('select id, amount from merged order by all', 'live.duckdb')).toEqual([
    [1, 0],
    [2, 0],
    [3, 0],
  ]);

  expect(
    await shop.rows(
      'select (select count(*) from orders), (select count(*) from stg_orders), count(*) from big',
      'live.duckdb',
    ),
  ).toEqual([[3n, 3n, 1n]]);

  // Once production has a history of its own, another one may not take its place.
  shop.write('seeds/orders.csv', ORDERS.replace('bob,20', 'bob,26'));
  await ok(shop, 'build -t prod');
  await ok(shop, 'build -t dev');
  const refused = await shop.dql('promote --from dev --to prod');
  expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining('1 refused') });
  expect(refused.stdout).toContain(
    '  history  1 row of its history in `prod` would be lost: build it there, and leave it out here with --exclude history',
  );
  await ok(shop, 'promote --from dev --to prod --exclude history');
  expect(
    await shop.rows('select amount::int from history where id = 2 and dbt_valid_to is null', 'live.duckdb'),
  ).toEqual([[26]]);
});

test('--defer reads from the target that this one names, and --favor-state also what is here', async () => {
  const shop = openShop();
  shop.write(
    'project.yml',
    SHOP['project.yml']
      .replace('schema: dev, threads: 2 }', 'schema: dev, threads: 2, defer: staging }')
      .replace(
        'path: laptop.duckdb, schema: main, threads: 2',
        'path: laptop.duckdb, schema: main, threads: 2, defer: prod',
      ),
  );
  await ok(shop, 'build -t staging');
  await ok(shop, 'build -t prod');
  const spenders = async (target: string, file: string) =>
    (await shop.rows(`select customer from ${target}.big order by all`, file)).map(([name]) => name);
  // In the same file, and in another; each has nothing of its own.
  await ok(shop, 'build -t dev -s big --defer');
  expect(await spenders('dev', 'shop.duckdb')).toEqual(['ada']);
  await ok(shop, 'build -t laptop -s big --defer');
  expect(
    await shop.rows(
      'select sql like $$%live.main.customers%$$ from duckdb_views() where view_name = $$main.big@1$$',
      'laptop.duckdb',
    ),
  ).toEqual([[true]]);

  shop.write('seeds/orders.csv', `${ORDERS}4,bob,30\n`);
  await ok(shop, 'build -t dev');
  expect(await spenders('dev', 'shop.duckdb')).toEqual(['ada', 'bob']);
  await ok(shop, 'build -t dev -s big --defer');
  expect(await spenders('dev', 'shop.duckdb')).toEqual(['ada', 'bob']);
  await ok(shop, 'build -t dev -s big --defer --favor-state');
  expect(await spenders('dev', 'shop.duckdb')).toEqual(['ada']);

  // --state is what is compared with, --defer-state what is read.
  await ok(shop, 'parse -t prod --target-path state');
  await ok(shop, 'build -t dev -s big state:new --defer --state state --defer-state live.duckdb --favor-state');
  const [[sql] = []] = await shop.rows(
    "select sql from duckdb_views() where view_name like 'dev.big@%' order by view_name desc limit 1",
  );
  expect(sql).toContain('live.main.customers');
  expect(await shop.dql('build -t prod -s big --defer')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--defer needs --state'),
  });
});

test('--defer reads from all files of the other environment', async () => {
  const shop = openShop();
  const settings = (attached: string) => `name: shop
targets:
  prod: { path: live.duckdb, schema: main, attach: [{ path: lake.duckdb, alias: lake }] }
  dev: { path: shop.duckdb, schema: main, defer: prod${attached} }
`;
  shop.write('project.yml', settings(''));
  shop.write('models/aa_rivers.sql', "{{ config(database='lake', materialized='table') }} select 7 as id");
  shop.write('models/seas.sql', "{{ config(materialized='view') }} select id from {{ ref('aa_rivers') }}");
  shop.write('models/waters.sql', "{{ config(materialized='table') }} select * from {{ ref('seas') }}");
  expect(await shop.dql('build -t dev -s waters --defer')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('run `dql build -t prod` first'),
  });
  await ok(shop, 'build -t prod -s +waters');
  await ok(shop, 'build -t dev -s waters --defer');
  expect(await shop.rows('select id from waters')).toEqual([[7]]);
  await ok(shop, 'build -t dev -s seas --defer');
  // A name in the other environment, also inside of a view of it, would be looked up in the file that has it here.
  shop.write('project.yml', settings(', attach: [{ path: pond.duckdb, alias: lake }]'));
  shop.write(
    'models/more.sql',
    "{{ config(materialized='table') }} select 1 as one, (select id from {{ ref('aa_rivers') }}) as id",
  );
  await ok(shop, 'build -t dev -s aa_rivers');
  for (const [words, name] of [
    ['-s waters --favor-state', 'seas'],
    ['-s more --favor-state', 'aa_rivers'],
  ])
    expect(await shop.dql(`build -t dev --defer ${words}`)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        new RegExp(
          `\`${name}\` is to be read in target \`prod\`, whose \`lake\` is .*lake.duckdb; here \`lake\` is .*pond`,
        ),
      ),
    });
  await ok(shop, 'build -t dev -s more --defer');
});

test('what is published and cannot be served is published, and says so', async () => {
  const shop = openShop();
  mkdirSync(join(shop.folder, 'served/live.duckdb/in the way'), { recursive: true });
  const built = await shop.dql('build -t prod');
  expect(built.code).toBe(1);
  expect(built.stderr).toContain('everything is published, but the copy for readers at `serve: served/live.duckdb`');
  expect(await shop.rows('select * from big', 'live.duckdb')).toEqual([['ada']]);
  shop.write('seeds/orders.csv', `${ORDERS}4,bob,30\n`);
  await shop.dql('build -t staging');
  const promoted = await shop.dql('promote --from staging --to prod');
  expect([promoted.code, promoted.stdout]).toEqual([1, expect.stringContaining('everything is published, but')]);
  const back = await shop.dql('rollback -t prod');
  expect([back.code, back.stdout]).toEqual([1, expect.stringContaining('everything is published, but')]);
  expect(await shop.rows('select * from big', 'live.duckdb')).toEqual([['ada']]);
  const ended = await shop.rows('select command, exit_code, status from _dql.runs order by sequence', 'live.duckdb');
  expect(ended).toEqual(['build', 'promote', 'rollback'].map((command) => [command, 1, 'failed']));
  rmSync(join(shop.folder, 'served'), { recursive: true });
  await ok(shop, 'promote --from staging --to prod');
  expect(await shop.rows('select * from big order by all', 'served/live.duckdb')).toEqual([['ada'], ['bob']]);
});

test('a copy for readers that is not of what is published is written by any build, and only a copy is ever replaced', async () => {
  const shop = openShop();
  const served = 'served/live.duckdb';
  const serving = (path: string) => shop.write('project.yml', SHOP['project.yml'].replace(served, path));
  await ok(shop, 'build -t prod');
  const big = () => shop.rows('select * from big', served);
  // Removed, and asked for elsewhere, with nothing else to do.
  rmSync(join(shop.folder, served));
  await ok(shop, 'build -t prod');
  expect(await big()).toEqual([['ada']]);
  serving('elsewhere/live.duckdb');
  await ok(shop, 'build -t prod');
  expect(await shop.rows('select * from big', 'elsewhere/live.duckdb')).toEqual([['ada']]);
  // A build that was not served is made up for.
  serving(served);
  mkdirSync(join(shop.folder, `${served}.next/in the way`), { recursive: true });
  shop.write('seeds/orders.csv', `${ORDERS}4,bob,30\n`);
  const unserved = await shop.dql('build -t prod');
  expect(unserved).toMatchObject({ code: 1, stderr: expect.stringContaining('the next build writes it') });
  expect(unserved.stderr).not.toContain('dql retry');
  expect(await big()).toEqual([['ada']]);
  rmSync(join(shop.folder, `${served}.next`), { recursive: true });
  await ok(shop, 'build -t prod');
  expect(await shop.rows('select * from big order by all', served)).toEqual([['ada'], ['bob']]);
  const written = statSync(join(shop.folder, served)).mtimeMs;
  await ok(shop, 'build -t prod');
  expect(statSync(join(shop.folder, served)).mtimeMs).toBe(written);

  // The warehouse itself, another one, and what is no database.
  await ok(shop, 'build -t staging');
  for (const path of ['live.duckdb', 'shop.duckdb', 'seeds/orders.csv']) {
    const before = readFileSync(join(shop.folder, path)).length;
    serving(path);
    const refused = await shop.dql('build -t prod');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('is no copy that dql wrote') });
    expect(readFileSync(join(shop.folder, path)).length).toBeGreaterThanOrEqual(before);
  }
  expect(await shop.rows('select count(*) from _dql.versions', 'shop.duckdb')).toEqual([[6n]]);
  expect(await shop.rows('select * from big order by all', 'live.duckdb')).toEqual([['ada'], ['bob']]);
});

test('the copy says of its relations and columns what the warehouse says of them, also when only that changed', async () => {
  const shop = openShop();
  const described = (spent: string) =>
    shop.write(
      'models/customers.yml',
      `models: [{ name: customers, description: "Who's who", config: { persist_docs: { relation: true, columns: true } }, columns: [{ name: spent, description: ${spent} }] }]`,
    );
  const told = () =>
    shop.rows(
      `select comment from duckdb_tables() where table_name = 'customers' union all
select comment from duckdb_columns() where table_name = 'customers' and comment is not null`,
      'served/live.duckdb',
    );
  described('In euros');
  await ok(shop, 'build -t prod');
  expect(await told()).toEqual([["Who's who"], ['In euros']]);
  described('In cents');
  await ok(shop, 'build -t prod');
  expect(await told()).toEqual([["Who's who"], ['In cents']]);
});

test('two relations of one name in two files cannot both be served, and that is said', async () => {
  const shop = openShop();
  const lake = (serve: string) =>
    shop.write(
      'project.yml',
      `name: shop\ntargets: { dev: { path: shop.duckdb, schema: main, serve: ${serve}, attach: [{ path: lake.duckdb, alias: lake }] } }`,
    );
  lake('readers.duckdb');
  shop.write('models/rivers.sql', "{{ config(database='lake') }} select 1 as id");
  await ok(shop, 'build -s rivers orders');
  expect(await shop.rows('select id from main.rivers', 'readers.duckdb')).toEqual([[1]]);
  shop.write('models/rivers.sql', "{{ config(database='lake', alias='orders') }} select 1 as id");
  expect(await shop.dql('build -s rivers orders')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('`lake.main.orders` and `shop.main.orders` would have one name in it'),
  });
});

test('across files the other one is attached READ_ONLY, and must be', async () => {
  const shop = openShop();
  await ok(shop, 'build -t prod');
  const refused = await shop.dql('clone --from prod -t dev');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('attach: [{ path: live.duckdb, alias: live, read_only: true }]');
  const project = SHOP['project.yml'];
  shop.write('project.yml', project.replace('alias: live', 'alias: production'));
  expect((await shop.dql('clone --from prod -t laptop')).stderr).toContain('attach it with alias: live');
  shop.write('project.yml', project);
  const cloned = await shop.answer<CloneAnswer>('clone --from prod -t laptop');
  expect(cloned.cloned.every(({ how }) => how === 'attached')).toBe(true);
  expect(await statuses(shop, 'build -t laptop')).toEqual(ALL_REUSED);
  expect(await ok(shop, 'show -t laptop -s big')).toContain('ada');

  // A view that was cloned is a view again where it is promoted to, over what is there.
  await ok(shop, 'test -t laptop');
  await ok(shop, 'promote --from laptop --to dev');
  expect(
    await shop.rows(
      "select view_name from duckdb_views() where schema_name = '_dql' and view_name similar to 'dev[.](big|customers|stg_orders)@1' order by all",
    ),
  ).toEqual([['dev.big@1'], ['dev.stg_orders@1']]);
  rmSync(join(shop.folder, 'live.duckdb'));
  rmSync(join(shop.folder, 'laptop.duckdb'));
  expect(await shop.rows('select * from dev.big')).toEqual([['ada']]);
  expect(await statuses(shop, 'build -t dev')).toEqual(ALL_REUSED);
  shop.write('seeds/orders.csv', `${ORDERS}4,bob,30\n`);
  await ok(shop, 'build -t dev -s orders');
  expect(await shop.rows('select count(*) from dev.stg_orders')).toEqual([[4n]]);
});
