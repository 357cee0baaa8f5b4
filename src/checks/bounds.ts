/** Lower and upper bounds as arguments: `min`, `max`, `strict`. */
import * as z from 'zod';
import { WrongArgument } from './define-check.ts';
import { literal } from './expressions.ts';

const bound = z.union([z.number(), z.string().min(1)]);

export const boundsShape = {
  min: bound.optional().describe('lower bound: a number, a date, or an SQL expression'),
  max: bound.optional().describe('upper bound: a number, a date, or an SQL expression'),
  strict: z.boolean().default(false).describe('true: the bounds themselves are outside'),
};

export interface Bounds {
  readonly min?: number | string | undefined;
  readonly max?: number | string | undefined;
  readonly strict: boolean;
}

export const equalShape = {
  ...boundsShape,
  equal: z
    .union([z.number(), z.string().min(1)])
    .optional()
    .describe('the exact figure'),
};

const ISO_TIME = /^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?$/;
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** A bound as SQL: numbers as they are, ISO dates and times as strings the engine converts, anything else an expression. */
export const boundSql = (value: number | string): string => {
  if (typeof value === 'number') return String(value);
  const text = value.trim();
  return ISO_TIME.test(text) ? literal(text) : NUMBER.test(text) ? text : `(${text})`;
};

export const isConstant = (value: number | string): boolean =>
  typeof value === 'number' ||
  ISO_TIME.test(value.trim()) ||
  NUMBER.test(value.trim()) ||
  /^'[^']*'$/.test(value.trim());

/** `value` within the bounds, as boolean SQL; refuses bounds that bound nothing. */
export function within(
  value: string,
  { min, max, strict, equal }: Bounds & { readonly equal?: number | string | undefined },
): string {
  const conditions = [
    ...(equal === undefined ? [] : [`${value} = ${boundSql(equal)}`]),
    ...(min === undefined ? [] : [`${value} ${strict ? '>' : '>='} ${boundSql(min)}`]),
    ...(max === undefined ? [] : [`${value} ${strict ? '<' : '<='} ${boundSql(max)}`]),
  ];
  if (conditions.length === 0)
    throw new WrongArgument('it has neither `min` nor `max`, so it could not fail', 'give at least one bound');
  if (typeof min === 'number' && typeof max === 'number' && (min > max || (strict && min === max)))
    throw new WrongArgument(`nothing lies between ${min} and ${max}`, 'swap `min` and `max`');
  return conditions.join(' and ');
}
