import * as z from 'zod';
import { defineCheck } from '../../define-check.ts';
import { allOf, select } from '../../expressions.ts';
import { indent } from '../../measure.ts';
import type { From } from '../../question.ts';

export const foreignKey = defineCheck({
  name: 'foreign_key',
  description:
    'Every combination of the columns exists in another relation. A row with a NULL in one of them refers to nothing.',
  dimension: 'consistency',
  column: 'never',
  onEmpty: 'vacuous',
  arguments: z
    .strictObject({
      columns: z.array(z.string()).min(1).describe('the columns that together refer'),
      to: z.string().min(1).describe("the relation referred to: `ref('customers')`"),
      to_columns: z.array(z.string()).min(1).describe('its columns, in the same order'),
    })
    .refine(({ columns, to_columns }) => columns.length === to_columns.length, {
      message: '`to_columns` names one column for each of `columns`',
    }),
  ask: ({ columns, to, to_columns }, { sql }) => {
    const target = /^\s*select\b/i.test(to) ? `(${to})` : to;
    const child = (from: From) => select('*', from, allOf(...columns.map((name) => `${sql(name)} is not null`)));
    const parent = `select ${to_columns.map((name, index) => `${sql(name)} as to_${index + 1}`).join(', ')}\nfrom ${target}`;
    const same = columns.map((name, index) => `child.${sql(name)} = parent.to_${index + 1}`).join(' and ');
    return {
      kind: 'query',
      failing: (from) =>
        `select child.*\nfrom (\n${indent(child(from))}\n) as child\nanti join (\n${indent(parent)}\n) as parent on ${same}`,
      considered: (from) => `select count(*) from (${child(from)})`,
    };
  },
});
