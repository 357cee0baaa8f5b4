import * as z from 'zod';
import { defineCheck } from '../../define-check.ts';
import { violates } from '../../expressions.ts';

export const expressionIsTrue = defineCheck({
  name: 'expression_is_true',
  description: 'The expression is true of every row. NULL is not true.',
  dimension: 'validity',
  column: 'optional',
  onEmpty: 'vacuous',
  takes: ['on_null'],
  arguments: z.strictObject({
    expression: z.string().min(1).describe('boolean SQL; under a column, what follows its name: `>= 0`'),
  }),
  ask: ({ expression }, { column, columnName, onNull }) => {
    const holds = column === '' ? expression : `${column} ${expression}`;
    const considered = onNull === 'ignore' ? `(${holds}) is not null` : null;
    return {
      kind: 'rows',
      violation: violates(holds, considered),
      considered,
      column: columnName && column,
    };
  },
});
