import * as z from 'zod';
import { boundSql } from '../../bounds.ts';
import { defineCheck } from '../../define-check.ts';
import { violates } from '../../expressions.ts';
import { differsBy } from '../../tolerance.ts';

export const columnsSumTo = defineCheck({
  name: 'columns_sum_to',
  description: 'The columns add up to a total, in every row or over the relation. NULL makes no sum.',
  dimension: 'consistency',
  column: 'never',
  onEmpty: 'vacuous',
  takes: ['on_null', 'tolerance'],
  arguments: z.strictObject({
    columns: z.array(z.string()).min(1).describe('the columns to add'),
    total: z
      .union([z.number(), z.string().min(1)])
      .describe('a number, a column, or an expression; over the relation, columns are summed, too'),
    per: z.enum(['row', 'relation']).default('row').describe('`row`: in every row; `relation`: the sums of all rows'),
  }),
  ask: ({ columns, total, per }, { sql, tolerance, onNull }) => {
    const expected = typeof total === 'number' ? boundSql(total) : sql(total);
    const isSummed = typeof total === 'string' && !/^\W*select\b/i.test(total);
    if (per === 'relation')
      return {
        kind: 'aggregate',
        value: columns.map((name) => `coalesce(sum(${sql(name)}), 0)`).join(' + '),
        called: 'sum',
        considered: 'count(*)',
        ...(isSummed ? { against: { name: 'total', sql: `coalesce(sum(${expected}), 0)` } } : {}),
        holds: `not ${differsBy('"value"', isSummed ? '"total"' : `(${expected})`, tolerance)}`,
      };
    const cells = columns.map(sql);
    const considered =
      onNull === 'ignore' ? [...cells, expected].map((cell) => `${cell} is not null`).join(' and ') : null;
    return {
      kind: 'rows',
      violation: violates(`not ${differsBy(`(${cells.join(' + ')})`, expected, tolerance)}`, considered),
      considered,
    };
  },
});
