import { type HostMembers, hostFunction, hostObject, toJson, type Value } from '../../jinja/jinja.ts';
import type { AnsweredCell, AnsweredTable } from '../needs.ts';
import { argument } from './arguments.ts';
import { hostDict } from './relation-value.ts';

/** How a cell becomes a Python value; dates and times need the language's own classes, so they are handed in. */
export type CellReader = (cell: AnsweredCell, type: string) => Value;

/** What `run_query` and `load_result` give: an agate table as far as templates use one. */
export function tableValue(table: AnsweredTable, readCell: CellReader, print: (text: string) => void): Value {
  const names = table.columns.map((column) => column.name);
  let cells: readonly (readonly Value[])[] | undefined;
  const rows = () => {
    cells ??= table.rows.map((row) => row.map((cell, index) => readCell(cell, table.columns[index]?.type ?? '')));
    return cells;
  };
  const rowValues = () => rows().map((row) => mapped('Row', names, row));
  const columnValues = () =>
    table.columns.map((column, index) =>
      columnOfTable(
        column,
        index,
        rows().map((row) => row[index] ?? null),
      ),
    );
  const members: Record<string, () => Value> = {
    column_names: () => names,
    column_types: () => table.columns.map((column) => column.type),
    columns: () => mapped('MappedSequence', names, columnValues()),
    rows: () => rowValues(),
    print_table: () =>
      hostFunction('Table.print_table', (call) => {
        const limit = argument(call, 0, 'max_rows');
        print(drawn(names, table.rows, typeof limit === 'number' ? limit : 20));
        return null;
      }),
    print_csv: () =>
      hostFunction('Table.print_csv', () => {
        print(
          [names, ...table.rows.map((row) => row.map(cellText))].map((row) => row.map(csvField).join(',')).join('\n'),
        );
        return null;
      }),
    rename: () =>
      hostFunction('Table.rename', (call) => {
        const given = argument(call, 0, 'column_names');
        const called = (name: string, index: number): string =>
          String((Array.isArray(given) ? given[index] : dictEntry(given, name)) ?? name);
        const columns = table.columns.map((column, index) => ({ ...column, name: called(column.name, index) }));
        return tableValue({ columns, rows: table.rows }, readCell, print);
      }),
    select: () =>
      hostFunction('Table.select', (call) => {
        const wanted = argument(call, 0, 'key');
        const chosen = Array.isArray(wanted) ? wanted.map(String) : [String(wanted)];
        const kept = names.flatMap((name, index) => (chosen.includes(name) ? [index] : []));
        return tableValue(
          {
            columns: kept.flatMap((index) => table.columns[index] ?? []),
            rows: table.rows.map((row) => kept.map((index) => row[index] ?? null)),
          },
          readCell,
          print,
        );
      }),
  };
  return hostObject({
    name: 'Table',
    get: (name) => members[name]?.(),
    hasAttribute: (name) => Object.hasOwn(members, name),
    names: () => Object.keys(members),
    iterate: rowValues,
    length: () => table.rows.length,
    truth: () => true,
    text: () => drawn(names, table.rows, 20),
  });
}

function dictEntry(dict: Value, key: string): Value {
  const entries = toJson(dict ?? null);
  return typeof entries === 'object' && entries !== null && !Array.isArray(entries)
    ? ((entries as Readonly<Record<string, Value>>)[key] ?? null) // Array.isArray keeps readonly arrays
    : null;
}

/** agate's MappedSequence: a sequence whose items have names, too. */
function mapped(name: string, names: readonly string[], values: readonly Value[]): Value {
  const at = (key: Value): Value | undefined => {
    if (typeof key === 'number') return values[key < 0 ? values.length + key : key];
    const index = typeof key === 'string' ? names.indexOf(key) : -1;
    return index < 0 ? undefined : values[index];
  };
  const methods: Record<string, () => Value> = {
    keys: () => hostFunction(`${name}.keys`, () => names),
    values: () => hostFunction(`${name}.values`, () => values),
    items: () => hostFunction(`${name}.items`, () => names.map((key, index) => [key, values[index] ?? null])),
    get: () =>
      hostFunction(`${name}.get`, (call) => at(argument(call, 0, 'key')) ?? argument(call, 1, 'default') ?? null),
    dict: () =>
      hostFunction(`${name}.dict`, () =>
        hostDict(Object.fromEntries(names.map((key, index) => [key, values[index] ?? null]))),
      ),
  };
  return sequence(name, values, (attribute) => methods[attribute]?.() ?? at(attribute), at);
}

function columnOfTable(
  column: { readonly name: string; readonly type: string },
  index: number,
  values: readonly Value[],
): Value {
  const methods: Record<string, () => Value> = {
    name: () => column.name,
    index: () => index,
    data_type: () => column.type,
    values: () => hostFunction('Column.values', () => values),
    values_distinct: () => hostFunction('Column.values_distinct', () => [...new Set(values)]),
    values_without_nulls: () =>
      hostFunction('Column.values_without_nulls', () => values.filter((value) => value !== null)),
    values_sorted: () => hostFunction('Column.values_sorted', () => values.toSorted()),
  };
  const at = (key: Value) => (typeof key === 'number' ? values[key < 0 ? values.length + key : key] : undefined);
  return sequence('Column', values, (attribute) => methods[attribute]?.(), at);
}

const sequence = (
  name: string,
  values: readonly Value[],
  get: (attribute: string) => Value | undefined,
  item: (key: Value) => Value | undefined,
): Value => {
  const members: HostMembers = { name, get, item, iterate: () => values, length: () => values.length };
  return hostObject(members);
};

const cellText = (cell: AnsweredCell): string =>
  cell === null ? '' : typeof cell === 'object' ? JSON.stringify(cell) : String(cell);

const csvField = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** agate's print_table: a Markdown table. */
function drawn(names: readonly string[], rows: readonly (readonly AnsweredCell[])[], limit: number): string {
  const shown = rows.slice(0, limit).map((row) => row.map(cellText));
  const widths = names.map((name, index) => Math.max(name.length, 1, ...shown.map((row) => row[index]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const more = rows.length > limit ? [line(names.map(() => '...'))] : [];
  return [line(names), rule, ...shown.map(line), ...more].join('\n');
}
