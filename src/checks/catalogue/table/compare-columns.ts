import * as z from 'zod';
import { defineCheck, WrongArgument } from '../../define-check.ts';
import { allOf, notFinite, typeOf, violates } from '../../expressions.ts';

export const compareColumns = defineCheck({
  name: 'compare_columns',
  description: 'In every row, one column stands in a relation to another. Rows where either is NULL are left out.',
  dimension: 'consistency',
  column: 'optional',
  onEmpty: 'vacuous',
  takes: ['on_null'],
  arguments: z.strictObject({
    left: z.string().min(1).optional().describe('a column or expression; default: the tested column'),
    operator: z.enum(['<', '<=', '=', '!=', '>=', '>']).describe('`left` operator `right` must hold'),
    right: z.string().min(1).describe('a column or expression'),
  }),
  ask: ({ left, operator, right }, { column, columnName, type, columns, onNull, sql }) => {
    if (left === undefined && column === '') throw new WrongArgument('`left` is missing');
    const one = left === undefined ? column : sql(left);
    const other = sql(right);
    const odd = [
      notFinite(one, left === undefined ? type : typeOf(left, columns)),
      notFinite(other, typeOf(right, columns)),
    ].flatMap((condition) => (condition === null ? [] : [`not ${condition}`]));
    const considered = onNull === 'fail' ? null : `${one} is not null and ${other} is not null`;
    const holds = allOf(`${one} ${operator} ${other}`, ...odd) ?? 'true';
    return {
      kind: 'rows',
      violation: violates(holds, considered),
      considered,
      column: columnName && column,
    };
  },
});

const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const pairInSet = defineCheck({
  name: 'pair_in_set',
  description: 'In every row, the two columns hold one of the pairs listed. Rows where either is NULL are left out.',
  dimension: 'validity',
  column: 'never',
  onEmpty: 'vacuous',
  takes: ['on_null'],
  arguments: z.strictObject({
    left: z.string().min(1).describe('a column'),
    right: z.string().min(1).describe('a column'),
    pairs: z
      .array(z.tuple([scalar, scalar]))
      .min(1)
      .describe('the pairs allowed'),
  }),
  ask: ({ left, right, pairs }, { sql, onNull }) => {
    const [one, other] = [sql(left), sql(right)];
    const value = (cell: string | number | boolean) => `'${String(cell).replaceAll("'", "''")}'`;
    const allowed = pairs
      .map(([first, second]) => `(${one} = ${value(first)} and ${other} = ${value(second)})`)
      .join(' or ');
    const considered = onNull === 'fail' ? null : `${one} is not null and ${other} is not null`;
    return {
      kind: 'rows',
      violation: violates(allowed, considered),
      considered,
    };
  },
});

export const uniqueWithinRecord = defineCheck({
  name: 'unique_within_record',
  description: 'In every row, the columns hold different values. NULLs are not compared.',
  dimension: 'uniqueness',
  column: 'never',
  onEmpty: 'vacuous',
  arguments: z.strictObject({
    columns: z.array(z.string()).min(2).describe('the columns to compare'),
  }),
  ask: ({ columns }, { sql }) => {
    const cells = `[${columns.map(sql).join(', ')}]`;
    return {
      kind: 'rows',
      violation: `len(list_distinct(${cells})) < list_count(${cells})`,
      considered: `list_count(${cells}) > 1`,
    };
  },
});
