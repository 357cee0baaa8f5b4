/** One warehouse, several programs: who comes second waits or says so; who is interrupted leaves nothing half-done. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Running, resultOf, type StoryProject, storyProject } from '../testing/story-project.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const forever =
  'select count(*) as pairs from range(1000000) as a, range(1000000) as b where hash(a.range, b.range) % 7 = 3';
let shop: StoryProject;

beforeAll(async () => {
  shop = storyProject({
    'project.yml': `name: shop
target: dev
targets:
  dev: { path: shop.duckdb, schema: main, threads: 4 }
  hasty: { path: shop.duckdb, schema: main, lock_timeout: 0 }
`,
    'models/orders.sql': "{{ config(materialized='table') }}\nselect 1 as id",
    'models/report.sql': "{{ config(materialized='table') }}\nselect count(*) as orders from {{ ref('orders') }}",
    'models/other.sql': "{{ config(materialized='table') }}\nselect 'independent' as word",
  });
  expect((await shop.dql('build')).code).toBe(0);
});
afterAll(() => shop.remove());

/** Resolves when the program has said something; fails when it ends first. */
async function says(running: Running, what: RegExp): Promise<void> {
  const ended = running.ended.then((how) => {
    throw new Error(`ended with ${how.code} before it said ${what}:\n${how.stderr}${how.stdout}`);
  });
  const heard = (async () => {
    while (!what.test(running.said())) await new Promise((resolve) => setTimeout(resolve, 20));
  })();
  await Promise.race([heard, ended]);
}

test('the second writer is refused after --lock-timeout, another waits its turn; Ctrl-C publishes nothing and the next build takes over', async () => {
  const before = await shop.published();
  shop.write({
    'models/orders.sql': "{{ config(materialized='table') }}\nselect unnest([1, 2]) as id",
    'models/report.sql': `{{ config(materialized='table') }}\nselect count(*) as orders, (${forever}) as pairs from {{ ref('orders') }}`,
  });
  const first = shop.start('build', '--select', 'orders report');
  await says(first, /orders/);

  const refused = await shop.dql('build', '--select', 'other', '--lock-timeout', '1');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(new RegExp(`in use.*PID ${first.process.pid}`, 's'));
  expect(refused.stderr).toMatch(/--lock-timeout/);

  // So is who would look at what the file knows.
  const looked = await shop.dql('ls', '--select', 'state:new', '--state', 'shop.duckdb', '--lock-timeout', '1');
  expect([looked.code, looked.stderr]).toEqual([2, expect.stringMatching(/waiting.*in use/s)]);

  const hasty = await shop.dql('build', '--select', 'other', '--target', 'hasty');
  expect(hasty.code).toBe(2);
  expect(hasty.stderr).not.toMatch(/waiting/);

  const waiting = shop.start('build', '--select', 'other', '--lock-timeout', '60');
  await says(waiting, /wait/i);

  first.process.kill('SIGINT');
  const interrupted = await first.ended;
  expect(interrupted.code, interrupted.stderr).toBe(130);
  expect(interrupted.stderr + interrupted.stdout).toMatch(/Interrupted: nothing was half-published/);
  const waited = await waiting.ended;
  expect(waited.code, waited.stderr).toBe(0);
  expect(await shop.published()).toEqual(before);

  shop.write({
    'models/report.sql': "{{ config(materialized='table') }}\nselect count(*) + 0 as orders from {{ ref('orders') }}",
  });
  const next = await shop.dql('build');
  expect(next.code, next.stderr).toBe(0);
  expect(resultOf(next, 'orders')).toMatchObject({
    status: 'reused',
    meta: { dql: { published: true, reason: expect.stringMatching(/earlier run/) } },
  });
  expect(await shop.query('select orders from main.report')).toEqual([[2n]]);
});
