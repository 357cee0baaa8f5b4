import { afterEach, expect, test, vi } from 'vitest';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

const PACKAGE = {
  'dbt_packages/billing/dbt_project.yml': 'name: billing\n',
  'dbt_packages/billing/models/bills.sql': "select id, amount from {{ source('erp', 'invoices') }}",
  'dbt_packages/billing/seeds/currencies.csv': 'code\nEUR\nUSD\n',
  'dbt_packages/billing/models/sources.yml': `sources:
  - name: erp
    schema: erp_of_the_package
    description: as the package knows it
    tables:
      - { name: invoices, description: one row an invoice }
      - { name: payments, identifier: payments_v1 }
`,
};
const RAW = { 'raw/invoices.csv': 'id,amount\n1,10\n1,20\n' };
const SOURCE = `sources:
  - name: erp
    overrides: billing
    tables:
      - name: invoices
        external: raw/invoices.csv
`;

let open: TemporaryProject | undefined;
const openShop = (files: Readonly<Record<string, string>>): TemporaryProject => {
  open = temporaryProject({ ...PACKAGE, ...RAW, ...files });
  return open;
};
afterEach(() => open?.close());

interface Listed {
  readonly name: string;
  readonly original_file_path: string;
  readonly description: string;
  readonly schema: string;
  readonly identifier: string;
  readonly package_name: string;
}
const listed = async (shop: TemporaryProject): Promise<readonly Listed[]> => {
  const told = await shop.dql(
    'ls --output json --resource-type all --output-keys name original_file_path description schema identifier package_name',
  );
  if (told.code !== 0) throw new Error(told.stderr);
  return told.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Listed); // one node a line
};

test('the project’s property files describe, configure and test what packages bring', async () => {
  const shop = openShop({
    'models/sources.yml': SOURCE,
    'models/billing.yml': `models:
  - name: bills
    description: what customers owe
    config: { materialized: table }
    columns: [{ name: id, data_tests: [unique] }]
seeds:
  - name: currencies
    columns: [{ name: code, data_tests: [{ accepted_values: { arguments: { values: [EUR, USD] } } }] }]
`,
  });
  const results = (await shop.answer('build')).results.map(({ unique_id, status, meta }) => [
    unique_id.split('.').slice(0, 3).join('.'),
    status,
    meta.dql.materialized,
  ]);
  expect(results).toContainEqual(['model.billing.bills', 'success', 'table']);
  expect(results).toContainEqual(['test.shop.unique_bills_id', 'fail', undefined]);
  expect(results).toContainEqual(['test.shop.accepted_values_currencies_code__EUR__USD', 'pass', undefined]);
  expect((await listed(shop)).find(({ name }) => name === 'bills')).toMatchObject({
    description: 'what customers owe',
  });
});

test('a source of the project overrides what it says of a package’s source, and nothing else', async () => {
  const shop = openShop({ 'models/sources.yml': SOURCE.replace('    tables:', '    schema: erp_here\n    tables:') });
  const sources = (await listed(shop)).filter(({ name }) => name === 'invoices' || name === 'payments');
  expect(sources).toMatchObject([
    { package_name: 'billing', schema: 'erp_here', identifier: 'invoices', description: 'one row an invoice' },
    { package_name: 'billing', schema: 'erp_here', identifier: 'payments_v1' },
  ]);
  expect(await shop.dql('run -s bills')).toMatchObject({ code: 0 });
  expect(await shop.rows('select sum(amount)::int from bills')).toEqual([[30]]);
});

test('what is overridden must be there', async () => {
  const shop = openShop({ 'models/sources.yml': SOURCE.replace('billing', 'biling') });
  expect(await shop.dql('parse')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean `billing`?'),
  });
  shop.write('models/sources.yml', SOURCE.replace('name: invoices', 'name: invoice'));
  expect(await shop.dql('parse')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('has no table `invoice` to override'),
  });
});

test('two descriptions of one model are refused, the project’s and the package’s', async () => {
  const shop = openShop({
    'models/billing.yml': 'models: [{ name: bills, description: here }]\n',
    'dbt_packages/billing/models/bills.yml': 'models: [{ name: bills, description: there }]\n',
  });
  const told = await shop.dql('parse');
  expect(told.code).toBe(2);
  expect(told.stderr).toContain('in dbt_packages/billing/models/bills.yml and in models/billing.yml');
});

test('errors in a package’s files are shown where the files are', async () => {
  const shop = openShop({
    'models/sources.yml': SOURCE,
    'models/bills.sql': '-- not this one\nselect 1 as id',
    'models/bills.yml': 'models: []\n',
    'dbt_packages/billing/models/totals.sql': "select id,\n  amout from {{ source('erp', 'invoices') }}",
  });
  shop.remove('dbt_packages/billing/models/bills.sql');
  const told = await shop.dql('run');
  expect(told.code).toBe(1);
  expect(told.stderr).toContain('dbt_packages/billing/models/totals.sql:2:3');
  expect(told.stderr).toContain('2 │   amout from');
});

test('a Python model is an error of the project and a warning of a package, never nothing', async () => {
  const shop = openShop({
    'models/sources.yml': SOURCE,
    'dbt_packages/billing/models/forecast.py': 'def model(dbt, session): ...\n',
  });
  expect(await shop.dql('build')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('warning[project/python-model]'),
  });
  shop.write('models/scores.py', 'def model(dbt, session): ...\n');
  expect(await shop.dql('build')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('models/scores.py is a Python model, and dql runs SQL only'),
  });
  shop.write('.dqlignore', 'scores.py\n');
  expect(await shop.dql('build')).toMatchObject({ code: 0 });
});
