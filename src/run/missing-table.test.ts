import { expect, test } from 'vitest';
import { missingTableHint, withPublicNames } from './missing-table.ts';

const missing = (name: string, candidates: readonly string[] = []): string | undefined => {
  const node = { relation_name: 'x', resource_type: 'model', name: 'orders', alias: 'orders' };
  const source = { identifier: 'flights_2001', source_name: 'raw', name: 'flights' };
  const known = { nodes: { 'model.shop.orders': node }, sources: { 'source.shop.raw.flights': source } };
  // Only what is read of them.
  return missingTableHint(`Catalog Error: Table with name ${name} does not exist!`, candidates, known as never);
};

test('a name of the project is offered as the call to write', () => {
  expect(missing('ordres', ['_dql.node_runs'])).toBe("did you mean `{{ ref('orders') }}`?");
  expect(missing('main.order')).toBe("did you mean `{{ ref('orders') }}`?");
  expect(missing('flights_201')).toBe("did you mean `{{ source('raw', 'flights') }}`?");
});

test('what the template refers to and is not there was not built', () => {
  const node = { relation_name: 'x', resource_type: 'model', name: 'orders', alias: 'orders' };
  const known = { nodes: { 'model.shop.orders': node }, sources: {} };
  const hint = (template: string) =>
    // Only what is read of them.
    missingTableHint('Catalog Error: Table with name orders does not exist!', [], known as never, template);
  expect(hint('select * from {{ ref(\'shop\', "orders") }}')).toBe(
    '`orders` is not built here: build it too, or take it from another target with --defer',
  );
  expect(hint('{{ test_unique(**_dbt_generic_test_kwargs) }}')).toMatch(/^`orders` is not built here/);
  expect(hint("select * from orders, {{ ref('orders_old') }}")).toBe("did you mean `{{ ref('orders') }}`?");
});

test('tables of dql’s own and the engine’s are never offered', () => {
  for (const own of [
    '_dql.node_runs',
    'node_runs',
    'pg_catalog.pg_class',
    'pg_class',
    'duckdb_tables',
    '"main.orders@3"',
  ])
    expect(missing('somewhere_else', [own])).toBe(
      'name models and seeds by {{ ref() }}, tables of others by {{ source() }}',
    );
  expect(missing('somewhere_else', ['raw.somewhere_els', '_dql.runs'])).toBe('did you mean `raw.somewhere_els`?');
});

test('versions go by their public names', () => {
  expect(withPublicNames('Candidate tables: "main.orders@1", "main.days@12~slice"')).toBe(
    'Candidate tables: "main.orders", "main.days"',
  );
});
