import { afterAll, expect, test } from 'vitest';
import type { CoverageAnswer } from '../app/contract.ts';
import type { RunResults } from '../run/results.ts';
import { temporaryProject } from '../testing/temporary-project.ts';

const shop = temporaryProject({
  'models/orders.sql': `{{ config(materialized='table') }}
select range as order_id, range % 1000 as customer_id, (range * 7 % 90) / 2 as amount, 'paid' as status from range(60000)`,
  'models/customers.sql': `{{ config(materialized='table') }} select range as customer_id, 'Ada' as name from range(900)`,
  'models/staging.yml': `models:
  - name: orders
    columns:
      - { name: order_id, data_tests: [unique, not_null] }
      - { name: status, data_tests: [{ accepted_values: { arguments: { values: [paid, open] } } }] }
  - name: customers
    columns:
      - { name: customer_id, data_tests: [unique] }
`,
  'models/revenue.sql': `{{ config(materialized='table') }}
select o.order_id as id, o.status, c.customer_id, c.name
from {{ ref('orders') }} o left join {{ ref('customers') }} c on o.customer_id = c.customer_id
where o.amount >= 0`,
  'models/marts.yml': `models:
  - name: revenue
    columns:
      - { name: id, data_tests: [unique, not_null] }
      - { name: status, data_tests: [{ accepted_values: { arguments: { values: [paid, open] } } }] }
      - { name: customer_id, data_tests: [unique, not_null: { config: { severity: warn } }] }
exposures:
  - { name: dashboard, type: dashboard, owner: { name: Finance }, depends_on: [ref('revenue')] }
`,
});
afterAll(() => shop.close());

/** `unique_revenue_id: proved`, for the tests of revenue. */
const verdicts = ({ results }: RunResults): Readonly<Record<string, string>> =>
  Object.fromEntries(
    results
      .filter(({ unique_id }) => unique_id.startsWith('test.') && unique_id.includes('_revenue_'))
      .map(({ unique_id, meta, failures }) => [
        unique_id.split('.')[2]?.replace(/__.*$/, '') ?? '',
        `${meta.dql.verdict}${failures ? ` ${failures}` : ''}`,
      ])
      .sort(),
  );

test('a test that lineage proves is not asked again; an outer join and a join that repeats rows prove nothing', async () => {
  const results = await shop.answer('build');
  expect(verdicts(results)).toEqual({
    accepted_values_revenue_status: 'proved',
    not_null_revenue_customer_id: 'warn 6000',
    // A table answers it from its statistics: quicker than reading SQL.
    not_null_revenue_id: 'pass',
    unique_revenue_customer_id: 'fail 900',
    unique_revenue_id: 'proved',
  });
  const reasonOf = (name: string) => results.results.find(({ unique_id }) => unique_id.includes(name))?.meta.dql.reason;
  expect(reasonOf('unique_revenue_id')).toBe(
    'copied from orders.order_id: `unique_orders_order_id` passed, `unique_customers_customer_id` passed',
  );
}, 30_000);

test('what the tests above do not say of this data is asked', async () => {
  // Now a customer is there twice: the join repeats orders, and the copy's own test must see it.
  shop.write(
    'models/customers.sql',
    `{{ config(materialized='table') }} select range % 899 as customer_id, 'Ada' as name from range(900)`,
  );
  shop.write(
    'models/staging.yml',
    `models:
  - name: orders
    columns:
      - { name: order_id, data_tests: [unique, not_null] }
      - { name: status, data_tests: [{ accepted_values: { arguments: { values: [paid, open] }, config: { where: "amount > 3" } } }] }
  - name: customers
    columns:
      - { name: customer_id, data_tests: [{ unique: { config: { severity: warn } } }] }
`,
  );
  expect(verdicts(await shop.answer('build'))).toMatchObject({
    accepted_values_revenue_status: 'pass',
    unique_revenue_id: 'fail 60',
  });
}, 30_000);

test('coverage counts what is inherited and names the tests', async () => {
  const own = temporaryProject({
    'models/orders.sql': 'select range as order_id, range % 7 as customer_id from range(10)',
    'models/orders.yml': `models:
  - name: orders
    columns:
      - { name: order_id, description: One order., data_tests: [unique, not_null] }
      - { name: customer_id, data_tests: [{ not_null: { config: { severity: warn } } }] }
`,
    'models/paid.sql': "{{ config(materialized='ephemeral') }} select * from {{ ref('orders') }} where order_id > 2",
    'models/report.sql': "select order_id as id, customer_id from {{ ref('paid') }}",
    'models/totals.sql': "select customer_id, count(*) as n from {{ ref('report') }} group by customer_id",
  });
  const { models } = await own.answer<CoverageAnswer>('coverage');
  const found = Object.fromEntries(models.map(({ name, inherited }) => [name, inherited]));
  expect(found).toEqual({
    totals: {},
  });
  own.write(
    'models/exposures.yml',
    `exposures:
  - { name: dashboard, type: dashboard, owner: { name: Finance }, depends_on: [ref('report')] }
`,
  );
  const [report] = (await own.answer<CoverageAnswer>('coverage')).models;
  expect(report).toMatchObject({
    name: 'report',
    inherited: { null: ['not_null_orders_order_id'], uniqueness: ['unique_orders_order_id'] },
    missing: ['schema', 'range', 'volume'],
  });
  expect((await own.dql('coverage')).stdout).toContain('report: ↑ uniqueness by unique_orders_order_id');
  own.close();
}, 30_000);

test('a filter that leaves nothing proves nothing', async () => {
  shop.write(
    'models/revenue.sql',
    `{{ config(materialized='view') }} select order_id as id, status, customer_id, null as name from (select distinct * from {{ ref('orders') }}) where amount < 0`,
  );
  expect(verdicts(await shop.answer('build'))).toMatchObject({ unique_revenue_id: 'vacuous' });
}, 30_000);
