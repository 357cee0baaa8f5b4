import * as z from 'zod';
import { within } from '../../bounds.ts';
import { defineCheck } from '../../define-check.ts';
import { judgedColumn } from './judged-column.ts';

const characters = z.number().int().nonnegative();

export const lengthBetween = defineCheck({
  name: 'length_between',
  description: 'Every text in the column has a length within bounds, in characters.',
  dimension: 'validity',
  column: 'required',
  onEmpty: 'vacuous',
  takes: ['on_null'],
  arguments: z.strictObject({
    min: characters.optional().describe('least number of characters'),
    max: characters.optional().describe('greatest number of characters'),
    strict: z.boolean().default(false).describe('true: the bounds themselves are outside'),
  }),
  ask: (bounds, subject) => judgedColumn(within(`length(cast(${subject.column} as varchar))`, bounds), subject),
});

export const lengthEqual = defineCheck({
  name: 'length_equal',
  description: 'Every text in the column has the same length, in characters.',
  dimension: 'validity',
  column: 'required',
  onEmpty: 'vacuous',
  takes: ['on_null'],
  arguments: z.strictObject({
    value: characters.describe('the number of characters'),
  }),
  ask: ({ value }, subject) => judgedColumn(`length(cast(${subject.column} as varchar)) = ${value}`, subject),
});
