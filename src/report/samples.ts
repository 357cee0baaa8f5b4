import type { RowSample } from '../run/results.ts';
import { alignmentOf, table } from './table.ts';

/** Offending rows as a small table. `rows` at most are shown; what is left out is said. */
export function sampleTable(sample: RowSample, size: { columns: number; rows: number; indent?: string }): string {
  const shown = sample.rows.slice(0, size.rows);
  const indent = size.indent ?? '';
  const titles = sample.columns.map((title, index) => ({
    title,
    align: alignmentOf(shown.map((row) => row[index])),
  }));
  const drawn = table(titles, shown, { columns: size.columns, indent, widest: 40 });
  const masked = sample.masked === undefined ? '' : `\n${indent}masked to be on the safe side: ${sample.masked}`;
  const more = sample.rows.length - shown.length;
  if (more > 0 && !sample.truncated) return `${drawn}\n${indent}… ${more} more${masked}`;
  return sample.truncated || more > 0 ? `${drawn}\n${indent}… and more${masked}` : `${drawn}${masked}`;
}
