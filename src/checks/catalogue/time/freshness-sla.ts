import * as z from 'zod';
import { deadlineShape, lastDeadline, nextDeadline } from '../../deadlines.ts';
import { defineCheck, WrongArgument } from '../../define-check.ts';
import { nowPlus, typeOf, utc } from '../../expressions.ts';

export const freshnessSla = defineCheck({
  name: 'freshness_sla',
  description: 'On the days that count, data of the day is there by the deadline.',
  dimension: 'freshness',
  column: 'optional',
  onEmpty: 'fail',
  arguments: z.strictObject({
    column: z.string().min(1).optional().describe('the column of times, when the test is written under the model'),
    ...deadlineShape,
  }),
  passesUntil: (given, _figure, now) => nextDeadline(given, now),
  ask: (given, subject) => {
    const column = subject.column || (given.column === undefined ? '' : subject.sql(given.column));
    if (column === '')
      throw new WrongArgument('it needs a column of times', 'write it under a column, or give it `column`');
    const last = lastDeadline(given, subject.now);
    if (last === undefined)
      return {
        kind: 'answered',
        columns: ['latest'],
        findings: [],
        considered: 1,
        value: 'no deadline has passed yet',
      };
    const time = utc(
      column,
      subject.type ?? (given.column === undefined ? undefined : typeOf(given.column, subject.columns)),
    );
    const past = `filter (where ${time} <= ${nowPlus()})`;
    const since = `timestamp '${new Date(last.dayStart).toISOString().slice(0, 19).replace('T', ' ')}'`;
    return {
      kind: 'aggregate',
      value: `max(${time}) ${past}`,
      called: 'latest',
      considered: `count(${column}) ${past}`,
      holds: `"value" >= ${since}`,
      beside: [
        { name: 'expected_since', sql: `any_value(${since})` },
        {
          name: 'deadline',
          sql: `any_value('${new Date(last.due).toISOString()}')`,
        },
      ],
    };
  },
});
