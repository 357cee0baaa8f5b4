/** What happens to files behind dql's back: exports somebody removed, a project that moved, folders nobody may write to. */
import { chmodSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { PlanRow } from '../app/contract.ts';
import { executed, type StoryProject, storyProject } from '../testing/story-project.ts';

vi.setConfig({ testTimeout: 60_000 });

let shop: StoryProject;
afterEach(() => shop.remove());

const files = {
  'models/orders.sql': "{{ config(materialized='table') }}\nselect {{ var('day', 1) }} as day",
  'models/exported.sql':
    "{{ config(materialized='external', location='exports/orders.parquet') }}\nselect * from {{ ref('orders') }}",
  'models/by_day.sql':
    "{{ config(materialized='external', location='exports/by_day', options={'partition_by': 'day'}) }}\nselect day, 1 as one from {{ ref('orders') }}",
  'models/read_back.sql': "{{ config(materialized='table') }}\nselect count(*) as orders from {{ ref('exported') }}",
};

test('exported files that are gone are written again, and what reads equal rows of them stays', async () => {
  shop = storyProject(files);
  expect((await shop.dql('build')).code).toBe(0);
  const before = await shop.published();
  rmSync(join(shop.folder, 'exports'), { recursive: true });
  const plan: { readonly rows: readonly PlanRow[] } = JSON.parse((await shop.dql('plan', '--output', 'json')).stdout);
  expect(plan.rows.find(({ name }) => name === 'exported')).toMatchObject({
    action: 'build',
    reason: 'its file is gone',
  });
  const ended = await shop.dql('build');
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
  expect(executed(ended)).toEqual(expect.arrayContaining(['by_day', 'exported']));
  expect(await shop.published()).toEqual(before);
  // Only the name readers know is gone: nothing needs to be computed.
  rmSync(join(shop.folder, 'exports/orders.parquet'));
  expect(executed(await shop.dql('build'))).toEqual([]);
  expect(await shop.published()).toEqual(before);
});

test('a version whose exported file is gone is out of reach, and nothing is changed', async () => {
  shop = storyProject(files);
  expect((await shop.dql('build')).code).toBe(0);
  expect((await shop.dql('build', '--vars', '{day: 2}')).code).toBe(0);
  const before = await shop.published();
  rmSync(join(shop.folder, 'exports/.dql/orders@1.parquet'));
  const back = await shop.dql('rollback');
  expect([back.code, back.stderr]).toEqual([2, expect.stringContaining('version 1 of `exported` is not kept')]);
  expect(await shop.published()).toEqual(before);
});

test('views that somebody dropped stand again, with their comments', async () => {
  shop = storyProject({
    ...files,
    'models/latest.sql': "{{ config(materialized='incremental') }}\nselect 1 as id",
    'models/_models.yml':
      'models: [{ name: orders, description: All orders, config: { persist_docs: { relation: true } } }]',
  });
  expect((await shop.dql('build')).code).toBe(0);
  const before = await shop.published();
  const drop = (sql: string) => shop.dql('run-operation', '--sql', sql);
  expect((await drop('drop view main.orders; drop view main.latest; drop view main.by_day')).code).toBe(0);
  const ended = await shop.dql('build');
  expect([ended.code, executed(ended)]).toEqual([0, []]);
  expect(ended.stdout + ended.stderr).toContain('`main.orders` was gone and stands again');
  expect(await shop.published()).toEqual(before);
  expect(await shop.query("select comment from duckdb_views() where view_name = 'orders'")).toEqual([['All orders']]);
});

test('a project that moved writes its files where it is now', async () => {
  shop = storyProject(files);
  expect((await shop.dql('build')).code).toBe(0);
  const before = await shop.published();
  const moved = storyProject({});
  rmSync(moved.folder, { recursive: true });
  renameSync(shop.folder, moved.folder);
  shop = moved;
  const ended = await shop.dql('build');
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
  expect(executed(ended)).not.toContain('orders');
  expect(await shop.published()).toEqual(before);
});

// Root may write everywhere.
test.skipIf(process.getuid?.() === 0)('what may not be written to is told before anything is built', async () => {
  shop = storyProject(files);
  expect((await shop.dql('build')).code).toBe(0);
  const before = await shop.published();
  for (const [path, mode] of [
    ['target', 0o755],
    ['shop.duckdb', 0o644],
    ['.', 0o755],
  ] as const) {
    rmSync(join(shop.folder, 'target/run_results.json'), { force: true });
    chmodSync(join(shop.folder, path), 0o555);
    const ended = await shop.dql('build', '--vars', '{day: 2}').finally(() => chmodSync(join(shop.folder, path), mode));
    expect(ended.code, path).toBe(2);
    expect(ended.stderr, path).toMatch(/permission denied.*hint:.*(writable|may write)/is);
    expect(ended.stderr, path).not.toContain('bug');
    expect(await shop.published(), path).toEqual(before);
  }
});
