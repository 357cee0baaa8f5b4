/** What is told of a column, from what SQL counted: shared by relations measured one by one and many at once. */
import type { ColumnStatistics } from './catalog.ts';

export interface MeasuredColumn {
  readonly name: string;
  readonly type: string;
  /** Personal data: how much is null and how many differ is measured, no value is read out. */
  readonly personal?: boolean;
}

export interface ColumnSummary {
  readonly known: number;
  readonly distinct: number | null;
  readonly min: string | null;
  readonly max: string | null;
}

/** Buckets of a histogram. */
export const BUCKETS = 12;
/** Of more values than these the most frequent say nothing. */
export const FEW = 50;
/** Characters of a value that is told. */
const LONGEST_VALUE = 60;
const FREQUENT = 8;

/** SQL of a text as it is told: what is left out is marked. */
export const shownSql = (text: string): string =>
  `case when length(${text}) > ${LONGEST_VALUE} then left(${text}, ${LONGEST_VALUE - 1}) || '…' else ${text} end`;

/** What can be measured of a type. */
export function kindOfType(type: string): 'number' | 'time' | 'text' | 'ordered' | 'none' {
  const plain = type.toUpperCase().replace(/\(.*/, '');
  if (/\[\d*\]$|^(STRUCT|MAP|UNION|BLOB|BIT|JSON|VARIANT|GEOMETRY)/.test(type.toUpperCase())) return 'none';
  if (/^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL|REAL)$/.test(plain)) return 'number';
  if (/^(DATE|TIMESTAMP(_S|_MS|_NS)?|DATETIME)$/.test(plain)) return 'time';
  if (/^(VARCHAR|TEXT|BOOLEAN|ENUM|UUID)$/.test(plain)) return 'text';
  return 'ordered';
}

/**
 * @param read rows looked at
 * @param counted JSON of how often each bucket, or each value of a text, occurs, `[[value, count], …]`; anything else where nobody asked
 */
export function columnStatistics(
  type: string,
  read: number,
  column: ColumnSummary,
  counted: unknown,
): ColumnStatistics {
  const counts = countsIn(counted);
  const isText = kindOfType(type) === 'text';
  return {
    null_share: read === 0 ? null : shareOf(read - column.known, read),
    distinct: column.distinct,
    min: column.min,
    max: column.max,
    histogram: isText || counts.length === 0 ? null : buckets(counts),
    frequent: isText && counts.length > 0 && counts.length <= FEW ? mostFrequent(counts) : null,
  };
}

/** In millionths, of which few are not none, nor nearly all of them all. */
function shareOf(some: number, all: number): number {
  if (some === 0 || some === all) return some / all;
  return Math.min(999_999, Math.max(1, Math.round((1e6 * some) / all))) / 1e6;
}

/** What may be told of a personal column. */
export const withoutValues = (told: ColumnStatistics): ColumnStatistics => ({
  ...told,
  min: null,
  max: null,
  histogram: null,
  frequent: null,
});

export const textOrNull = (cell: unknown): string | null => (typeof cell === 'string' ? cell : null);

export const numberOrNull = (cell: unknown): number | null =>
  cell === null || cell === undefined ? null : Number(cell);

function countsIn(cell: unknown): readonly (readonly [value: string, count: number])[] {
  if (typeof cell !== 'string') return [];
  const counted: unknown = JSON.parse(cell);
  if (!Array.isArray(counted)) return [];
  return counted.map(([value, count]) => [String(value), Number(count)]);
}

function buckets(counted: readonly (readonly [string, number])[]): readonly number[] {
  const counts = new Array<number>(BUCKETS).fill(0);
  for (const [bucket, count] of counted) counts[Number(bucket)] = count;
  return counts;
}

const mostFrequent = (counted: readonly (readonly [string, number])[]): ColumnStatistics['frequent'] =>
  counted
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, FREQUENT);
