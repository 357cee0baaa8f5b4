import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import type { VersionsAnswer } from '../app/contract.ts';
import { temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 60_000 });

const SETTINGS = `name: shop
target: dev
targets:
  dev: { path: shop.duckdb, schema: main, threads: 2, attach: [{ path: lake.duckdb, alias: lake }] }
`;
const shop = temporaryProject({
  'project.yml': SETTINGS,
  'seeds/orders.csv': 'id,amount\n1,10\n2,20\n',
  'models/stg_orders.sql': "select * from {{ ref('orders') }}",
  'models/revenue.sql': "{{ config(materialized='table') }} select sum(amount) as amount from {{ ref('stg_orders') }}",
  'models/added.sql': `{{ config(materialized='incremental', unique_key='id') }} select * from {{ ref('stg_orders') }}`,
  'models/in_lake.sql': "{{ config(materialized='table', database='lake') }} select * from {{ ref('revenue') }}",
  'models/over_lake.sql': "{{ config(materialized='view', database='lake') }} select * from {{ ref('in_lake') }}",
  'snapshots/kept.sql':
    "{% snapshot kept %}{{ config(unique_key='id', strategy='check', check_cols='all') }} select * from {{ ref('orders') }}{% endsnapshot %}",
});
afterAll(() => shop.close());
const MAIN = ['orders', 'stg_orders', 'revenue', 'added', 'kept'];

/** The warehouse's file copied, and each relation read there; then by another alias, beside a warehouse of its own. */
async function sameElsewhere(file: string, names: readonly string[]): Promise<void> {
  const here = await shop.hashes(names, file);
  copyFileSync(join(shop.folder, file), join(shop.folder, 'copy.duckdb'));
  expect(await shop.hashes(names, 'copy.duckdb')).toEqual(here);
  const versions = 'select count(*) from _dql.versions where is_published';
  const [[known]] = (await shop.rows(versions, 'copy.duckdb')) as [[bigint]];
  expect(known).toBe(BigInt(names.length));
}

test('a copy of the warehouse under another name answers as the warehouse does, whatever a relation is made of', async () => {
  expect((await shop.dql('build')).code).toBe(0);
  await sameElsewhere('shop.duckdb', MAIN);
  await sameElsewhere('lake.duckdb', ['in_lake', 'over_lake']);
});

test('so it does after increments, and after going back', async () => {
  shop.write('seeds/orders.csv', 'id,amount\n1,10\n2,25\n3,30\n');
  expect((await shop.dql('build')).code).toBe(0);
  await sameElsewhere('shop.duckdb', MAIN);
  expect((await shop.dql('rollback')).code).toBe(0);
  await sameElsewhere('shop.duckdb', MAIN);
  await sameElsewhere('lake.duckdb', ['in_lake', 'over_lake']);
  expect(await shop.rows('select amount from main.in_lake', 'copy.duckdb')).toEqual(
    await shop.rows('select amount from revenue'),
  );
});

test('the versions of a file count once, also while a copy of it is attached', async () => {
  copyFileSync(join(shop.folder, 'lake.duckdb'), join(shop.folder, 'older.duckdb'));
  shop.write('project.yml', SETTINGS.replace('}]', '}, { path: older.duckdb, alias: older, read_only: true }]'));
  const { versions } = await shop.answer<VersionsAnswer>('versions in_lake');
  expect(versions.map(({ version }) => version)).toEqual([2, 1]);
});

test('an error in a view is still placed in the model', async () => {
  shop.write('models/stg_orders.sql', "select id,\n  amuont\nfrom {{ ref('orders') }}");
  const ended = await shop.dql('build');
  expect(ended.stdout + ended.stderr).toMatch(/models\/stg_orders\.sql:2:3/);
});

test('a file that is attached by another alias goes on with its versions', async () => {
  const project = temporaryProject({
    'project.yml': SETTINGS,
    'models/in_lake.sql': "{{ config(materialized='table', database='lake') }} select 1 as amount",
    'models/added.sql':
      "{{ config(materialized='incremental', unique_key='id', database='lake') }} select 1 as id {% if is_incremental() %} union all select 2 {% endif %}",
    'models/over_lake.sql': "{{ config(materialized='view') }} select * from {{ ref('in_lake') }}",
  });
  try {
    for (const words of ['build', 'build --force -s added']) expect((await project.dql(words)).code).toBe(0);
    project.write('project.yml', SETTINGS.replace('alias: lake', 'alias: pond'));
    for (const name of ['in_lake', 'added'])
      project.write(
        `models/${name}.sql`,
        readFileSync(join(project.folder, `models/${name}.sql`), 'utf8').replace("'lake'", "'pond'"),
      );
    const versions = async () =>
      (await project.answer<VersionsAnswer>('versions in_lake added')).versions.map(
        ({ name, version, state }) => `${name}@${version} ${state}`,
      );
    const known = ['added@2 published', 'added@1 kept', 'in_lake@1 published'];
    expect(await versions()).toEqual(known);
    const { stderr, code } = await project.dql('build');
    expect(`${code} ${stderr}`).toMatch(/Reused .* pond\.main\.in_lake .* unchanged/);
    expect(stderr).toMatch(/Reused .* pond\.main\.added .* unchanged/);
    expect(await versions()).toEqual(known);
    expect((await project.dql('rollback added')).code).toBe(0);
    expect(await project.rows('from main.added', 'lake.duckdb')).toEqual([[1]]);
  } finally {
    project.close();
  }
});
