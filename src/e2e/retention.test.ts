/** Retention by size counts what versions really take: compressed columns, long texts, undo slices. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { VersionRow } from '../app/contract.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const yml = (more: string) => `name: shop
target: dev
${more}
targets:
  dev: { path: shop.duckdb, schema: main, threads: 2 }
`;
/** About 3 MB on disk: rows times columns times eight bytes would say 160 kB. */
const letters = (day: number, config: string) => `{{ config(materialized=${config}) }}
select range as id, (select string_agg(md5(concat(${day}, '-', letters.range, '-', words.range)), '') from range(16) as words) as text
from range(10000) as letters`;

let shop: TemporaryProject;
const kept = async () =>
  (await shop.answer<{ readonly versions: readonly VersionRow[] }>('versions')).versions.filter(({ bytes }) => bytes);
const write = (day: number) => {
  shop.write('models/letters.sql', letters(day, "'table'"));
  shop.write('models/answers.sql', letters(day, "'incremental', unique_key='id'"));
};

beforeAll(async () => {
  shop = temporaryProject({ 'project.yml': yml('') });
  for (const day of [1, 2, 3]) {
    write(day);
    const built = await shop.dql('build');
    expect(built.code, built.stderr).toBe(0);
  }
});
afterAll(() => shop.close());

test('the sizes of versions add up to what the file takes, undo slices included', async () => {
  const rows = await kept();
  expect(rows.map(({ name, version }) => `${name}@${version}`)).toEqual([
    'answers@3',
    'answers@2',
    'answers@1',
    'letters@3',
    'letters@2',
    'letters@1',
  ]);
  for (const { bytes } of rows) expect(bytes).toBeGreaterThan(2_000_000);
  const total = rows.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  const file = statSync(join(shop.folder, 'shop.duckdb')).size;
  expect(total).toBeGreaterThan(0.6 * file);
  expect(total).toBeLessThanOrEqual(file);
});

test('a size limit drops the oldest until the rest fits, and never what is published', async () => {
  shop.write('project.yml', yml('retention: { max_size: 7 MB }'));
  const before = await shop.hashes(['main.letters', 'main.answers']);
  const plan = await shop.dql('plan');
  expect(plan.code, plan.stderr).toBe(0);
  expect((await shop.dql('clean --versions')).code).toBe(0);
  const left = (await kept()).map(({ name, version }) => `${name}@${version}`);
  expect(left).toEqual(expect.arrayContaining(['answers@3', 'letters@3']));
  expect(left).not.toContain('letters@1');
  expect(await shop.hashes(['main.letters', 'main.answers'])).toEqual(before);
});

test('a limit above everything keeps everything, and asks nothing of the engine', async () => {
  shop.write('project.yml', yml('retention: { max_size: 10 GB }'));
  write(4);
  const left = (await kept()).length;
  expect((await shop.dql('build')).code).toBe(0);
  expect((await kept()).length).toBe(left + 2);
  expect(
    await shop.rows(
      "select count(*)::int from _dql.ledger_versions where alias = 'letters' and version = 4 and bytes is not null",
    ),
  ).toEqual([[0]]);
});

test('by default what is younger than seven days is kept, and of the rest the published version and the two before', async () => {
  const diary = temporaryProject({});
  const build = async (day: number) => {
    diary.write('models/days.sql', `{{ config(materialized='table') }}\nselect ${day} as day`);
    diary.write(
      'models/steps.sql',
      `{{ config(materialized='incremental', unique_key='one') }}\nselect ${day} as day, 1 as one`,
    );
    const now = new Date(Date.UTC(2026, 0, day)).toISOString();
    expect((await diary.dql(`build --now ${now}`)).code).toBe(0);
    const { versions } = await diary.answer<{ readonly versions: readonly VersionRow[] }>('versions');
    return versions.map(({ name, version }) => `${name}@${version}`);
  };
  for (const day of [1, 2, 3, 4, 5]) await build(day);
  expect(await build(6)).toHaveLength(12);
  // Collecting is the first thing a run does: version 6 is still the published one then.
  expect(await build(40)).toEqual(
    ['days', 'steps'].flatMap((name) => [7, 6, 5, 4].map((version) => `${name}@${version}`)),
  );
  const objects =
    "select count(*)::int from duckdb_tables() where schema_name = '_dql' and regexp_matches(table_name, '@[1-3]($|~)')";
  expect(await diary.rows(objects)).toEqual([[0]]);
  expect((await diary.dql('rollback steps@4')).code).toBe(0);
  expect(await diary.rows('select day from steps')).toEqual([[4]]);
  diary.close();
});
