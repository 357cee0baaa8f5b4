/** Promotion and cloning of models that lie in attached DuckDB files: one that both targets attach, and two of the same alias. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { CloneAnswer, DiffAnswer, PromoteAnswer } from '../app/contract.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';
import { twoFiles } from './two-files.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let shop: TemporaryProject;
beforeAll(async () => {
  shop = temporaryProject({
    ...twoFiles,
    'project.yml': `name: shop
target: staging
targets:
  staging: { path: shop.duckdb, schema: staging, threads: 2, attach: [{ path: lake.duckdb, alias: lake }] }
  prod: { path: shop.duckdb, schema: main, threads: 2, attach: [{ path: lake.duckdb, alias: lake }] }
  apart: { path: apart.duckdb, schema: apart, threads: 2, attach: [{ path: lake.duckdb, alias: lake }] }
  remote: { path: remote.duckdb, schema: main, threads: 2, attach: [{ path: remote_lake.duckdb, alias: lake }] }
  mine: { path: shop.duckdb, schema: mine, threads: 2, attach: [{ path: lake.duckdb, alias: lake }] }
  dry: { path: shop.duckdb, schema: dry, threads: 2, attach: [{ path: pond.duckdb, alias: lake }] }
`,
  });
});
afterAll(() => shop.close());

const build = async (target: string, day: number) =>
  (await shop.answer(`build -t ${target} --vars {"day":${day}}`)).results
    .filter(({ unique_id }) => !unique_id.startsWith('test.'))
    .map(({ status }) => status);
const SEEN = `select (select max(day) from {{ ref('days') }}) as days, (select max(day) from {{ ref('orders') }}) as orders, (select max(day) from {{ ref('late') }}) as late,
  (select count(*)::int from {{ ref('events') }}) as events, (select count(*)::int from {{ ref('prices') }}) as prices`;
const seen = async (target: string) =>
  JSON.parse((await shop.dql(['show', '-t', target, '--inline', SEEN, '--output', 'json'])).stdout).show[0];

test.each([
  ['prod', 'the same file and the same lake', [1, 2]],
  ['apart', 'another file and the same lake', [3, 4]],
  ['remote', 'another file and another lake, which is attached by the same alias', [5, 6]],
])('to %s: %s', async (target, _, days) => {
  for (const [round, day] of days.entries()) {
    expect((await shop.dql(`build -t staging --vars {"day":${day}}`)).code).toBe(0);
    const promoted = await shop.answer<PromoteAnswer>(`promote --from staging --to ${target} --vars {"day":${day}}`);
    // The countries are the same each day.
    expect([promoted.refused, promoted.promoted.length, promoted.already_there]).toEqual([[], 8 - round, round]);
    expect(await seen(target)).toEqual({ days: day, orders: day, late: day, events: 30 * day, prices: 3 * day });
    const diff = await shop.answer<DiffAnswer>(`diff staging ${target} -t ${target}`);
    expect(diff.relations.map(({ name, equal }) => [name, equal])).toEqual(
      ['countries', 'days', 'echo', 'events', 'late', 'orders', 'prices', 'report'].map((name) => [name, true]),
    );
    expect(new Set(await build(target, day))).toEqual(new Set(['reused']));
  }
});

test('a clone opens them where the file is the same, and says which file is another one', async () => {
  const cloned = await shop.answer<CloneAnswer>('clone --from staging -t mine --vars {"day":6}');
  expect(new Set(cloned.cloned.map(({ how }) => how))).toEqual(new Set(['view']));
  expect(await seen('mine')).toEqual({ days: 6, orders: 6, late: 6, events: 180, prices: 18 });
  const refused = await shop.dql('clone --from staging -t dry --vars {"day":6}');
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining('`lake` of target `staging` is another file than here, and a clone copies no rows'),
  ]);
  expect((await shop.dql('clone --from staging -t dry --select days --vars {"day":6}')).code).toBe(0);
});
