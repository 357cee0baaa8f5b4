/** What somebody drops or replaces in the warehouse by hand is noticed by the next plan and build, and repaired; nothing of theirs is lost. */
import { afterEach, expect, test, vi } from 'vitest';
import type { PlanView, RollbackAnswer, VersionsAnswer } from '../app/contract.ts';
import { openWarehouse } from '../engine/open.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 60_000 });

const SHOP = {
  'project.yml': `name: shop
target: dev
targets:
  dev: { path: shop.duckdb, schema: main, threads: 2, attach: [{ path: archive.duckdb, alias: archive }] }
`,
  'models/orders.sql': "{{ config(materialized='table') }}\nselect range as id from range(10)",
  'models/totals.sql': "{{ config(materialized='view') }}\nselect count(*) as orders from {{ ref('orders') }}",
  'models/events.sql': "{{ config(materialized='incremental', unique_key='id') }}\nselect id from {{ ref('orders') }}",
  'models/visits.sql': "{{ config(materialized='table', publish='table') }}\nselect id from {{ ref('orders') }}",
  'models/old_orders.sql': "{{ config(materialized='table', database='archive') }}\nselect id from {{ ref('orders') }}",
};
const COUNTS = `select (select count(*) from orders), (select orders from totals), (select count(*) from events), (select count(*) from visits)`;

let shop: TemporaryProject;
const open = async () => {
  shop = temporaryProject(SHOP);
  await ok('build');
  return shop;
};
afterEach(() => shop.close());

const ok = async (words: string) => {
  const told = await shop.dql(words);
  expect(`${told.code} ${told.stderr}`).toMatch(/^0 /);
  return told;
};
async function byHand(sql: string, file = 'shop.duckdb'): Promise<void> {
  const warehouse = await openWarehouse('duckdb', {
    path: `${shop.folder}/${file}`,
    readOnly: false,
    instanceSettings: {},
  });
  const connection = await warehouse.connect();
  await connection.run(sql);
  connection.close();
  await warehouse.close();
}
/** What the plan has to say of models that are not as they were, and the same of the build. */
async function reasons() {
  const { rows } = await shop.answer<PlanView>('plan');
  const planned = rows.flatMap(({ name, reason }) =>
    /^unchanged$|^depends/.test(reason ?? '') ? [] : [`${name}: ${reason}`],
  );
  const { stderr } = await ok('build');
  for (const each of planned) expect(stderr).toContain(each.split(': ')[1]?.slice(0, 40));
  return planned;
}
async function allIsWell() {
  expect(await shop.rows(COUNTS)).toEqual([[10n, 10n, 10n, 10n]]);
  expect(await shop.rows('select count(*) from old_orders', 'archive.duckdb')).toEqual([[10n]]);
  const { stderr } = await ok('build');
  expect(stderr).toContain('REUSED=5');
  expect(stderr).not.toContain('shown again');
}

test('a table in the place of a published relation becomes a version, and the relation is shown again', async () => {
  await open();
  await byHand('drop view orders; create table orders as select 42 as id');
  expect(await reasons()).toEqual(['orders: unchanged; a table was put in its place, it is shown again']);
  await allIsWell();
  const back = await shop.answer<RollbackAnswer>('rollback orders');
  expect(back.moved).toMatchObject([{ name: 'orders', from_version: 1, to_version: 2 }]);
  expect(await shop.rows('from orders')).toEqual([[42]]);
});

test('a view in its place, too, also one that answers nothing', async () => {
  await open();
  await byHand('create or replace view totals as select 7 as orders');
  expect(await reasons()).toEqual(['totals: unchanged; a view was put in its place, it is shown again']);
  await allIsWell();
  await byHand('create table t as select 1 as a; create or replace view totals as from t; drop table t');
  expect(await reasons()).toEqual(['totals: unchanged; a view was put in its place, it is shown again']);
  await allIsWell();
});

test('a build that publishes something else keeps those rows, too, and a whole rollback brings them back', async () => {
  await open();
  await byHand('drop view orders; create table orders as select 42 as id');
  shop.write('models/orders.sql', SHOP['models/orders.sql'].replace('range(10)', 'range(12)'));
  expect((await ok('build -s orders')).stderr).toContain('whose rows are kept as version 3');
  expect(await shop.rows('select count(*) from orders')).toEqual([[12n]]);
  await ok('rollback');
  expect(await shop.rows('from orders')).toEqual([[42]]);
});

test('a rollback keeps them, and what is taken from readers is theirs no more than before', async () => {
  await open();
  shop.write('models/orders.sql', SHOP['models/orders.sql'].replace('range(10)', 'range(12)'));
  await ok('build -s orders');
  await byHand('drop view orders; create table orders as select 42 as id');
  await ok('rollback orders@1');
  expect(await shop.rows('select count(*) from orders')).toEqual([[10n]]);
  await ok('rollback orders@3');
  expect(await shop.rows('from orders')).toEqual([[42]]);

  await byHand('drop view totals; create table totals as select 7 as orders');
  shop.remove('models/totals.sql');
  await ok('clean --orphans');
  expect(await shop.rows('from totals')).toEqual([[7]]);
});

test('dropped views are shown again', async () => {
  await open();
  await byHand('drop view orders; drop view totals; drop view events');
  expect((await reasons()).sort()).toEqual(
    ['events', 'orders', 'totals'].map((name) => `${name}: unchanged; it was dropped, it is shown again`),
  );
  await allIsWell();
});

test('dropped versions are built anew: tables, views, the base of an incremental model, real tables', async () => {
  await open();
  const dropped = {
    totals: 'drop view _dql."main.totals@1"',
    events: 'drop table _dql."main.events#1"',
    visits: 'drop table visits',
    orders: 'drop table _dql."main.orders@1"',
  };
  for (const [name, sql] of Object.entries(dropped)) {
    await byHand(sql);
    expect((await reasons())[0], name).toBe(`${name}: version 1 was dropped from the warehouse`);
    await allIsWell();
  }
  expect((await shop.answer<VersionsAnswer>('versions events')).versions.map(({ version }) => version)).toEqual([2]);
});

test('nothing returns to a version that was dropped, and its number is not given to another', async () => {
  await open();
  shop.write('models/orders.sql', SHOP['models/orders.sql'].replace('range(10)', 'range(12)'));
  await ok('build -s orders');
  const [second] = await shop.rows("select run_id from _dql.versions where node like '%orders' and version = 2");
  await ok('rollback orders');
  await byHand('drop table _dql."main.orders@2"');
  const { versions } = await shop.answer<VersionsAnswer>('versions orders');
  expect(versions.map(({ version, state }) => `${version} ${state}`)).toEqual(['2 lost', '1 published']);
  const told = await shop.dql('rollback orders@2');
  expect(`${told.code} ${told.stderr}`).toContain('version 2 of `orders` is not kept');
  shop.write('models/orders.sql', SHOP['models/orders.sql'].replace('range(10)', 'range(13)'));
  await ok('build -s orders');
  expect((await shop.answer<VersionsAnswer>('versions orders')).versions[0]?.version).toBe(3);
  expect((await shop.dql(`rollback --to ${second?.[0]}`)).code).toBe(2);
});

test('an attached file: its view, its version, a table instead, and all of its memory', async () => {
  await open();
  const file = 'archive.duckdb';
  await byHand('drop view old_orders', file);
  expect(await reasons()).toEqual(['old_orders: unchanged; it was dropped, it is shown again']);
  await byHand('drop table _dql."main.old_orders@1"', file);
  expect(await reasons()).toEqual(['old_orders: version 1 was dropped from the warehouse']);
  await byHand('drop view old_orders; create table old_orders as select 42 as id', file);
  expect(await reasons()).toEqual(['old_orders: unchanged; a table was put in its place, it is shown again']);
  await allIsWell();
  await byHand('drop schema _dql cascade', file);
  expect(await reasons()).toEqual(['old_orders: first build']);
  await allIsWell();
});

test('without the ledger everything is built again over the views that were left; a table is not ours to replace', async () => {
  await open();
  await byHand('drop schema _dql cascade');
  const told = await shop.dql('build');
  expect(told.stderr).toContain('a table `main.visits` stands there that neither dql nor an earlier manifest made');
  expect(told.stderr).toContain('ERROR=1');
  await ok('build --adopt');
  await allIsWell();
});
