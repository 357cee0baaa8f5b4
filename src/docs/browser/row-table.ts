/** Rows as a table that scrolls sideways by itself. */
import { h } from './element.ts';

/**
 * @param label what a screen reader calls it
 * @param more what stands below the table
 */
export function rowTable(
  label: string,
  columns: readonly string[],
  rows: readonly (readonly (Node | string)[])[],
  ...more: readonly (Node | false)[]
): HTMLElement {
  const head = columns.map((column) => h('th', { scope: 'col' }, column));
  const line = (cells: readonly (Node | string)[]) => cells.map((cell) => h('td', null, cell));
  return h(
    'div.wide',
    { tabindex: '0', role: 'group', 'aria-label': label },
    h(
      'table.sample',
      null,
      h('thead', null, h('tr', null, head)),
      h(
        'tbody',
        null,
        rows.map((cells) => h('tr', null, line(cells))),
      ),
    ),
    ...more,
  );
}

/** What stands for a NULL. */
export const nullCell = (): HTMLElement => h('span.faint', null, 'null');
