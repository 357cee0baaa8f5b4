import * as z from 'zod';
import { boundSql } from '../../bounds.ts';
import { defineCheck, WrongArgument } from '../../define-check.ts';
import { indent } from '../../measure.ts';

const figure = z.union([z.number(), z.string().min(1)]).optional();
const pair = z.tuple([z.number(), z.number()]).optional();

const OPERATORS = {
  must_be: '=',
  must_not_be: '!=',
  must_be_greater_than: '>',
  must_be_greater_or_equal_to: '>=',
  must_be_less_than: '<',
  must_be_less_or_equal_to: '<=',
} as const;

export const scalar = defineCheck({
  name: 'scalar',
  description: 'A query that gives one value gives the right one. NULL never is.',
  dimension: 'validity',
  column: 'optional',
  onEmpty: 'fail',
  arguments: z.strictObject({
    sql: z
      .string()
      .min(1)
      .describe('a SELECT of one value; `{object}` stands for the relation, `{property}` for the column'),
    must_be: figure.describe('value = this'),
    must_not_be: figure.describe('value != this'),
    must_be_greater_than: figure.describe('value > this'),
    must_be_greater_or_equal_to: figure.describe('value >= this'),
    must_be_less_than: figure.describe('value < this'),
    must_be_less_or_equal_to: figure.describe('value <= this'),
    must_be_between: pair.describe('[low, high], the bounds included'),
    must_not_be_between: pair.describe('[low, high], the bounds included'),
  }),
  ask: ({ sql, must_be_between, must_not_be_between, ...given }, { column }) => {
    const conditions = Object.entries(given).flatMap(([name, value]) =>
      value === undefined || !isOperator(name) ? [] : [`"value" ${OPERATORS[name]} ${boundSql(value)}`],
    );
    if (must_be_between) conditions.push(`"value" between ${must_be_between.join(' and ')}`);
    if (must_not_be_between) conditions.push(`"value" not between ${must_not_be_between.join(' and ')}`);
    if (conditions.length === 0)
      throw new WrongArgument('it does not say what the value must be', 'give `must_be` or the like');
    const query = (from: string) =>
      sql.trim().replace(/;\s*$/, '').replaceAll('{object}', from).replaceAll('{property}', column);
    return {
      kind: 'query',
      failing: (from) =>
        `select "value"\nfrom (\n  select (\n${indent(query(from))}\n  ) as "value"\n) as figure\nwhere (${conditions.join(' and ')}) is not true or lower(cast("value" as varchar)) = 'nan'`,
      considered: null,
      figure: query,
    };
  },
});

const isOperator = (name: string): name is keyof typeof OPERATORS => name in OPERATORS;
