/**
 * The SQL that measures what the warehouse holds, for the catalogue. Read-only; two statements a relation: what its columns hold, then,
 * knowing that, how their values are spread. Both are plain aggregates over one scan, which DuckDB plans in a few milliseconds; one
 * statement with a subquery a column takes it five times as long, and there may be thousands of relations.
 */
import { quotedIdentifier } from '../core/quote.ts';
import type { ColumnStatistics } from './catalog.ts';

export interface MeasuredRelation {
  /** A table expression. */
  readonly from: string;
  /** About how many rows it has, from `inventorySql`; beyond the cap blocks of it are sampled. */
  readonly rows: number;
  readonly columns: readonly MeasuredColumn[];
}

export interface MeasuredColumn {
  readonly name: string;
  readonly type: string;
  /** Personal data: how much is null and how many differ is measured, no value is read out. */
  readonly personal?: boolean;
}

/** What `summarySql` found; `spreadSql` and `statisticsOf` go on from it. */
export interface Summary {
  /** Rows of the relation, exactly. */
  readonly rows: number;
  /** Rows looked at. */
  readonly read: number;
  readonly columns: readonly ColumnSummary[];
}

interface ColumnSummary {
  readonly known: number;
  readonly distinct: number | null;
  readonly min: string | null;
  readonly max: string | null;
  /** The finite ends, for numbers and times (in seconds). */
  readonly low: number | null;
  readonly high: number | null;
}

/** Rows that statistics are computed from, at most (about, where blocks are sampled). */
export const ROW_CAP = 100_000;

/** Buckets of a histogram. */
export const BUCKETS = 12;

const FREQUENT = 8;
/** Of more values than these the most frequent say nothing. */
const FEW = 50;
const LONGEST_VALUE = 60;

/**
 * Every column of every relation: database_name, schema_name, table_name, kind (`table`, `view`), estimated_rows, column_name,
 * column_index (from 1), data_type, comment.
 */
export const inventorySql = (): string => `select
  columns.database_name,
  columns.schema_name,
  columns.table_name,
  case when tables.table_name is null then 'view' else 'table' end as kind,
  tables.estimated_size as estimated_rows,
  columns.column_name,
  columns.column_index,
  columns.data_type,
  columns.comment
from duckdb_columns() as columns
left join duckdb_tables() as tables using (database_name, schema_name, table_name)
where not columns.internal
order by all`;

/** One row: rows in all, rows read, and six values a column. */
export function summarySql(relation: MeasuredRelation, cap: number = ROW_CAP): string {
  const sample = sampleClause(relation, cap);
  const values = relation.columns.flatMap(({ name, type, personal }) => {
    const column = quotedIdentifier(name);
    const kind = kindOfType(type);
    const end = (call: string) =>
      personal || kind === 'none' ? 'null' : `left(${call}(${column})::varchar, ${LONGEST_VALUE})`;
    const finite = (call: string) =>
      personal || (kind !== 'number' && kind !== 'time') ? 'null' : finiteEnd(call, column, kind);
    return [
      `count(${column})`,
      kind === 'none' ? 'null' : `approx_count_distinct(${column})`,
      end('min'),
      end('max'),
      finite('min'),
      finite('max'),
    ];
  });
  const rows = sample === '' ? 'count(*)' : `(select count(*) from ${relation.from})`;
  return `select\n  ${[rows, 'count(*)', ...values].join(',\n  ')}\nfrom ${relation.from}${sample}`;
}

/** The row that `summarySql` answers. */
export function readSummary(row: readonly unknown[]): Summary {
  const number = (cell: unknown) => (cell === null || cell === undefined ? null : Number(cell));
  const text = (cell: unknown) => (typeof cell === 'string' ? cell : null);
  const columns: ColumnSummary[] = [];
  for (let at = 2; at < row.length; at += 6) {
    const known = Number(row[at]);
    const distinct = number(row[at + 1]);
    columns.push({
      known,
      // An estimate: there are never more of them than values.
      distinct: distinct === null ? null : Math.min(distinct, known),
      min: text(row[at + 2]),
      max: text(row[at + 3]),
      low: number(row[at + 4]),
      high: number(row[at + 5]),
    });
  }
  return { rows: Number(row[0]), read: Number(row[1]), columns };
}

/** One row: for each column JSON of how often each bucket, or each value, occurs, or null. Undefined where there is nothing to ask. */
export function spreadSql(relation: MeasuredRelation, summary: Summary, cap: number = ROW_CAP): string | undefined {
  const values = relation.columns.map((column, at) => spreadOf(column, summary.columns[at]));
  if (values.every((value) => value === 'null')) return undefined;
  return `select\n  ${values.join(',\n  ')}\nfrom ${relation.from}${sampleClause(relation, cap)}`;
}

/** Statistics by column name; `spread` is the row that `spreadSql` answered. */
export function statisticsOf(
  relation: MeasuredRelation,
  { read, columns }: Summary,
  spread: readonly unknown[] = [],
): ReadonlyMap<string, ColumnStatistics> {
  return new Map(
    relation.columns.flatMap(({ name, type }, at) => {
      const column = columns[at];
      if (!column) return [];
      const counted = countsIn(spread[at]);
      const isText = kindOfType(type) === 'text';
      return [
        [
          name,
          {
            null_share: read === 0 ? null : Math.round((1e6 * (read - column.known)) / read) / 1e6,
            distinct: column.distinct,
            min: column.min,
            max: column.max,
            histogram: isText || counted.length === 0 ? null : buckets(counted),
            frequent: isText && counted.length > 0 && counted.length <= FEW ? mostFrequent(counted) : null,
          },
        ] as const,
      ];
    }),
  );
}

function sampleClause({ rows }: MeasuredRelation, cap: number): string {
  if (rows <= cap) return '';
  // Blocks are whole vectors of 2,048 rows; the seed makes two statements look at the same rows.
  return `\nusing sample ${Math.max(0.01, (100 * cap) / rows).toFixed(2)} percent (system, 42)`;
}

const finiteEnd = (call: string, column: string, kind: 'number' | 'time'): string =>
  kind === 'number'
    ? `${call}(${column}::double) filter (isfinite(${column}::double))`
    : `epoch(${call}(${column}::timestamp) filter (isfinite(${column}::timestamp)))`;

function spreadOf({ name, type, personal }: MeasuredColumn, summary: ColumnSummary | undefined): string {
  const kind = kindOfType(type);
  if (personal || !summary || kind === 'none' || kind === 'ordered') return 'null';
  const column = quotedIdentifier(name);
  if (kind === 'text')
    return summary.distinct === null || summary.distinct === 0 || summary.distinct > 1.2 * FEW
      ? 'null'
      : `to_json(histogram(left(${column}::varchar, ${LONGEST_VALUE})))::varchar`;
  const { low, high } = summary;
  if (low === null || high === null) return 'null';
  const value = kind === 'number' ? `${column}::double` : `${column}::timestamp`;
  const number = kind === 'number' ? value : `epoch(${value})`;
  const width = (high - low) / BUCKETS;
  const bucket = Number.isFinite(width) && width > 0 ? `floor((${number} - ${literal(low)}) / ${literal(width)})` : '0';
  return `to_json(histogram(least(${BUCKETS - 1}, greatest(0, ${bucket}))::utinyint) filter (isfinite(${value})))::varchar`;
}

const literal = (number: number): string => `(${number})::double`;

function countsIn(cell: unknown): readonly (readonly [value: string, count: number])[] {
  if (typeof cell !== 'string') return [];
  const counted: unknown = JSON.parse(cell);
  if (typeof counted !== 'object' || counted === null) return [];
  return Object.entries(counted).map(([value, count]) => [value, Number(count)]);
}

function buckets(counted: readonly (readonly [string, number])[]): readonly number[] {
  const counts = new Map(counted.map(([bucket, count]) => [Number(bucket), count]));
  return Array.from({ length: BUCKETS }, (_, bucket) => counts.get(bucket) ?? 0);
}

const mostFrequent = (counted: readonly (readonly [string, number])[]): ColumnStatistics['frequent'] =>
  counted
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, FREQUENT);

/** What can be measured of a type. */
function kindOfType(type: string): 'number' | 'time' | 'text' | 'ordered' | 'none' {
  const plain = type.toUpperCase().replace(/\(.*/, '');
  if (/\[\d*\]$|^(STRUCT|MAP|UNION|BLOB|BIT|JSON|VARIANT|GEOMETRY)/.test(type.toUpperCase())) return 'none';
  if (/^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL|REAL)$/.test(plain)) return 'number';
  if (/^(DATE|TIMESTAMP(_S|_MS|_NS)?|DATETIME)$/.test(plain)) return 'time';
  if (/^(VARCHAR|TEXT|BOOLEAN|ENUM|UUID)$/.test(plain)) return 'text';
  return 'ordered';
}
