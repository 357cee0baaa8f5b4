import { expect, test } from 'vitest';
import { printedNames } from './printed-names.ts';

const OBJECT = '"_dql"."main.orders@3"';
function named(sql: string, rendered = OBJECT): string {
  const names = printedNames(() => ({
    database: 'shop',
    schema: 'main',
    identifier: 'orders',
    rendered,
    type: 'table',
  }));
  names.relationOf('model.shop.orders');
  return names.named(sql.replaceAll('{}', rendered)).replaceAll(rendered, '{}');
}

test('a relation that goes by its own name gets it, whatever stands for it', () => {
  expect(named('select orders.id from {}')).toBe('select orders.id from {} as "orders"');
  expect(named('select "orders" . id\nfrom {} -- all\njoin {} on true')).toBe(
    'select "orders" . id\nfrom {} as "orders" -- all\njoin {} as "orders" on true',
  );
  expect(named('select x from a, {} where ORDERS.id = 1')).toBe('select x from a, {} as "orders" where ORDERS.id = 1');
  expect(named('(select orders.id from {})', '(select * from t where day > 1)')).toBe(
    '(select orders.id from {} as "orders")',
  );
});

test('a name that the template gives stays, and where none is used none is put', () => {
  for (const sql of [
    'select o.id, orders.id from {} as o join {} orders on true',
    'select id from {}',
    'select id, my_orders.id from {}',
    "select orders.id, '{}' as text from {} o",
  ])
    expect(named(sql)).toBe(sql);
  expect(named('select orders.id from {}', '"shop"."main"."orders"')).toBe('select orders.id from {}');
});
