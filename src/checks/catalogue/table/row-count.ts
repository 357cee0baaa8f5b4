import * as z from 'zod';
import { equalShape, within } from '../../bounds.ts';
import { defineCheck } from '../../define-check.ts';

export const rowCount = defineCheck({
  name: 'row_count',
  description: 'The number of rows is within bounds, or exactly so many.',
  dimension: 'volume',
  column: 'never',
  onEmpty: 'fail',
  arguments: z.strictObject(equalShape),
  ask: (bounds) => ({
    kind: 'aggregate',
    value: 'count(*)',
    called: 'row_count',
    considered: null,
    holds: within('"value"', bounds),
  }),
});

export const notEmpty = defineCheck({
  name: 'not_empty',
  description: 'There is at least one row.',
  dimension: 'volume',
  column: 'never',
  onEmpty: 'fail',
  arguments: z.strictObject({}),
  ask: () => ({
    kind: 'query',
    // Looks for one row and stops.
    failing: (from) => `select 0 as row_count\nwhere not exists (select 1 from ${from})`,
    considered: null,
  }),
});
