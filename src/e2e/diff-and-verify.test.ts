import { afterEach, expect, test, vi } from 'vitest';
import type { DiffAnswer, VerifyAnswer } from '../app/contract.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

const ORDERS = 'id,customer,amount,ordered_at\n1,ada,10,2024-01-01\n2,bob,20,2024-01-02\n3,ada,30,2024-01-03\n';
const SHOP = {
  'project.yml': `name: shop
target: dev
targets:
  dev: { path: shop.duckdb, schema: main, threads: 2 }
  staging: { path: shop.duckdb, schema: staging, threads: 2 }
  prod: { path: live.duckdb, schema: main, threads: 2 }
`,
  'seeds/orders.csv': ORDERS,
  'seeds/seeds.yml': 'seeds:\n  - name: orders\n    config: { event_time: ordered_at }\n',
  'models/customers.sql':
    "{{ config(materialized='table') }}\nselect customer, sum(amount) as spent from {{ ref('orders') }} group by all",
  'models/models.yml': 'models:\n  - name: customers\n    columns: [{ name: customer, data_tests: [unique] }]\n',
  'models/days.sql': `{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='ordered_at', begin='2024-01-01', batch_size='day') }}
select * from {{ ref('orders') }}`,
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
const CHANGED = ORDERS.replace('bob,20', 'bob,25').concat('4,eve,5,2024-01-03\n');

test('runs, versions and targets are compared by the key that a unique test names', async () => {
  const shop = openShop();
  await ok(shop, 'build --now 2024-01-04T01:00:00Z');
  shop.write('seeds/orders.csv', CHANGED);
  await ok(shop, 'build --now 2024-01-04T02:00:00Z');

  const model = await shop.answer<DiffAnswer>('diff customers');
  expect([model.left, model.right]).toEqual(['customers@1', 'customers@2']);
  expect(model.relations).toMatchObject([
    {
      name: 'customers',
      equal: false,
      key: ['customer'],
      left_rows: 2,
      right_rows: 3,
      added: 1,
      removed: 0,
      changed: 1,
      columns: [{ column: 'spent', changed: 1, rate: 0.5 }],
      sample: {
        rows: [
          ['bob', 'spent', '20', '25'],
          ['eve', 'added', null, 'spent=5'],
        ],
      },
    },
  ]);
  const lastRun = await shop.answer<DiffAnswer>('diff');
  expect(lastRun.relations.map(({ name, equal }) => `${name} ${equal}`)).toEqual([
    'customers false',
    'days false',
    'orders false',
  ]);
  expect(await shop.answer<DiffAnswer>('diff customers@1 customers@2 --key customer')).toMatchObject({
    relations: [{ added: 1, changed: 1 }],
  });

  await ok(shop, 'build -t staging --now 2024-01-04T02:00:00Z');
  shop.write('seeds/orders.csv', ORDERS);
  await ok(shop, 'build -t prod --now 2024-01-04T02:00:00Z');
  const same = await shop.answer<DiffAnswer>('diff staging dev -s customers');
  expect(same.relations).toMatchObject([{ name: 'customers', equal: true, left_rows: 3, right_rows: 3 }]);
  const other = await shop.answer<DiffAnswer>('diff prod dev');
  expect(other.relations.map(({ name, equal }) => `${name} ${equal}`)).toEqual([
    'customers false',
    'days false',
    'orders false',
  ]);
  expect(await ok(shop, 'diff prod dev')).toContain('1 added, 0 removed, 1 changed by customer');

  for (const [words, message] of [
    ['diff custmers', 'is no target, no run and no model'],
    ['diff customers@9 customers', 'version 9 of `customers` is not kept'],
    ['diff customers --key nope', '`customers`: the key column `nope` is not in'],
  ] as const) {
    const told = await shop.dql(words);
    expect([words, told.code]).toEqual([words, 2]);
    expect(told.stderr).toContain(message);
  }
});

test('what is held is compared as what would come, and what is no longer kept is neither equal nor different', async () => {
  const shop = openShop();
  await ok(shop, 'build --now 2024-01-04T01:00:00Z');
  shop.write(
    'models/models.yml',
    'models:\n  - name: customers\n    columns: [{ name: customer, data_tests: [unique] }, { name: spent, data_tests: [{ accepted_range: { arguments: { max: 41 } } }] }]\n',
  );
  shop.write('seeds/orders.csv', CHANGED.replace('eve,5', 'eve,50'));
  expect((await shop.dql('build --now 2024-01-04T02:00:00Z')).code).toBe(1);
  const held = { relations: [{ name: 'customers', left_rows: 2, right_rows: 3, added: 1, removed: 0, changed: 1 }] };
  expect(await shop.answer('diff')).toMatchObject({ left: 'dev, as published', right: 'built and held', ...held });
  expect(await shop.answer('diff customers@2')).toMatchObject({ left: 'customers@1', right: 'customers@2', ...held });
  expect((await shop.dql('diff customers')).stderr).toContain(
    '`dql diff customers@2` compares it with what was built and held',
  );

  const first = (await shop.answer<{ runs: { run_id: string }[] }>('history')).runs.at(-1)?.run_id ?? '';
  for (const day of [5, 6, 7, 8]) {
    shop.write('seeds/orders.csv', ORDERS.replace('bob,20', `bob,2${day}`));
    await ok(shop, `build --now 2024-02-0${day}T01:00:00Z -s customers orders`);
  }
  const kept = await shop.answer<DiffAnswer>(`diff ${first} dev -s customers`);
  expect(kept.relations).toMatchObject([{ name: 'customers', equal: null, added: null }]);
  expect((await shop.dql(`diff ${first} dev -s customers`)).stdout).toMatch(/0 equal, 0 different, 1 not compared\n$/);
});

test('of views over a file that changed it is said that both versions show what it holds today', async () => {
  const shop = openShop();
  shop.write('raw/cities.csv', 'id\n1\n');
  shop.write('models/cities.yml', 'sources: [{ name: raw, tables: [{ name: cities, external: raw/cities.csv }] }]\n');
  shop.write('models/cities.sql', "select id from {{ source('raw', 'cities') }}");
  shop.write('models/towns.sql', "select id + 1 as id from {{ ref('cities') }}");
  await ok(shop, 'build -s +towns');
  shop.write('raw/cities.csv', 'id\n2\n');
  await ok(shop, 'build -s +towns');
  const note = 'both sides show what `raw.cities` holds today, which has changed between them';
  expect((await shop.answer<DiffAnswer>('diff')).relations).toMatchObject([
    { name: 'cities', equal: true, note },
    { name: 'towns', equal: true, note },
  ]);
  expect(await ok(shop, 'diff towns')).toContain(note);
});

test('keys that are missing, repeated or NULL are said, and counted as rows, never as changes', async () => {
  const shop = openShop();
  shop.write('seeds/prices.csv', 'id,price\n1,10\n2,20\n3,30\n3,31\n,40\n,41\n5,50\n');
  await ok(shop, 'build -s prices');
  shop.write('seeds/prices.csv', 'id,price\n1,10\n2,21\n3,30\n3,32\n,40\n,42\n6,60\n');
  await ok(shop, 'build -s prices');
  const { relations } = await shop.answer<DiffAnswer>('diff prices --key id');
  expect(relations).toMatchObject([
    {
      left_rows: 7,
      right_rows: 7,
      // By key: 6 came, 5 went, 2 costs more. Of the rows that no key can pair one each changed places.
      added: 1,
      removed: 1,
      changed: 1,
      duplicate_keys: 1,
      null_keys: 2,
      columns: [{ column: 'price', changed: 1 }],
      note: 'rows without a key: 1 only on the left, 1 only on the right; rows of keys that occur more than once: 1 only on the left, 1 only on the right',
    },
  ]);
  // Without a key they are rows as wholes, and a changed one is a row less and a row more.
  const whole = await shop.answer<DiffAnswer>('diff prices');
  expect(whole.relations).toMatchObject([{ added: 4, removed: 4, changed: null }]);
});

test('a history is compared by its key and when each version of a row began', async () => {
  const shop = openShop();
  const history = (name: string, key: string) =>
    `  - { name: ${name}, relation: ref('orders'), config: { strategy: timestamp, updated_at: ordered_at, unique_key: ${key}, snapshot_meta_column_names: { dbt_valid_from: since } } }\n`;
  shop.write(
    'snapshots/history.yml',
    `snapshots:\n${history('history', 'id')}${history('by_expression', '"id + 1"')}${history('quoted', `'"id"'`)}`,
  );
  await ok(shop, 'build -t staging');
  await ok(shop, 'build -t dev');
  shop.write('seeds/orders.csv', ORDERS.replace('bob,20,2024-01-02', 'bob,25,2024-01-05'));
  await ok(shop, 'build -t dev');
  const { relations } = await shop.answer<DiffAnswer>('diff staging dev --select history by_expression quoted');
  expect(
    relations.map(({ name, key, added, removed, changed, duplicate_keys }) => ({
      name,
      key,
      added,
      removed,
      changed,
      duplicate_keys,
    })),
  ).toEqual([
    { name: 'by_expression', key: ['dbt_scd_id'], added: 1, removed: 0, changed: 1, duplicate_keys: 0 },
    { name: 'history', key: ['id', 'since'], added: 1, removed: 0, changed: 1, duplicate_keys: 0 },
    { name: 'quoted', key: ['id', 'since'], added: 1, removed: 0, changed: 1, duplicate_keys: 0 },
  ]);
});

test('files of the same name are compared and promoted, views and older increments included', async () => {
  const shop = openShop();
  shop.write(
    'project.yml',
    `name: shop
target: dev
targets:
  dev: { path: dev/shop.duckdb, threads: 2 }
  prod: { path: prod/shop.duckdb, threads: 2 }
`,
  );
  shop.write('models/big.sql', "select customer, spent from {{ ref('customers') }} where spent >= 25");
  shop.write(
    'models/bigger.sql',
    "select big.customer from {{ ref('big') }} as big join {{ ref('customers') }} as c using (customer)",
  );
  await ok(shop, 'build -t prod --now 2024-01-04T01:00:00Z');
  await ok(shop, 'build -t dev --now 2024-01-04T01:00:00Z');
  shop.write('seeds/orders.csv', CHANGED);
  await ok(shop, 'build -t prod --now 2024-01-04T02:00:00Z');
  const { relations } = await shop.answer<DiffAnswer>('diff prod dev');
  expect(relations.map(({ name, left_rows, right_rows }) => `${name} ${left_rows} ${right_rows}`)).toEqual([
    'big 2 1',
    'bigger 2 1',
    'customers 3 2',
    'days 4 3',
    'orders 4 3',
  ]);
  const clone = await shop.dql('clone --from prod -t dev');
  expect([clone.code, clone.stderr]).toEqual([2, expect.stringContaining('are both called `shop`')]);
  await ok(shop, 'promote --from prod --to dev --now 2024-01-04T02:30:00Z');
  expect((await shop.answer<DiffAnswer>('diff prod dev')).relations.every(({ equal }) => equal)).toBe(true);
  expect(await shop.rows('select * from bigger order by all', 'dev/shop.duckdb')).toEqual([['ada'], ['bob']]);
});

test('verify rebuilds closed intervals aside, and finds what the increments missed', async () => {
  const shop = openShop();
  await ok(shop, 'build --now 2024-01-05T01:00:00Z');
  const equal = await shop.answer<VerifyAnswer>('verify --intervals 2 --seed 7 --now 2024-01-05T02:00:00Z');
  expect(equal.checks).toHaveLength(2);
  expect(equal.checks.every((check) => check.equal && /^\[2024-01-0\d, 2024-01-0\d\)$/.test(check.interval))).toBe(
    true,
  );
  expect(await shop.answer('verify --intervals 2 --seed 7 --now 2024-01-05T02:00:00Z')).toMatchObject({
    checks: equal.checks.map(({ interval }) => ({ interval })),
  });

  // The change lies before what a later run looks at.
  shop.write('seeds/orders.csv', CHANGED.replace('4,eve,5,2024-01-03', '4,eve,5,2024-01-01'));
  await ok(shop, 'build --now 2024-01-05T03:00:00Z');
  const told = await shop.dql('verify --whole -s days --now 2024-01-05T04:00:00Z --output json');
  expect(told.code).toBe(1);
  const { checks }: VerifyAnswer = JSON.parse(told.stdout);
  expect(checks).toMatchObject([{ name: 'days', interval: 'whole', equal: false, missing: 2, extra: 1 }]);
  expect(checks[0]?.sample?.rows.map(([row, id]) => `${row} ${id}`)).toEqual(['extra 2', 'missing 2', 'missing 4']);

  await ok(shop, 'build --event-time-start 2024-01-01 --event-time-end 2024-01-03 --now 2024-01-05T04:00:00Z');
  expect((await shop.dql('verify --whole --now 2024-01-05T04:00:00Z')).code).toBe(0);
  expect((await shop.dql('verify -s customers')).code).toBe(2);
});

test('verify says what besides rows differs, and an error of the SQL at its place', async () => {
  const shop = openShop();
  const model = (columns: string) =>
    shop.write(
      'models/wide.sql',
      `{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns') }}\nselect id, ${columns} from {{ ref('events') }}`,
    );
  shop.write('seeds/events.csv', 'id\n1\n2\n');
  shop.write(
    'models/dice.sql',
    "{{ config(materialized='incremental') }} select id, random() as thrown from {{ ref('events') }}",
  );
  model('1 as one');
  expect((await shop.dql('build -s events wide dice')).code).toBe(0);
  model('2::bigint as two, 1 as one');
  const told = await shop.dql('verify -s wide dice');
  expect(told.code).toBe(1);
  expect(told.stdout).toContain('only its full refresh has column two');
  expect(told.stdout).toMatch(/its SQL is not deterministic: random\(\)/);
  // A column that was added stands at the end, wherever the SQL has it.
  expect((await shop.dql('build -s wide')).code).toBe(0);
  expect(await shop.dql('verify -s wide')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^equal +wide whole/),
  });
  model("error('till broken') as one");
  expect(await shop.dql('verify -s wide')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/error\[run\/.*till broken[\s\S]*models\/wide\.sql/),
  });
});

test('of two columns that tests call unique one names the row, so a change of the other is a change', async () => {
  const shop = openShop();
  const tested = (name: string) => `{ name: ${name}, data_tests: [unique, not_null] }`;
  shop.write('seeds/people.csv', 'id,email\n1,ada@here\n2,bob@here\n');
  shop.write('models/people.yml', `models:\n  - { name: everyone, columns: [${tested('id')}, ${tested('email')}] }\n`);
  shop.write('models/everyone.sql', "{{ config(materialized='table') }}\nselect * from {{ ref('people') }}");
  await ok(shop, 'build -s people everyone');
  shop.write('seeds/people.csv', 'id,email\n1,ada@there\n2,bob@here\n');
  await ok(shop, 'build -s people everyone');
  const { relations } = await shop.answer<DiffAnswer>('diff everyone');
  expect(relations).toMatchObject([{ added: 0, removed: 0, changed: 1, columns: [{ column: 'email', changed: 1 }] }]);
});
