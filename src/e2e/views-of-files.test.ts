/** How tests of views are answered: by what reading the view costs, however far up that comes from. */
import { afterEach, expect, test, vi } from 'vitest';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

let shop: TemporaryProject | undefined;
afterEach(() => shop?.close());

const tested = (name: string) =>
  `  - { name: ${name}, columns: [{ name: id, data_tests: [{ not_null: { name: ${name}_has_id } }, { unique: { name: ${name}_is_unique } }] }] }\n`;

test('a file of text, or a view that computes, is read once for all tests of a view of it, built in the same run or before', async () => {
  const ways = {
    of_file: ["select * from {{ source('raw', 'orders') }}", 'materialised'],
    of_view_of_file: ["select id as id from {{ ref('of_file') }}", 'materialised'],
    of_seed: ["select * from {{ ref('customers') }}", 'union'],
    grouped: ["select id from {{ ref('customers') }} group by all", 'materialised'],
    of_grouped: ["select * from {{ ref('grouped') }}", 'materialised'],
    in_place: ["{{ config(materialized='ephemeral') }} select * from {{ ref('of_file') }}", 'materialised'],
  } as const;
  const names = Object.keys(ways);
  shop = temporaryProject({
    'raw/orders.csv': 'id\n1\n2\n',
    'seeds/customers.csv': 'id\n1\n2\n',
    ...Object.fromEntries(Object.entries(ways).map(([name, [sql]]) => [`models/${name}.sql`, sql])),
    'models/shop.yml': `sources: [{ name: raw, tables: [{ name: orders, external: { location: raw/orders.csv } }] }]
models:
${names.map(tested).join('')}`,
  });
  const expected = Object.fromEntries(Object.entries(ways).map(([name, [, how]]) => [`${name}_has_id`, how]));
  await shop.dql('build');
  const strategies = await shop.tests('test --force', ({ meta }) => meta.dql.strategy);
  expect(strategies).toMatchObject(expected);
});
