import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { build } from '../app/build.ts';
import { withColumnLineage } from '../app/columns/column-lineage.ts';
import { lineage } from '../app/lineage.ts';
import { openProject } from '../app/opening/open-project.ts';
import { liveWarehouse } from '../app/warehouse/live-warehouse.ts';
import { mixedProject } from '../bench/generated-projects.ts';
import { DqlError } from '../core/diagnostic.ts';
import { lineageText } from '../report/lineage.ts';
import { copyOfTheExample, temporaryProject, writeFiles } from '../testing/project-folder.ts';
import { defaultOptions, listening } from '../testing/use-case-options.ts';
import { makeRawFiles, storeSalesProject } from './store-sales.ts';

const both = { upstream: true, downstream: true };

const shop = {
  'project.yml': 'name: shop\ntarget: dev\ntargets: { dev: { path: shop.duckdb } }\n',
  'seeds/payments.csv': 'payment_id,customer,amount,paid_at\n1,Ada,10,2026-01-01\n2,Grace,20,2026-01-02\n',
  'models/customers.sql':
    "select customer, sum(amount) as spent from {{ ref('payments') }} where paid_at > '2025-01-01' group by customer",
  'models/best_customers.sql':
    "select * exclude (spent), spent as revenue from {{ ref('customers') }} qualify row_number() over (order by spent desc) <= 10",
};

test('every model of the example is fully resolved, with nothing built', async () => {
  const folder = copyOfTheExample();
  const options = defaultOptions(folder);
  const opened = await openProject(options, 'lineage', listening());
  await withColumnLineage(
    opened,
    options,
    liveWarehouse(opened.project, options, listening()),
    async ({ graph, models }) => {
      expect(models.size).toBe(18);
      expect(graph.nodes.filter(({ unresolved }) => unresolved.length > 0)).toEqual([]);
      expect(graph.nodes.filter(({ columns }) => columns.length === 0)).toEqual([]);
    },
  );
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

async function unresolvedIn(
  folder: string,
): Promise<{ readonly models: number; readonly unresolved: readonly string[] }> {
  const options = defaultOptions(folder);
  const opened = await openProject(options, 'lineage', listening());
  return withColumnLineage(
    opened,
    options,
    liveWarehouse(opened.project, options, listening()),
    async ({ graph, models }) => ({
      models: models.size,
      unresolved: graph.nodes.flatMap(({ id, columns, unresolved }) => [
        ...unresolved.map((reason) => `${id}: ${reason}`),
        ...(columns.length === 0 ? [`${id}: no columns`] : []),
      ]),
    }),
  );
}

test('every model of the store-sales story is fully resolved, from its raw files alone', async () => {
  const folder = temporaryProject(storeSalesProject());
  await makeRawFiles(folder, { stores: 3, files: { 'sales-1.csv': [0, 30] } });
  expect(await unresolvedIn(folder)).toEqual({ models: 6, unresolved: [] });
}, 30_000);

test('every model of the project the bench measures is fully resolved, first and again', async () => {
  const folder = temporaryProject(mixedProject(120));
  expect(await unresolvedIn(folder)).toEqual({ models: 120, unresolved: [] });
  expect(await unresolvedIn(folder)).toEqual({ models: 120, unresolved: [] });
}, 30_000);

test('an incremental model is followed through both of its queries', async () => {
  const folder = temporaryProject({
    'project.yml': shop['project.yml'],
    'seeds/payments.csv': shop['seeds/payments.csv'],
    'seeds/late_payments.csv': shop['seeds/payments.csv'],
    'models/revenue.sql': `{{ config(materialized='incremental') }}
-- depends_on: {{ ref('late_payments') }}
{% if is_incremental() %}
select paid_at, amount * 2 as revenue from {{ ref('late_payments') }}
where paid_at > (select max(paid_at) from {{ this }})
{% else %}
select paid_at, amount as revenue from {{ ref('payments') }} where customer <> 'Ada'
{% endif %}`,
  });
  const { edges, unresolved } = await lineage(
    { ...defaultOptions(folder), of: 'revenue.revenue', ...both },
    listening(),
  );
  expect(unresolved).toEqual([]);
  expect(edges.map(({ from, transformation }) => `${from.split('.').at(-1)} ${transformation}`).sort()).toEqual([
    'late_payments#amount derived',
    'late_payments#paid_at filter',
    'payments#amount renamed',
    'payments#customer filter',
  ]);
}, 20_000);

test('a pivot over values of the data is told apart from what is known before and after a build', async () => {
  const folder = temporaryProject({
    ...shop,
    'models/by_customer.sql': "pivot {{ ref('payments') }} on customer using sum(amount) group by paid_at",
    'models/ada.sql': 'select paid_at, "Ada" as amount from {{ ref(\'by_customer\') }}',
  });
  const ask = (of: string) =>
    lineage({ ...defaultOptions(folder), of, upstream: true, downstream: false }, listening());
  expect((await ask('by_customer.paid_at')).unresolved[0]?.reason).toContain('in the data');
  await build(defaultOptions(folder, { select: ['payments'] }), listening());
  const after = await ask('ada.amount');
  expect(after.unresolved).toEqual([]);
  expect(after.edges).toContainEqual({
    from: 'seed.shop.payments#amount',
    to: 'model.shop.by_customer#Ada',
    use: 'direct',
    transformation: 'aggregated',
  });
}, 20_000);

test('models of one text have one lineage; where it cannot be bound each has the columns of its own table', async () => {
  const spent = "select customer, amount as spent from {{ ref('payments') }}";
  const folder = temporaryProject({ ...shop, 'models/spent.sql': spent, 'models/spent_again.sql': spent });
  const columnsOf = async () => {
    const { edges } = await lineage({ ...defaultOptions(folder), of: 'payments.amount', ...both }, listening());
    return edges.map(({ to }) => to).filter((to) => to.includes('spent'));
  };
  expect((await columnsOf()).sort()).toEqual([
    'model.shop.customers#spent',
    'model.shop.spent#spent',
    'model.shop.spent_again#spent',
  ]);
  await build(defaultOptions(folder), listening());
  const unbound = "select customer, no_such_function(amount) as spent from {{ ref('payments') }}";
  const named = "select customer, amount as cents from {{ ref('payments') }}";
  writeFiles(folder, { 'models/spent_again.sql': named });
  await build(defaultOptions(folder), listening());
  writeFiles(folder, { 'models/spent.sql': unbound, 'models/spent_again.sql': unbound });
  const options = defaultOptions(folder);
  const opened = await openProject(options, 'lineage', listening());
  await withColumnLineage(opened, options, liveWarehouse(opened.project, options, listening()), async ({ columns }) => {
    expect(columns.get('model.shop.spent')?.map(({ name }) => name)).toEqual(['customer', 'spent']);
    expect(columns.get('model.shop.spent_again')?.map(({ name }) => name)).toEqual(['customer', 'cents']);
  });
}, 20_000);

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
