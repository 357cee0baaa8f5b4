import { expect, test } from 'vitest';
import type { MeasuredFreshness, RunHistoryEntry } from './history.ts';
import { keptPromise } from './kept-promise.ts';

const now = new Date('2026-11-21T08:00:00Z');

const run = (started_at: string, status: 'success' | 'reused' | 'error'): RunHistoryEntry => ({
  id: started_at,
  started_at,
  seconds: 60,
  status: 'success',
  command: 'build',
  git_sha: null,
  nodes: { 'model.shop.orders': { seconds: 1, rows: 5, status } },
  tests: {},
});

const asked = (
  sla: Parameters<typeof keptPromise>[0],
  runs: readonly RunHistoryEntry[] = [],
  freshness?: MeasuredFreshness,
) => keptPromise(sla, { id: 'model.shop.orders', now, runs, freshness });

const newestRow = (at: string): MeasuredFreshness => ({
  status: 'pass',
  max_loaded_at: at,
  snapshotted_at: now.toISOString(),
  age_seconds: 1,
  expectation: null,
});

test('a deadline is kept by a run of the day that ended before it, by the clock of its time zone', () => {
  const sla = { by: '07:00', timezone: 'Europe/Berlin' };
  expect(asked(sla, [run('2026-11-21T05:30:00Z', 'success')])).toEqual({
    kept: true,
    because: 'up to date on 2026-11-21 05:31 UTC',
  });
  expect(asked(sla, [run('2026-11-21T05:59:30Z', 'success')])).toEqual({
    kept: false,
    because: 'up to date only on 2026-11-21 06:00 UTC',
  });
  expect(asked('by 06:00 UTC', [run('2026-11-21T05:30:00Z', 'reused')])?.kept).toBe(true);
});

test('neither yesterday’s run nor one that failed or was held back keeps it', () => {
  const built = run('2026-11-21T05:30:00Z', 'success');
  const held = { seconds: 1, rows: 5, status: 'success' as const, held: true as const };
  expect(asked({ by: '06:00' }, [{ ...built, nodes: { 'model.shop.orders': held } }])?.kept).toBe(false);
  const runs = [run('2026-11-20T05:30:00Z', 'success'), run('2026-11-21T05:30:00Z', 'error')];
  expect(asked({ by: '06:00' }, runs)).toEqual({
    kept: false,
    because: 'not built on the day of the deadline, 2026-11-21 06:00 UTC',
  });
  // By eight o'clock the day's own deadline at nine has not passed, so yesterday's counts.
  expect(asked({ by: '09:00' }, runs)?.kept).toBe(true);
});

test('an age is that of the newest row where it was measured, else of the last run that built it', () => {
  expect(asked('24 hours', [run('2026-11-21T05:30:00Z', 'success')])?.kept).toBe(true);
  expect(asked({ max_age: '24 hours' }, [], newestRow('2026-11-19T05:00:00Z'))).toEqual({
    kept: false,
    because: 'newest row of 2026-11-19 05:00 UTC',
  });
  expect(asked({ by: '06:00' }, [], newestRow('2026-11-21T01:00:00Z'))?.kept).toBe(true);
});

test('what cannot be told is not told, and what is no promise of time is none', () => {
  expect(asked({ by: '06:00' })).toEqual({ kept: null, because: 'no run is known' });
  expect(asked('24 hours')).toEqual({ kept: null, because: 'its age was not measured' });
  expect(asked('gold')).toBeUndefined();
  expect(asked({ tier: 'gold' })).toBeUndefined();
});
