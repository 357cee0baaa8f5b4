import * as z from 'zod';
import { equalShape, within } from '../../bounds.ts';
import { defineCheck, WrongArgument } from '../../define-check.ts';
import { asTable, columnSql, select } from '../../expressions.ts';
import { indent } from '../../measure.ts';
import type { From } from '../../question.ts';

export const distinctCount = defineCheck({
  name: 'distinct_count',
  description:
    'The number of distinct values is within bounds, or that of another column or relation. NULL is no value.',
  dimension: 'validity',
  column: 'required',
  onEmpty: 'fail',
  arguments: z.strictObject({
    ...equalShape,
    to: z.string().min(1).optional().describe('another relation whose distinct values must be as many'),
    field: z
      .string()
      .min(1)
      .optional()
      .describe('its column, default: the same name; without `to`, another column here'),
    to_where: z.string().min(1).optional().describe('only these of its rows count'),
  }),
  ask: ({ to, field, to_where, ...bounds }, { column, columnName, sql }) => {
    const base = {
      kind: 'aggregate',
      value: `count(distinct ${column})`,
      called: 'distinct_count',
      considered: `count(${column})`,
      alone: (from: From) => figures('count(*)', column, from),
    } as const;
    const isCompared = to !== undefined || field !== undefined;
    if (isCompared && (bounds.equal ?? bounds.min ?? bounds.max) !== undefined)
      throw new WrongArgument('it is compared with another column or with bounds, not with both', 'write two tests');
    if (to === undefined && to_where !== undefined)
      throw new WrongArgument('`to_where` is about the rows of `to`, which is missing');
    if (to === undefined && field !== undefined) {
      const { alone: _, ...inOneScan } = base;
      return {
        ...inOneScan,
        holds: '"value" = "distinct_count_there"',
        against: { name: 'distinct_count_there', sql: `count(distinct ${sql(field)})` },
      };
    }
    if (to === undefined) return { ...base, holds: within('"value"', bounds) };
    if (field === undefined && columnName === undefined)
      throw new WrongArgument('it needs the `field` of the other relation');
    // Without a field it is the same column, which stands here as SQL already.
    const there = field === undefined ? column : columnSql(field, undefined);
    const other = `(${select(`count(distinct ${there})`, asTable(to), to_where ?? null)})`;
    return {
      ...base,
      holds: `"value" = ${other}`,
      beside: [{ name: 'distinct_count_there', sql: `any_value(${other})` }],
    };
  },
});

/** Counting groups takes half the time of `count(distinct …)`. */
const figures = (value: string, column: string, from: From): string => {
  const groups = `${select(`${column} as grouped_by, count(*) as n_records`, from, `${column} is not null`)}\ngroup by all`;
  return select(
    `${value} as "value", coalesce(sum(n_records), 0) as considered`,
    `(\n${indent(groups)}\n) as frequencies`,
  );
};

export const proportionUnique = defineCheck({
  name: 'proportion_unique',
  description: 'The share of distinct values among all values is within bounds.',
  dimension: 'uniqueness',
  column: 'required',
  onEmpty: 'fail',
  arguments: z.strictObject(equalShape),
  ask: (bounds, { column }) => ({
    kind: 'aggregate',
    value: `count(distinct ${column}) / nullif(count(${column}), 0)`,
    called: 'proportion_unique',
    considered: `count(${column})`,
    alone: (from) => figures('count(*) / nullif(sum(n_records), 0)', column, from),
    holds: within('"value"', bounds),
  }),
});
