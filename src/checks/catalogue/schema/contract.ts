import * as z from 'zod';
import { defineCheck } from '../../define-check.ts';
import { isOfType } from './types.ts';

export const contract = defineCheck({
  name: 'contract',
  description: 'The columns are those of the contract, with its types.',
  dimension: 'schema',
  column: 'never',
  onEmpty: 'vacuous',
  needsColumns: true,
  arguments: z.strictObject({
    columns: z
      .array(z.object({ name: z.string().min(1), data_type: z.string().min(1) }))
      .min(1)
      .describe('the columns with their `data_type`'),
    ordered: z.boolean().default(false).describe('true: in this order'),
    allow_more: z.boolean().default(false).describe('true: further columns are no breach'),
  }),
  ask: (given, { columns: actual = [] }) => {
    const findings: (string | null)[][] = [];
    const place = new Map(actual.map((column, index) => [column.name.toLowerCase(), { ...column, index }]));
    given.columns.forEach(({ name, data_type }, index) => {
      const found = place.get(name.toLowerCase());
      if (!found) findings.push([name, data_type, null, 'missing in definition']);
      else if (!isOfType(found.type, data_type)) findings.push([name, data_type, found.type, 'data type mismatch']);
      else if (given.ordered && found.index !== index)
        findings.push([name, data_type, found.type, `in place ${found.index + 1} instead of ${index + 1}`]);
    });
    const promised = new Set(given.columns.map(({ name }) => name.toLowerCase()));
    if (!given.allow_more)
      for (const { name, type } of actual)
        if (!promised.has(name.toLowerCase())) findings.push([name, null, type, 'missing in contract']);
    return {
      kind: 'answered',
      columns: ['column_name', 'contract_type', 'definition_type', 'mismatch_reason'],
      findings,
      considered: actual.length,
    };
  },
});
