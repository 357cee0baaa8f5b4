import * as z from 'zod';
import { defineCheck, WrongArgument } from '../../define-check.ts';
import { literal } from '../../expressions.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const set = z.array(scalar).min(1).optional();

export const distinctValues = defineCheck({
  name: 'distinct_values',
  description: 'The set of distinct values lies in, contains, or equals a set. NULL is no value.',
  dimension: 'validity',
  column: 'required',
  onEmpty: 'fail',
  arguments: z.strictObject({
    in_set: set.describe('no value is outside this set'),
    contain_set: set.describe('every one of these values occurs'),
    equal_set: set.describe('the values are exactly these'),
    quote: z.boolean().default(true).describe('false: the values are SQL expressions, not text'),
  }),
  ask: ({ in_set, contain_set, equal_set, quote }, { column }) => {
    const given = [in_set, contain_set, equal_set].filter((one) => one !== undefined);
    const [values] = given;
    if (given.length !== 1 || values === undefined)
      throw new WrongArgument('it takes exactly one of `in_set`, `contain_set` and `equal_set`');
    const written = values.map((value) => (quote ? literal(String(value)) : String(value)));
    // Literals are compared with the column itself, so that 1 is found in a column of doubles, too.
    const present = (from: string) =>
      `with present as materialized (select distinct ${column} as "value" from ${from} where ${column} is not null)`;
    const unexpected = `select cast("value" as varchar) as "value", 'unexpected' as problem from present where "value" not in (${written.join(', ')})`;
    const missing = written
      .map(
        (one) =>
          `select cast(${one} as varchar) as "value", 'missing' as problem where not exists (select 1 from present where "value" = ${one})`,
      )
      .join('\nunion all\n');
    const judged =
      contain_set !== undefined ? missing : in_set !== undefined ? unexpected : `${unexpected}\nunion all\n${missing}`;
    return {
      kind: 'query',
      failing: (from) => `${present(from)}\n${judged}`,
      considered: (from) => `select count(${column}) from ${from}`,
    };
  },
});

export const mostCommon = defineCheck({
  name: 'most_common',
  description: 'The most frequent values are among those listed.',
  dimension: 'validity',
  column: 'required',
  onEmpty: 'fail',
  arguments: z.strictObject({
    in_set: z.array(scalar).min(1).describe('the values allowed'),
    top_n: z.number().int().positive().default(1).describe('how many of the most frequent; ties count'),
    quote: z.boolean().default(true).describe('false: the values are SQL expressions, not text'),
  }),
  ask: ({ in_set, top_n, quote }, { column }) => {
    const written = in_set.map((value) => (quote ? literal(String(value)) : String(value)));
    return {
      kind: 'query',
      failing: (from) =>
        `select "value", n_records\nfrom (\n  select ${column} as "value", count(*) as n_records, rank() over (order by count(*) desc) as place\n  from ${from}\n  where ${column} is not null\n  group by 1\n) as ranked\nwhere place <= ${top_n} and "value" not in (${written.join(', ')})`,
      considered: (from) => `select count(${column}) from ${from}`,
    };
  },
});
