import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

let open: TemporaryProject | undefined;
const openShop = (files: Readonly<Record<string, string>>): TemporaryProject => {
  open = temporaryProject(files);
  return open;
};
afterEach(() => open?.close());

const YML = `models:
  - name: orders
    columns:
      - name: id
        data_tests:
          - not_null
          - unique
      - name: status
        data_tests:
          - accepted_values:
              arguments: { values: [placed] }
          - not_null
  - name: customers
    columns:
      - name: id
        data_tests: [not_null, unique]
unit_tests:
  - name: shipped_counts
    model: shipped
    given: []
    expect: { rows: [{ id: 9 }] }
`;
const SHOP = {
  'models/shop.yml': YML,
  'models/orders.sql': "select 1 as id, 'lost' as status union all select 1, null",
  'models/shipped.sql': 'select 8 as id',
  'models/customers.sql': 'select 1 as id union all select 1',
};
/** The line of a text in the YAML above, from 1; the second, third … time it occurs. */
const lineOf = (text: string, time = 1): number =>
  YML.split('\n').flatMap((line, index) => (line.includes(text) ? [index + 1] : []))[time - 1] ?? 0;

test('annotations, JUnit and the terminal name the line of the test’s own entry', async () => {
  const shop = openShop(SHOP);
  const told = await shop.dql('build --report github --report junit=target/junit.xml');
  const annotations = Object.fromEntries(
    [...told.stderr.matchAll(/^::error file=([^,]+),line=(\d+),.*title=\w+%3A (\w+)::/gm)].map(
      ([, file, line, name]) => [name, `${file}:${line}`],
    ),
  );
  expect(annotations).toEqual({
    unique_orders_id: `models/shop.yml:${lineOf('- unique')}`,
    accepted_values_orders_status__placed: `models/shop.yml:${lineOf('- accepted_values')}`,
    not_null_orders_status: `models/shop.yml:${lineOf('- not_null', 2)}`,
    unique_customers_id: `models/shop.yml:${lineOf('[not_null, unique]')}`,
    shipped_counts: `models/shop.yml:${lineOf('name: shipped_counts')}`,
  });
  const junit = readFileSync(join(shop.folder, 'target/junit.xml'), 'utf8');
  expect(junit).toMatch(new RegExp(`name="unique_orders_id"[^>]* file="models/shop.yml" line="${lineOf('- unique')}"`));
  expect(junit).toMatch(new RegExp(`name="not_null_orders_id"[^>]* line="${lineOf('- not_null')}"`));
  expect(told.stderr).toContain(`fail unique_orders_id  models/shop.yml:${lineOf('- unique')}`);
  const { path, line } = await shop.answer<{ path: string; line: number }>(
    'inspect accepted_values_orders_status__placed',
  );
  expect([path, line]).toEqual(['models/shop.yml', lineOf('- accepted_values')]);
});

test('an unknown column is shown in the model, and in the test that asks for it', async () => {
  const shop = openShop({
    'models/orders.sql': "{{ config(materialized='table') }}\nselect 1 as id",
    'models/late.sql': "select\n  id,\n  shipped\nfrom {{ ref('orders') }}",
    'models/orders.yml':
      'models:\n  - name: orders\n    columns:\n      - name: nummer\n        data_tests: [unique]\n',
  });
  const told = await shop.dql('run');
  expect(told.stderr).toContain('models/late.sql:3:3');
  expect(told.stderr).toContain('3 │   shipped');
  expect((await shop.dql('test')).stderr).toContain('models/orders.yml:5:22');
});
