/**
 * The SQL that measures what the warehouse holds, for the catalogue. Read-only, one statement a relation, cheap on any size: a table is
 * counted from DuckDB's own numbers and, beyond the cap, sampled by blocks; of a view the first rows are read, since sampling would run all of it.
 */
import type { NodeId } from '../core/node-id.ts';
import { quotedIdentifier, quotedString } from '../core/quote.ts';
import type { ColumnStatistics } from './catalog.ts';

export interface MeasuredRelation {
  readonly unique_id: NodeId;
  readonly database: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: 'table' | 'view';
  /** From `inventorySql`: about how many rows a table has; null for views. */
  readonly estimated_rows: number | null;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    /** Personal data: how much is null and how many differ is measured, no value is read out. */
    readonly personal?: boolean;
  }[];
}

/** Rows that statistics are computed from, at most (about, where blocks are sampled). */
export const ROW_CAP = 100_000;

/** Buckets of a histogram. */
export const BUCKETS = 12;

const FREQUENT = 8;
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

/** One statement a relation. It answers one row a column: column_name, row_count (exact; null for views), rows_read, statistics (JSON of ColumnStatistics). */
export function catalogSql(
  relations: readonly MeasuredRelation[],
  cap: number = ROW_CAP,
): readonly { readonly unique_id: NodeId; readonly sql: string }[] {
  return relations
    .filter((relation) => relation.columns.length > 0)
    .map((relation) => ({ unique_id: relation.unique_id, sql: statementFor(relation, cap) }));
}

/** The JSON that the statement answers for one column. */
export const parseStatistics = (json: string): ColumnStatistics =>
  // Written by our own statement, key by key.
  JSON.parse(json) as ColumnStatistics;

function statementFor(relation: MeasuredRelation, cap: number): string {
  const name = [relation.database, relation.schema, relation.name].map(quotedIdentifier).join('.');
  const count = relation.kind === 'table' ? `(select count(*) from ${name})` : 'null::bigint';
  const parts = relation.columns.map((column) => columnQuery(column, count));
  return `with rows_read as materialized (
  select *
  from ${name}
  ${capClause(relation, cap)}
)
${parts.join('\nunion all by name\n')}`;
}

function capClause({ kind, estimated_rows: rows }: MeasuredRelation, cap: number): string {
  if (kind === 'view' || rows === null) return `limit ${cap}`;
  if (rows <= cap) return '';
  // Blocks are whole vectors of 2,048 rows; the seed makes two runs over the same table agree.
  return `using sample ${Math.max(0.01, (100 * cap) / rows).toFixed(2)} percent (system, 42)`;
}

function columnQuery(column: MeasuredRelation['columns'][number], count: string): string {
  const name = quotedIdentifier(column.name);
  const shown = kindOfType(column.type);
  const values = column.personal ? 'none' : shown;
  const text = (call: string) =>
    values === 'none' ? 'null::varchar' : `left(${call}(${name})::varchar, ${LONGEST_VALUE})`;
  return `select
  ${quotedString(column.name)} as column_name,
  ${count} as row_count,
  count(*) as rows_read,
  to_json({
    'null_share': round((count(*) - count(${name})) / nullif(count(*), 0), 6),
    'distinct': ${shown === 'none' ? 'null::bigint' : `least(approx_count_distinct(${name}), count(${name}))`},
    'min': ${text('min')},
    'max': ${text('max')},
    'histogram': ${values === 'number' || values === 'time' ? histogramOf(name, values) : 'null::bigint[]'},
    'frequent': ${values === 'text' ? frequentOf(name) : 'null::json'}
  })::varchar as statistics
from rows_read`;
}

function histogramOf(name: string, kind: 'number' | 'time'): string {
  const number = kind === 'number' ? `${name}::double` : `epoch(${name}::timestamp)`;
  return `(
      with numbers as (select ${number} as x from rows_read where isfinite(${kind === 'number' ? `${name}::double` : `${name}::timestamp`})),
      edges as (select min(x) as low, max(x) as high from numbers),
      placed as (
        select least(${BUCKETS - 1}, coalesce(floor(${BUCKETS} * (x - low) / nullif(high - low, 0)), 0))::bigint as bucket, count(*) as hits
        from numbers, edges
        group by bucket
      )
      select case when sum(hits) > 0 then list(coalesce(hits, 0) order by bucket) end
      from range(${BUCKETS}) as buckets (bucket)
      left join placed using (bucket)
    )`;
}

/** Only where few values repeat: the most frequent of a million names say nothing. */
const frequentOf = (name: string): string => `(
      select case when count(*) between 1 and 50 then to_json(list({ 'value': value, 'count': hits } order by hits desc, value)[1:${FREQUENT}]) end
      from (select left(${name}::varchar, ${LONGEST_VALUE}) as value, count(*) as hits from rows_read where ${name} is not null group by value limit 51)
    )`;

/** What can be measured of a type. */
function kindOfType(type: string): 'number' | 'time' | 'text' | 'ordered' | 'none' {
  const plain = type.toUpperCase().replace(/\(.*/, '');
  if (/\[\d*\]$|^(STRUCT|MAP|UNION|BLOB|BIT|JSON|VARIANT|GEOMETRY)/.test(type.toUpperCase())) return 'none';
  if (/^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL|REAL)$/.test(plain)) return 'number';
  if (/^(DATE|TIMESTAMP(_S|_MS|_NS)?|DATETIME)$/.test(plain)) return 'time';
  if (/^(VARCHAR|TEXT|BOOLEAN|ENUM|UUID)$/.test(plain)) return 'text';
  return 'ordered';
}
