import { expect, test } from 'vitest';
import { literalReferences } from './literal-references.ts';

/** The marked places «…» of a text, and the text without marks. */
function marked(text: string): { readonly text: string; readonly places: readonly string[] } {
  return {
    text: text.replaceAll(/[«»]/g, ''),
    places: [...text.matchAll(/«([^»]*)»/g)].map(([, place]) => place ?? ''),
  };
}

test.each([
  'select * from «main.orders»',
  'select * from «"shop"."main"."or""ders"» join «main . orders» using (id)',
  'select * from orders join {{ ref("x") }} on true',
  "select 'from main.orders' -- from main.orders\n/* join main.orders */ from {{ source('a', 'b') }}",
  'select * from main.read_orders(3), range(2)',
  '{# from main.orders #}{% set x = "from main.orders" %}select extract(year from orders.day) from «a.b»',
])('%s', (source) => {
  const { text, places } = marked(source);
  const found = literalReferences(text).map(({ at: [start, end] }) => text.slice(start, end));
  expect(found.filter((name) => name !== 'orders.day')).toEqual(places);
});
