import * as z from 'zod';
import { boundSql } from '../../bounds.ts';
import { defineCheck, WrongArgument } from '../../define-check.ts';
import { allOf, nowPlus, typeOf, utc } from '../../expressions.ts';
import { indent } from '../../measure.ts';

export const dataForEveryPeriod = defineCheck({
  name: 'data_for_every_period',
  description: 'Every period between the first and the last time, or between given ones, has a row.',
  dimension: 'volume',
  column: 'optional',
  onEmpty: 'fail',
  arguments: z.strictObject({
    column: z.string().min(1).optional().describe('the column of times, when the test is written under the model'),
    part: z
      .enum(['minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'])
      .default('day')
      .describe('the length of a period'),
    interval: z.number().int().positive().default(1).describe('so many parts make one period'),
    start: z.string().min(1).optional().describe('the first period; default: that of the first row'),
    end: z.string().min(1).optional().describe('the last period, `now` included; default: that of the last row'),
    except: z.string().min(1).optional().describe('SQL condition over `period`: these may be empty'),
  }),
  passesUntil: ({ end }, _figure, now) => (end === 'now' ? now : Number.POSITIVE_INFINITY),
  ask: (given, subject) => {
    const { part, interval, start, end, except } = given;
    const column = subject.column || (given.column === undefined ? '' : subject.sql(given.column));
    if (column === '')
      throw new WrongArgument('it needs a column of times', 'write it under a column, or give it `column`');
    const time = utc(
      column,
      subject.type ?? (given.column === undefined ? undefined : typeOf(given.column, subject.columns)),
    );
    const bound = (value: string | undefined, fallback: string) =>
      value === undefined ? fallback : value === 'now' ? nowPlus() : `cast(${boundSql(value)} as timestamp)`;
    const times = (from: string) => `select ${time} as t from ${from} where isfinite(${time})`;
    const periods = (from: string) =>
      `select unnest(range(date_trunc('${part}', first_time), last_time + interval 1 microsecond, interval (${interval}) ${part})) as period\nfrom (select ${bound(start, 'min(t)')} as first_time, ${bound(end, 'max(t)')} as last_time from (${times(from)}))`;
    const wanted = (from: string) =>
      `select period from (\n${indent(periods(from))}\n) as periods${except === undefined ? '' : `\nwhere not (${except})`}`;
    return {
      kind: 'query',
      failing: (from) =>
        `select period\nfrom (\n${indent(wanted(from))}\n) as wanted\nwhere not exists (select 1 from (${times(from)}) as times where ${allOf('t >= period', `t < period + interval (${interval}) ${part}`)})\norder by period`,
      considered: (from) => `select count(*) from (${wanted(from)})`,
    };
  },
});
