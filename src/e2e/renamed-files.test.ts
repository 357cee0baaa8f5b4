import { copyFileSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import type { RollbackAnswer, VersionsAnswer } from '../app/contract.ts';
import { temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 60_000 });

const settings = (file: string, publish = 'view') => `name: shop
target: dev
targets:
  dev: { path: ${file}, schema: main, threads: 2, publish: ${publish} }
`;
const SHOP = {
  'seeds/orders.csv': 'id,amount\n1,10\n2,20\n',
  'models/stg_orders.sql': "select * from {{ ref('orders') }}",
  'models/revenue.sql': "{{ config(materialized='table') }} select sum(amount) as amount from {{ ref('stg_orders') }}",
  'models/added.sql': `{{ config(materialized='incremental', unique_key='id') }} select * from {{ ref('stg_orders') }}`,
};
const ALL = ['orders', 'stg_orders', 'revenue', 'added'];

for (const publish of ['view', 'table']) {
  const shop = temporaryProject({ ...SHOP, 'project.yml': settings('shop.duckdb', publish) });
  afterAll(() => shop.close());

  test(`a warehouse's file that was renamed goes on with its versions (publish: ${publish})`, async () => {
    await shop.dql('build');
    const first = await shop.hashes(ALL);
    shop.write('seeds/orders.csv', 'id,amount\n1,10\n2,25\n');
    await shop.dql('build');
    renameSync(join(shop.folder, 'shop.duckdb'), join(shop.folder, 'bakery.duckdb'));
    shop.write('project.yml', settings('bakery.duckdb', publish));

    const planned = await shop.dql('plan');
    expect(planned.stdout).not.toContain('first build');
    const back = await shop.answer<RollbackAnswer>('rollback');
    expect(back.moved.map(({ name, to_version }) => `${name}@${to_version}`).sort()).toEqual(
      ALL.map((name) => `${name}@1`).sort(),
    );
    expect(await shop.hashes(ALL, 'bakery.duckdb')).toEqual(first);

    const built = await shop.dql('build');
    expect([built.code, built.stderr]).toEqual([0, expect.any(String)]);
    expect(await shop.rows('select amount from revenue', 'bakery.duckdb')).toEqual([[35n]]);
    const { versions } = await shop.answer<VersionsAnswer>('versions');
    expect(versions.filter(({ state }) => state === 'published').map(({ name }) => name)).toEqual([...ALL].sort());
  });
}

test('a copy of production is a warehouse to develop in, and production stays as it is', async () => {
  const shop = temporaryProject({ ...SHOP, 'project.yml': settings('prod.duckdb') });
  try {
    await shop.dql('build');
    const production = await shop.hashes(ALL, 'prod.duckdb');
    copyFileSync(join(shop.folder, 'prod.duckdb'), join(shop.folder, 'dev.duckdb'));
    shop.write(
      'project.yml',
      `${settings('dev.duckdb').replace(' }\n', ', attach: [{ path: prod.duckdb, alias: prod, read_only: true }] }')}\n`,
    );
    shop.write('models/revenue.sql', SHOP['models/revenue.sql'].replace('sum', 'max'));
    const built = await shop.answer('build');
    expect(built.results.find(({ unique_id: id }) => id === 'model.shop.revenue')).toMatchObject({
      status: 'success',
      meta: { dql: { version: 2 } },
    });
    expect(await shop.rows('select amount from revenue', 'dev.duckdb')).toEqual([[20]]);
    expect(await shop.hashes(ALL, 'prod.duckdb')).toEqual(production);
    const { versions } = await shop.answer<VersionsAnswer>('versions revenue');
    expect(versions.map(({ version, state }) => `${version} ${state}`)).toEqual(['2 published', '1 kept']);
  } finally {
    shop.close();
  }
});

test('the exported files of the project a warehouse was copied from are not those of the copy', async () => {
  const files = {
    ...SHOP,
    'models/report.sql':
      "{{ config(materialized='external', location='out/report.csv') }} select * from {{ ref('revenue') }}",
  };
  const production = temporaryProject({ ...files, 'project.yml': settings('shop.duckdb') });
  const dev = temporaryProject({ ...files, 'project.yml': settings('shop.duckdb') });
  const report = (of: typeof dev, path = 'out/report.csv') => readFileSync(join(of.folder, path), 'utf8');
  try {
    await production.dql('build');
    copyFileSync(join(production.folder, 'shop.duckdb'), join(dev.folder, 'shop.duckdb'));
    production.write('seeds/orders.csv', 'id,amount\n1,10\n2,25\n');
    expect((await production.dql('build')).code).toBe(0);

    expect((await dev.dql('build')).code).toBe(0);
    expect([report(production), report(dev)]).toEqual(['amount\n35\n', 'amount\n30\n']);
    expect((await dev.dql('rollback report@1')).stderr).toContain('version 1 of `report` is not kept');
    dev.write('project.yml', `${settings('shop.duckdb')}retention: { versions: 0, days: 0 }\n`);
    expect((await dev.dql('clean --versions')).code).toBe(0);
    expect(report(production, 'out/.dql/report@1.csv')).toBe('amount\n30\n');
    dev.remove('models/report.sql');
    expect((await dev.dql('clean --orphans')).code).toBe(0);
    expect(report(production)).toBe('amount\n35\n');
    expect((await production.dql('rollback')).code).toBe(0);
    expect(report(production)).toBe('amount\n30\n');
  } finally {
    production.close();
    dev.close();
  }
});
