import * as z from 'zod';
import { quotedIdentifier } from '../../../core/quote.ts';
import { defineCheck, type Subject } from '../../define-check.ts';
import { asTable, groupName, select } from '../../expressions.ts';
import { indent } from '../../measure.ts';
import type { From, Question } from '../../question.ts';
import { differsBy } from '../../tolerance.ts';

const other = {
  to: z.string().min(1).describe('the relation to compare with'),
  to_where: z.string().min(1).optional().describe('only these of its rows count'),
  to_group_by: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('its columns for `group_by`, when they are called otherwise'),
};

export const rowCountEqualsOther = defineCheck({
  name: 'row_count_equals_other',
  description: 'There are as many rows as in another relation. A group that one of them lacks counts as none there.',
  dimension: 'volume',
  column: 'never',
  onEmpty: 'vacuous',
  takes: ['tolerance'],
  arguments: z.strictObject({
    ...other,
    factor: z.number().positive().default(1).describe('so many rows here for each one there'),
  }),
  ask: ({ factor, ...given }, subject) =>
    counts(given, subject, `not (${differsBy('rows_here', `(${factor} * rows_there)`, subject.tolerance)})`),
});

export const fewerRowsThan = defineCheck({
  name: 'fewer_rows_than',
  description: 'There are fewer rows than in another relation.',
  dimension: 'volume',
  column: 'never',
  onEmpty: 'vacuous',
  arguments: z.strictObject(other),
  ask: (given, subject) => counts(given, subject, 'rows_here < rows_there'),
});

interface Other {
  readonly to: string;
  readonly to_where?: string | undefined;
  readonly to_group_by?: readonly string[] | undefined;
}

function counts({ to, to_where, to_group_by }: Other, { groupBy, sql }: Subject, holds: string): Question {
  const there = select('*', asTable(to), to_where ?? null);
  const considered = (from: From) => `select (select count(*) from ${from}) + (select count(*) from (${there}))`;
  if (groupBy.length === 0)
    return {
      kind: 'query',
      failing: (from) =>
        `select *, rows_here - rows_there as difference\nfrom (select (select count(*) from ${from}) as rows_here, (select count(*) from (${there})) as rows_there)\nwhere (${holds}) is not true`,
      considered,
    };
  const theirs = to_group_by?.map(sql) ?? groupBy;
  const side = (keys: readonly string[], from: From) =>
    `${select(`${keys.map((key, index) => `${key} as k${index + 1}`).join(', ')}, count(*) as n`, from)}\ngroup by all`;
  const joined = groupBy.map((_, index) => `here.k${index + 1} is not distinct from there.k${index + 1}`).join(' and ');
  const keys = groupBy
    .map(
      (sqlKey, index) =>
        `coalesce(here.k${index + 1}, there.k${index + 1}) as ${quotedIdentifier(groupName(sqlKey, ['rows_here', 'rows_there', 'difference']))}`,
    )
    .join(', ');
  return {
    kind: 'query',
    grouped: true,
    failing: (from) =>
      `select *, rows_here - rows_there as difference\nfrom (\n${indent(
        `select ${keys}, coalesce(here.n, 0) as rows_here, coalesce(there.n, 0) as rows_there\nfrom (\n${indent(side(groupBy, from))}\n) as here\nfull join (\n${indent(side(theirs, `(${there})`))}\n) as there on ${joined}`,
      )}\n) as compared\nwhere (${holds}) is not true`,
    considered,
  };
}
