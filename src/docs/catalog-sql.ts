/**
 * The SQL that measures what the warehouse holds, for the catalogue. Read-only; two statements a relation: what its columns hold, then,
 * knowing that, how their values are spread. Both are plain aggregates over one scan, which DuckDB plans in a few milliseconds; one
 * statement with a subquery a column takes it five times as long. Small relations are measured many at once: `small-relations-sql.ts`.
 */
import { quotedIdentifier, quotedString } from '../core/quote.ts';
import type { ColumnStatistics } from './catalog.ts';
import {
  BUCKETS,
  type ColumnSummary,
  columnStatistics,
  FEW,
  kindOfType,
  type MeasuredColumn,
  numberOrNull,
  shownSql,
  textOrNull,
} from './column-statistics.ts';

export interface MeasuredRelation {
  /** A table expression. */
  readonly from: string;
  /** About how many rows it has, from `inventorySql`; beyond the cap blocks of it are sampled. */
  readonly rows: number;
  readonly columns: readonly MeasuredColumn[];
}

/** What `summarySql` found; `spreadSql` and `statisticsOf` go on from it. */
export interface Summary {
  /** Rows of the relation, exactly. */
  readonly rows: number;
  /** Rows looked at. */
  readonly read: number;
  readonly columns: readonly EndedColumn[];
}

/** With the finite ends, for numbers and times (in seconds). */
interface EndedColumn extends ColumnSummary {
  readonly low: number | null;
  readonly high: number | null;
}

/** Rows that statistics are computed from, at most (about, where blocks are sampled). */
export const ROW_CAP = 100_000;

/**
 * Every relation: database_name, schema_name, table_name, estimated_rows (null for a view), and JSON of its columns' names, types and
 * comments in their order; null for tables of dql's own schema, which nobody looks at but for their rows.
 */
export const inventorySql = (ownSchema: string): string => `with described as (
  select
    database_name,
    schema_name,
    table_name,
    to_json(list({'name': column_name, 'type': data_type, 'comment': comment} order by column_index))::varchar as columns
  from duckdb_columns()
  where not internal and schema_name <> ${quotedString(ownSchema)}
  group by all
)
select
  coalesce(described.database_name, tables.database_name) as database_name,
  coalesce(described.schema_name, tables.schema_name) as schema_name,
  coalesce(described.table_name, tables.table_name) as table_name,
  tables.estimated_size as estimated_rows,
  described.columns
from described
full join duckdb_tables() as tables using (database_name, schema_name, table_name)`;

/** One row: rows in all, rows read, and six values a column. */
export function summarySql(relation: MeasuredRelation, cap: number = ROW_CAP): string {
  const sample = sampleClause(relation, cap);
  const values = relation.columns.flatMap(({ name, type, personal }) => {
    const column = quotedIdentifier(name);
    const kind = kindOfType(type);
    const end = (call: string) => (personal || kind === 'none' ? 'null' : shownSql(`${call}(${column})::varchar`));
    const finite = (call: string) =>
      personal || (kind !== 'number' && kind !== 'time') ? 'null' : finiteEnd(call, column, kind);
    return [
      `count(${column})`,
      // Exactly, which takes half the time of an estimate.
      kind === 'none' ? 'null' : `count(distinct ${column})`,
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
  const columns: EndedColumn[] = [];
  for (let at = 2; at < row.length; at += 6) {
    columns.push({
      known: Number(row[at]),
      distinct: numberOrNull(row[at + 1]),
      min: textOrNull(row[at + 2]),
      max: textOrNull(row[at + 3]),
      low: numberOrNull(row[at + 4]),
      high: numberOrNull(row[at + 5]),
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
      return column ? [[name, columnStatistics(type, read, column, spread[at])] as const] : [];
    }),
  );
}

function sampleClause({ rows }: MeasuredRelation, cap: number): string {
  if (rows <= cap) return '';
  // Blocks are whole vectors of 2,048 rows; the seed makes two statements, each in one thread, look at the same rows.
  return `\nusing sample ${Math.max(0.01, (100 * cap) / rows).toFixed(2)} percent (system, 42)`;
}

const finiteEnd = (call: string, column: string, kind: 'number' | 'time'): string =>
  kind === 'number'
    ? `${call}(${column}::double) filter (isfinite(${column}::double))`
    : `epoch(${call}(${column}::timestamp) filter (isfinite(${column}::timestamp)))`;

function spreadOf({ name, type, personal }: MeasuredColumn, summary: EndedColumn | undefined): string {
  const kind = kindOfType(type);
  if (personal || !summary || kind === 'none' || kind === 'ordered') return 'null';
  const column = quotedIdentifier(name);
  if (kind === 'text')
    return summary.distinct === null || summary.distinct === 0 || summary.distinct > FEW
      ? 'null'
      : countsSql(`histogram(${column}::varchar)`, shownSql('entry.key'));
  const { low, high } = summary;
  if (low === null || high === null) return 'null';
  const value = kind === 'number' ? `${column}::double` : `${column}::timestamp`;
  const number = kind === 'number' ? value : `epoch(${value})`;
  const width = (high - low) / BUCKETS;
  const bucket = Number.isFinite(width) && width > 0 ? `floor((${number} - ${literal(low)}) / ${literal(width)})` : '0';
  const buckets = `histogram(least(${BUCKETS - 1}, greatest(0, ${bucket}))::utinyint) filter (isfinite(${value}))`;
  return countsSql(buckets, 'entry.key');
}

const countsSql = (histogram: string, shown: string): string =>
  `to_json(list_transform(map_entries(${histogram}), lambda entry: [${shown}::varchar, entry.value::varchar]))::varchar`;

const literal = (number: number): string => `(${number})::double`;
