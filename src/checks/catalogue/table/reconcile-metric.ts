import * as z from 'zod';
import { quotedIdentifier } from '../../../core/quote.ts';
import { defineCheck } from '../../define-check.ts';
import { asTable, groupName, select } from '../../expressions.ts';
import { indent } from '../../measure.ts';
import type { From } from '../../question.ts';
import { differsBy } from '../../tolerance.ts';

export const reconcileMetric = defineCheck({
  name: 'reconcile_metric',
  description: 'An aggregate has the same value here as in another relation. A group that one of them lacks differs.',
  dimension: 'consistency',
  column: 'never',
  onEmpty: 'vacuous',
  takes: ['tolerance'],
  arguments: z.strictObject({
    expression: z.string().min(1).describe('an aggregate: `sum(amount)`'),
    to: z.string().min(1).describe('the relation to compare with'),
    to_expression: z.string().min(1).optional().describe('the aggregate there; default: the same'),
    to_where: z.string().min(1).optional().describe('only these of its rows count'),
    to_group_by: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('its columns for `group_by`, when they are called otherwise'),
    tolerance_of: z
      .enum(['here', 'there'])
      .default('there')
      .describe('whose figure a `tolerance` in percent is a share of'),
  }),
  ask: ({ expression, to, to_expression, to_where, to_group_by, tolerance_of }, { tolerance, groupBy, sql }) => {
    const [one, other] = tolerance_of === 'there' ? ['here', 'there'] : ['there', 'here'];
    const there = asTable(to);
    const theirs = to_group_by?.map(sql) ?? groupBy;
    const side = (keys: readonly string[], figure: string, from: From, condition: string | null) =>
      `${select([...keys.map((key, index) => `${key} as k${index + 1}`), `${figure} as figure`].join(', '), from, condition)}${keys.length === 0 ? '' : '\ngroup by all'}`;
    const matched =
      groupBy.length === 0
        ? 'true'
        : groupBy.map((_, index) => `here.k${index + 1} is not distinct from there.k${index + 1}`).join(' and ');
    const keys = groupBy
      .map(
        (key, index) =>
          `coalesce(here.k${index + 1}, there.k${index + 1}) as ${quotedIdentifier(groupName(key, ['here', 'there']))}, `,
      )
      .join('');
    return {
      kind: 'query',
      grouped: true,
      failing: (from) =>
        `select *\nfrom (\n${indent(
          `select ${keys}here.figure as here, there.figure as there\nfrom (\n${indent(side(groupBy, expression, from, null))}\n) as here\nfull join (\n${indent(side(theirs, to_expression ?? expression, there, to_where ?? null))}\n) as there on ${matched}`,
        )}\n) as compared\nwhere (here is null) != (there is null) or ${differsBy(one, other, tolerance)}`,
      considered: (from) => `select (select count(*) from ${from}) + (select count(*) from ${there})`,
    };
  },
});

export const cardinalityEquality = defineCheck({
  name: 'cardinality_equality',
  description: 'Every value occurs as often here as in a column of another relation.',
  dimension: 'consistency',
  column: 'required',
  onEmpty: 'vacuous',
  arguments: z.strictObject({
    to: z.string().min(1).describe('the relation to compare with'),
    field: z.string().min(1).describe('its column'),
  }),
  ask: ({ to, field }, { column, sql }) => ({
    kind: 'query',
    failing: (from) =>
      `select value_field, n_here, n_there\nfrom (select value_field, sum(here) as n_here, sum(1 - here) as n_there from (select ${column} as value_field, 1 as here from ${from} union all select ${sql(field)}, 0 from ${asTable(to)}) group by value_field)\nwhere n_here != n_there`,
    considered: (from) => `select (select count(*) from ${from}) + (select count(*) from ${asTable(to)})`,
  }),
});
