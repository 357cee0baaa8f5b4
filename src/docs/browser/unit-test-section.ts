/** What a unit test gives its model and what must come out, as tables. */
import type { Json } from '../../core/node-id.ts';
import { h } from './element.ts';
import { nullCell, rowTable } from './row-table.ts';

interface Rows {
  readonly input?: string;
  readonly rows: Json;
  readonly fixture: string | null;
}

/** Undefined where something is not written as rows: then its text says it best. */
export function unitTestTables(raw: string): readonly HTMLElement[] | undefined {
  // The generator wrote it, from the manifest.
  const { given, expect } = JSON.parse(raw) as { readonly given: readonly Rows[]; readonly expect: Rows };
  const tables = [...given, expect].map(({ input, rows, fixture }) =>
    figureOf(input === undefined ? 'Expected' : `Given ${input}`, rows, fixture),
  );
  return tables.every((table) => table !== undefined) ? tables : undefined;
}

function figureOf(title: string, rows: Json, fixture: string | null): HTMLElement | undefined {
  if (!Array.isArray(rows) || !rows.every(isRow)) return undefined;
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return h(
    'figure.rows-of',
    null,
    h('figcaption', null, title, fixture !== null && h('span.soft', null, ` from ${fixture}`)),
    rows.length === 0
      ? h('p.faint', null, 'no rows')
      : rowTable(
          title,
          columns,
          rows.map((row) => columns.map((column) => cell(row[column]))),
        ),
  );
}

const isRow = (row: Json): row is Readonly<Record<string, Json>> =>
  typeof row === 'object' && row !== null && !Array.isArray(row);

/** What a row leaves out is null, too. */
function cell(value: Json | undefined): Node | string {
  if (value === undefined || value === null) return nullCell();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
