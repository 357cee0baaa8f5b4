import * as z from 'zod';
import { boundSql, isConstant } from '../../bounds.ts';
import { defineCheck, type Subject, WrongArgument } from '../../define-check.ts';
import { duration } from '../../durations.ts';
import { isTime, NOW_PARAMETER, nowPlus, utc } from '../../expressions.ts';
import type { Question } from '../../question.ts';

export const notInFuture = defineCheck({
  name: 'not_in_future',
  description: 'No time in the column is later than now.',
  dimension: 'range',
  column: 'required',
  onEmpty: 'vacuous',
  takes: ['on_null'],
  arguments: z.strictObject({
    by: duration.default(0).describe('how far ahead of now a time may be: `5 minutes`'),
  }),
  passesUntil: () => Number.POSITIVE_INFINITY,
  ask: ({ by }, subject) => compared(subject, '>', by),
});

export const notBefore = defineCheck({
  name: 'not_before',
  description: 'No time in the column is earlier than a date, or older than an age.',
  dimension: 'range',
  column: 'required',
  onEmpty: 'vacuous',
  takes: ['on_null'],
  arguments: z.strictObject({
    date: z.string().min(1).optional().describe('the earliest date or time allowed, or an SQL expression'),
    age: duration.optional().describe('the greatest age allowed: `7 days`'),
  }),
  passesUntil: ({ age }, _figure, now) => (age === undefined ? Number.POSITIVE_INFINITY : now),
  ask: ({ date, age }, subject) => {
    if (age !== undefined && date === undefined) return compared(subject, '<', -age);
    if (date === undefined || age !== undefined) throw new WrongArgument('it takes either `date` or `age`');
    const { column, columnName, onNull } = subject;
    const early = isConstant(date)
      ? `${column} < ${boundSql(date)}`
      : `(${column} is not null and (${column} >= ${boundSql(date)}) is not true)`;
    return question(early, subject, isConstant(date) && columnName !== undefined, onNull);
  },
});

/** A column whose type is known is compared as it is, so that statistics can answer; the clock is converted instead. */
function compared(subject: Subject, operator: '<' | '>', offset: number): Question {
  const { column, type, onNull } = subject;
  const zoned = type === 'TIMESTAMP WITH TIME ZONE';
  const plain = type !== undefined && isTime(type);
  const now = zoned
    ? nowPlus(offset).replace(`cast(${NOW_PARAMETER} as timestamp)`, `cast(${NOW_PARAMETER} as timestamptz)`)
    : nowPlus(offset);
  return question(`${plain ? column : utc(column, type)} ${operator} ${now}`, subject, plain, onNull);
}

function question(
  violation: string,
  { column, columnName }: Subject,
  prunable: boolean,
  onNull: Subject['onNull'],
): Question {
  return {
    kind: 'rows',
    violation: onNull === 'fail' ? `${column} is null or ${violation}` : violation,
    considered: onNull === 'fail' ? null : `${column} is not null`,
    column: columnName && column,
    prunable,
  };
}
