import * as z from 'zod';
import { defineCheck, WrongArgument } from '../../define-check.ts';
import { duration } from '../../durations.ts';
import { isNumber, nowPlus, select, typeOf, utc } from '../../expressions.ts';

/** In milliseconds. */
const DAY = 86_400_000;

export const freshness = defineCheck({
  name: 'freshness',
  description: 'The latest time in the column is recent. Times in the future do not make old data fresh.',
  dimension: 'freshness',
  column: 'optional',
  onEmpty: 'fail',
  arguments: z.strictObject({
    column: z.string().min(1).optional().describe('the column of times, when the test is written under the model'),
    max_age: duration.optional().describe('how old the latest may be: `26 hours`'),
    warn_after: duration.optional().describe('an older latest time is a warning'),
    error_after: duration.optional().describe('an older latest time is a failure'),
    whole_days: z
      .boolean()
      .default(false)
      .describe('true: days are compared, so a time of that day is as fresh as any'),
    ignore_future: z.boolean().default(true).describe('false: times after now count as fresh'),
  }),
  // The age grows by a second a second; times that were in the future can only make it less.
  passesUntil: ({ max_age, warn_after, error_after, whole_days }, age, now) => {
    const allowed = warn_after ?? max_age ?? error_after;
    if (typeof age !== 'number' || allowed === undefined) return now;
    return whole_days
      ? now - (now % DAY) + Math.floor((allowed - age) / (DAY / 1000) + 1) * DAY
      : now + (allowed - age) * 1000;
  },
  ask: (given, subject) => {
    const column = subject.column || (given.column === undefined ? '' : subject.sql(given.column));
    if (column === '')
      throw new WrongArgument('it needs a column of times', 'write it under a column, or give it `column`');
    const { max_age, warn_after, error_after } = given;
    const warnAge = warn_after ?? max_age ?? error_after;
    if (warnAge === undefined)
      throw new WrongArgument('it has no age to compare with', 'give `max_age`, or `warn_after` and `error_after`');
    if (max_age !== undefined && (warn_after ?? error_after) !== undefined)
      throw new WrongArgument('`max_age` and `warn_after`/`error_after` exclude each other');
    if (warn_after !== undefined && error_after !== undefined && warn_after > error_after)
      throw new WrongArgument('`warn_after` is longer than `error_after`, so it never warns');
    const type = subject.type ?? (given.column === undefined ? undefined : typeOf(given.column, subject.columns));
    if (type !== undefined && (isNumber(type) || type === 'BOOLEAN'))
      throw new WrongArgument(`\`${given.column ?? subject.columnName ?? column}\` is ${type}, which is no time`);
    const time = utc(column, type);
    const past = given.ignore_future ? `${time} <= ${nowPlus()}` : null;
    const counted = past === null ? '' : ` filter (where ${past})`;
    const latest = `max(${time})${counted}`;
    const second = (of: string) => `epoch(${given.whole_days ? `date_trunc('day', ${of})` : of})`;
    const age = (of: string) => `${second(nowPlus())} - ${second(of)}`;
    return {
      kind: 'aggregate',
      value: age(latest),
      called: 'age_seconds',
      considered: `count(${column})${counted}`,
      // A condition on rows, statistics can answer.
      alone: (from) => select(`${age(`max(${time})`)} as "value", count(${column}) as considered`, from, past),
      holds: `"value" <= ${warnAge}`,
      ...(warn_after === undefined
        ? {}
        : {
            tolerable: error_after === undefined ? 'true' : `"value" <= ${error_after}`,
          }),
      beside: [
        { name: 'latest', sql: latest },
        {
          name: 'rows_in_the_future',
          sql: `count(*) filter (where ${time} > ${nowPlus()})`,
        },
      ],
    };
  },
});
