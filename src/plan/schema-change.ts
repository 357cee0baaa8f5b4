import type { GraphNode } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Column } from '../engine/engine.ts';
import { onSchemaChange } from './node-config.ts';

/** What an incremental table's columns become, and whether the table itself has to change for it. */
export interface SchemaDecision {
  readonly columns: readonly Column[];
  /** The columns the new rows bring; the others are NULL in them. */
  readonly filled: readonly Column[];
  readonly changes: 'none' | 'adds' | 'rewrites';
}

/**
 * dbt's `on_schema_change`: `ignore` keeps the table's columns and needs all of them in the query; `append_new_columns` adds, never
 * drops; `sync_all_columns` adds, drops and retypes; `fail` refuses any difference. Names compare without case, as DuckDB does.
 */
export function decideSchema(
  node: GraphNode,
  table: readonly Column[],
  query: readonly Column[],
): SchemaDecision | { readonly refused: Diagnostic } {
  const has = (columns: readonly Column[], name: string) =>
    columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
  const added = query.filter((column) => !has(table, column.name));
  const dropped = table.filter((column) => !has(query, column.name));
  const retyped = query.filter((column) => {
    const existing = has(table, column.name);
    return existing !== undefined && existing.type !== column.type;
  });
  const filledFrom = (columns: readonly Column[]) => columns.filter((column) => has(query, column.name));
  switch (onSchemaChange(node.config)) {
    case 'ignore':
      return { columns: table, filled: table, changes: 'none' };
    case 'append_new_columns':
      return {
        columns: [...table, ...added],
        filled: filledFrom([...table, ...added]),
        changes: added.length > 0 ? 'adds' : 'none',
      };
    case 'sync_all_columns': {
      const kept = table.filter((column) => has(query, column.name)).map((column) => has(query, column.name) ?? column);
      const columns = [
        ...kept.map((column) => ({ name: has(table, column.name)?.name ?? column.name, type: column.type })),
        ...added,
      ];
      return {
        columns,
        filled: columns,
        changes: dropped.length + retyped.length > 0 ? 'rewrites' : added.length > 0 ? 'adds' : 'none',
      };
    }
    case 'fail':
      if (added.length + dropped.length + retyped.length === 0)
        return { columns: table, filled: table, changes: 'none' };
      return {
        refused: {
          code: 'plan/schema-changed',
          severity: 'error',
          message: `the columns of incremental model \`${node.name}\` changed and \`on_schema_change\` is \`fail\``,
          at: { file: node.original_file_path, start: 0, end: 0 },
          notes: [
            ...added.map((column) => `new in the query: ${column.name} ${column.type}`),
            ...dropped.map((column) => `missing in the query: ${column.name} ${column.type}`),
            ...retyped.map((column) => `other type: ${column.name} ${has(table, column.name)?.type} → ${column.type}`),
          ],
          hint: 'rebuild with --full-refresh, or set on_schema_change to append_new_columns or sync_all_columns',
        },
      };
    default:
      return onSchemaChange(node.config) as never;
  }
}
