import * as z from 'zod';
import { defineCheck } from '../../define-check.ts';
import { mayBeNotFinite } from '../../expressions.ts';

export const notNull = defineCheck({
  name: 'not_null',
  description: 'The column has a value in every row.',
  dimension: 'null',
  column: 'required',
  onEmpty: 'vacuous',
  arguments: z.strictObject({
    treat_empty: z.boolean().default(false).describe('true: an empty string is no value either'),
    treat_nan: z.boolean().default(false).describe('true: NaN is no value either'),
  }),
  ask: ({ treat_empty, treat_nan }, { column, columnName, type }) => {
    const missing = [`${column} is null`];
    if (treat_empty) missing.push(`cast(${column} as varchar) = ''`);
    if (treat_nan && mayBeNotFinite(type)) missing.push(`lower(cast(${column} as varchar)) = 'nan'`);
    return {
      kind: 'rows',
      violation: missing.join(' or '),
      considered: null,
      column: columnName && column,
      prunable: missing.length === 1,
      ...(columnName !== undefined && missing.length === 1
        ? { claim: { kind: 'not_null' as const, column: columnName } }
        : {}),
    };
  },
});
