import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const ORDERS = "select order_id, customer, amount from {{ source('raw', 'orders') }}";
const REVENUE = "select customer, sum(amount) as revenue from {{ ref('orders') }} group by customer";
const PROPERTIES = `models:
  - name: orders
    config: { meta: { owner: Ingestion } }
    columns:
      - { name: order_id, data_tests: [unique, not_null] }
  - name: revenue
    columns:
      - { name: customer, data_tests: [unique, not_null] }
      - { name: revenue, data_tests: [accepted_range: { arguments: { min: 0 }, config: { severity: warn } }] }
exposures:
  - { name: weekly_report, type: dashboard, owner: { name: Finance }, depends_on: [ref('revenue')] }
`;

let shop: TemporaryProject;
beforeAll(async () => {
  shop = temporaryProject({
    'project.yml': `name: shop
target: prod
targets:
  prod: { path: prod.duckdb }
  review: { path: review.duckdb }
`,
    'data/orders.csv': 'order_id,customer,amount\n1,Ada,10\n2,Grace,20\n3,Alan,30\n',
    'models/sources.yml':
      'sources: [{ name: raw, tables: [{ name: orders, external: { location: data/orders.csv } }] }]',
    'models/orders.sql': ORDERS,
    'models/revenue.sql': REVENUE,
    'models/models.yml': PROPERTIES,
  });
  expect((await shop.dql('build')).code).toBe(0);
});
afterAll(() => shop.close());

/** What `dql ci` says of a change, and with which code it ends. */
async function review(change: Readonly<Record<string, string>>, flags: string) {
  for (const [path, text] of Object.entries({
    'models/orders.sql': ORDERS,
    'models/revenue.sql': REVENUE,
    'models/models.yml': PROPERTIES,
    ...change,
  }))
    shop.write(path, text);
  const { code, stderr } = await shop.dql(`ci --state prod.duckdb -t review --markdown report.md ${flags}`.trim());
  return { code, stderr, report: readFileSync(join(shop.folder, 'report.md'), 'utf8') };
}

const otherRows = { 'models/orders.sql': `${ORDERS} where amount > 10` };
const otherLayout = { 'models/orders.sql': `-- every order\n${ORDERS}` };
const oneColumnLess = {
  'models/orders.sql': "select order_id, customer, amount, 1 as extra from {{ source('raw', 'orders') }}",
  'models/revenue.sql': "select customer from {{ ref('orders') }} group by customer",
  'models/models.yml': PROPERTIES.replace(/.*name: revenue, data_tests.*\n/, ''),
};
const repeated = { 'models/orders.sql': `${ORDERS} union all select 1, 'Zoe', 5` };
const unbuildable = {
  'models/revenue.sql':
    "{{ config(materialized='table') }} select customer, error('no') as revenue from {{ ref('orders') }}",
};
const untested = { 'models/models.yml': PROPERTIES.replace('customer, data_tests: [unique, not_null]', 'customer') };

test.each([
  ['tests pass', otherLayout, '--fail-on tests', 0, 'This change may go in'],
  ['a test fails', repeated, '', 1, '1 node or test fails: unique_orders_order_id'],
  [
    'a test fails that nobody asked about',
    repeated,
    '--fail-on coverage',
    0,
    'may go in, although 1 node or test fails',
  ],
  ['a model cannot be built, whatever was asked', unbuildable, '--fail-on schema', 1, 'could not be built: revenue'],
  ['a filter changes', otherRows, '--fail-on breaking', 1, 'breaking changes: orders (other rows, by its filters)'],
  ['only the layout changes', otherLayout, '--fail-on breaking schema rows', 0, 'No model changed in meaning'],
  [
    'a new column breaks nobody',
    { 'models/orders.sql': "select order_id, customer, amount, 1 as extra from {{ source('raw', 'orders') }}" },
    '--fail-on breaking schema',
    0,
    'may go in',
  ],
  ['a column goes', oneColumnLess, '--fail-on schema', 1, 'columns were removed or retyped in revenue'],
  ['rows differ', otherRows, '--fail-on rows', 1, 'rows differ from production in orders, revenue'],
  ['rows differ and nobody minds', otherRows, '--fail-on tests schema', 0, 'may go in'],
  ['tests of an exposed model go', untested, '--fail-on coverage', 1, 'test coverage fell from'],
] as const)('%s', async (_, change, flags, code, sentence) => {
  const told = await review(change, flags);
  expect(told.report.replaceAll('\\', '')).toContain(sentence);
  expect(told.code).toBe(code);
});

test('an edited model that others only follow is the one breaking change', async () => {
  const { report } = await review(otherRows, '--fail-on breaking');
  expect(report.replaceAll('\\', '')).toContain('- breaking changes: orders (other rows, by its filters)\n');
  expect(report).toMatch(/\| `revenue` \| model \| breaking \|/);
});

test('a second review of the same change says the same', async () => {
  const first = await review(otherRows, '--fail-on rows');
  const second = await review(otherRows, '--fail-on rows');
  expect([first.code, second.code]).toEqual([1, 1]);
  const data = (report: string) => /## Data\n([\s\S]*?)## /.exec(report)?.[1];
  expect(data(second.report)).toBe(data(first.report));
});

test('a reviewer reads first what decides, whom it reaches, and what changed on which side', async () => {
  const { report } = await review({ 'models/orders.sql': ORDERS.replace('amount', 'amount - 15 as amount') }, '');
  const [title = '', counts = ''] = report.split('\n\n');
  expect(title).toBe('# ✅ This change may go in');
  expect(counts).toContain(
    '1 model changed in meaning, which reaches 1 node and 1 exposure (`weekly_report`). To tell: Ingestion, Finance.',
  );
  expect(report).toContain('Left is prod.duckdb, right is this change in target review.');
  expect(report).toContain('| 1 | amount | 10 | -5 |');
  expect(report).toMatch(/\| `weekly_report` \| exposure \|.*\| Finance \|/);
  const failing = await review(repeated, '');
  expect(failing.report).toContain('Not built, so not compared: `revenue`.');
  expect(failing.report.replaceAll('\\', '')).toContain(
    '## Newly failing tests\n\n- `unique_orders_order_id` (`models/models.yml:5`): Got 1 result',
  );
});

test('what cannot be asked for is refused before anything is built', async () => {
  const ci = (flags: string) => shop.dql(`ci ${flags}`.trim());
  expect(await ci('')).toMatchObject({ code: 2, stderr: expect.stringContaining('give --state') });
  const unknown = await ci('--state prod.duckdb --fail-on test');
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('`test`') });
  expect(unknown.stderr).toContain('tests');
});
