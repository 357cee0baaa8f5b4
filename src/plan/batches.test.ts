import { expect, test } from 'vitest';
import { type BatchSize, batchCount, batchesIn, batchSizeOf, type Microbatch, moment, planBatches } from './batches.ts';

const day: BatchSize = { unit: 'day', count: 1 };
const at = (text: string): number => moment(text) ?? Number.NaN;
const text = (ranges: readonly { start: number; end: number }[]) =>
  ranges.map(
    ({ start, end }) => `${new Date(start).toISOString().slice(0, 16)} ${new Date(end).toISOString().slice(0, 16)}`,
  );
const daily = (more: Partial<Microbatch> = {}): Microbatch => ({
  eventTime: 'ordered_at',
  size: day,
  begin: at('2024-01-01'),
  lookback: 1,
  ...more,
});

test('dbt’s window is the newest batch and the lookback; gaps come to it', () => {
  const now = new Date('2024-03-10T15:00:00Z');
  const whole = [{ start: at('2024-01-01'), end: at('2024-03-10 09:00') }];
  expect(text(planBatches(daily(), { now, filled: whole }).ranges)).toEqual(['2024-03-09T00:00 2024-03-11T00:00']);
  const gap = [
    { start: at('2024-01-01'), end: at('2024-02-01') },
    { start: at('2024-02-03'), end: at('2024-03-10') },
  ];
  const planned = planBatches(daily(), { now, filled: gap });
  expect(text(planned.gaps)).toEqual(['2024-02-01T00:00 2024-02-03T00:00']);
  expect(planned.count).toBe(4);
  expect(text(planBatches(daily(), { now, filled: undefined }).ranges)).toEqual(['2024-01-01T00:00 2024-03-11T00:00']);
});

test('a range that is asked for is computed as it is, out to the edges of its batches', () => {
  const planned = planBatches(daily(), {
    now: new Date('2024-03-10T15:00:00Z'),
    start: at('2024-02-01 06:00'),
    end: at('2024-02-02 06:00'),
    filled: [],
  });
  expect(text(planned.ranges)).toEqual(['2024-02-01T00:00 2024-02-03T00:00']);
  expect(planned.why).toBe('asked');
});

test('months and years are the calendar’s', () => {
  const month: BatchSize = { unit: 'month', count: 1 };
  const range = { start: at('2024-01-01'), end: at('2024-04-01') };
  expect(text([...batchesIn([range], month)])).toEqual([
    '2024-01-01T00:00 2024-02-01T00:00',
    '2024-02-01T00:00 2024-03-01T00:00',
    '2024-03-01T00:00 2024-04-01T00:00',
  ]);
  for (const size of [month, day, { unit: 'hour', count: 1 }, { unit: 'minute', count: 5 }] as const)
    expect(batchCount(range, size)).toBe([...batchesIn([range], size)].length);
});

test('five-minute batches since 1970 are planned without walking them', () => {
  const size = batchSizeOf('5 minutes');
  if (!size) throw new Error('no size');
  const startedAt = performance.now();
  const filled = Array.from({ length: 1000 }, (_, year) => ({
    start: at('1970-01-01') + year * 86_400_000,
    end: at('1970-01-01') + year * 86_400_000 + 80_000_000,
  }));
  const planned = planBatches(daily({ size, begin: at('1970-01-01') }), {
    now: new Date('2024-01-01T00:00:00Z'),
    filled,
  });
  expect(planned.gaps).toHaveLength(1000);
  expect(planned.count).toBeGreaterThan(5_000_000);
  expect(performance.now() - startedAt).toBeLessThan(500);
});

test('batch sizes that are no part of the calendar are not known', () => {
  expect(
    ['day', '5 minutes', '15 minute', '7 minutes', 'week', '2 days', null].map((size) => batchSizeOf(size)),
  ).toEqual([
    { unit: 'day', count: 1 },
    { unit: 'minute', count: 5 },
    { unit: 'minute', count: 15 },
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
