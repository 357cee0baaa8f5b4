import * as z from 'zod';
import { defineCheck } from '../../define-check.ts';
import { allOf, select, whereClause } from '../../expressions.ts';
import { indent } from '../../measure.ts';
import type { From } from '../../question.ts';

export const relationships = defineCheck({
  name: 'relationships',
  description: 'Every value of the column exists in a column of another relation.',
  dimension: 'consistency',
  column: 'required',
  onEmpty: 'vacuous',
  takes: ['on_null'],
  arguments: z.strictObject({
    to: z.string().min(1).describe("the relation referred to: `ref('customers')`"),
    field: z.string().min(1).describe('its column'),
    from_where: z.string().min(1).optional().describe('only these rows of the tested relation refer'),
    to_where: z.string().min(1).optional().describe('only these rows of the other relation may be referred to'),
    reverse: z.boolean().default(false).describe('true: every value over there must be referred to from here'),
  }),
  ask: ({ to, field, from_where, to_where, reverse }, { column, columnName, onNull, sql }) => {
    const plain = columnName === undefined ? '*' : `* exclude (${column})`;
    const filter = from_where === undefined ? null : `(${from_where})`;
    const child = (from: From) =>
      select(
        `${column} as from_field, ${plain}`,
        from,
        allOf(filter, onNull === 'fail' ? null : `${column} is not null`),
      );
    const target = /^\s*select\b/i.test(to) ? `(${to})` : to;
    const parent = `select ${sql(field)} as to_field\nfrom ${target}${whereClause(to_where ?? null)}`;
    if (reverse)
      return {
        kind: 'query',
        failing: (from) =>
          `select distinct to_field\nfrom (\n${indent(parent)}\n) as parent\nanti join (\n${indent(child(from))}\n) as child on child.from_field = parent.to_field\nwhere to_field is not null`,
        considered: () => `select count(*) from (${parent}) where to_field is not null`,
      };
    return {
      kind: 'query',
      failing: (from) =>
        `select child.*\nfrom (\n${indent(child(from))}\n) as child\nanti join (\n${indent(parent)}\n) as parent on child.from_field = parent.to_field`,
      considered: (from) => `select count(*) from (${child(from)})`,
    };
  },
});
