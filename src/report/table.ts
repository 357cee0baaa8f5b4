import { clip, padEnd, padStart, visible, widthOf } from './width.ts';

export interface TableColumn {
  readonly title: string;
  /** Numbers stand right. */
  readonly align?: 'left' | 'right' | undefined;
}

export interface TableOptions {
  /** Cells a line may take; Infinity: as many as it needs. */
  readonly columns: number;
  readonly indent?: string;
  /** A cell is never wider. Default 60, and no limit where lines have none. */
  readonly widest?: number;
}

const GAP = ' │ ';
const NARROWEST = 8;

/**
 * Rows under their titles, aligned. Too wide for the terminal, the widest columns give way first; when even narrow ones do not
 * fit, the last columns are left out and named below.
 */
export function table(
  titles: readonly TableColumn[],
  rows: readonly (readonly (string | null)[])[],
  options: TableOptions,
): string {
  const indent = options.indent ?? '';
  const cells = rows.map((row) => titles.map((_, index) => visible(row[index] ?? 'NULL')));
  const natural = titles.map((column, index) =>
    Math.min(
      options.widest ?? (Number.isFinite(options.columns) ? 60 : options.columns),
      Math.max(widthOf(visible(column.title)), ...cells.map((row) => widthOf(row[index] ?? ''))),
    ),
  );
  const widths = fitted(natural, options.columns - widthOf(indent));
  const line = (row: readonly string[]) =>
    (
      indent +
      widths
        .map((width, index) => {
          const text = clip(row[index] ?? '', width);
          return titles[index]?.align === 'right' ? padStart(text, width) : padEnd(text, width);
        })
        .join(GAP)
    ).trimEnd();
  const hidden = titles.slice(widths.length).map((column) => visible(column.title));
  return [
    line(titles.map((column) => visible(column.title))),
    indent + widths.map((width) => '─'.repeat(width)).join('─┼─'),
    ...cells.map(line),
    ...(hidden.length > 0 ? [`${indent}not shown for lack of room: ${hidden.join(', ')}`] : []),
  ].join('\n');
}

function fitted(natural: readonly number[], room: number): readonly number[] {
  const widths = [...natural];
  const taken = () => widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
  while (widths.length > 1 && narrowestTotal(widths) > room) widths.pop();
  while (taken() > room) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    const second = Math.max(NARROWEST, ...widths.filter((width) => width < widest));
    const over = taken() - room;
    const sharing = widths.filter((width) => width === widest).length;
    const less = Math.max(1, Math.min(widest - second || 1, Math.ceil(over / sharing)));
    for (const [index, width] of widths.entries())
      if (width === widest) widths[index] = Math.max(NARROWEST, width - less);
  }
  return widths;
}

const narrowestTotal = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + Math.min(width, NARROWEST), 0) + GAP.length * (widths.length - 1);

/** Columns that hold nothing but numbers stand right. */
export const alignmentOf = (values: readonly (string | null | undefined)[]): 'left' | 'right' =>
  values.some((value) => value != null) &&
  values.every((value) => value == null || /^[+-]?[\d,]*\.?\d+(e[+-]?\d+)?$/i.test(value))
    ? 'right'
    : 'left';
