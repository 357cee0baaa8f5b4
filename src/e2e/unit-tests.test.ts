import { afterEach, expect, test, vi } from 'vitest';
import type { RunResults } from '../run/results.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

const ORDERS = {
  'seeds/orders.csv': 'id,customer,amount,ordered_on\n1,ada,10.5,2024-01-01\n2,bob,20,2024-01-02\n',
  'models/stg_orders.sql':
    "{{ config(materialized='ephemeral') }}\nselect id, customer, amount, ordered_on from {{ ref('orders') }}",
  'models/customers.sql':
    "select customer, sum(amount) as spent, max(ordered_on) as last_order, {{ var('year', 1999) }} as year from {{ ref('stg_orders') }} group by all",
  'models/days.sql': `{{ config(materialized='incremental', unique_key='ordered_on') }}
select ordered_on, count(*) as orders from {{ ref('orders') }}
{% if is_incremental() %} where ordered_on > (select max(ordered_on) from {{ this }}) {% endif %}
group by all`,
};

const open: TemporaryProject[] = [];
const openShop = (tests: string): TemporaryProject => {
  const project = temporaryProject({ ...ORDERS, 'models/unit.yml': tests });
  open.push(project);
  return project;
};
afterEach(() => {
  for (const project of open.splice(0)) project.close();
});

const statuses = ({ results }: RunResults) =>
  Object.fromEntries(results.map(({ unique_id, status }) => [unique_id.split('.').at(-1), status]));

test('rows are typed as the parents would be, before any parent was built', async () => {
  const shop = openShop(`unit_tests:
  - name: adds_up
    model: customers
    overrides: { vars: { year: 2024 } }
    given:
      - input: ref('stg_orders')
        rows:
          - { customer: ada, amount: 1.5, ordered_on: 2024-01-09 }
          - { customer: ada, amount: 2, ordered_on: 2024-01-10 }
    expect:
      rows: [{ customer: ada, spent: 3.5, last_order: 2024-01-10, year: 2024 }]
`);
  const results = await shop.answer('test');
  expect(results.results).toMatchObject([
    { unique_id: 'unit_test.shop.customers.adds_up', status: 'pass', failures: 0 },
  ]);
});

test('an incremental model is tested with rows of its own', async () => {
  const shop = openShop(`unit_tests:
  - name: only_new_days
    model: days
    overrides: { macros: { is_incremental: true } }
    given:
      - input: ref('orders')
        format: csv
        rows: |
          id,ordered_on
          1,2024-01-01
          2,2024-01-02
      - input: this
        rows: [{ ordered_on: 2024-01-01, orders: 1 }]
    expect:
      rows: [{ ordered_on: 2024-01-02, orders: 1 }]
`);
  expect(statuses(await shop.answer('test'))).toEqual({ only_new_days: 'pass' });
});

test('a failing unit test shows the cells and keeps its model from being built', async () => {
  const shop = openShop(`unit_tests:
  - name: wrong_sum
    model: customers
    given:
      - input: ref('stg_orders')
        rows: [{ customer: ada, amount: 1 }]
    expect:
      rows: [{ customer: ada, spent: 2 }]
`);
  const results = await shop.answer('build');
  expect(statuses(results)).toEqual({ orders: 'success', wrong_sum: 'fail', customers: 'skipped', days: 'success' });
  expect(results.results.find(({ status }) => status === 'fail')).toMatchObject({
    failures: 1,
    message: expect.stringContaining('1'),
  });
  shop.write('models/unit.yml', '');
  expect((await shop.dql('build')).code).toBe(0);
});

test('a unit test that would read real rows says which input is missing', async () => {
  const shop = openShop(`unit_tests:
  - name: forgot_an_input
    model: customers
    given: []
    expect: { rows: [] }
  - name: forgot_its_own_rows
    model: days
    overrides: { macros: { is_incremental: true } }
    given: [{ input: ref('orders'), rows: [] }]
    expect: { rows: [] }
  - name: expects_what_is_not_there
    model: days
    given: [{ input: ref('orders'), rows: [] }]
    expect: { rows: [{ orderz: 1 }] }
`);
  const { code, stderr } = await shop.dql('test');
  expect(code).toBe(1);
  expect(stderr).toContain("gives no rows for ref('stg_orders'), which `customers` reads");
  expect(stderr).toContain('gives no rows for this, which `days` reads');
  expect(stderr).toContain('did you mean `orders`?');
});

test('a verdict is kept while model and rows stay, and not a moment longer', async () => {
  const yml = (spent: number) => `unit_tests:
  - name: adds_up
    model: customers
    given: [{ input: ref('stg_orders'), rows: [{ customer: ada, amount: 1 }] }]
    expect: { rows: [{ customer: ada, spent: ${spent} }] }
`;
  const shop = openShop(yml(1));
  const reason = ({ results }: RunResults) =>
    results.find(({ unique_id }) => unique_id.startsWith('unit_test'))?.meta.dql.reason ?? 'executed';
  expect(reason(await shop.answer('build'))).toBe('executed');
  expect(reason(await shop.answer('build'))).toBe('unchanged');
  shop.write('models/customers.sql', ORDERS['models/customers.sql'].replace('sum(amount)', 'sum(amount) + 1'));
  expect((await shop.dql('build')).code).toBe(1);
  shop.write('models/unit.yml', yml(2));
  expect((await shop.dql('build')).code).toBe(0);
});
