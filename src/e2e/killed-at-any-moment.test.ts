/**
 * `kill -9` at random instants of a build. DQL_KILLS says how many (default 12), DQL_KILLS_SEED makes another run of the same dice.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type StoryProject, storyProject } from '../testing/story-project.ts';
import { dayByDay, differences } from './day-by-day.ts';

const KILLS = Number(process.env['DQL_KILLS'] ?? 12);
vi.setConfig({ testTimeout: 60_000 + KILLS * 60_000, hookTimeout: 120_000 });

let shop: StoryProject;
beforeAll(() => {
  shop = storyProject(dayByDay);
});
afterAll(() => shop.remove());

const build = (day: number) => shop.start('build', '--vars', `{day: ${day}}`);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const within = (all: Readonly<Record<string, string>>, prefix: string) =>
  Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith(prefix)));

/** A small generator (mulberry32), so that a failure can be repeated. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

test(`after each of ${KILLS} kills everything published is wholly old or wholly new, and the next build equals a clean one`, async () => {
  const roll = dice(Number(process.env['DQL_KILLS_SEED'] ?? 20261121));
  const first = await build(1).ended;
  expect(first.code, first.stderr + first.stdout).toBe(0);
  expect(await shop.query(differences(1))).toEqual([]);
  let before = await shop.published();
  let took = 0;
  const seen = { old: 0, new: 0, tooLate: 0 };
  for (let kill = 1; kill <= KILLS; kill++) {
    const day = kill + 1;
    const victim = build(day);
    // The first round only measures how long a build takes here and now.
    const instant = kill === 1 ? 400 : took * (0.15 + 0.9 * roll());
    await Promise.race([pause(instant), victim.ended]);
    victim.process.kill('SIGKILL');
    const { code } = await victim.ended;
    if (code === 0) seen.tooLate += 1;
    const after = await shop.published();

    const startedAt = performance.now();
    const next = await build(day).ended;
    took = performance.now() - startedAt;
    expect(next.code, next.stderr + next.stdout).toBe(0);
    const whole = await shop.published();
    expect(await shop.query(differences(day)), `day ${day}, killed after ${instant} ms`).toEqual([]);

    const inWarehouse = (all: Readonly<Record<string, string>>) => ({ ...within(all, 'main.'), 'main.prices': '' });
    const isNew = after['main.days'] === whole['main.days'];
    seen[isNew ? 'new' : 'old'] += 1;
    expect(inWarehouse(after), `day ${day}, killed after ${instant} ms`).toEqual(inWarehouse(isNew ? whole : before));
    // A snapshot's times are those of its own build, so the new one is compared with itself: nothing is closed twice.
    expect([before['main.prices'], whole['main.prices']]).toContain(after['main.prices']);
    if (!isNew) expect(after['main.prices']).toBe(before['main.prices']);
    // Files follow the commit; each file, and each partitioned folder as a whole, is one or the other.
    for (const exported of ['exports/totals.parquet', 'exports/by_shop/'])
      expect([within(before, exported), within(whole, exported)], exported).toContainEqual(within(after, exported));
    before = whole;
  }
  const strays = `select table_name from duckdb_tables() where schema_name = '_dql' and regexp_matches(table_name, '@[0-9]+$')
    and table_name not in (select schema || '.' || alias || '@' || version from _dql.ledger_versions)`;
  expect(await shop.query(strays), 'versions without a record').toEqual([]);
  console.info(
    `${KILLS} kills: ${seen.old} left the old state, ${seen.new} the new one, ${seen.tooLate} came too late`,
  );
});
