/** Promotion of models that lie in attached DuckDB files: one that both targets attach, and two of the same alias. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { DiffAnswer, PromoteAnswer } from '../app/contract.ts';
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
  for (const day of days) {
    expect((await shop.dql(`build -t staging --vars {"day":${day}}`)).code).toBe(0);
    const promoted = await shop.answer<PromoteAnswer>(`promote --from staging --to ${target} --vars {"day":${day}}`);
    expect([promoted.refused, promoted.promoted.length]).toEqual([[], 8]);
    expect(await seen(target)).toEqual({ days: day, orders: day, late: day, events: 30 * day, prices: 3 * day });
    const diff = await shop.answer<DiffAnswer>(`diff staging ${target} -t ${target}`);
    expect(diff.relations.map(({ name, equal }) => [name, equal])).toEqual(
      ['countries', 'days', 'echo', 'events', 'late', 'orders', 'prices', 'report'].map((name) => [name, true]),
    );
    expect(new Set(await build(target, day))).toEqual(new Set(['reused']));
  }
});
