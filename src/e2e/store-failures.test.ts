import { afterEach, expect, test, vi } from 'vitest';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

const testing = (config: string) =>
  `models:\n  - name: orders\n    columns:\n      - name: id\n        data_tests:\n          - unique: { config: { alias: doubles, severity: warn, ${config} } }\n`;
let open: TemporaryProject | undefined;
const openShop = (config: string, files: Readonly<Record<string, string>> = {}): TemporaryProject => {
  open = temporaryProject({
    'models/orders.sql': 'select 1 as id union all select 1',
    'models/orders.yml': testing(config),
    ...files,
  });
  return open;
};
afterEach(() => open?.close());

const stored = (shop: TemporaryProject) =>
  shop.rows("select table_type from information_schema.tables where table_name = 'doubles'");

test('failing rows are stored as a table or a view, whichever they were before', async () => {
  const shop = openShop('store_failures: true');
  for (const [as, type] of [
    ['table', 'BASE TABLE'],
    ['view', 'VIEW'],
    ['table', 'BASE TABLE'],
  ] as const) {
    shop.write('models/orders.yml', testing(`store_failures_as: ${as}`));
    expect(await shop.dql('build')).toMatchObject({ code: 0, stderr: expect.not.stringContaining('not stored') });
    expect(await stored(shop)).toEqual([[type]]);
    expect(await shop.rows('select * from main_dbt_test__audit.doubles')).toHaveLength(1);
  }
});

test('rows that cannot be stored are said, with the reason and the line of the test', async () => {
  const shop = openShop('store_failures: true, database: archive', {
    'project.yml': `name: shop
target: dev
targets:
  dev: { path: shop.duckdb, schema: main, attach: [{ path: archive.duckdb, alias: archive, read_only: true }] }
  archive: { path: archive.duckdb, schema: main }
`,
  });
  await shop.dql('run --target archive');
  const told = await shop.dql('build');
  expect(told.code).toBe(0);
  expect(told.stderr).toContain('the failing rows of `unique_orders_id` are not stored');
  expect(told.stderr).toContain('read-only');
  expect(told.stderr).toContain('models/orders.yml:6');
  expect(
    await shop.dql(['build', '--force', '--warn-error-options', '{error: [run/failures-not-stored]}']),
  ).toMatchObject({ code: 1 });
});

test('failing rows of earlier runs are kept beside, also when their columns change', async () => {
  const shop = openShop('store_failures: true');
  const history = () =>
    shop.rows(
      'select dense_rank() over (order by dql_failed_at), unique_field, n_records from main_dbt_test__audit.doubles__history order by all',
    );
  await shop.dql('build');
  expect(await history()).toEqual([[1n, 1, 2n]]);
  shop.write('models/orders.sql', 'select unnest([1, 1, 1, 2, 2]) as id');
  await shop.dql('build');
  expect(await shop.rows('select * from main_dbt_test__audit.doubles')).toHaveLength(2);
  shop.write('models/orders.sql', "select 'x' as id");
  await shop.dql('build');
  expect(await shop.rows('select * from main_dbt_test__audit.doubles')).toEqual([]);
  shop.write('models/orders.sql', "select unnest(['x', 'x']) as id");
  await shop.dql('build');
  expect(await history()).toEqual([
    [1n, '1', 2n],
    [2n, '1', 3n],
    [2n, '2', 2n],
    [3n, 'x', 2n],
  ]);
});
