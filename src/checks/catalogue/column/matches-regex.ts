import * as z from 'zod';
import { quotedString } from '../../../core/quote.ts';
import { defineCheck, WrongArgument } from '../../define-check.ts';
import { judgedColumn } from './judged-column.ts';

const patterns = z.strictObject({
  regex: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .describe('one or several RE2 patterns, found anywhere in the text'),
  match: z.enum(['any', 'all']).default('any').describe('of several patterns: one must match, or all'),
  flags: z
    .string()
    .regex(/^[cimnps]*$/)
    .default('')
    .describe('`i` ignores case, `s` lets a dot match a line break'),
});
type Patterns = z.output<typeof patterns>;

export const matchesRegex = defineCheck({
  name: 'matches_regex',
  description: 'Every text in the column matches a regular expression.',
  dimension: 'validity',
  column: 'required',
  onEmpty: 'vacuous',
  takes: ['on_null'],
  arguments: patterns,
  ask: (given, subject) => judgedColumn(matching(given, subject.column), subject),
});

export const notMatchesRegex = defineCheck({
  name: 'not_matches_regex',
  description: 'No text in the column matches a regular expression.',
  dimension: 'validity',
  column: 'required',
  onEmpty: 'vacuous',
  takes: ['on_null'],
  arguments: patterns,
  ask: (given, subject) => judgedColumn(`not (${matching(given, subject.column)})`, subject),
});

function matching({ regex, match, flags }: Patterns, column: string): string {
  const each = [regex].flat().map((pattern) => {
    refuseUnknownSyntax(pattern);
    const options = flags === '' ? '' : `, ${quotedString(flags)}`;
    return `regexp_matches(cast(${column} as varchar), ${quotedString(pattern)}${options})`;
  });
  return each.join(match === 'any' ? ' or ' : ' and ');
}

/** RE2 has neither; the engine's own message would not say which test it was. */
function refuseUnknownSyntax(pattern: string): void {
  const unescaped = pattern.replaceAll('\\\\', '');
  if (/(?<!\\)\(\?(=|!|<=|<!)/.test(unescaped))
    throw new WrongArgument(
      `the pattern \`${pattern}\` looks around, which DuckDB's RE2 cannot`,
      'use two patterns with `match: all`, or `not_matches_regex`',
    );
  if (/\\[1-9]/.test(unescaped))
    throw new WrongArgument(`the pattern \`${pattern}\` refers back to a group, which DuckDB's RE2 cannot`);
}
