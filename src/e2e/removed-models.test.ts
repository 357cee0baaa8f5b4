/** Models that are removed, renamed, disabled or moved leave a relation that readers still see: it is told, and it can be taken away and brought back. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { CleanAnswer, HistoryAnswer, PlanView, RollbackAnswer, VersionsAnswer } from '../app/contract.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 60_000 });

const YML = `name: shop
target: dev
targets:
  dev: { path: shop.duckdb, schema: main, threads: 2 }
`;
const SHOP = {
  'seeds/countries.csv': 'id,name\n1,Germany\n2,France\n',
  'models/orders.sql':
    "{{ config(materialized='table') }}\nselect range as id, range % 2 + 1 as country from range(10)",
  'models/totals.sql':
    "{{ config(materialized='view') }}\nselect country, count(*) as orders from {{ ref('orders') }} group by all",
  'models/report.sql':
    "{{ config(materialized='external', location='out/report.csv') }}\nselect * from {{ ref('totals') }} order by all",
  'models/events.sql': `{{ config(materialized='incremental', unique_key='id') }}\nselect id from {{ ref('orders') }}`,
};
const GONE = ['totals', 'report', 'events'];

let shop: TemporaryProject;
const open = (files: Readonly<Record<string, string>> = SHOP) => {
  shop = temporaryProject(files);
  return shop;
};
afterEach(() => shop.close());

const ok = async (words: string) => {
  const told = await shop.dql(words);
  expect(`${told.code} ${told.stderr}`).toMatch(/^0 /);
  return told;
};
const names = async () =>
  (await shop.rows("select view_name from duckdb_views() where not internal and schema_name <> '_dql' order by all"))
    .flat()
    .map(String);
const removed = async (words = 'clean --orphans') =>
  (await shop.answer<CleanAnswer>(words)).removed.map(({ what }) => what.replaceAll('"', ''));
/** The built shop without three of its models. */
async function lessened() {
  open();
  await ok('build');
  for (const name of GONE) shop.remove(`models/${name}.sql`);
}
const TOLD = '`main.events`, `main.report`, `main.totals` are still published, and nothing in the project makes them';

test('every build and plan says what is still published of removed models, once', async () => {
  await lessened();
  expect((await ok('plan')).stderr).toContain(TOLD);
  for (const words of ['build', 'build', 'run', 'seed', 'build -s orders']) {
    const { stderr } = await ok(words);
    expect(stderr.split(TOLD), words).toHaveLength(2);
    expect(stderr, words).toContain('`dql clean --orphans` removes them, and `dql rollback` brings them back');
  }
  expect((await ok('test')).stderr).not.toContain('still published');
  expect((await shop.dql('build --warn-error')).code).toBe(2);
  expect(await names()).toEqual(['countries', 'events', 'orders', 'report', 'totals']);
  const { versions } = await shop.answer<VersionsAnswer>('versions totals');
  expect(versions).toMatchObject([{ name: 'totals', state: 'published' }]);
});

test('they are removed by a run, and a rollback brings them back to the byte', async () => {
  await lessened();
  const before = await shop.hashes(GONE);
  expect(await removed()).toEqual(['shop.main.events', 'shop.main.report', 'shop.main.totals']);
  expect(await names()).toEqual(['countries', 'orders']);
  expect(existsSync(join(shop.folder, 'out/report.csv'))).toBe(false);
  expect((await ok('build')).stderr).not.toContain('still published');
  expect(await removed()).toEqual([]);

  const { runs, held, rolled_back } = await shop.answer<HistoryAnswer>('history');
  expect(runs.map(({ command, published, held }) => `${command} ${published} ${held}`)).toEqual([
    'build 0 0',
    'clean 3 0',
    'build 5 0',
  ]);
  expect([held, rolled_back]).toEqual([[], []]);

  const { moved } = await shop.answer<RollbackAnswer>('rollback');
  expect(moved.map(({ name, from_version, to_version }) => `${name} ${from_version} ${to_version}`).sort()).toEqual([
    'events null 1',
    'report null 1',
    'totals null 1',
  ]);
  expect(await shop.hashes(GONE)).toEqual(before);
  expect(existsSync(join(shop.folder, 'out/report.csv'))).toBe(true);
});

test('a model that comes back after that is published as it was kept', async () => {
  await lessened();
  await removed();
  for (const name of GONE) shop.write(`models/${name}.sql`, SHOP[`models/${name}.sql` as keyof typeof SHOP]);
  const { rows } = await shop.answer<PlanView>('plan -s totals report');
  expect(rows.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([
    'totals: the same as version 1, which is kept',
    'report: the same as version 1, which is kept',
  ]);
  await ok('build');
  expect(await names()).toEqual(['countries', 'events', 'orders', 'report', 'totals']);
});

test('a model under another alias, a disabled one and one that became ephemeral leave their relations, too', async () => {
  open();
  await ok('build');
  shop.write(
    'models/totals.sql',
    `{{ config(materialized='view', alias='sums') }}${SHOP['models/totals.sql'].split('\n')[1]}`,
  );
  shop.write('models/report.sql', "{{ config(enabled=false) }} select * from {{ ref('totals') }}");
  shop.write('models/events.sql', "{{ config(materialized='ephemeral') }} select 1 as id");
  expect((await ok('build')).stderr).toContain('`main.events`, `main.report`, `main.totals` are still published');
  expect(await removed()).toEqual(['shop.main.events', 'shop.main.report', 'shop.main.totals']);
  expect(await names()).toEqual(['countries', 'orders', 'sums']);
});

test('what is another target’s, another project’s, another schema’s, or a source by now, is left alone', async () => {
  const targets = `name: shop
target: dev
targets:
  dev: { path: shop.duckdb, schema: "{{ env_var('WHO', 'main') }}", threads: 2 }
  prod: { path: shop.duckdb, schema: live, threads: 2 }
`;
  open({ ...SHOP, 'project.yml': targets });
  await ok('build');
  await ok('build -t prod');
  shop.write('.env', 'WHO=ada\n');
  await ok('build');
  shop.write('.env', '');
  shop.write('project.yml', targets.replace('name: shop', 'name: bakery'));
  shop.remove('models');
  shop.remove('seeds');
  shop.write('models/bread.sql', 'select 1 as one');
  expect((await ok('build')).stderr).not.toContain('still published');

  shop.write('project.yml', targets);
  shop.write('models/read.sql', "select * from {{ source('kept', 'totals') }}");
  shop.write('models/sources.yml', 'sources: [{ name: kept, schema: main, tables: [{ name: totals }] }]');
  const schemas = await removed();
  expect(schemas).toEqual(['countries', 'events', 'orders', 'report'].map((name) => `shop.main.${name}`));
});

test('the models of a package that was removed are told of by the project that used it, not by another', async () => {
  const bills = {
    'dbt_packages/billing/dbt_project.yml': 'name: billing\n',
    'dbt_packages/billing/models/bills.sql': 'select 1 as id',
  };
  open({ 'project.yml': YML, 'models/orders.sql': 'select 1 as id', ...bills });
  await ok('build');
  shop.remove('dbt_packages');
  shop.write('project.yml', YML.replace('name: shop', 'name: bakery'));
  expect((await ok('build')).stderr).not.toContain('still published');
  shop.write('project.yml', YML);
  expect((await ok('build')).stderr).toContain('`main.bills` is still published, and nothing in the project makes it');
  expect(await removed()).toEqual(['shop.main.bills']);
  expect(await shop.rows('select distinct project from _dql.runs order by all')).toEqual([['bakery'], ['shop']]);
});

test('the last model of a schema, and real tables with indexes', async () => {
  open({
    'project.yml': YML.replace('threads: 2', 'threads: 2, publish: table'),
    'models/orders.sql': 'select 1 as id',
    'models/visits.sql': `{{ config(materialized='table', schema='web', indexes=[{'columns': ['id'], 'unique': true}]) }}
select range as id from range(3)`,
  });
  await ok('build');
  shop.remove('models/visits.sql');
  expect((await ok('build')).stderr).toContain(
    '`main_web.visits` is still published, and nothing in the project makes it',
  );
  expect(await removed()).toEqual(['shop.main_web.visits']);
  await expect(shop.rows('from main_web.visits')).rejects.toThrow();
  await ok('rollback');
  expect(await shop.rows('select count(*) from main_web.visits')).toEqual([[3n]]);
});

test('a model of an attached file is removed there', async () => {
  open({
    'project.yml': YML.replace('threads: 2', 'threads: 2, attach: [{ path: archive.duckdb, alias: archive }]'),
    'models/orders.sql': 'select 1 as id',
    'models/old_orders.sql': "{{ config(materialized='table', database='archive') }}\nselect 2 as id",
  });
  await ok('build');
  shop.remove('models/old_orders.sql');
  expect(await removed()).toEqual(['archive.main.old_orders']);
  await expect(shop.rows('from main.old_orders', 'archive.duckdb')).rejects.toThrow();
  await ok('rollback');
  expect(await shop.rows('from main.old_orders', 'archive.duckdb')).toEqual([[2]]);
});

test('what was removed is kept as long as versions are kept by age, then its space is given back', async () => {
  await lessened();
  await removed('clean --orphans --now 2030-01-01T00:00:00Z');
  await ok('build --now 2030-01-07T00:00:00Z');
  expect((await shop.answer<VersionsAnswer>('versions events')).versions).toHaveLength(1);
  await ok('build --now 2030-01-09T00:00:00Z');
  expect((await shop.answer<VersionsAnswer>('versions')).versions.map(({ name }) => name)).toEqual([
    'countries',
    'orders',
  ]);
  expect((await shop.rows("select table_name from duckdb_tables() where table_name like '%events%'")).flat()).toEqual(
    [],
  );
});

test('two kinds of cleaning are not done at once', async () => {
  open();
  expect(await shop.dql('clean --orphans')).toMatchObject({ code: 2, stderr: expect.stringContaining('no warehouse') });
  expect(await shop.dql('clean --orphans --versions')).toMatchObject({ code: 2 });
});
