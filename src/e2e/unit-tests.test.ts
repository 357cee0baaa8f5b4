import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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

test('what a failing unit test keeps from being asked or built names that test', async () => {
  const given = `model: customers, given: [{ input: ref('stg_orders'), rows: [{ customer: ada, amount: 1 }] }]`;
  const shop = openShop(`unit_tests:
  - { name: first_is_wrong, ${given}, expect: { rows: [{ spent: 2 }] } }
  - { name: second, ${given}, expect: { rows: [{ spent: 1 }] } }
`);
  const { results } = await shop.answer('build');
  const reasons = results.flatMap(({ unique_id, meta }) => (meta.dql.reason ? [[unique_id, meta.dql.reason]] : []));
  expect(reasons).toEqual(
    expect.arrayContaining([
      ['unit_test.shop.customers.second', 'test `first_is_wrong` failed'],
      ['model.shop.customers', 'test `first_is_wrong` failed'],
    ]),
  );
});

test('what is wrong with a unit test is said on its own lines', async () => {
  const shop = openShop(`unit_tests:
  - { name: fine, model: customers, given: [{ input: ref('stg_orders'), rows: [] }], expect: { rows: [] } }
  - { name: unknown_column, model: customers, given: [{ input: ref('stg_orders'), rows: [] }], expect: { rows: [{ spend: 2 }] } }
  - { name: no_number, model: customers, given: [{ input: ref('stg_orders'), rows: [{ amount: much }] }], expect: { rows: [] } }
  - { name: nothing_given, model: customers, given: [], expect: { rows: [] } }
`);
  const { results } = await shop.answer('test -s test_type:unit');
  const source = readFileSync(join(shop.folder, 'models/unit.yml'), 'utf8');
  const told = results.flatMap(({ meta }) =>
    (meta.dql.diagnostics ?? []).map(({ at }) => source.slice(at?.start, at?.end)),
  );
  expect(told.sort()).toEqual(['no_number', 'nothing_given', 'unknown_column']);
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

const MACROS = {
  'macros/money.sql': `{% macro euros(column, digits=2) %}round({{ column }} / 100.0, {{ digits }}){% endmacro %}
{% macro latest(relation, key) %}
select * from {{ relation }} qualify row_number() over (partition by {{ key }} order by seen desc) = 1
{% endmacro %}`,
  'models/paid.sql': "select id, {{ euros('amount') }} as euros from {{ ref('orders') }}",
};
const macroShop = (tests: string): TemporaryProject => {
  const project = temporaryProject({ ...ORDERS, ...MACROS, 'models/unit.yml': `unit_tests:\n${tests}` });
  open.push(project);
  return project;
};

test('a macro is tested as an expression over each given row, or as a query', async () => {
  const shop = macroShop(`  - name: cents_become_euros
    macro: euros
    args: { column: amount }
    given: [{ input: payments, rows: [{ amount: 1050 }, { amount: 7 }, { amount: null }] }]
    expect:
      rows: [{ amount: 1050, euros: 10.5 }, { amount: 7, euros: 0.07 }, { amount: null, euros: null }]
  - name: the_last_row_of_each_key_stays
    macro: shop.latest
    args: { relation: events, key: id }
    given: [{ input: events, rows: [{ id: 1, seen: 1, what: old }, { id: 1, seen: 2, what: new }] }]
    expect: { rows: [{ id: 1, what: new }] }
  - name: without_rows
    macro: euros
    args: { column: 12345, digits: 1 }
    expect: { rows: [{ euros: 123.5 }] }
`);
  expect(statuses(await shop.answer('test'))).toEqual({
    cents_become_euros: 'pass',
    the_last_row_of_each_key_stays: 'pass',
    without_rows: 'pass',
  });
});

test('a macro that fails its unit test holds the models that call it, and shows the cells that differ', async () => {
  const shop = macroShop(`  - name: cents_become_euros
    macro: euros
    args: { column: amount }
    given: [{ input: payments, rows: [{ amount: 1050 }] }]
    expect: { rows: [{ euros: 1050 }] }
`);
  const { results } = await shop.answer('build');
  expect(results.map(({ unique_id, status }) => [unique_id, status])).toEqual(
    expect.arrayContaining([
      ['unit_test.shop.euros.cents_become_euros', 'fail'],
      ['model.shop.paid', 'skipped'],
      ['model.shop.customers', 'success'],
    ]),
  );
  expect(results.find(({ unique_id }) => unique_id.startsWith('unit_test'))?.message).toContain('10.5');
  shop.remove('models/unit.yml');
  expect((await shop.answer('build --select paid')).results.map(({ status }) => status)).toEqual(['success']);
});

test.each([
  ['macro: eurs', 'is about a macro `eurs`, which does not exist'],
  ['model: paid\n    macro: euros', 'needs a `model` or a `macro`, and has both'],
  ['description: neither', 'needs a `model` or a `macro`'],
  ['model: paid\n    args: { column: a }', 'gives `args`, which only a macro has'],
])('a unit test of %s is refused', async (target, message) => {
  const shop = macroShop(`  - name: wrong\n    ${target}\n    expect: { rows: [] }\n`);
  const { code, stderr } = await shop.dql('test');
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});
