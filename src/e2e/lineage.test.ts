import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withColumnLineage } from '../app/column-lineage.ts';
import { lineage } from '../app/lineage.ts';
import { openProject } from '../app/open-project.ts';
import { DqlError } from '../core/diagnostic.ts';
import { lineageText } from '../report/lineage.ts';
import { copyOfTheExample, temporaryProject, writeFiles } from '../testing/project-folder.ts';
import { defaultOptions, listening } from '../testing/use-case-options.ts';

const both = { upstream: true, downstream: true };

test('every model of the example is fully resolved, with nothing built', async () => {
  const folder = copyOfTheExample();
  const options = defaultOptions(folder);
  const opened = await openProject(options, 'lineage', listening());
  await withColumnLineage(opened, options, listening(), async ({ graph, models }) => {
    expect(models.size).toBe(18);
    expect(graph.nodes.filter(({ unresolved }) => unresolved.length > 0)).toEqual([]);
    expect(graph.nodes.filter(({ columns }) => columns.length === 0)).toEqual([]);
  });
  expect(existsSync(join(folder, 'flights.duckdb'))).toBe(false);
  const cold = await lineage(
    { ...options, of: 'rpt_delay_bands.delay_band', upstream: true, downstream: false },
    listening(),
  );
  expect(cold.edges).toContainEqual({
    from: 'seed.flights.delay_bands#label',
    to: 'model.flights.int_delay_bands#delay_band',
    use: 'direct',
    transformation: 'renamed',
  });
}, 20_000);

const shop = {
  'project.yml': 'name: shop\ntarget: dev\ntargets: { dev: { path: shop.duckdb } }\n',
  'seeds/payments.csv': 'payment_id,customer,amount,paid_at\n1,Ada,10,2026-01-01\n2,Grace,20,2026-01-02\n',
  'models/customers.sql':
    "select customer, sum(amount) as spent from {{ ref('payments') }} where paid_at > '2025-01-01' group by customer",
  'models/best_customers.sql':
    "select * exclude (spent), spent as revenue from {{ ref('customers') }} qualify row_number() over (order by spent desc) <= 10",
};

test('a column is followed to the seed it is made from, and a change of the SQL is noticed', async () => {
  const folder = temporaryProject(shop);
  const ask = (of: string) => lineage({ ...defaultOptions(folder), of, ...both }, listening());
  expect(lineageText(await ask('best_customers.revenue'))).toMatchInlineSnapshot(`
    "best_customers.revenue (model)

    made from
      ├─ customers.spent (model)  renamed
      │  ├─ payments.amount (seed)  aggregated
      │  ├─ payments.paid_at (seed)  filter
      │  └─ payments.customer (seed)  group
      └─ customers.spent (model)  window  (see above)"
  `);
  expect((await ask('customers')).edges).toEqual([
    { from: 'seed.shop.payments', to: 'model.shop.customers', use: null, transformation: null },
    { from: 'model.shop.customers', to: 'model.shop.best_customers', use: null, transformation: null },
  ]);
  writeFiles(folder, {
    'models/customers.sql':
      "select customer, max(amount) as spent, count(*) as payments from {{ ref('payments') }} group by customer",
  });
  const after = await ask('best_customers.payments');
  expect(after.edges).toContainEqual({
    from: 'model.shop.customers#payments',
    to: 'model.shop.best_customers#payments',
    use: 'direct',
    transformation: 'copied',
  });
}, 20_000);

test('a model that does not bind says so, and the rest is analysed all the same', async () => {
  const folder = temporaryProject({
    ...shop,
    'models/customers.sql': "select customer, no_such_function(amount) as spent from {{ ref('payments') }}",
  });
  const answer = await lineage({ ...defaultOptions(folder), of: 'best_customers.revenue', ...both }, listening());
  expect(answer.unresolved.map(({ node }) => node)).toContain('customers');
  expect(answer.unresolved[0]?.reason).toContain('no_such_function');
  expect(answer.edges.length).toBeGreaterThan(0);
}, 20_000);

test('wrong names get a suggestion', async () => {
  const folder = temporaryProject(shop);
  const hintFor = (of: string) =>
    lineage({ ...defaultOptions(folder), of, ...both }, listening()).then(
      () => 'no error',
      (error: unknown) => (error instanceof DqlError ? error.diagnostics[0]?.hint : String(error)),
    );
  expect(await hintFor('costumers')).toBe('did you mean `customers`?');
  expect(await hintFor('customers.spend')).toBe('did you mean `spent`?');
  expect(await hintFor('costumers.spent')).toBe('did you mean `customers`?');
}, 20_000);
