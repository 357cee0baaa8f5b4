/** Models in an attached DuckDB file: published by a transaction of that file, together with the rest of the run. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { executed, resultOf, type StoryProject, statuses, storyProject } from '../testing/story-project.ts';
import { project, rows as rowsOf, seen as seenIn, twoFiles, wholly } from './two-files.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let shop: StoryProject;
const build = (day: number, ...more: string[]) => shop.dql('build', '--vars', `{day: ${day}}`, ...more);

beforeAll(async () => {
  shop = storyProject(twoFiles);
  const plan = await shop.dql('plan', '--vars', '{day: 1}');
  expect(plan.code, plan.stderr).toBe(0);
  const first = await build(1);
  expect(first.code, first.stderr + first.stdout).toBe(0);
});
afterAll(() => shop.remove());

const rows = (sql: string) => rowsOf(shop.folder, sql);
const seen = () => seenIn(shop.folder);

test('a run over two files publishes both, and the attached file keeps its own versions and says which run made them', async () => {
  expect(await seen()).toEqual(wholly(1));
  const runs = await rows('select distinct run_id from lake._dql.published');
  expect(runs).toEqual(await rows('select run_id from _dql.ledger_runs'));
  expect(
    await rows("select table_name from duckdb_tables() where database_name = 'shop' and table_name like '%events%'"),
  ).toEqual([]);
  expect(executed(await build(1))).toEqual([]);
  expect((await build(2)).code).toBe(0);
  expect(await seen()).toEqual(wholly(2));
});

test('a view that nobody rebuilds follows its parent into the other file', async () => {
  const ended = await build(3, '--select', 'days', 'orders', 'events', 'prices');
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
  expect((await seen()).slice(4, 7)).toEqual([3, 3, 3]);
});

test('a failing test in the attached file holds what is built on it in the other', async () => {
  const ended = await build(0);
  expect(ended.code).toBe(1);
  expect(resultOf(ended, 'orders').meta.dql).toMatchObject({ published: false, held: { serving_version: 3 } });
  expect(statuses(ended)).toMatchObject({ report: 'skipped', echo: 'skipped', late: 'skipped' });
  const [row] = await rows('select (select max(day) from lake.main.orders), (select day from main.late)');
  expect(row).toEqual([3, 3]);
});

test('versions and rollback work across both files, and a rollback can be undone', async () => {
  const earlier = await seen();
  expect((await build(4)).code).toBe(0);
  const before = await seen();
  const versions = JSON.parse((await shop.dql('versions', 'events', '--output', 'json')).stdout);
  expect(versions.versions.map((each: { state: string }) => each.state)).toContain('published');
  const back = await shop.dql('rollback');
  expect(back.code, back.stderr).toBe(0);
  expect(await seen()).toEqual(earlier);
  const again = await shop.dql('rollback');
  expect(again.code, again.stderr).toBe(0);
  expect(await seen()).toEqual(before);
});

test('diff and the history of the run tell of both', async () => {
  expect((await build(5)).code).toBe(0);
  const diff = await shop.dql('diff', 'orders@3', 'orders', '--output', 'json');
  expect(diff.code, diff.stderr).toBeLessThan(2);
  expect(diff.stdout).toMatch(/orders/);
  const history = JSON.parse((await shop.dql('history', '--limit', '1', '--output', 'json')).stdout);
  expect(history.runs[0]).toMatchObject({ status: 'success', published: 7 });
});

test('old versions are collected in both files, never what is published', async () => {
  shop.write({ 'project.yml': `${twoFiles['project.yml']}retention: { versions: 1, days: 0 }\n` });
  for (const day of [6, 7]) expect((await build(day)).code).toBe(0);
  const cleaned = await shop.dql('clean', '--versions');
  expect(cleaned.code, cleaned.stderr).toBe(0);
  expect(await rows("select count(*)::int from lake._dql.versions where alias = 'orders'")).toEqual([[2]]);
  expect(await rows("select count(*)::int from _dql.versions where alias = 'days'")).toEqual([[2]]);
  expect((await seen()).slice(0, 7)).toEqual([7, 7, 7, 7, 7, 7, 7]);
});

test('a read-only attachment is only read: a model configured into it is refused before anything is built', async () => {
  shop.write({ 'project.yml': project('{ path: lake.duckdb, alias: lake, read_only: true }') });
  for (const command of ['plan', 'build']) {
    const ended = await shop.dql(command, '--vars', '{day: 9}');
    expect(ended.code, command).toBe(2);
    expect(ended.stderr, command).toMatch(
      /`orders` is configured into the database `lake`, which is attached read-only/,
    );
  }
  shop.write({
    'project.yml': project('{ path: lake.duckdb, alias: lake, read_only: true }'),
    'models/reader.sql': "{{ config(materialized='table') }}\nselect count(*)::int as orders from lake.main.orders",
  });
  const reads = await shop.dql('build', '--select', 'reader', '--vars', '{day: 9}');
  expect(reads.code, reads.stderr + reads.stdout).toBe(0);
  expect(await shop.query('from main.reader')).toEqual([[100]]);
  shop.write({ 'project.yml': twoFiles['project.yml'].replace('alias: lake', 'alias: pond') });
  const unknown = await shop.dql('plan', '--vars', '{day: 9}');
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toMatch(/the database `lake`, which is not attached/);
});

test('a file that is attached anew and not there yet is made by the build, and no reason not to look', async () => {
  shop.write({
    'project.yml': project('{ path: lake.duckdb, alias: lake }, { path: pond.duckdb, alias: pond }'),
    'models/fish.sql': "{{ config(materialized='table', database='pond') }} select 'pike' as name",
  });
  const planned = await shop.dql('plan', '--select', 'fish');
  expect([planned.code, planned.stdout + planned.stderr]).toEqual([0, expect.stringContaining('pond.main.fish')]);
  expect((await shop.dql('show', '--inline', 'select 1 as one')).code).toBe(0);
  expect((await shop.dql('build', '--select', 'fish')).code).toBe(0);
});

test('a database in memory may be attached, and is there while something is only looked at', async () => {
  const one = storyProject({
    'project.yml': project("{ path: ':memory:', alias: pond }"),
    'models/orders.sql': 'select 1 as id',
  });
  try {
    for (const words of [['build'], ['plan'], ['docs', 'generate']]) {
      const ended = await one.dql(...words);
      expect([words, ended.code, ended.stderr]).toEqual([words, 0, expect.not.stringContaining('error')]);
    }
  } finally {
    one.remove();
  }
});

test('an increment in one file goes back alone, and the view on it in the other follows', async () => {
  const increment = (database: string) =>
    `{{ config(materialized='incremental', unique_key='day', database='${database}') }}\nselect {{ var('day') }} as day, range as id from range({{ var('day') }})`;
  const two = storyProject({
    'project.yml': project('{ path: lake.duckdb, alias: lake }'),
    'models/events.sql': increment('lake'),
    'models/visits.sql': increment('shop'),
    'models/report.sql': "select count(*)::int as events from {{ ref('events') }}",
    'models/echo.sql':
      "{{ config(database='lake') }}\nselect events, (select count(*)::int from {{ ref('visits') }}) as visits from {{ ref('report') }}",
  });
  try {
    for (const day of [1, 2]) expect((await two.dql('build', '--vars', `{day: ${day}}`)).code).toBe(0);
    const echo = async () => (await rowsOf(two.folder, 'from lake.main.echo')).flat();
    expect(await echo()).toEqual([3, 3]);
    for (const [model, shown] of [
      ['visits', [3, 1]],
      ['events', [1, 1]],
    ] as const) {
      const back = await two.dql('rollback', model);
      expect([back.code, back.stderr]).toEqual([0, '']);
      expect(await echo()).toEqual(shown);
    }
    expect((await two.dql('build', '--vars', '{day: 3}')).code).toBe(0);
    expect(await echo()).toEqual([4, 4]);
  } finally {
    two.remove();
  }
});

test('what is remembered is looked at also while a database of another engine cannot be reached', async () => {
  const attach = '{ path: lake.duckdb, alias: lake }, { path: "host=nowhere", alias: pg, type: postgres }';
  const settings = 'threads: 4, settings: { extension_directory: nowhere }';
  shop.write({ 'project.yml': project(attach).replace('threads: 4', settings) });
  for (const words of [['history'], ['versions'], ['rollback', '--dry-run']]) {
    const told = await shop.dql(...words);
    expect([told.code, told.stderr]).toEqual([0, '']);
  }
  const plan = await shop.dql('plan');
  expect([plan.code, plan.stderr]).toEqual([
    2,
    expect.stringContaining('add `extensions: [postgres]` to target `dev`'),
  ]);
});
