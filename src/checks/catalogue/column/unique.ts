import * as z from 'zod';
import { defineCheck } from '../../define-check.ts';
import { isWholeNumber } from '../../expressions.ts';

export const unique = defineCheck({
  name: 'unique',
  description: 'No value of the column occurs twice. NULLs are not compared.',
  dimension: 'uniqueness',
  column: 'required',
  onEmpty: 'vacuous',
  arguments: z.strictObject({
    case_insensitive: z.boolean().default(false).describe('true: `A` and `a` are the same'),
    trim: z.boolean().default(false).describe('true: blanks at the ends do not count'),
  }),
  ask: ({ case_insensitive, trim }, { column, columnName, type }) => {
    let key = column;
    if (trim) key = `trim(cast(${key} as varchar))`;
    if (case_insensitive) key = `lower(cast(${key} as varchar))`;
    return {
      kind: 'frequency',
      keys: [{ name: 'unique_field', sql: key, type: key === column ? type : 'VARCHAR' }],
      considered: `${column} is not null`,
      bad: 'n_records > 1',
      wholeNumbers: key === column && columnName !== undefined && isWholeNumber(type),
      ...(columnName !== undefined && key === column
        ? { claim: { kind: 'unique' as const, columns: [columnName] } }
        : {}),
    };
  },
});
