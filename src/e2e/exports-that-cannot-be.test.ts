/** Files that cannot be written where they are wanted end in an error of their node, and the rest is published. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { resultOf, type StoryProject, storyProject } from '../testing/story-project.ts';

vi.setConfig({ testTimeout: 60_000 });

let shop: StoryProject;
afterEach(() => shop.remove());
const report = (location: string) =>
  `{{ config(materialized='external', location='${location}') }}\nselect * from {{ ref('orders') }}`;
const open = (location: string) => {
  shop = storyProject({
    'models/orders.sql': "{{ config(materialized='table') }}\nselect range as id from range(3)",
    'models/report.sql': report(location),
  });
  return shop;
};

test.runIf(existsSync('/proc/self'))('a folder that the system makes for nobody', async () => {
  const ended = await open('/proc/exports/report.csv').dql('build');
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain('error[run/not-written]: its file cannot be written: ENOENT');
  expect(resultOf(ended, 'orders').meta.dql.published).toBe(true);
});

test('a file that stands where a folder is wanted', async () => {
  open('out/report.csv');
  writeFileSync(join(shop.folder, 'out'), 'notes');
  const ended = await shop.dql('build');
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain('error[run/not-written]');
  expect(readFileSync(join(shop.folder, 'out'), 'utf8')).toBe('notes');
  rmSync(join(shop.folder, 'out'));
  expect((await shop.dql('build')).code).toBe(0);
  expect(shop.read('out/report.csv')).toBe('id\n0\n1\n2\n');
});

test('a folder of somebody else in the place of the file: it stays, and the next build tries again', async () => {
  open('out/report.csv');
  mkdirSync(join(shop.folder, 'out/report.csv/notes'), { recursive: true });
  const ended = await shop.dql('build');
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain('is published, but could not be written to');
  const again = await shop.dql('build');
  expect(again.stderr).toContain('is published, but its file cannot be written');
  expect(existsSync(join(shop.folder, 'out/report.csv/notes'))).toBe(true);
  rmSync(join(shop.folder, 'out/report.csv'), { recursive: true });
  await shop.dql('build');
  expect(shop.read('out/report.csv')).toBe('id\n0\n1\n2\n');
  rmSync(join(shop.folder, 'out/report.csv'));
  mkdirSync(join(shop.folder, 'out/report.csv/notes'), { recursive: true });
  shop.write({ 'models/orders.sql': "{{ config(materialized='table') }}\nselect range as id from range(4)" });
  await shop.dql('build');
  const back = await shop.dql('rollback');
  expect(back.code).toBe(1);
  expect(back.stderr).toContain('everything else is done, but an exported file could not be');
});
