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
      violation: (considered === null ? violatesUnlessNull(holds) : undefined) ?? violates(holds, considered),
      considered,
      column: columnName && column,
    };
  },
});

const NAME = String.raw`(?:[\p{L}_][\p{L}\p{N}_]*|"[^"]+")`;
const COMPARISON = new RegExp(String.raw`^(${NAME})\s*(?:>=|<=|<>|!=|>|<|=)\s*[+-]?\d+(?:\.\d+)?$`, 'u');
const IS_NULL = new RegExp(String.raw`^(${NAME})\s+is\s+null$`, 'iu');

/**
 * `amount >= 0 or amount is null` in words that the engine answers from its statistics: it does not look through the `or`. Undefined for anything but
 * comparisons of one column with numbers beside the question whether that column is null, of which there can be no unknown answer.
 */
function violatesUnlessNull(holds: string): string | undefined {
  const [one = '', other = '', more] = holds.trim().split(/\s+or\s+/i);
  if (more !== undefined) return undefined;
  const [comparisons, isNull] = IS_NULL.test(other) ? [one, other] : [other, one];
  const column = IS_NULL.exec(isNull)?.[1];
  const compared = comparisons.split(/\s+and\s+/i).map((each) => COMPARISON.exec(each)?.[1]);
  const same = (name: string | undefined) => name?.replaceAll('"', '').toLowerCase();
  if (column === undefined || !compared.every((name) => same(name) === same(column))) return undefined;
  return `not (${comparisons}) and ${column} is not null`;
}
