/**
 * The statistics of many small relations at once. Of a table of twenty rows DuckDB plans the aggregates a hundred times as long as it
 * computes them, and there may be thousands of tables. So the values of all of them are laid out in one temporary table, as text with the
 * number of their column, and each type there is gets one question for all its columns. Nothing is estimated.
 */
import { quotedIdentifier } from '../core/quote.ts';
import type { ColumnStatistics } from './catalog.ts';
import type { MeasuredRelation } from './catalog-sql.ts';
import {
  BUCKETS,
  columnStatistics,
  FEW,
  kindOfType,
  type MeasuredColumn,
  numberOrNull,
  shownSql,
  textOrNull,
} from './column-statistics.ts';

/** So many values are laid out in the time that a relation's own statements take to plan. */
export const SMALL_VALUES = 20_000;

/** Relations in one `union all`; with more of them a relation's share of the plan is no smaller. */
const TOGETHER = 64;

export interface MeasuredSmall {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, ColumnStatistics>;
}

/** Several statements; what the last one answers is for `smallStatistics`. Some relation must have a column. */
export function smallRelationsSql(relations: readonly MeasuredRelation[]): string {
  const types: Measure[] = [];
  const typeOf: number[] = [];
  const selects: string[] = [];
  for (const { from, columns } of relations) {
    selects.push(`select ${typeOf.length} as first, [${columns.map(textOf).join(', ')}] as texts\nfrom ${from}`);
    for (const column of columns) {
      const measure = measureOf(column);
      const known = types.findIndex(({ kind, type }) => kind === measure.kind && type === measure.type);
      typeOf.push(known === -1 ? types.push(measure) - 1 : known);
    }
  }
  const insert = (some: readonly string[]) =>
    `insert into dql_texts
select first + generate_subscripts(texts, 1) - 1, unnest(texts)
from (
${some.join('\nunion all\n')}
)`;
  return [
    'create or replace temp table dql_texts (number integer, value varchar)',
    ...batches(selects, TOGETHER).map(insert),
    `create or replace temp table dql_types as
select unnest(range(${typeOf.length})) as number, unnest([${typeOf.join(', ')}]) as type`,
    types.map((type, at) => `(\n${questionOf(type, at)}\n)`).join('\nunion all\n'),
  ].join(';\n');
}

/** By position of the relation; `answer` is what the last statement answered. */
export function smallStatistics(
  relations: readonly MeasuredRelation[],
  answer: readonly (readonly unknown[])[],
): readonly MeasuredSmall[] {
  const rows = new Map(answer.map((row) => [Number(row[0]), row]));
  let next = 0;
  return relations.map(({ columns }) => {
    const first = next;
    next += columns.length;
    // Without rows there is no answer.
    const read = Number(rows.get(first)?.[1] ?? 0);
    return {
      rows: read,
      columns: new Map(
        columns.map((column, at) => {
          const [, , known = 0, distinct = 0, min, max, counted] = rows.get(first + at) ?? [];
          const summary = {
            known: Number(known),
            distinct: kindOfType(column.type) === 'none' ? null : numberOrNull(distinct),
            min: textOrNull(min),
            max: textOrNull(max),
          };
          return [column.name, columnStatistics(column.type, read, summary, counted)];
        }),
      ),
    };
  });
}

interface Measure {
  /** `hidden`: only that there are values and how many differ. */
  readonly kind: ReturnType<typeof kindOfType> | 'hidden';
  readonly type: string;
}

function measureOf({ type, personal }: MeasuredColumn): Measure {
  const kind = kindOfType(type);
  if (kind === 'none' || personal) return { kind: 'hidden', type: 'varchar' };
  return { kind, type };
}

function textOf({ name, type, personal }: MeasuredColumn): string {
  const column = quotedIdentifier(name);
  if (kindOfType(type) === 'none') return `case when ${column} is not null then '' end`;
  return personal ? `md5(${column}::varchar)` : `${column}::varchar`;
}

/** For each column of a type: its number, rows, known values, distinct ones, smallest, largest, JSON of counts. */
function questionOf({ kind, type }: Measure, at: number): string {
  const end = (call: string) => (kind === 'hidden' ? 'null' : shownSql(`${call}(value)::varchar`));
  const spread = spreadOf(kind);
  const counted = `with counted as materialized (
  select number, value::${type} as value, count(*) as rows
  from dql_texts
  join dql_types using (number)
  where type = ${at}
  group by all
),
summary as materialized (
  select
    number,
    sum(rows)::bigint as read,
    coalesce(sum(rows) filter (value is not null), 0)::bigint as known,
    count(value) as differing,
    ${end('min')} as smallest,
    ${end('max')} as largest,
    ${spread?.low ?? 'null'} as low,
    ${spread?.high ?? 'null'} as high
  from counted
  group by number
)`;
  const told = 'number, read, known, differing, smallest, largest';
  if (!spread) return `${counted}\nselect ${told}, null as counts\nfrom summary`;
  return `${counted},
parts as (
  select number, ${spread.part} as part, sum(rows)::bigint as rows
  from counted
  join summary using (number)
  where ${spread.where}
  group by all
),
spread as (
  select number, to_json(list([${shownSql('part::varchar')}, rows::varchar]))::varchar as counts
  from parts
  group by number
)
select ${told}, counts
from summary
left join spread using (number)`;
}

interface Spread {
  /** The finite ends. */
  readonly low: string;
  readonly high: string;
  /** What is counted: the bucket of a value, or the value itself. */
  readonly part: string;
  readonly where: string;
}

function spreadOf(kind: Measure['kind']): Spread | undefined {
  if (kind === 'hidden' || kind === 'ordered' || kind === 'none') return undefined;
  if (kind === 'text') {
    return { low: 'null', high: 'null', part: 'value::varchar', where: `differing <= ${FEW} and value is not null` };
  }
  const [value, scale] =
    kind === 'number' ? ['value::double', 'value::double'] : ['value::timestamp', 'epoch(value::timestamp)'];
  const finite = `isfinite(${value})`;
  const bucket = `least(${BUCKETS - 1}, floor((${scale} - low) / ((high - low) / ${BUCKETS})))`;
  return {
    low: `min(${scale}) filter (${finite})`,
    high: `max(${scale}) filter (${finite})`,
    // Ends further apart than the largest number are one bucket.
    part: `case when high > low and isfinite(high - low) then ${bucket} else 0 end::utinyint`,
    where: finite,
  };
}

const batches = <T>(all: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
