import type { GraphNode } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Column } from '../engine/engine.ts';
import { fieldsOfType, topLevelParts } from '../lineage/struct-type.ts';
import { onSchemaChange } from './node-config.ts';

/** What an incremental table's columns become, and whether the table itself has to change for it. */
export interface SchemaDecision {
  readonly columns: readonly Column[];
  /** The columns the new rows bring; the others are NULL in them. */
  readonly filled: readonly Column[];
  readonly changes: 'none' | 'adds' | 'rewrites';
}

interface RetypedColumn {
  readonly name: string;
  readonly before: string;
  readonly now: string;
}

const has = (columns: readonly Column[], name: string): Column | undefined =>
  columns.find((column) => column.name.toLowerCase() === name.toLowerCase());

const retypedColumns = (table: readonly Column[], query: readonly Column[]): readonly RetypedColumn[] =>
  query.flatMap(({ name, type }) => {
    const before = has(table, name)?.type;
    return before === undefined || before === type ? [] : [{ name, before, now: type }];
  });

const typeChange = ({ name, before, now }: RetypedColumn): string => `other type: ${name} ${before} → ${now}`;

/** What to do where values did not fit the table's types, which the query no longer gives; the error as it is where it gives them. */
export function explainTypes(
  error: Diagnostic,
  node: GraphNode,
  table: readonly Column[],
  query: readonly Column[],
): Diagnostic {
  const retyped = retypedColumns(table, query);
  const [first] = retyped;
  if (!first) return error;
  return { ...error, notes: [...(error.notes ?? []), ...retyped.map(typeChange)], hint: typesHint(node, first) };
}

function typesHint(node: GraphNode, { name, before }: RetypedColumn): string {
  const mode = onSchemaChange(node.config);
  const cast = `select \`cast(… as ${before}) as ${name}\``;
  if (node.resource_type === 'snapshot')
    return `a history keeps the types of its columns: ${cast}, or give the column another name`;
  if (mode === 'sync_all_columns')
    return `rows of its table do not fit the new type: ${cast}, or rebuild with --full-refresh`;
  return `its table keeps its types under \`on_schema_change: ${mode}\`: ${cast}, set on_schema_change to sync_all_columns, or rebuild with --full-refresh`;
}

/** Warnings of columns whose new values lose digits, the time of day or fields, because the table keeps its types. */
export function roundedColumns(
  node: GraphNode,
  table: readonly Column[],
  query: readonly Column[],
): readonly Diagnostic[] {
  const mode = node.resource_type === 'snapshot' ? 'ignore' : onSchemaChange(node.config);
  if (mode === 'sync_all_columns' || mode === 'fail') return [];
  return retypedColumns(table, query).flatMap((column): readonly Diagnostic[] => {
    const loss = lossIn(column.before, column.now);
    if (loss === undefined) return [];
    return [
      {
        code: 'run/values-rounded',
        severity: 'warning',
        message: `\`${column.name}\` of \`${node.name}\` is ${column.before} in its table and ${column.now} in its query: new values ${loss}`,
        at: { file: node.original_file_path, start: 0, end: 0 },
        hint: typesHint(node, column),
      },
    ];
  });
}

/** What values lose that are cast from one type to the other; undefined: nothing, or it is an error. */
function lossIn(before: string, now: string): string | undefined {
  const [had, has] = [fieldsOfType(before), fieldsOfType(now)];
  if (had && has) {
    const kept = new Map(had.map(({ name, type }) => [name.toLowerCase(), type]));
    const lost = has.filter(({ name }) => !kept.has(name.toLowerCase()));
    if (lost.length > 0) return `lose ${lost.map(({ name }) => `\`${name}\``).join(', ')}`;
    return has.flatMap(({ name, type }) => lossIn(kept.get(name.toLowerCase()) ?? type, type) ?? [])[0];
  }
  const [inner, other] = [partsOf(before), partsOf(now)];
  if (inner.length > 0 && inner.length === other.length)
    return inner.flatMap((type, place) => lossIn(type, other[place] ?? type) ?? [])[0];
  const loses = digitsOf(now) > digitsOf(before) || (before === 'DATE' && now.startsWith('TIMESTAMP'));
  return loses ? 'are rounded to fit' : undefined;
}

/** The types within `INTEGER[]`, `INTEGER[3]` and `MAP(VARCHAR, INTEGER)`. */
function partsOf(type: string): readonly string[] {
  const [, element] = /^(.*)\[\d*\]$/s.exec(type) ?? [];
  if (element !== undefined) return [element];
  const [, parts] = /^MAP\((.*)\)$/s.exec(type) ?? [];
  return parts === undefined ? [] : topLevelParts(parts);
}

/** How many digits after the point a type of numbers keeps; none is also that of every other type. */
function digitsOf(type: string): number {
  const [, scale] = /^DECIMAL\(\d+,(\d+)\)$/.exec(type) ?? [];
  return type === 'DOUBLE' ? 40 : type === 'FLOAT' ? 39 : Number(scale ?? 0);
}

const lacking = (node: GraphNode, dropped: readonly Column[]): Diagnostic => ({
  code: 'plan/schema-changed',
  severity: 'error',
  message: `the query of incremental model \`${node.name}\` lacks ${dropped.map(({ name }) => `\`${name}\``).join(', ')}, which its table has, and \`on_schema_change\` is \`ignore\``,
  at: { file: node.original_file_path, start: 0, end: 0 },
  hint: 'select it again, set on_schema_change to append_new_columns (new rows have NULL) or sync_all_columns (it is dropped), or rebuild with --full-refresh',
});

/**
 * dbt's `on_schema_change`: `ignore` keeps the table's columns and needs all of them in the query; `append_new_columns` adds, never
 * drops; `sync_all_columns` adds, drops and retypes; `fail` refuses any difference. Names compare without case, as DuckDB does.
 */
export function decideSchema(
  node: GraphNode,
  table: readonly Column[],
  query: readonly Column[],
): SchemaDecision | { readonly refused: Diagnostic } {
  const added = query.filter((column) => !has(table, column.name));
  const dropped = table.filter((column) => !has(query, column.name));
  const retyped = retypedColumns(table, query);
  const filledFrom = (columns: readonly Column[]) => columns.filter((column) => has(query, column.name));
  switch (onSchemaChange(node.config)) {
    case 'ignore':
      if (dropped.length > 0) return { refused: lacking(node, dropped) };
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
            ...retyped.map(typeChange),
          ],
          hint: 'rebuild with --full-refresh, or set on_schema_change to append_new_columns or sync_all_columns',
        },
      };
    default:
      return onSchemaChange(node.config) as never;
  }
}
