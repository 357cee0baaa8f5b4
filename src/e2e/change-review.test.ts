import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { build } from '../app/build.ts';
import { ci } from '../app/ci.ts';
import type { CiPolicy } from '../app/contract.ts';
import { coverage } from '../app/coverage.ts';
import { impact } from '../app/impact.ts';
import { inspect } from '../app/inspect.ts';
import { temporaryProject, writeFiles } from '../testing/project-folder.ts';
import { defaultOptions, listening } from '../testing/use-case-options.ts';

const shop = {
  'project.yml': `name: shop
target: prod
targets:
  prod: { path: shop-prod.duckdb }
  review: { path: shop-review.duckdb }
`,
  'data/orders.csv':
    'order_id,customer,amount,email\n1,Ada,10,ada@example.com\n2,Grace,20,grace@example.com\n3,,30,none@example.com\n',
  'models/sources.yml': `sources:
  - name: raw
    tables:
      - name: orders
        external: { location: data/orders.csv }
`,
  'models/orders.sql': "select order_id, customer as customer_name, amount, email from {{ source('raw', 'orders') }}",
  'models/revenue.sql': "select customer_name, sum(amount) as revenue from {{ ref('orders') }} group by customer_name",
  'models/models.yml': `models:
  - name: orders
    columns:
      - { name: order_id, data_tests: [unique, not_null] }
      - { name: customer_name, data_tests: [{ not_null: { config: { severity: warn, owner: Desk } } }] }
      - { name: email, config: { meta: { pii: true } } }
exposures:
  - { name: weekly_report, type: dashboard, owner: { name: Finance }, depends_on: [ref('revenue')] }
`,
};

test('a failing row is followed to its file and row, and its personal data stay hidden', async () => {
  const folder = temporaryProject(shop);
  await build(defaultOptions(folder), listening());
  const answer = await inspect(
    { ...defaultOptions(folder), test: 'not_null_orders_customer_name', limit: 5 },
    listening(),
  );
  expect(answer).toMatchObject({
    status: 'warn',
    failures: 1,
    path: 'models/models.yml',
    line: 5,
    owner: 'Desk',
    last_run: expect.stringContaining('2026-03-01T08:00'),
  });
  expect(answer.rows?.rows).toEqual([[null, '3', '30', '•••']]);
  expect(answer.origins).toMatchObject([
    { relation: 'raw.orders', file: 'data/orders.csv', row_number: 3, matches: 1 },
  ]);
}, 20_000);

test('values that stand in several rows name them all; personal data stay hidden under another name', async () => {
  const folder = temporaryProject({
    ...shop,
    'data/orders.csv':
      'order_id,customer,amount,email\n1,Ada,10,a@example.com\n2,Grace,20,g@example.com\n1,Alan,30,a@example.com\n',
    'models/contacts.sql': "select order_id, lower(email) as address, email as written from {{ ref('orders') }}",
    'models/contacts.yml': `models:
  - name: contacts
    columns:
      - { name: address, data_tests: [unique] }
      - { name: written, config: { meta: { pii: false } }, data_tests: [unique] }
      - { name: order_id, data_tests: [{ accepted_range: { arguments: { min: 2 } } }] }
`,
    'models/orders.sql': "select order_id, customer as customer_name, amount, email from {{ source('raw', 'orders') }}",
  });
  await build({ ...defaultOptions(folder), select: ['+contacts'], exclude: ['unique_orders_order_id'] }, listening());
  const inspected = (test: string) => inspect({ ...defaultOptions(folder), test, limit: 5 }, listening());
  expect(await inspected('unique_contacts_address')).toMatchObject({ rows: { rows: [['•••', '2']] } });
  expect(await inspected('unique_contacts_written')).toMatchObject({
    rows: { rows: [['a@example.com', '2']] },
    origins: [
      {
        file: 'data/orders.csv',
        row_number: null,
        places: [
          { file: 'data/orders.csv', row_number: 1 },
          { file: 'data/orders.csv', row_number: 3 },
        ],
        matches: 2,
      },
    ],
  });
  const ranged = await inspected('accepted_range_contacts_order_id__2');
  expect(ranged.rows?.rows).toEqual([
    ['1', '•••', 'a@example.com'],
    ['1', '•••', 'a@example.com'],
  ]);
}, 20_000);

test('a changed expression is partial, a changed filter is breaking, and a change of layout is nothing', async () => {
  const folder = temporaryProject(shop);
  await build(defaultOptions(folder), listening());
  const impactOf = async (orders: string) => {
    writeFiles(folder, { 'models/orders.sql': orders });
    return impact(defaultOptions(folder), listening());
  };
  expect(
    await impactOf(
      "select order_id,customer as customer_name, amount, email\nfrom {{ source('raw', 'orders') }} -- all",
    ),
  ).toMatchObject({ verdict: 'none', changes: [], affected: [] });
  const partial = await impactOf(
    "select order_id, customer as customer_name, amount * 2 as amount, email from {{ source('raw', 'orders') }}",
  );
  expect(partial.verdict).toBe('partial');
  expect(partial.affected.map(({ name, columns, owner }) => [name, columns, owner])).toEqual([
    ['revenue', ['revenue'], null],
    ['weekly_report', [], 'Finance'],
  ]);
  const breaking = await impactOf(
    "select order_id, customer as customer_name, amount, email from {{ source('raw', 'orders') }} where amount > 15",
  );
  expect(breaking.verdict).toBe('breaking');
  expect(breaking.changes[0]?.reason).toBe('other rows, by its filters');
}, 20_000);

test('a review builds only the change, reads the rest in production, and its policies decide', async () => {
  const folder = temporaryProject(shop);
  await build(defaultOptions(folder), listening());
  const untouched = readFileSync(join(folder, 'shop-prod.duckdb'));
  writeFiles(folder, {
    'models/revenue.sql':
      "select customer_name, sum(amount) + 1 as revenue from {{ ref('orders') }} group by customer_name",
  });
  const review = (...failOn: readonly CiPolicy[]) =>
    ci(
      {
        ...defaultOptions(folder, { target: 'review', state: 'shop-prod.duckdb' }),
        failOn,
        limit: 5,
        key: ['customer_name'],
      },
      listening(),
    );
  const answer = await review('tests', 'rows');
  expect(answer.results.results.map(({ unique_id, status }) => [unique_id, status])).toEqual([
    ['model.shop.revenue', 'success'],
  ]);
  expect(answer.diff.relations).toMatchObject([
    {
      name: 'revenue',
      left_rows: 3,
      right_rows: 3,
      changed: 2,
      null_keys: 1,
      columns: [{ column: 'revenue', changed: 2 }],
    },
  ]);
  expect(answer.impact.verdict).toBe('partial');
  expect(answer.newly_failing).toEqual([]);
  expect(answer.violations).toEqual(['rows differ from production in revenue']);
  expect(readFileSync(join(folder, 'shop-prod.duckdb')).equals(untouched)).toBe(true);
  expect((await review('tests', 'breaking', 'schema')).violations).toEqual([]);
}, 30_000);

test('a review compares what the change reaches, not everything that was built for it', async () => {
  const folder = temporaryProject(shop);
  await build(defaultOptions(folder), listening());
  writeFiles(folder, {
    'models/revenue.sql':
      "select customer_name, sum(amount) + 1 as revenue from {{ ref('orders') }} group by customer_name",
  });
  const answer = await ci(
    {
      ...defaultOptions(folder, { target: 'review', state: 'shop-prod.duckdb', select: ['+revenue'] }),
      failOn: ['schema'],
      limit: 5,
      key: ['customer_name'],
    },
    listening(),
  );
  const built = answer.results.results.filter(({ unique_id }) => unique_id.startsWith('model.'));
  expect(built.map(({ unique_id }) => unique_id)).toEqual(['model.shop.orders', 'model.shop.revenue']);
  expect(answer.diff.relations.map(({ name }) => name)).toEqual(['revenue']);
}, 30_000);

test.each<readonly [policy: CiPolicy, change: Readonly<Record<string, string>>, violations: readonly string[]]>([
  [
    'tests',
    {
      'models/orders.sql':
        "select 1 as order_id, 'x' as customer_name, 2 as amount, '' as email union all select 1, 'y', 3, ''",
    },
    ['1 node or test fails: unique_orders_order_id'],
  ],
  [
    'breaking',
    {
      'models/orders.sql':
        "select order_id, customer as customer_name, amount, email from {{ source('raw', 'orders') }} where amount > 10",
    },
    [expect.stringContaining('breaking changes: orders')],
  ],
  [
    'schema',
    { 'models/revenue.sql': "select customer_name from {{ ref('orders') }} group by customer_name" },
    ['columns were removed or retyped in revenue'],
  ],
  [
    'coverage',
    {
      'models/more.yml':
        "exposures: [{ name: another, type: dashboard, owner: { name: Ops }, depends_on: [ref('orders'), ref('revenue')] }]",
    },
    [],
  ],
])(
  'the policy %s decides by itself',
  async (policy, change, violations) => {
    const folder = temporaryProject(shop);
    await build(defaultOptions(folder), listening());
    writeFiles(folder, change);
    const review = (failOn: readonly CiPolicy[]) =>
      ci(
        { ...defaultOptions(folder, { target: 'review', state: 'shop-prod.duckdb' }), failOn, limit: 5, key: [] },
        listening(),
      );
    expect((await review([policy])).violations).toEqual(violations);
  },
  30_000,
);

test('coverage names what nobody tests on an exposed model', async () => {
  const folder = temporaryProject(shop);
  const answer = await coverage({ ...defaultOptions(folder), failUnder: 50 }, listening());
  expect(answer.models).toMatchObject([{ name: 'revenue', exposed_by: ['weekly_report'], percent: 0 }]);
  expect(answer.percent).toBe(0);
  expect(existsSync(join(folder, 'shop-prod.duckdb'))).toBe(false);
});

test('a test that can pass on nothing is told, and what a contract enforced is not asked again', async () => {
  const folder = temporaryProject({
    ...shop,
    'models/revenue.yml': `models:
  - name: revenue
    config: { materialized: table, contract: { enforced: true } }
    columns:
      - { name: customer_name, data_type: varchar }
      - { name: revenue, data_type: hugeint, constraints: [{ type: not_null }], data_tests: [not_null] }
`,
    'tests/orders_are_fresh.sql': "select max(order_id) as latest from {{ ref('orders') }} having max(order_id) < 3",
  });
  const results = await build(defaultOptions(folder), listening());
  expect(results.meta.dql.warnings.map(({ code, at }) => [code, at?.file])).toContainEqual([
    'checks/vacuous-having',
    'tests/orders_are_fresh.sql',
  ]);
  const verdictOf = (name: string) =>
    results.results.find(({ unique_id }) => unique_id.includes(name))?.meta.dql.verdict;
  expect(verdictOf('not_null_revenue_revenue')).toBe('proved');
  expect(verdictOf('not_null_orders_order_id')).toBe('pass');
}, 20_000);
