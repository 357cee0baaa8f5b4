import type { Subject } from '../../define-check.ts';
import { violates } from '../../expressions.ts';
import type { RowQuestion } from '../../question.ts';

/** The row question that a predicate on the tested column makes: NULL is left out unless `on_null: fail`. */
export function judgedColumn(holds: string, { column, columnName, onNull }: Subject): RowQuestion {
  const considered = onNull === 'fail' ? null : `${column} is not null`;
  return {
    kind: 'rows',
    violation: violates(holds, considered),
    considered,
    column: columnName && column,
  };
}
