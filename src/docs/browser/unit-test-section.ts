/** What a unit test gives its model and what must come out, as tables. */
import type { Json } from '../../core/node-id.ts';
import { h } from './element.ts';

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
    rowTable(input === undefined ? 'Expected' : `Given ${input}`, rows, fixture),
  );
  return tables.every((table) => table !== undefined) ? tables : undefined;
}

function rowTable(title: string, rows: Json, fixture: string | null): HTMLElement | undefined {
  if (!Array.isArray(rows) || !rows.every(isRow)) return undefined;
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return h(
    'figure.rows-of',
    null,
    h('figcaption', null, title, fixture !== null && h('span.soft', null, ` from ${fixture}`)),
    rows.length === 0
      ? h('p.faint', null, 'no rows')
      : h(
          'div.wide',
          { tabindex: '0', role: 'group', 'aria-label': title },
          h(
            'table.sample',
            null,
            h(
              'thead',
              null,
              h(
                'tr',
                null,
                columns.map((column) => h('th', { scope: 'col' }, column)),
              ),
            ),
            h(
              'tbody',
              null,
              rows.map((row) =>
                h(
                  'tr',
                  null,
                  columns.map((column) => h('td', null, cell(row[column]))),
                ),
              ),
            ),
          ),
        ),
  );
}

const isRow = (row: Json): row is Readonly<Record<string, Json>> =>
  typeof row === 'object' && row !== null && !Array.isArray(row);

/** What a row leaves out is null, too. */
function cell(value: Json | undefined): Node | string {
  if (value === undefined || value === null) return h('span.faint', null, 'null');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
