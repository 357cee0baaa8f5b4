import * as z from 'zod';
import { within } from '../../bounds.ts';
import { defineCheck } from '../../define-check.ts';

const share = z.number().min(0).max(1);

export const notNullProportion = defineCheck({
  name: 'not_null_proportion',
  description: 'The share of rows with a value in the column is within bounds.',
  dimension: 'null',
  column: 'required',
  onEmpty: 'fail',
  arguments: z.strictObject({
    at_least: share.describe('least share, 0 to 1'),
    at_most: share.default(1).describe('greatest share, 0 to 1'),
  }),
  ask: ({ at_least, at_most }, { column }) => ({
    kind: 'aggregate',
    value: `count(${column}) / nullif(count(*), 0)`,
    called: 'not_null_proportion',
    considered: 'count(*)',
    holds: within('"value"', { min: at_least, max: at_most, strict: false }),
  }),
});

export const atLeastOne = defineCheck({
  name: 'at_least_one',
  description: 'The column has a value in at least one row.',
  dimension: 'null',
  column: 'required',
  onEmpty: 'fail',
  arguments: z.strictObject({}),
  ask: (_, { column }) => ({
    kind: 'aggregate',
    value: `count(${column})`,
    called: 'values',
    considered: 'count(*)',
    holds: '"value" > 0',
  }),
});

export const notConstant = defineCheck({
  name: 'not_constant',
  description: 'The column has more than one value.',
  dimension: 'validity',
  column: 'required',
  onEmpty: 'fail',
  arguments: z.strictObject({}),
  ask: (_, { column }) => ({
    kind: 'aggregate',
    value: `count(distinct ${column})`,
    called: 'distinct_values',
    considered: `count(${column})`,
    holds: '"value" > 1',
  }),
});

export const isNull = defineCheck({
  name: 'is_null',
  description: 'The column has no value in any row.',
  dimension: 'null',
  column: 'required',
  onEmpty: 'vacuous',
  arguments: z.strictObject({}),
  ask: (_, { column, columnName }) => ({
    kind: 'rows',
    violation: `${column} is not null`,
    considered: null,
    column: columnName && column,
    prunable: true,
  }),
});

export const consistentCasing = defineCheck({
  name: 'consistent_casing',
  description: 'No text is written in two different casings.',
  dimension: 'consistency',
  column: 'required',
  onEmpty: 'vacuous',
  arguments: z.strictObject({}),
  ask: (_, { column }) => ({
    kind: 'query',
    failing: (from) =>
      `select lower(cast(${column} as varchar)) as folded, list(distinct cast(${column} as varchar) order by cast(${column} as varchar)) as casings\nfrom ${from}\nwhere ${column} is not null\ngroup by folded\nhaving count(distinct cast(${column} as varchar)) > 1`,
    considered: (from) => `select count(${column}) from ${from}`,
  }),
});
