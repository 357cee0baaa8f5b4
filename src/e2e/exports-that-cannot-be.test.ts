/** Files that cannot be written where they are wanted end in an error of their node, and the rest is published. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { isOwnFile } from '../disk/is-own-file.ts';
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

test('a folder of somebody else in the place of the file: it stays, its node fails until it is gone', async () => {
  open('out/report.csv');
  const notes = join(shop.folder, 'out/report.csv/notes');
  mkdirSync(notes, { recursive: true });
  for (const _ of ['once', 'twice']) {
    const ended = await shop.dql('build');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('error[run/foreign-folder]: a folder with files that dql did not make');
    expect(resultOf(ended, 'report').meta.dql.published).toBe(false);
    expect(existsSync(notes)).toBe(true);
  }
  rmSync(join(shop.folder, 'out/report.csv'), { recursive: true });
  expect((await shop.dql('build')).code).toBe(0);
  expect(shop.read('out/report.csv')).toBe('id\n0\n1\n2\n');
  // One that came later is met by builds and by a rollback.
  shop.write({ 'models/orders.sql': "{{ config(materialized='table') }}\nselect range as id from range(4)" });
  expect((await shop.dql('build')).code).toBe(0);
  rmSync(join(shop.folder, 'out/report.csv'));
  mkdirSync(notes, { recursive: true });
  expect((await shop.dql('build')).code).toBe(1);
  const back = await shop.dql('rollback');
  expect(back.code).toBe(1);
  expect(back.stderr).toMatch(
    /version 1 of `report` is published, but could not be written to .*\n.*everything else is done/,
  );
});

test('a folder of somebody else in the place of a folder: it stays unless --adopt says otherwise', async () => {
  open('out');
  const partitioned = report('out').replace("external'", "external', partition_by='id', format='csv'");
  shop.write({ 'models/report.sql': partitioned.replace('select *', 'select id, 1 as one') });
  mkdirSync(join(shop.folder, 'out'));
  writeFileSync(join(shop.folder, 'out/precious.txt'), 'mine');
  const ended = await shop.dql('build');
  expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('error[run/foreign-folder]')]);
  expect(shop.read('out/precious.txt')).toBe('mine');
  expect((await shop.dql('build', '--adopt')).code).toBe(0);
  expect(existsSync(join(shop.folder, 'out/id=1'))).toBe(true);
});

test('an export into the folder of another project is built once', async () => {
  open('other/out/report.csv');
  shop.write({ 'other/project.yml': 'name: other\n' });
  expect((await shop.dql('build')).code).toBe(0);
  expect(shop.read('other/out/report.csv')).toBe('id\n0\n1\n2\n');
  expect(resultOf(await shop.dql('build'), 'report').status).toBe('reused');
  rmSync(join(shop.folder, 'other/out/report.csv'));
  expect((await shop.dql('build')).code).toBe(0);
  expect(shop.read('other/out/report.csv')).toBe('id\n0\n1\n2\n');
});

test('an export into the folder of another project goes back, and its old versions are collected', async () => {
  open('other/out/report.csv');
  const settings = shop.read('project.yml');
  shop.write({
    'other/project.yml': 'name: other\n',
    'project.yml': `${settings}retention: { versions: 1, days: 0 }\n`,
  });
  const build = async (rows: number) => {
    shop.write({ 'models/orders.sql': `select range as id from range(${rows})` });
    expect((await shop.dql('build')).code).toBe(0);
  };
  for (const rows of [1, 2, 4]) await build(rows);
  const back = await shop.dql('rollback');
  expect([back.code, back.stderr]).toEqual([0, '']);
  expect(shop.read('other/out/report.csv')).toBe('id\n0\n1\n');
  await build(5);
  expect((await shop.dql('clean', '--versions')).code).toBe(0);
  const kept = JSON.parse((await shop.dql('versions', 'report', '--output', 'json')).stdout).versions;
  expect(readdirSync(join(shop.folder, 'other/out/.dql')).sort()).toEqual(
    kept.map(({ version }: { version: number }) => `report@${version}.csv`).sort(),
  );
});

test('what an export beside the project is called says whose it is', () => {
  const root = mkdtempSync(join(tmpdir(), 'dql-own-'));
  for (const name of ['shop', 'copy', 'other']) {
    mkdirSync(join(root, name));
    writeFileSync(join(root, name, 'project.yml'), `name: ${name}\n`);
  }
  const own = (path: string) => ['shop', 'copy'].map((name) => isOwnFile(`${root}/${path}`, join(root, name)));
  expect(own('shop/out/report.csv')).toEqual([true, false]);
  expect(own('shop/../other/report.csv')).toEqual([true, false]);
  expect(own('other/report.csv')).toEqual([false, false]);
  rmSync(root, { recursive: true });
});
