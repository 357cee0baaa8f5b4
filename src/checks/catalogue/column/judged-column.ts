import type { Subject } from '../../define-check.ts';
import { violates } from '../../expressions.ts';
import type { RowQuestion } from '../../question.ts';

/**
 * The row question that a predicate on the tested column and nothing else makes: NULL is left out unless `on_null: fail`. Numbers that compare as equal
 * can be different texts (0 and -0), so only of texts equal values are known to be judged alike.
 */
export function judgedColumn(holds: string, { column, columnName, type, onNull }: Subject): RowQuestion {
  const considered = onNull === 'fail' ? null : `${column} is not null`;
  return {
    kind: 'rows',
    violation: violates(holds, considered),
    considered,
    column: columnName && column,
    byValue: type === 'VARCHAR',
  };
}
