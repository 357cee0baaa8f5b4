import * as z from 'zod';
import { defineCheck } from '../../define-check.ts';
import { indent } from '../../measure.ts';

export const mutuallyExclusiveRanges = defineCheck({
  name: 'mutually_exclusive_ranges',
  description: 'The ranges from a lower to an upper bound do not overlap, as validity periods must not.',
  dimension: 'consistency',
  column: 'never',
  onEmpty: 'vacuous',
  arguments: z.strictObject({
    lower: z.string().min(1).describe('column of the lower bounds'),
    upper: z.string().min(1).describe("column of the upper bounds; open ends: `coalesce(valid_to, date '9999-12-31')`"),
    partition_by: z
      .union([z.string().transform((name) => [name]), z.array(z.string())])
      .default([])
      .describe('ranges are compared within each of these'),
    gaps: z
      .enum(['allowed', 'not_allowed', 'required'])
      .default('allowed')
      .describe('whether a range may, must not or must leave a gap to the next'),
    zero_length: z.boolean().default(false).describe('true: both bounds may be the same'),
  }),
  ask: ({ lower, upper, partition_by, gaps, zero_length }, { sql, groupBy }) => {
    const [from_, to_] = [sql(lower), sql(upper)];
    const within = [...partition_by.map(sql), ...groupBy];
    const partition = within.length === 0 ? '' : `partition by ${within.join(', ')} `;
    const meets = { allowed: '<=', not_allowed: '=', required: '<' }[gaps];
    const ordered = (from: string) =>
      // Of two columns of one name the first is meant.
      `select ${from_} as lower_bound, ${to_} as upper_bound, lead(${from_}) over in_order as next_lower_bound, lead(1) over in_order is null as is_last, *\nfrom ${from}\nwindow in_order as (${partition}order by ${from_}, ${to_})`;
    return {
      kind: 'query',
      grouped: true,
      failing: (from) =>
        `select * exclude (is_last)\nfrom (\n${indent(ordered(from))}\n) as ranges\nwhere (lower_bound ${zero_length ? '<=' : '<'} upper_bound) is not true\n  or (not is_last and (upper_bound ${meets} next_lower_bound) is not true)`,
      considered: (from) => `select count(*) from ${from}`,
    };
  },
});
