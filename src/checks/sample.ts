/** A few failing rows as people see them. */
import type { Cell, QueryResult } from '../engine/engine.ts';
import type { CheckSql } from './check.ts';

/** Every cell already text, NULL as null. */
export interface FailingSample {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** True when there are more rows than shown. */
  readonly truncated: boolean;
  /** Why more may be masked than had to be. */
  readonly masked?: string | undefined;
}

/** Columns whose values are never shown. */
export interface HiddenColumns {
  readonly columns: readonly string[];
  /** Why it is not sure of each that it must be hidden. */
  readonly because?: string | undefined;
}

export const NOTHING_HIDDEN: HiddenColumns = { columns: [] };

const MASK = '•••';
/** Names under which tests show the value of the column they test. */
const OF_THE_COLUMN = [
  ...['unique_field', 'value_field', 'from_field', 'to_field', 'value', 'actual', 'expected'],
  ...['current_value', 'previous_value', 'distance', 'spread', 'min', 'max', 'mean', 'median', 'sum', 'quantile'],
];

/** The first `limit` rows; values of secret columns, and figures made of them, are masked. NULL stays NULL. */
export function sampleOf(
  found: QueryResult,
  limit: number,
  { columns: secret, because }: HiddenColumns,
  check: CheckSql,
): FailingSample {
  const hidden = new Set(secret.map((name) => name.toLowerCase()));
  if (check.column !== null && hidden.has(check.column.toLowerCase())) {
    for (const name of OF_THE_COLUMN) hidden.add(name);
    if (check.question.kind === 'aggregate') hidden.add(check.question.called);
  }
  const masked = found.columns.map(({ name }) => hidden.has(name.toLowerCase()));
  return {
    columns: found.columns.map(({ name }) => name),
    rows: found.rows
      .slice(0, limit)
      .map((row) => row.map((cell, index) => (cell === null ? null : masked[index] ? MASK : cellText(cell)))),
    truncated: found.rows.length > limit,
    ...(because === undefined ? {} : { masked: because }),
  };
}

/** A cell as text: nested values as JSON. */
export function cellText(cell: Exclude<Cell, null>): string {
  return typeof cell === 'object'
    ? JSON.stringify(cell, (_, inner) => (typeof inner === 'bigint' ? inner.toString() : inner))
    : String(cell);
}
