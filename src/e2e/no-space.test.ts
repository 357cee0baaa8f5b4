/** Space is looked at before anything is built, and a disk that fills up all the same loses nothing that is published. */
import type * as fs from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const disk = vi.hoisted(() => ({ free: Number.POSITIVE_INFINITY }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const statfsSync = (path: string) => {
    const facts = real.statfsSync(path);
    return disk.free === Number.POSITIVE_INFINITY ? facts : { ...facts, bsize: 1, bavail: disk.free };
  };
  return { ...real, statfsSync };
});

const letters = (day: number) => `{{ config(materialized='table') }}
select range as id, (select string_agg(md5(concat(${day}, '-', letters.range, '-', words.range)), '') from range(16) as words) as text
from range(10000) as letters`;

let shop: TemporaryProject;
/** Megabytes that the build says it needs. */
let about = 0;
beforeAll(async () => {
  shop = temporaryProject({
    'models/letters.sql': letters(1),
    'models/copies.sql': "{{ config(materialized='table') }}\nselect * from {{ ref('letters') }}",
  });
  disk.free = 10;
  const first = await shop.dql('build');
  // A first build has no size to go by.
  expect(first.code, first.stderr).toBe(0);
  expect(first.stderr).not.toMatch(/free/);
});
afterAll(() => shop.close());

test('a build that cannot fit does not begin: exit 2, with words, and nothing is changed', async () => {
  shop.write('models/letters.sql', letters(2));
  const before = await shop.hashes(['main.letters', 'main.copies']);
  const runs = await shop.rows('select count(*) from _dql.runs');
  disk.free = 1_000_000;
  const plan = await shop.dql('plan');
  expect(plan.code).toBe(0);
  const told = await shop.dql('build');
  expect(told.code).toBe(2);
  for (const { stderr } of [plan, told])
    expect(stderr).toMatch(/this builds about \d MB, and the disk of \S+shop\.duckdb has [12] MB free/);
  about = Number(/about (\d) MB/.exec(told.stderr)?.[1]);
  // 5.1 MB of text, compressed; how its blocks fall differs from run to run.
  expect(about).toBeGreaterThanOrEqual(3);
  expect(about).toBeLessThanOrEqual(6);
  expect(await shop.rows('select count(*) from _dql.runs')).toEqual(runs);
  expect(await shop.hashes(['main.letters', 'main.copies'])).toEqual(before);
});

test('what may not fit is a warning, and is built', async () => {
  disk.free = about * 1_500_000;
  const told = await shop.dql('build');
  expect(told.code, told.stderr).toBe(0);
  expect(told.stderr + told.stdout).toMatch(/this may build up to \d+ MB, and the disk of \S+ has \d MB free/);
});

test('with room enough nothing is said', async () => {
  disk.free = Number.POSITIVE_INFINITY;
  shop.write('models/letters.sql', letters(3));
  const told = await shop.dql('build');
  expect(told.code, told.stderr).toBe(0);
  expect(told.stderr + told.stdout).not.toMatch(/ free/);
});
