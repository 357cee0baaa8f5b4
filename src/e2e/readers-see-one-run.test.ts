/** Promise 2: a program that reads while it builds, on another connection of the same instance, sees one run or the next. */
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { build, openWarehouse } from '../index.ts';
import { storyProject } from '../testing/story-project.ts';
import { dayByDay, daysSeen, differences } from './day-by-day.ts';

vi.setConfig({ testTimeout: 120_000 });

const shop = storyProject(dayByDay);
afterAll(() => shop.remove());

test('a reader that loops through five builds never sees relations of two runs together', async () => {
  const first = await build({ projectDir: shop.folder, vars: { day: 1 } });
  expect(first.meta.dql.exit_code).toBe(0);
  const warehouse = await openWarehouse('duckdb', {
    path: join(shop.folder, 'shop.duckdb'),
    readOnly: false,
    instanceSettings: {},
  });
  const reader = await warehouse.connect();
  const seen = new Map<string, number>();
  let building = true;
  const reading = (async () => {
    while (building) {
      const rows = await reader.transaction(async () => {
        const early = (await reader.query(daysSeen)).rows[0] ?? [];
        // The same transaction, later: still the same run.
        await new Promise((resolve) => setTimeout(resolve, 5));
        const late = (await reader.query(daysSeen)).rows[0] ?? [];
        return [...early, ...late];
      });
      const state = [...new Set(rows.map(Number))].join(' and ');
      seen.set(state, (seen.get(state) ?? 0) + 1);
    }
  })();
  for (let day = 2; day <= 6; day++) {
    const { meta } = await build({ projectDir: shop.folder, vars: { day } });
    expect(meta.dql).toMatchObject({ exit_code: 0, published: 7 });
  }
  building = false;
  await reading;
  expect([...seen.keys()].filter((state) => !/^[1-6]$/.test(state))).toEqual([]);
  expect(seen.size).toBeGreaterThan(2);
  expect((await reader.query(differences(6))).rows).toEqual([]);
  reader.close();
  await warehouse.close();
});
