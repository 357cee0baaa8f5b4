import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Json } from '../core/node-id.ts';
import { memoryConnection } from '../testing/memory-connection.ts';
import { passesUntil, planCheck } from './check.ts';
import { nextDeadline } from './deadlines.ts';
import { type CheckOutcome, executeChecks } from './execute-checks.ts';
import { planChecks } from './plan-checks.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const HOUR = 3_600_000;
const iso = (time: number) => new Date(time).toISOString();

let connection: Awaited<ReturnType<typeof memoryConnection>>;
beforeAll(async () => {
  connection = await memoryConnection();
});
afterAll(() => connection.close());

type Kwargs = Readonly<Record<string, Json>>;

async function outcome(name: string, kwargs: Kwargs, now: number): Promise<CheckOutcome | undefined> {
  const { value } = planCheck({
    name,
    namespace: null,
    kwargs: { ...kwargs, column_name: 'seen' },
    relation: '"visits"',
    config: {},
    now: iso(now),
    columns: [{ name: 'seen', type: 'TIMESTAMP' }],
  });
  return value && (await executeChecks(connection, planChecks([], [value]), { now: iso(now) }))[0];
}

const hours = (from: number, to: number) => fc.integer({ min: from * 4, max: to * 4 }).map((quarters) => quarters / 4);
const duration = hours(1, 48).map((many) => `${many} hours`);
const asked: fc.Arbitrary<readonly [string, Kwargs]> = fc.oneof(
  fc
    .record({ max_age: duration, ignore_future: fc.boolean(), whole_days: fc.boolean() })
    .map((kwargs) => ['freshness', kwargs] as const),
  fc
    .tuple(hours(1, 24), hours(0, 24))
    .map(([warn, more]) => ['freshness', { warn_after: `${warn} h`, error_after: `${warn + more} h` }] as const),
  fc
    .record(
      {
        deadline: fc.constantFrom('00:00', '06:00', '12:00', '23:30'),
        timezone: fc.constantFrom('UTC', 'Asia/Kolkata', 'America/New_York'),
        day_of_week: fc.constantFrom('monday', 'tuesday', 'wednesday', 'thursday'),
      },
      { requiredKeys: ['deadline'] },
    )
    .map((kwargs) => ['freshness_sla', kwargs] as const),
  duration.map((by) => ['not_in_future', { by }] as const),
  duration.map((age) => ['not_before', { age }] as const),
  fc.constant(['not_before', { date: '2026-03-09' }] as const),
  fc.constantFrom('now', '2026-03-11').map((end) => ['data_for_every_period', { part: 'day', end }] as const),
);

test('whoever asks again before a pass ends gets the same answer', async () => {
  let passes = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(hours(-60, 60), { minLength: 1, maxLength: 8 }),
      asked,
      hours(0, 72),
      async (times, [name, kwargs], later) => {
        const rows = times.map(
          (time) =>
            `timestamp '${iso(NOW + time * HOUR)
              .slice(0, 19)
              .replace('T', ' ')}'`,
        );
        await connection.run(`create or replace table visits as select unnest([${rows.join(', ')}]) as seen`);
        const first = await outcome(name, kwargs, NOW);
        const until = passesUntil(name, null, { ...kwargs, column_name: 'seen' })?.(first?.value ?? null, NOW);
        const again = NOW + later * HOUR;
        if (first?.verdict !== 'pass' || until === undefined || again >= until) return;
        passes += 1;
        expect((await outcome(name, kwargs, again))?.verdict, `${name} at ${iso(again)}`).toBe('pass');
      },
    ),
    { numRuns: 400 },
  );
  expect(passes).toBeGreaterThan(40);
}, 60_000);

test('a pass ends when the data become too old, at the next deadline, or with the clock that is asked every time', async () => {
  await connection.run("create or replace table visits as select timestamp '2026-03-10 06:00:00' as seen");
  const ends = async (name: string, kwargs: Kwargs) => {
    const first = await outcome(name, kwargs, NOW);
    expect(first?.verdict).toBe('pass');
    return passesUntil(name, null, kwargs)?.(first?.value ?? null, NOW);
  };
  expect(await ends('freshness', { max_age: '1 day' })).toBe(Date.parse('2026-03-11T06:00:00Z'));
  expect(await ends('freshness_sla', { deadline: '06:00' })).toBe(Date.parse('2026-03-11T06:00:00Z'));
  expect(await ends('not_before', { age: '7 days' })).toBe(NOW);
  expect(await ends('not_in_future', {})).toBe(Number.POSITIVE_INFINITY);
  expect(passesUntil('unique', null, { column_name: 'seen' })).toBeUndefined();
  expect(passesUntil('recency', 'dbt_utils', { datepart: 'day', field: 'seen', interval: 1 })?.(21_600, NOW)).toBe(
    Date.parse('2026-03-11T06:00:00Z'),
  );
});

test('the next deadline is on a day that counts, by the clocks of its zone', () => {
  const next = (given: Parameters<typeof nextDeadline>[0]) => iso(nextDeadline(given, NOW));
  expect(next({ deadline: '12:00', timezone: 'UTC' })).toBe('2026-03-11T12:00:00.000Z');
  expect(next({ deadline: '12:01', timezone: 'UTC' })).toBe('2026-03-10T12:01:00.000Z');
  expect(next({ deadline: '06:00', timezone: 'Asia/Kolkata' })).toBe('2026-03-11T00:30:00.000Z');
  expect(next({ deadline: '06:00', timezone: 'UTC', day_of_month: [9] })).toBe('2026-04-09T06:00:00.000Z');
  expect(next({ deadline: '06:00', timezone: 'UTC', day_of_week: ['tuesday'] })).toBe('2026-03-17T06:00:00.000Z');
  expect(next({ deadline: '06:00', timezone: 'UTC', day_of_month: [] })).toBe(iso(NOW));
});
