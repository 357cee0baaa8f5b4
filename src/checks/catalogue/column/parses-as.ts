import * as z from 'zod';
import { quotedString } from '../../../core/quote.ts';
import { defineCheck, WrongArgument } from '../../define-check.ts';
import { judgedColumn } from './judged-column.ts';

export const parsesAs = defineCheck({
  name: 'parses_as',
  description: 'Every value of the column can be read as a type, or by a strptime format.',
  dimension: 'validity',
  column: 'required',
  onEmpty: 'vacuous',
  takes: ['on_null'],
  arguments: z.strictObject({
    type: z
      .string()
      .regex(/^[\w (),[\]]+$/)
      .optional()
      .describe('an SQL type: `date`, `decimal(10,2)`'),
    format: z.string().min(1).optional().describe('a strptime format: `%d.%m.%Y`'),
  }),
  ask: ({ type, format }, subject) => {
    if ((type === undefined) === (format === undefined)) throw new WrongArgument('it takes either `type` or `format`');
    const text = `cast(${subject.column} as varchar)`;
    return judgedColumn(
      format === undefined
        ? `try_cast(${text} as ${type}) is not null`
        : `try_strptime(${text}, ${quotedString(format)}) is not null`,
      subject,
    );
  },
});
