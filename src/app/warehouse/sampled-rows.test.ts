import { expect, test } from 'vitest';
import type { Manifest } from '../../compile/manifest.ts';
import { memoryConnection } from '../../testing/memory-connection.ts';
import { type Sampling, type SourceLink, sampledRows, sampleRules } from './sampled-rows.ts';

const shop = (keys: Readonly<Record<string, string | false>> = {}): Manifest =>
  ({
    sources: Object.fromEntries(
      ['customers', 'orders', 'items', 'products'].map((name) => [
        name,
        { config: { sample_key: keys[name] ?? null } },
      ]),
    ),
  }) as unknown as Manifest; // only sources are looked at
const link = (from: string, to: string): SourceLink => {
  const [source = '', column = ''] = from.split('.');
  const [target = '', field = ''] = to.split('.');
  return { from: { source, column }, to: { source: target, column: field } };
};
const LINKS = [
  link('orders.customer_id', 'customers.id'),
  link('items.order_id', 'orders.id'),
  link('items.sku', 'products.sku'),
];

test('a source follows what it refers to first; what is referred to without being followed is read whole', () => {
  expect(Object.fromEntries(sampleRules(shop(), LINKS, new Map()))).toEqual({
    customers: { key: { column: 'id' }, follows: null },
    orders: { key: { column: 'customer_id' }, follows: { source: 'customers', column: 'id' } },
    items: { key: { column: 'order_id' }, follows: { source: 'orders', column: 'id' } },
    products: 'all',
  });
});

test('sample_key chooses what is followed, stands for itself where it refers to nothing, and can ask for all rows', () => {
  const rules = sampleRules(
    shop({ items: 'SKU', products: 'lower(sku)', orders: 'placed_by', customers: false }),
    LINKS,
    new Map(),
  );
  expect(Object.fromEntries(rules)).toEqual({
    customers: 'all',
    orders: { key: { column: 'placed_by' }, follows: null },
    items: { key: { column: 'sku' }, follows: { source: 'products', column: 'sku' } },
    products: { key: { sql: 'lower(sku)' }, follows: null },
  });
});

test('sources that refer to themselves or to each other do not go round in circles', () => {
  const links = [
    link('customers.invited_by', 'customers.id'),
    link('orders.first_item', 'items.id'),
    link('items.order_id', 'orders.id'),
  ];
  expect(Object.fromEntries(sampleRules(shop(), links, new Map([['products', 'sku']])))).toEqual({
    customers: 'all',
    // All orders are read, because items may be of any, and so are the items that all orders refer to.
    orders: 'all',
    items: 'all',
    products: { key: { column: 'sku' }, follows: null },
  });
});

test('what refers to something in the sample is in it, what refers to nothing that is there is sampled like the rest', async () => {
  const connection = await memoryConnection();
  await connection.run(`create table customers as select range::integer as id from range(1000);
create table orders as select range as id, if(range % 10 = 0, null, if(range % 10 = 1, 5000 + range, range % 1000))::bigint as customer_id from range(20000);
create table items as select range as sku, (range % 25000)::varchar as order_id from range(100000)`);
  const sampling: Sampling = { percent: 20, rules: sampleRules(shop(), LINKS, new Map()) };
  const rows = (source: string) => sampledRows(sampling, source, (id) => id);
  const one = async (sql: string) => Number((await connection.query(sql)).rows[0]?.[0]);
  for (const [source, all] of [
    ['customers', 1000],
    ['orders', 20000],
    ['items', 100000],
  ] as const) {
    const share = (await one(`select count(*) from ${rows(source)}`)) / all;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.25);
  }
  const torn = async (child: string, key: string, parent: string, field: string) =>
    one(`select count(*) from ${rows(child)} as child
where exists (from ${parent} where ${parent}.${field}::varchar = child.${key}::varchar)
and not exists (from ${rows(parent)} as parent where parent.${field}::varchar = child.${key}::varchar)`);
  expect(await torn('orders', 'customer_id', 'customers', 'id')).toBe(0);
  expect(await torn('items', 'order_id', 'orders', 'id')).toBe(0);
  // Rows without, or with a lost, parent are neither all in nor all out.
  for (const some of ['customer_id is null', 'customer_id >= 5000']) {
    const [sampled, all] = [
      await one(`select count(*) from ${rows('orders')} where ${some}`),
      await one(`select count(*) from orders where ${some}`),
    ];
    expect(sampled / all).toBeGreaterThan(0.15);
    expect(sampled / all).toBeLessThan(0.25);
  }
});
