import * as z from 'zod';
import { defineCheck, WrongArgument } from '../../define-check.ts';
import { isOfType } from './types.ts';

export const columnType = defineCheck({
  name: 'column_type',
  description: 'The column has one of the types, or belongs to a family of types.',
  dimension: 'schema',
  column: 'required',
  onEmpty: 'vacuous',
  needsColumns: true,
  arguments: z.strictObject({
    type: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .describe('types, or families: number, integer, float, decimal, text, time, timestamp, list, struct, map'),
  }),
  ask: ({ type }, subject) => {
    if (subject.columnName === undefined) throw new WrongArgument('it needs a column, not an expression');
    const wanted = [type].flat();
    const holds = subject.type !== undefined && wanted.some((one) => isOfType(subject.type ?? '', one));
    return {
      kind: 'answered',
      columns: ['column_name', 'expected', 'actual'],
      findings: holds ? [] : [[subject.columnName, wanted.join(' or '), subject.type ?? null]],
      considered: 1,
    };
  },
});
