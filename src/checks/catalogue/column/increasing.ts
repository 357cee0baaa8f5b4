import * as z from 'zod';
import { defineCheck, type Subject } from '../../define-check.ts';
import { notFinite } from '../../expressions.ts';
import { indent } from '../../measure.ts';
import type { Question } from '../../question.ts';

const steps = z.strictObject({
  order_by: z.string().min(1).describe('the column that says which row comes first'),
  strict: z.boolean().default(true).describe('false: a value may be followed by the same value'),
  step: z.number().positive().optional().describe('the exact difference between neighbours'),
});

export const increasing = defineCheck({
  name: 'increasing',
  description: 'In the order of another column, every value is greater than the one before. NULLs are skipped.',
  dimension: 'consistency',
  column: 'required',
  onEmpty: 'vacuous',
  arguments: steps,
  ask: (given, subject) => neighbours(given, subject, 'increasing'),
});

export const decreasing = defineCheck({
  name: 'decreasing',
  description: 'In the order of another column, every value is less than the one before. NULLs are skipped.',
  dimension: 'consistency',
  column: 'required',
  onEmpty: 'vacuous',
  arguments: steps,
  ask: (given, subject) => neighbours(given, subject, 'decreasing'),
});

function neighbours(
  { order_by, strict, step }: z.output<typeof steps>,
  { column, type, groupBy, sql }: Subject,
  direction: 'increasing' | 'decreasing',
): Question {
  const partition = groupBy.length === 0 ? '' : `partition by ${groupBy.join(', ')} `;
  // Rows that tie in the order are put the favourable way round, so that the answer does not depend on chance.
  const order = `order by ${sql(order_by)}, ${column}${direction === 'increasing' ? '' : ' desc'}`;
  const difference = direction === 'increasing' ? 'current_value - previous_value' : 'previous_value - current_value';
  const operator = `${direction === 'increasing' ? '>' : '<'}${strict ? '' : '='}`;
  const follows = step === undefined ? `current_value ${operator} previous_value` : `${difference} = ${step}`;
  const odd = notFinite('current_value', type);
  return {
    kind: 'query',
    grouped: true,
    failing: (from) =>
      `select * exclude (position)\nfrom (\n${indent(
        `select ${column} as current_value, lag(${column}) over neighbours as previous_value, row_number() over neighbours as position, *\nfrom ${from}\nwhere ${column} is not null\nwindow neighbours as (${partition}${order})`,
      )}\n) as ordered\nwhere (position > 1 and (${follows}) is not true)${odd === null ? '' : ` or ${odd}`}`,
    considered: (from) => `select count(*) from ${from} where ${column} is not null`,
  };
}
