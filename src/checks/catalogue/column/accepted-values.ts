import * as z from 'zod';
import { defineCheck, type Subject, WrongArgument } from '../../define-check.ts';
import { literal } from '../../expressions.ts';
import type { Question } from '../../question.ts';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const listed = z.strictObject({
  values: z.array(scalar).min(1).describe('the values; NULL among them means that NULL is one of them'),
  quote: z.boolean().default(true).describe('false: the values are SQL expressions, not text'),
  case_insensitive: z.boolean().default(false).describe('true: `A` and `a` are the same'),
});
type Listed = z.output<typeof listed>;

export const acceptedValues = defineCheck({
  name: 'accepted_values',
  description: 'Every value of the column is one of those listed.',
  dimension: 'validity',
  column: 'required',
  onEmpty: 'vacuous',
  takes: ['on_null'],
  arguments: listed,
  ask: (given, subject) => compare(given, subject, 'accepted'),
});

export const notAcceptedValues = defineCheck({
  name: 'not_accepted_values',
  description: 'No value of the column is one of those listed.',
  dimension: 'validity',
  column: 'required',
  onEmpty: 'vacuous',
  takes: ['on_null'],
  arguments: listed,
  ask: (given, subject) => compare(given, subject, 'refused'),
});

/** Groups first, compares then: on a column of few values that is ten times cheaper than comparing every row. */
function compare(
  { values, quote, case_insensitive }: Listed,
  subject: Subject,
  mode: 'accepted' | 'refused',
): Question {
  const hasNull = values.includes(null);
  const fold = (sql: string) => (case_insensitive ? `lower(cast(${sql} as varchar))` : sql);
  const written = values
    .filter((value) => value !== null)
    .map((value) => (quote ? literal(String(value)) : String(value)));
  if (written.length === 0 && mode === 'accepted')
    throw new WrongArgument('only NULL is listed', 'to accept nothing but NULL, use `expression_is_true`');
  // `x not in ('a', null)` is never true: NULL never goes into a list of ours.
  const inList = written.length === 0 ? 'false' : `${fold('value_field')} in (${written.map(fold).join(', ')})`;
  const nullFails = mode === 'accepted' ? subject.onNull === 'fail' && !hasNull : subject.onNull === 'fail' || hasNull;
  const isBad = mode === 'accepted' ? `not (${inList})` : inList;
  return {
    kind: 'frequency',
    keys: [{ name: 'value_field', sql: subject.column }],
    considered: nullFails ? null : `${subject.column} is not null`,
    ...(mode === 'accepted' && !nullFails && quote && !case_insensitive && subject.columnName !== undefined
      ? {
          claim: {
            kind: 'values' as const,
            column: subject.columnName,
            values: values.map(String),
          },
        }
      : {}),
    ...(mode === 'accepted' && quote && !case_insensitive && subject.type === 'VARCHAR'
      ? { listed: values.filter((value) => value !== null).map(String) }
      : {}),
    bad: nullFails ? `value_field is null or (${isBad})` : isBad,
  };
}
