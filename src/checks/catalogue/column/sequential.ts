import * as z from 'zod';
import { defineCheck, type Subject } from '../../define-check.ts';
import { notFinite } from '../../expressions.ts';
import { indent } from '../../measure.ts';
import type { Question } from '../../question.ts';

const sequence = z.strictObject({
  interval: z.number().positive().default(1).describe('the difference between neighbours'),
  datepart: z
    .enum(['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'])
    .optional()
    .describe('for dates and times: the unit of `interval`'),
});

export const sequential = defineCheck({
  name: 'sequential',
  description: 'The sorted values follow each other at a fixed distance, each value once. NULLs are skipped.',
  dimension: 'consistency',
  column: 'required',
  onEmpty: 'vacuous',
  arguments: sequence,
  ask: (given, subject) => gaps(given, subject, 'rows'),
});

export const noGaps = defineCheck({
  name: 'no_gaps',
  description: 'The distinct values follow each other at a fixed distance. NULLs are skipped.',
  dimension: 'consistency',
  column: 'required',
  onEmpty: 'vacuous',
  arguments: sequence,
  ask: (given, subject) => gaps(given, subject, 'distinct'),
});

function gaps(
  { interval, datepart }: z.output<typeof sequence>,
  { column, type, groupBy }: Subject,
  over: 'rows' | 'distinct',
): Question {
  const groups = groupBy.map((sql) => `${sql}, `).join('');
  const partition = groupBy.length === 0 ? '' : `partition by ${groupBy.join(', ')} `;
  const step = datepart === undefined ? String(interval) : `interval (${interval}) ${datepart}`;
  const odd = notFinite('current_value', type);
  return {
    kind: 'query',
    grouped: true,
    failing: (from) =>
      `select * exclude (position)\nfrom (\n${indent(
        `select *, lag(current_value) over neighbours as previous_value, row_number() over neighbours as position\nfrom (select ${over === 'distinct' ? 'distinct ' : ''}${groups}${column} as current_value from ${from} where ${column} is not null)\nwindow neighbours as (${partition}order by current_value)`,
      )}\n) as ordered\nwhere (position > 1 and (current_value = previous_value + ${step}) is not true)${odd === null ? '' : ` or ${odd}`}`,
    considered: (from) => `select count(*) from ${from} where ${column} is not null`,
  };
}
