import * as z from 'zod';
import { defineCheck, type Subject, WrongArgument } from '../../define-check.ts';
import type { Question } from '../../question.ts';

const percent = z.union([
  z.number().nonnegative(),
  z
    .string()
    .regex(/^\s*\d+(\.\d+)?\s*%?\s*$/, 'write a percentage like `10` or `10%`')
    .transform((text) => Number.parseFloat(text)),
]);

export const volumeChange = defineCheck({
  name: 'volume_change',
  description: 'The number of rows has not changed too much since earlier runs.',
  dimension: 'volume',
  column: 'never',
  onEmpty: 'fail',
  past: 'figures',
  arguments: z.strictObject({
    compared_to: z
      .enum(['previous', 'mean', 'min', 'max', 'same_weekday'])
      .default('previous')
      .describe('the previous run, a figure of the last `runs` runs, or the last run on the same day of the week'),
    runs: z.number().int().min(2).default(7).describe('how many runs `mean`, `min` and `max` look back'),
    warn: percent.default(5).describe('percent of change that is a warning'),
    error: percent.default(10).describe('percent of change that is a failure'),
    direction: z.enum(['both', 'drop', 'rise']).default('both').describe('which changes count'),
    min_rows: z.number().int().nonnegative().default(100).describe('below so many rows before, nothing is judged'),
  }),
  // What was counted before these rows came stays what it was; only which day of the week it is does not.
  passesUntil: ({ compared_to }, _figure, now) =>
    compared_to === 'same_weekday' ? new Date(now).setUTCHours(24, 0, 0, 0) : Number.POSITIVE_INFINITY,
  ask: (given, subject): Question => {
    if (subject.groupBy.length > 0)
      throw new WrongArgument(
        'the ledger remembers one number of rows, not one for each group',
        'write a test for each group, with `where`',
      );
    const before = baseline(given, subject);
    if (typeof before === 'string') return learning(before);
    if (before < given.min_rows || before === 0)
      return learning(`Learning: ${before} rows before, fewer than min_rows ${given.min_rows}`);
    const change = `(100.0 * ("value" - ${before}) / ${before})`;
    const size = { both: `abs(${change})`, drop: `-${change}`, rise: change }[given.direction];
    return {
      kind: 'aggregate',
      value: 'count(*)',
      called: 'row_count',
      considered: null,
      // A warning level above the error level would hide failures.
      holds: `${size} <= ${Math.min(given.warn, given.error)}`,
      tolerable: `${size} <= ${given.error}`,
      beside: [
        { name: 'row_count_before', sql: String(before) },
        {
          name: 'change_percent',
          sql: `round(100.0 * (count(*) - ${before}) / ${before}, 2)`,
        },
      ],
    };
  },
});

const learning = (message: string): Question => ({
  kind: 'aggregate',
  value: 'count(*)',
  called: 'row_count',
  considered: null,
  holds: 'true',
  learning: message,
});

/** The number of rows to compare with, or why there is none yet. */
function baseline(
  { compared_to, runs }: { readonly compared_to: string; readonly runs: number },
  { history, now }: Subject,
): number | string {
  const counts = history.rowCounts ?? [];
  if (compared_to === 'same_weekday') {
    const weekday = new Date(now).getUTCDay();
    const today = now.slice(0, 10);
    const same = counts.filter(({ at }) => new Date(at).getUTCDay() === weekday && at.slice(0, 10) !== today).at(-1);
    return same?.rows ?? 'Learning: no run on the same day of an earlier week yet';
  }
  if (compared_to === 'previous') return counts.at(-1)?.rows ?? 'Learning: no earlier run yet';
  const recent = counts.slice(-runs).map(({ rows }) => rows);
  if (recent.length < runs) return `Learning: ${recent.length} of ${runs} earlier runs so far`;
  return compared_to === 'mean'
    ? recent.reduce((sum, rows) => sum + rows, 0) / recent.length
    : Math[compared_to === 'min' ? 'min' : 'max'](...recent);
}
