import * as z from 'zod';
import { defineCheck } from '../../define-check.ts';

export const notEmptyString = defineCheck({
  name: 'not_empty_string',
  description: 'No text in the column is empty or blank. NULL is another test.',
  dimension: 'null',
  column: 'required',
  onEmpty: 'vacuous',
  takes: ['on_null'],
  arguments: z.strictObject({
    trim: z.boolean().default(true).describe('false: blanks count as text'),
  }),
  ask: ({ trim }, { column, columnName, type, onNull }) => {
    const text = `cast(${column} as varchar)`;
    // trim() strips spaces only; tabs and line breaks are blank, too.
    const blank = trim ? `regexp_full_match(${text}, '\\s*')` : `${text} = ''`;
    return {
      kind: 'rows',
      violation: onNull === 'fail' ? `${column} is null or ${blank}` : blank,
      considered: onNull === 'fail' ? null : `${column} is not null`,
      column: columnName && column,
      byValue: type === 'VARCHAR',
    };
  },
});
