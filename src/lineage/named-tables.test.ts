import { expect, test } from 'vitest';
import { namedTables } from './named-tables.ts';

const names = (text: string) =>
  namedTables(text).map(({ database, schema, name }) => [database, schema, name].filter(Boolean).join('.'));

test('tables are found in a text that nobody parsed, and what else stands behind FROM is none', () => {
  expect(
    names('select * from orders o, "raw"."Late Payments" where id in (select id from shop.main.customers)'),
  ).toEqual(['orders', 'raw.Late Payments', 'shop.main.customers']);
  expect(
    names('with late as (select * from raw.orders) select * from late, paid as p left join due using (id)'),
  ).toEqual(['raw.orders', 'paid', 'due']);
  expect(names("-- from nowhere\nselect 'from there' from (select 1) as one, due order by 1, 2")).toEqual(['due']);
  expect(
    names("select extract(year from day) from range(3) where a is distinct from b and c in (from read_csv('x'))"),
  ).toEqual([]);
});
