import * as z from 'zod';
import { defineCheck } from '../../define-check.ts';
import { allOf, freeName, typeOf } from '../../expressions.ts';

export const uniqueCombination = defineCheck({
  name: 'unique_combination',
  description: 'No combination of the columns occurs twice.',
  dimension: 'uniqueness',
  column: 'never',
  onEmpty: 'vacuous',
  arguments: z.strictObject({
    columns: z.array(z.string()).min(1).describe('the columns that together are unique'),
    ignore_row_if: z
      .enum(['never', 'all_values_are_missing', 'any_value_is_missing'])
      .default('never')
      .describe('which rows are left out; a NULL that is not left out equals another NULL'),
  }),
  ask: ({ columns, ignore_row_if }, { sql, columns: known }) => {
    const present = columns.map((name) => `${sql(name)} is not null`);
    return {
      kind: 'frequency',
      keys: columns.map((name) => ({ name: freeName(name, ['n_records']), sql: sql(name), type: typeOf(name, known) })),
      considered:
        ignore_row_if === 'never'
          ? null
          : ignore_row_if === 'any_value_is_missing'
            ? allOf(...present)
            : `(${present.join(' or ')})`,
      bad: 'n_records > 1',
      claim: { kind: 'unique', columns },
    };
  },
});
