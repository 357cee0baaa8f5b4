import type { Json } from '../core/node-id.ts';
import { count } from './amounts.ts';
import type { ShowAnswer } from './answers.ts';
import { alignmentOf, table } from './table.ts';
import type { Terminal } from './terminal.ts';

/** The rows of `dql show`, a table for each node. */
export function showText(answer: ShowAnswer, page: Terminal): string {
  return answer.tables
    .map(({ name, columns, rows, truncated }) => {
      const cells = rows.map((row) => row.map(cellText));
      const titles = columns.map((column, index) => ({
        title: column.name,
        align: alignmentOf(cells.map((row) => row[index])),
      }));
      const drawn = table(titles, cells, { columns: page.columns });
      const more = truncated ? ', and more (--limit)' : '';
      return `${name}\n\n${drawn}\n\n${count(rows.length, 'row')}${more}`;
    })
    .join('\n\n');
}

/** A value as a table shows it; the table writes NULL for null. */
export function cellText(value: Json | undefined): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** dbt's shape, an object a table and line: `{"node": "orders", "show": [{"order_id": 1}]}`. */
export const showJson = ({ tables }: ShowAnswer): string =>
  tables
    .map(({ node, name, columns, rows, truncated }) =>
      JSON.stringify({
        ...(node === null ? {} : { node: name, unique_id: node }),
        columns,
        truncated,
        show: rows.map((row) => Object.fromEntries(columns.map((column, index) => [column.name, row[index] ?? null]))),
      }),
    )
    .join('\n');
