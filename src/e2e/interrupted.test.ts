/** Ctrl-C while a run is at one thing or another: it ends soon, says how far it came, and the next build makes good. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { type Running, resultOf, type StoryProject, storyProject } from '../testing/story-project.ts';

vi.setConfig({ testTimeout: 120_000 });

const FOREVER =
  'select count(*) as pairs from range(1000000) as a, range(1000000) as b where hash(a.range, b.range) % 7 = 3';
const table = (sql: string) => `{{ config(materialized='table') }}\n${sql}`;

let shop: StoryProject | undefined;
afterEach(() => shop?.remove());
function openShop(files: Readonly<Record<string, string>>, more = ''): StoryProject {
  shop = storyProject({
    'project.yml': `name: shop\ntarget: dev\ntargets:\n  dev: { path: shop.duckdb, schema: main, threads: 2 }\n${more}`,
    ...files,
  });
  return shop;
}

/** Ctrl-C a moment after it said something, or did. */
async function interrupted(running: Running, until: RegExp | (() => boolean), pause = 500) {
  const isThere = () => (typeof until === 'function' ? until() : until.test(running.said()));
  while (!isThere() && running.process.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
  await new Promise((resolve) => setTimeout(resolve, pause));
  running.process.kill('SIGINT');
  return running.ended;
}

test('while tests and models run side by side: what was cut short is skipped, the run is in the history, and nothing hangs', async () => {
  const project = openShop({
    'models/orders.sql': table('select range as id from range(10)'),
    'models/report.sql': table(FOREVER),
    'tests/endless.sql': `select pairs from (${FOREVER}), {{ ref('orders') }}`,
  });
  const ended = await interrupted(project.start('build'), /orders/);
  expect(ended.code, ended.stderr).toBe(130);
  expect(ended.stderr).toMatch(/Interrupted: nothing was half-published/);
  expect(ended.stderr).not.toMatch(/Error/);
  for (const name of ['report', 'endless'])
    expect(resultOf(ended, name)).toMatchObject({ status: 'skipped', message: 'the run was interrupted' });
  expect(await project.query('select status, exit_code from _dql.ledger_runs')).toEqual([['interrupted', 130]]);
  project.write({ 'models/report.sql': table('select 1 as pairs'), 'tests/endless.sql': null });
  const next = await project.dql('build');
  expect(next.code, next.stderr).toBe(0);
  expect(resultOf(next, 'orders').status).toBe('reused');
});

test('while on-run-start runs nothing was started, while on-run-end runs everything is published', async () => {
  const hooks = (start: string, end: string) =>
    `name: shop\ntarget: dev\ntargets:\n  dev: { path: shop.duckdb, schema: main, threads: 2 }\non-run-start: ["${start}"]\non-run-end: ["${end}"]\n`;
  const project = openShop({
    'project.yml': hooks(FOREVER, 'select 1'),
    'models/orders.sql': table('select 1 as id'),
  });
  const early = await interrupted(project.start('build'), /orders|target dev/, 1000);
  expect([early.code, early.stderr]).toEqual([130, expect.not.stringMatching(/failed|Error/)]);
  expect(resultOf(early, 'orders')).toMatchObject({ status: 'skipped', message: 'the run was interrupted' });
  project.write({ 'project.yml': hooks('select 1', FOREVER) });
  const late = await interrupted(project.start('build'), /Published/);
  expect(late.code, late.stderr).toBe(130);
  expect(late.stderr).toMatch(/Interrupted when everything was published already/);
  expect(late.results?.meta.dql).toMatchObject({ interrupted: true, published: 1 });
  expect(await project.query('select id from main.orders')).toEqual([[1]]);
});

test('while a source is asked whether it changed, before anything is said', async () => {
  const project = openShop({
    'models/orders.sql': table("select * from {{ source('raw', 'visits') }}"),
    'models/sources.yml': `sources: [{ name: raw, schema: main, tables: [{ name: visits, config: { change_marker: "${FOREVER}" } }] }]`,
  });
  const ended = await interrupted(project.start('build'), () => existsSync(join(project.folder, 'shop.duckdb')), 1500);
  expect([ended.code, ended.stderr]).toEqual([130, expect.stringMatching(/Interrupted\./)]);
  expect(ended.results).toBeUndefined();
});
