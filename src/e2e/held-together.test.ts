/** A verdict is about a pair of relations: what is published must be a pair that was tested. And what is held keeps its old answer. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { resultOf, type StoryProject, storyProject } from '../testing/story-project.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const table = (rows: string, columns: string) =>
  `{{ config(materialized='table') }}\nselect * from (values ${rows}) as rows (${columns})`;

let shop: StoryProject;
const orders = () => shop.query('select id, customer_id from main.orders order by all');

beforeAll(async () => {
  shop = storyProject({
    'models/customers.sql': table("(1, 'Ada'), (2, 'Grace')", 'id, name'),
    'models/orders.sql': table('(10, 1), (11, 2)', 'id, customer_id'),
    'models/order_count.sql': "select count(*)::int as orders from {{ ref('orders') }}",
    'models/largest.sql': "select max(id) as id from {{ ref('orders') }}",
    'models/_models.yml': `models:
  - name: customers
    columns: [{ name: name, data_tests: [not_null] }]
  - name: orders
    columns:
      - name: customer_id
        data_tests: [{ relationships: { arguments: { to: ref('customers'), field: id } } }]
  - name: largest
    columns: [{ name: id, data_tests: [not_null] }]
`,
  });
  const first = await shop.dql('build', '--threads', '8');
  expect(first.code, first.stderr + first.stdout).toBe(0);
});
afterAll(() => shop.remove());

test('orders that pass only together with customers that are held for another reason are held with them', async () => {
  shop.write({
    'models/customers.sql': table("(1, 'Ada'), (2, 'Grace'), (3, null)", 'id, name'),
    'models/orders.sql': table('(10, 1), (11, 2), (12, 3)', 'id, customer_id'),
  });
  const ended = await shop.dql('build', '--threads', '8');
  expect(ended.code).toBe(1);
  expect(resultOf(ended, 'customers').meta.dql.held?.reason).toBe('test `not_null_customers_name` failed');
  expect(resultOf(ended, 'orders').meta.dql.held?.reason).toMatch(
    /^test `relationships_.*` fails together with what stays published$/,
  );
  expect(await orders()).toEqual([
    [10, 1],
    [11, 2],
  ]);
  expect(await shop.query('from main.order_count')).toEqual([[2]]);
});

test('orders that also fit the customers that stay are published without them', async () => {
  shop.write({ 'models/orders.sql': table('(10, 1), (11, 2), (13, 2)', 'id, customer_id') });
  const ended = await shop.dql('build', '--threads', '8');
  expect(ended.code).toBe(1);
  expect(resultOf(ended, 'orders').meta.dql.published).toBe(true);
  expect(await orders()).toEqual([
    [10, 1],
    [11, 2],
    [13, 2],
  ]);
  expect(await shop.query('select count(*)::int from main.customers')).toEqual([[2]]);
  // A view that nobody edited follows its parent.
  expect(await shop.query('from main.order_count')).toEqual([[3]]);
});

test('a held view keeps its old answer when its parent moves on, and catches up once it is mended', async () => {
  shop.write({
    'models/customers.sql': table("(1, 'Ada'), (2, 'Grace')", 'id, name'),
    'models/largest.sql': "select nullif(max(id), max(id)) as id from {{ ref('orders') }}",
    'models/orders.sql': table('(10, 1), (20, 2)', 'id, customer_id'),
  });
  const held = await shop.dql('build', '--threads', '8');
  expect(held.code).toBe(1);
  expect(await orders()).toEqual([
    [10, 1],
    [20, 2],
  ]);
  expect(await shop.query('from main.largest')).toEqual([[13]]);

  shop.write({ 'models/orders.sql': table('(10, 1), (30, 2)', 'id, customer_id') });
  expect((await shop.dql('run', '--select', 'orders')).code).toBe(0);
  expect(await orders()).toEqual([
    [10, 1],
    [30, 2],
  ]);
  expect(await shop.query('from main.largest')).toEqual([[13]]);

  // Nor does it move when its SQL is broken while its parent is built.
  shop.write({
    'models/largest.sql': "select max(identity) as id from {{ ref('orders') }}",
    'models/orders.sql': table('(10, 1), (31, 2)', 'id, customer_id'),
  });
  expect((await shop.dql('build')).code).toBe(1);
  expect(await shop.query('select max(id) from main.orders')).toEqual([[31]]);
  expect(await shop.query('from main.largest')).toEqual([[13]]);

  shop.write({ 'models/largest.sql': "select max(id) as id from {{ ref('orders') }}" });
  const mended = await shop.dql('build');
  expect(mended.code, mended.stderr + mended.stdout).toBe(0);
  expect(await shop.query('from main.largest')).toEqual([[31]]);
});

test('a view that is not selected, and cannot read what is published now, goes on with what it read', async () => {
  shop.write({ 'models/orders.sql': table('(20), (21)', 'number'), 'models/_models.yml': null });
  const ended = await shop.dql('build', '--select', 'orders');
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
  expect(ended.stderr).toMatch(/warning\[run\/view-stays\]: view `largest`.*"id" not found/);
  expect(await shop.query('select number from main.orders order by all')).toEqual([[20], [21]]);
  expect(await shop.query('select orders from main.order_count')).toEqual([[2]]);
  expect(await shop.query('select count(id)::int from main.largest')).toEqual([[1]]);
});
