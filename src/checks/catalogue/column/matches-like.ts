import * as z from 'zod';
import { quotedString } from '../../../core/quote.ts';
import { defineCheck } from '../../define-check.ts';
import { judgedColumn } from './judged-column.ts';

const patterns = z.strictObject({
  pattern: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).describe('one or several LIKE patterns'),
  match: z.enum(['any', 'all']).default('any').describe('of several patterns: one must match, or all'),
});

const matching = ({ pattern, match }: z.output<typeof patterns>, column: string): string =>
  [pattern]
    .flat()
    .map((like) => `cast(${column} as varchar) like ${quotedString(like)}`)
    .join(match === 'any' ? ' or ' : ' and ');

export const matchesLike = defineCheck({
  name: 'matches_like',
  description: 'Every text in the column is like a pattern.',
  dimension: 'validity',
  column: 'required',
  onEmpty: 'vacuous',
  takes: ['on_null'],
  arguments: patterns,
  ask: (given, subject) => judgedColumn(matching(given, subject.column), subject),
});

export const notMatchesLike = defineCheck({
  name: 'not_matches_like',
  description: 'No text in the column is like a pattern.',
  dimension: 'validity',
  column: 'required',
  onEmpty: 'vacuous',
  takes: ['on_null'],
  arguments: patterns,
  ask: (given, subject) => judgedColumn(`not (${matching(given, subject.column)})`, subject),
});
