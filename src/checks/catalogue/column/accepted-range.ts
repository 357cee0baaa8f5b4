import * as z from 'zod';
import { type Bounds, boundSql, boundsShape, isConstant, within } from '../../bounds.ts';
import { defineCheck } from '../../define-check.ts';
import { notFinite } from '../../expressions.ts';

export const acceptedRange = defineCheck({
  name: 'accepted_range',
  description: 'Every value of the column lies within bounds. NaN and the infinities never do.',
  dimension: 'range',
  column: 'required',
  onEmpty: 'vacuous',
  takes: ['on_null'],
  arguments: z.strictObject(boundsShape),
  ask: (bounds, { column, columnName, type, onNull }) => {
    const holds = within(column, bounds);
    const nullFails = onNull === 'fail' ? `${column} is null or ` : '';
    const odd = notFinite(column, type);
    const considered = onNull === 'fail' ? null : `${column} is not null`;
    const outside = [bounds.min, bounds.max].every((bound) => bound === undefined || isConstant(bound))
      ? outsideConstants(column, bounds)
      : `(${column} is not null and (${holds}) is not true)`;
    return {
      kind: 'rows',
      violation: `${nullFails}${outside}${odd === null ? '' : ` or ${odd}`}`,
      considered,
      column: columnName && column,
      prunable: columnName !== undefined && type !== undefined,
    };
  },
});

/** The complement spelled as comparisons: that is what the engine can answer from its statistics, and NULL satisfies none of them. */
function outsideConstants(column: string, { min, max, strict }: Bounds): string {
  const sides = [
    ...(min === undefined ? [] : [`${column} ${strict ? '<=' : '<'} ${boundSql(min)}`]),
    ...(max === undefined ? [] : [`${column} ${strict ? '>=' : '>'} ${boundSql(max)}`]),
  ];
  return sides.join(' or ');
}
