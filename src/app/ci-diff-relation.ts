/** A comparison of two relations in the words of the answers. */
import type { Diff } from '../diff/diff.ts';
import type { DiffRelation } from './contract.ts';

const MASK = '•••';

/**
 * @param name what both sides are called
 * @param secret columns whose values are never shown
 */
export function diffRelation(name: string, diff: Diff, seconds: number, secret: readonly string[]): DiffRelation {
  const { schema, rows, key, samples } = diff;
  const keyed = key !== undefined;
  const hidden = new Set(secret.map((column) => column.toLowerCase()));
  const masked = (column: string, value: string | null) =>
    value !== null && hidden.has(column.toLowerCase()) ? MASK : value;
  const shown = samples.changed.rows.flatMap((row) =>
    row.changes.map(({ column, left, right }) => [
      ...row.key.map((value, index) => masked(key?.columns[index] ?? '', value)),
      column,
      masked(column, left),
      masked(column, right),
    ]),
  );
  return {
    name,
    left: diff.left,
    right: diff.right,
    equal: diff.isEqual,
    left_rows: rows.left,
    right_rows: rows.right,
    schema: [
      ...schema.added.map((column) => ({
        column: column.name,
        change: 'added' as const,
        left: null,
        right: column.type,
      })),
      ...schema.removed.map((column) => ({
        column: column.name,
        change: 'removed' as const,
        left: column.type,
        right: null,
      })),
      ...schema.retyped.map((column) => ({
        column: column.name,
        change: 'type' as const,
        left: column.left,
        right: column.right,
      })),
    ],
    key: key?.columns ?? [],
    added: rows.added,
    removed: rows.removed,
    changed: keyed ? rows.changed : null,
    duplicate_keys: key?.duplicates.keys ?? 0,
    null_keys: (key?.nulls.leftRows ?? 0) + (key?.nulls.rightRows ?? 0),
    columns: diff.columns
      .filter(({ changed }) => changed > 0)
      .map((column) => ({ column: column.name, changed: column.changed, rate: column.rate })),
    sample:
      shown.length > 0
        ? {
            columns: [...(key?.columns ?? []), 'column', 'left', 'right'],
            rows: shown,
            truncated: samples.changed.truncated,
          }
        : null,
    seconds,
    note: keyed ? null : 'there is no key to pair rows by: a row that changed is one removed and one added',
  };
}

/** A relation that cannot be compared, and why. */
export const notCompared = (name: string, left: string, right: string, note: string): DiffRelation => ({
  name,
  left,
  right,
  equal: false,
  left_rows: null,
  right_rows: null,
  schema: [],
  key: [],
  added: null,
  removed: null,
  changed: null,
  duplicate_keys: 0,
  null_keys: 0,
  columns: [],
  sample: null,
  seconds: 0,
  note,
});
