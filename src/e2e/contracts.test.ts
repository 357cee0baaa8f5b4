import { afterEach, expect, test, vi } from 'vitest';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

const contract = (model: string, materialized: string, rest: string): string => `  - name: ${model}
    config: { materialized: ${materialized}, contract: { enforced: true } }
${rest}`;
const CUSTOMERS = contract(
  'customers',
  'table',
  `    columns:
      - { name: id, data_type: integer, constraints: [{ type: primary_key }] }
`,
);
const ORDERS = contract(
  'orders',
  'table',
  `    columns:
      - { name: id, data_type: integer }
      - name: customer_id
        data_type: integer
        constraints: [{ type: foreign_key, to: ref('customers'), to_columns: [id] }]
`,
);
const shopOf = (yml: string, models: Readonly<Record<string, string>>): TemporaryProject => {
  open = temporaryProject({
    'models/models.yml': `models:\n${yml}`,
    ...Object.fromEntries(Object.entries(models).map(([name, sql]) => [`models/${name}.sql`, sql])),
  });
  return open;
};
let open: TemporaryProject | undefined;
afterEach(() => open?.close());

const CUSTOMER_ROWS = 'select 1 as id union all select 2';
/** One row refers to nobody, which is not wrong; another to customer 9, whom nobody knows. */
const ORDER_ROWS = 'select 10 as id, 1 as customer_id union all select 11, null union all select 12, 9';

const statuses = async (shop: TemporaryProject) =>
  Object.fromEntries(
    (await shop.answer('build')).results.map(({ unique_id, status, failures, meta }) => [
      unique_id.split('.')[2],
      [status, failures, meta.dql.published].filter((fact) => fact !== null && fact !== undefined).join(' '),
    ]),
  );

test('a foreign key holds a model back whose rows refer to nothing, and lets it through when they do', async () => {
  const shop = shopOf(CUSTOMERS + ORDERS, { customers: CUSTOMER_ROWS, orders: ORDER_ROWS });
  expect(await statuses(shop)).toEqual({
    // Both were built in this run, and the test is about the two of them.
    customers: 'success false',
    orders: 'success false',
    contract_relationships_orders_customer_id__id__ref_customers_: 'fail 1',
  });
  shop.write('models/customers.sql', `${CUSTOMER_ROWS} union all select 9`);
  expect(await statuses(shop)).toEqual({
    customers: 'success true',
    orders: 'success true',
    contract_relationships_orders_customer_id__id__ref_customers_: 'pass 0',
  });
});

test('a parent that loses a row which is referred to is held as well', async () => {
  const shop = shopOf(CUSTOMERS + ORDERS, { customers: CUSTOMER_ROWS, orders: ORDER_ROWS.replace('9', '2') });
  expect(await shop.dql('build')).toMatchObject({ code: 0 });
  shop.write('models/customers.sql', 'select 1 as id');
  const told = await shop.dql('build');
  expect(told.code).toBe(1);
  expect(await shop.rows('select count(*)::int from customers')).toEqual([[2]]);
});

test('a foreign key of several columns, of the model itself, and in dbt’s older spelling', async () => {
  const yml = contract(
    'legs',
    'table',
    `    constraints:
      - { type: foreign_key, columns: [day, flight], to: ref('flights'), to_columns: [day, number] }
    columns:
      - { name: day, data_type: integer }
      - { name: flight, data_type: integer }
      - { name: leg, data_type: integer }
      - { name: after_leg, data_type: integer, constraints: [{ type: foreign_key, to: ref('legs'), to_columns: [leg] }] }
      - { name: airport, data_type: integer, constraints: [{ type: foreign_key, expression: main.airports (id) }] }
`,
  );
  const shop = shopOf(yml, {
    airports: 'select 5 as id',
    flights: 'select 1 as day, 100 as number',
    legs: `-- depends_on: {{ ref('airports') }}
      select 1 as day, 100 as flight, 1 as leg, null::int as after_leg, 5 as airport
      union all select 1, null, 2, 1, 5 union all select 2, 100, 3, 8, 5`,
  });
  await shop.dql('run -s airports');
  expect(await statuses(shop)).toMatchObject({
    legs: 'success false',
    contract_foreign_key_legs_day__flight__ref_flights___day__number: 'fail 1',
    contract_relationships_legs_after_leg__leg__ref_legs_: 'fail 1',
    contract_relationships_legs_airport__id__main_airports: 'pass 0',
  });
});

test('a view keeps its contract by tests, which a table’s own constraints make needless', async () => {
  const rules = `    constraints:
      - { type: primary_key, columns: [shop, id] }
      - { type: check, expression: total >= 0 }
    columns:
      - { name: shop, data_type: integer }
      - { name: id, data_type: integer }
      - { name: total, data_type: integer, constraints: [{ type: not_null }] }
      - { name: code, data_type: varchar, constraints: [{ type: unique }] }
`;
  const rows = (more: string) => `select 1 as shop, 1 as id, 5 as total, 'a' as code union all ${more}`;
  const shop = shopOf(contract('bills', 'view', rules), { bills: rows("select 1, 1, null, 'a'") });
  expect(await statuses(shop)).toEqual({
    bills: 'success false',
    contract_not_null_bills_shop: 'pass 0',
    contract_not_null_bills_id: 'pass 0',
    contract_unique_combination_bills_shop__id__any_value_is_missing: 'fail 1',
    contract_expression_is_true_bills_total_0: 'pass 0',
    contract_not_null_bills_total: 'fail 1',
    contract_unique_bills_code: 'fail 1',
  });
  shop.write('models/bills.sql', rows("select 2, 1, -1, 'b'"));
  expect(await statuses(shop)).toMatchObject({
    bills: 'success false',
    contract_expression_is_true_bills_total_0: 'fail 1',
  });
  shop.write('models/bills.sql', rows("select 2, 1, 1, 'b'"));
  expect(await statuses(shop)).toMatchObject({ bills: 'success true' });

  shop.write('models/models.yml', `models:\n${contract('bills', 'table', rules)}`);
  expect(await statuses(shop)).toEqual({ bills: 'success true' });
  shop.write('models/bills.sql', rows("select 1, 1, 1, 'b'"));
  expect(await statuses(shop)).toEqual({ bills: 'error false' });
});

test('what the project says about tests in general does not weaken a contract', async () => {
  const shop = shopOf(CUSTOMERS + ORDERS, { customers: CUSTOMER_ROWS, orders: ORDER_ROWS });
  shop.write(
    'project.yml',
    `name: shop
target: dev
targets: { dev: { path: shop.duckdb, schema: main } }
data_tests: { +severity: warn, +where: 'id < 12', +limit: 0, +enabled: false }
`,
  );
  expect(await statuses(shop)).toMatchObject({ orders: 'success false' });
});

test('a constraint that cannot be checked is said, at its place', async () => {
  const foreign = await shopOf(
    contract(
      'orders',
      'table',
      '    columns: [{ name: id, data_type: integer, constraints: [{ type: foreign_key }] }]\n',
    ),
    { orders: 'select 1 as id' },
  ).dql('build');
  expect(foreign).toMatchObject({ code: 2, stderr: expect.stringContaining('does not say which columns') });
  expect(foreign.stderr).toContain('models/models.yml:4');
  open?.close();
  const custom = await shopOf(
    contract(
      'orders',
      'view',
      '    constraints: [{ type: custom, expression: using magic }]\n    columns: [{ name: id, data_type: integer }]\n',
    ),
    { orders: 'select 1 as id' },
  ).dql('build');
  expect(custom).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('nothing checks the constraint `using magic`'),
  });
});
