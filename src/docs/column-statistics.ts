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
export const LONGEST_VALUE = 60;
const FREQUENT = 8;

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
 * @param counted JSON of how often each bucket, or each value of a text, occurs; anything else where nobody asked
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
    null_share: read === 0 ? null : Math.round((1e6 * (read - column.known)) / read) / 1e6,
    distinct: column.distinct,
    min: column.min,
    max: column.max,
    histogram: isText || counts.length === 0 ? null : buckets(counts),
    frequent: isText && counts.length > 0 && counts.length <= FEW ? mostFrequent(counts) : null,
  };
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
  if (typeof counted !== 'object' || counted === null) return [];
  return Object.entries(counted).map(([value, count]) => [value, Number(count)]);
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
