/** The statements of a comparison, each from the plan and from what earlier ones answered. */
import type { ComparedColumn, DiffPlan } from './plan-diff.ts';

/** Rows are hashed into so many buckets: few enough for the processor's caches, and a bucket is a small part of any large relation. */
const BUCKETS = 4096;
/** Ranges of neighbouring keys can be smaller: rows that follow each other meet the same bucket. */
const RANGES = 32_768;
/** What a bucket's number takes: it is an unsigned integer of 16 bits, and may be missing. */
export const BUCKET_BITS = 17;
/** So many ranges of keys are read one by one, which skips what lies between; a relation that is computed is read as a whole. */
export const RANGES_UP_TO = 32;

export type Side = 'left' | 'right';
const SIDES: readonly Side[] = ['left', 'right'];

/** How rows are put into buckets. Whole numbers without large gaps: runs of neighbours, which often lie together on disk. */
export type Buckets =
  | { readonly kind: 'hash' }
  | { readonly kind: 'range'; readonly from: bigint; readonly shift: number };

/** The first and the last of neighbouring buckets that differ; `NO_KEY` may be the first. */
export type Runs = readonly (readonly [bigint, bigint])[];

const key = (plan: DiffPlan): readonly ComparedColumn[] => plan.columns.slice(0, plan.keyLength);
const names = (columns: readonly ComparedColumn[], prefix = ''): string =>
  columns.map(({ sql }) => `${prefix}${sql}`).join(', ');
const values = (columns: readonly ComparedColumn[], side: Side): string =>
  columns.map((column) => column[side]).join(', ');

/** A name of ours that is no column of theirs. */
export function ownName(plan: DiffPlan, wanted: string): string {
  const taken = new Set(plan.columns.map(({ name }) => name.toLowerCase()));
  let name = wanted;
  while (taken.has(name)) name += '_';
  return name;
}

/** Smallest and largest key and the row count of both sides, or undefined when the key is not one whole number. */
export function boundsQuery(plan: DiffPlan): string | undefined {
  const [only] = key(plan);
  if (only === undefined || plan.keyLength !== 1 || !/^U?(?:TINY|SMALL|BIG)?INT(?:EGER)?$/.test(only.type))
    return undefined;
  const side = (one: Side) =>
    `select min(${only[one]}) as low, max(${only[one]}) as high, count(*) as row_count\nfrom ${plan[one].relation}`;
  return `select min(low)::hugeint, max(high)::hugeint, sum(row_count)::hugeint\nfrom (\n${side('left')}\nunion all\n${side('right')}\n)`;
}

export function bucketsFor(bounds: readonly (bigint | null)[] | undefined): Buckets {
  const [low = null, high = null, rows = null] = bounds ?? [];
  if (low === null || high === null || rows === null) return { kind: 'hash' };
  if (low < FITS.low || high > FITS.high) return { kind: 'hash' };
  // Counting from zero saves a subtraction a row, where it leaves no large gap.
  const from = low >= 0n && high < MOST_GAPS * rows ? 0n : low;
  const span = high - from + 1n;
  if (span > MOST_GAPS * rows) return { kind: 'hash' };
  let shift = 0;
  while (span >> BigInt(shift) >= BigInt(RANGES)) shift += 1;
  return { kind: 'range', from, shift };
}

/** So many numbers a row at most: with larger gaps, rows would crowd into few buckets. */
const MOST_GAPS = 16n;

const FITS = { low: -(2n ** 63n), high: 2n ** 63n - 1n };
/** The smallest bigint cannot be written as a literal: its digits alone are one too large. */
const sqlInteger = (value: bigint): string => (value < 0n ? `(${value + 1n} - 1)` : String(value));

const isNull = (plan: DiffPlan, side: Side): string =>
  key(plan)
    .map((column) => `${column[side]} is null`)
    .join(' or ');

/** Null where the key is missing: such rows have a bucket of their own. */
function bucketOf(plan: DiffPlan, buckets: Buckets, side: Side): string {
  const [only] = key(plan);
  if (buckets.kind === 'range' && only !== undefined) {
    const distance =
      buckets.from === 0n ? `${only[side]}::bigint` : `(${only[side]}::bigint - ${sqlInteger(buckets.from)})`;
    // A relation that answers other keys the second time must not break the cast.
    return `((${distance} >> ${buckets.shift}) & ${RANGES * 2 - 1})::usmallint`;
  }
  const hashed = plan.keyLength === 0 ? plan.columns : key(plan);
  const bucket = `(hash(${values(hashed, side)}) & ${BUCKETS - 1})::usmallint`;
  return plan.keyLength === 0 ? bucket : `case when ${isNull(plan, side)} then null else ${bucket} end`;
}

/**
 * Hashed once more, because the engine's hash of several columns is that of the first ones, mixed, XOR that of the last: two rows that
 * exchange their last values would often leave the sum as it was. The inner hash of the key is the bucket's, and computed once.
 */
function contentOf(plan: DiffPlan, buckets: Buckets, side: Side): string {
  if (plan.keyLength === 0 || buckets.kind === 'range') return `hash(hash(${values(plan.columns, side)}))`;
  const others = plan.columns.slice(plan.keyLength);
  return `hash(hash(${[`hash(${values(key(plan), side)})`, ...others.map((column) => column[side])].join(', ')}))`;
}

/** Missing keys, below all others. */
const NO_KEY = -1;

/** Fills `temp.dql_diff_buckets`: the one pass over both relations. */
export function bucketStatement(plan: DiffPlan, buckets: Buckets): string {
  // The XOR of all bits tells rows apart; that one row may come in pairs, which cancel, the sum and the count tell. Sums of 64 bits are dear.
  const side = (one: Side): string =>
    [
      `select coalesce(place::integer, ${NO_KEY}) as bucket, count(*) as row_count, bit_xor(content) as bits, sum((content >> 32)::uinteger) as content`,
      'from (',
      `select ${bucketOf(plan, buckets, one)} as place, ${contentOf(plan, buckets, one)} as content`,
      `from ${plan[one].relation}`,
      ')',
      'group by place',
    ].join('\n');
  return `create or replace temp table dql_diff_buckets as
with left_buckets as (
${side('left')}
), right_buckets as (
${side('right')}
)
select
  bucket,
  coalesce(l.row_count, 0) as left_rows,
  coalesce(r.row_count, 0) as right_rows,
  l.row_count is distinct from r.row_count or l.bits is distinct from r.bits or l.content is distinct from r.content as differs
from left_buckets l
full join right_buckets r using (bucket)`;
}

/** One row: rows left and right, NULL keys left and right, differing buckets, rows in them. */
export const SUMMARY_QUERY = `select
  coalesce(sum(left_rows), 0)::hugeint,
  coalesce(sum(right_rows), 0)::hugeint,
  coalesce(sum(left_rows) filter (where bucket = ${NO_KEY}), 0)::hugeint,
  coalesce(sum(right_rows) filter (where bucket = ${NO_KEY}), 0)::hugeint,
  count(*) filter (where differs),
  coalesce(sum(left_rows + right_rows) filter (where differs), 0)::hugeint
from temp.dql_diff_buckets`;

/** The differing buckets as runs of neighbours, for buckets that are ranges; at most one more than can be used. */
export const RUNS_QUERY = `select min(bucket), max(bucket)
from (
  select bucket, bucket - row_number() over (order by bucket) as run
  from temp.dql_diff_buckets
  where differs
)
group by run
order by 1
limit ${RANGES_UP_TO + 1}`;

/**
 * `temp.dql_diff_left` and `_right`: the rows of differing buckets, as tables when they are few, else as views. A side with `runs` (see
 * `RUNS_QUERY`) is read range by range.
 */
export function rowsStatements(
  plan: DiffPlan,
  buckets: Buckets,
  runs: Readonly<Record<Side, Runs | undefined>>,
  rows: number,
): readonly string[] {
  const kind = rows <= plan.copyUpTo ? 'table' : 'view';
  return SIDES.map(
    (side) =>
      `create or replace temp ${kind} ${kind === 'table' ? `dql_diff_${side}` : `dql_diff_${side}_scan`} as\n${rowsOf(plan, buckets, runs[side], side)}`,
  );
}

/** A side's rows of one run. */
export const rowsOfRun = (plan: DiffPlan, buckets: Buckets, run: Runs[number], side: Side): string =>
  rowsOf(plan, buckets, [run], side);

function rowsOf(plan: DiffPlan, buckets: Buckets, runs: Runs | undefined, side: Side): string {
  const columns = plan.columns.map((column) => `${column[side]} as ${column.sql}`).join(', ');
  const from = `select ${columns}\nfrom ${plan[side].relation}`;
  const [only] = key(plan);
  if (buckets.kind === 'range' && only !== undefined && runs !== undefined)
    return runs
      .map(([first, last]) => {
        const size = 1n << BigInt(buckets.shift);
        const low = buckets.from + first * size;
        const high = buckets.from + (last + 1n) * size - 1n;
        if (first < 0n)
          return `${from}\nwhere ${only[side]} is null${last < 0n ? '' : ` or ${only[side]} between ${sqlInteger(buckets.from)} and ${sqlInteger(high)}`}`;
        return `${from}\nwhere ${only[side]} between ${sqlInteger(low)} and ${sqlInteger(high)}`;
      })
      .join('\nunion all\n');
  return `${from}\nwhere coalesce((${bucketOf(plan, buckets, side)})::integer, ${NO_KEY}) in (select bucket from temp.dql_diff_buckets where differs)`;
}

/** The rows to look at, as `from` has them. */
export const rowsName = (plan: DiffPlan, side: Side, rows: number): string =>
  `temp.dql_diff_${side}${rows <= plan.copyUpTo ? '' : '_scan'}`;

/** Where the exact part looks: the differing rows of both sides. */
export interface Rows {
  readonly left: string;
  readonly right: string;
}

const hasKey = (plan: DiffPlan): string =>
  key(plan)
    .map(({ sql }) => `${sql} is not null`)
    .join(' and ');

/** Fills `temp.dql_diff_repeated`: keys that occur more than once on a side of `rows`, with how often on each. */
export function repeatedStatement(plan: DiffPlan, rows: Rows): string {
  const [ours, theirs] = [ownName(plan, 'left_rows'), ownName(plan, 'right_rows')];
  return `create or replace temp table dql_diff_repeated as
select ${names(key(plan))}, sum(${ours})::bigint as ${ours}, sum(${theirs})::bigint as ${theirs}
from (
select ${names(key(plan))}, 1 as ${ours}, 0 as ${theirs}
from ${rows.left}
where ${hasKey(plan)}
union all
select ${names(key(plan))}, 0, 1
from ${rows.right}
where ${hasKey(plan)}
)
group by ${names(key(plan))}
having sum(${ours}) > 1 or sum(${theirs}) > 1`;
}

/** The relations themselves in the plan's columns, to search repeated keys in all rows. */
export const allRows = (plan: DiffPlan): Rows => {
  const side = (one: Side) =>
    `(select ${plan.columns.map((column) => `${column[one]} as ${column.sql}`).join(', ')} from ${plan[one].relation})`;
  return { left: side('left'), right: side('right') };
};

/** One row: repeated keys, their rows left and right. */
export const repeatedQuery = (plan: DiffPlan): string =>
  `select count(*), coalesce(sum(${ownName(plan, 'left_rows')}), 0)::hugeint, coalesce(sum(${ownName(plan, 'right_rows')}), 0)::hugeint
from temp.dql_diff_repeated`;

const matches = (plan: DiffPlan, one: string, other: string): string =>
  key(plan)
    .map(({ sql }) => `${one}.${sql} = ${other}.${sql}`)
    .join(' and ');

const isRepeated = (plan: DiffPlan, alias: string): string =>
  `exists (select 1 from temp.dql_diff_repeated d where ${matches(plan, 'd', alias)})`;

/** Both sides' rows with a key of their own, joined by it. `there` tells which side a row is on. */
function paired(plan: DiffPlan, rows: Rows, anyRepeated: boolean): string {
  const there = ownName(plan, 'there');
  const side = (one: Side): string =>
    `select true as ${there}, ${names(plan.columns, 's.')}\nfrom ${rows[one]} s\nwhere ${key(plan)
      .map(({ sql }) => `s.${sql} is not null`)
      .join(' and ')}${anyRepeated ? `\n  and not ${isRepeated(plan, 's')}` : ''}`;
  return `(\n${side('left')}\n) l\nfull join (\n${side('right')}\n) r on ${matches(plan, 'l', 'r')}`;
}

const differs = ({ sql }: ComparedColumn): string => `l.${sql} is distinct from r.${sql}`;
const anyDiffers = (columns: readonly ComparedColumn[]): string =>
  columns.length === 0 ? 'false' : `(${columns.map(differs).join(' or ')})`;

/** One row: added, removed, changed, then for each column outside the key in how many rows it changed. */
export function countsQuery(plan: DiffPlan, rows: Rows, anyRepeated: boolean): string {
  const others = plan.columns.slice(plan.keyLength);
  const there = ownName(plan, 'there');
  const both = `l.${there} and r.${there}`;
  const counts = [
    `count(*) filter (where l.${there} is null)`,
    `count(*) filter (where r.${there} is null)`,
    `count(*) filter (where ${both} and ${anyDiffers(others)})`,
    ...others.map((column) => `count(*) filter (where ${both} and ${differs(column)})`),
  ];
  return `select\n  ${counts.join(',\n  ')}\nfrom ${paired(plan, rows, anyRepeated)}`;
}

/** Which rows are compared as wholes: all (no key), those without a key, those whose key is repeated. */
export type Whole = 'all' | 'null-key' | 'repeated-key';

/** Rows as wholes with how many more of them the right side has (below zero: the left). */
function surplus(plan: DiffPlan, rows: Rows, which: Whole): string {
  const more = ownName(plan, 'more');
  const where =
    which === 'all'
      ? ''
      : which === 'null-key'
        ? `\nwhere ${key(plan)
            .map(({ sql }) => `s.${sql} is null`)
            .join(' or ')}`
        : `\nwhere ${isRepeated(plan, 's')}`;
  return `(
select ${names(plan.columns)}, sum(${more})::bigint as ${more}
from (
select ${names(plan.columns)}, -1 as ${more}
from ${rows.left} s${where}
union all
select ${names(plan.columns)}, 1
from ${rows.right} s${where}
)
group by ${names(plan.columns)}
having sum(${more}) <> 0
)`;
}

/** One row: left-over rows left and right. */
export const leftOverQuery = (plan: DiffPlan, rows: Rows, which: Whole): string => {
  const more = ownName(plan, 'more');
  return `select coalesce(sum(greatest(-${more}, 0)), 0)::hugeint, coalesce(sum(greatest(${more}, 0)), 0)::hugeint
from ${surplus(plan, rows, which)}`;
};

const asText = (columns: readonly ComparedColumn[], prefix = ''): string =>
  columns.map(({ sql }) => `${prefix}${sql}::varchar as ${sql}`).join(', ');

/** Rows that only one side has, as text, one more than the sample holds. */
export function onesidedQuery(plan: DiffPlan, rows: Rows, anyRepeated: boolean, side: Side): string {
  const limit = `limit ${plan.sampleSize + 1}`;
  if (plan.keyLength === 0) {
    const more = ownName(plan, 'more');
    return `select ${asText(plan.columns)}
from (
select ${names(plan.columns)}, unnest(range(least(abs(${more}), ${plan.sampleSize + 1}))) as ${ownName(plan, 'copy')}
from ${surplus(plan, rows, 'all')}
where ${more} ${side === 'left' ? '<' : '>'} 0
order by ${names(plan.columns)}
${limit}
)`;
  }
  const [alias, other] = side === 'left' ? ['l', 'r'] : ['r', 'l'];
  return `select ${asText(plan.columns, `${alias}.`)}
from ${paired(plan, rows, anyRepeated)}
where ${other}.${ownName(plan, 'there')} is null
order by ${names(key(plan), `${alias}.`)}
${limit}`;
}

/** Changed rows: the key as text, then for each other column whether it differs, and both values as text. */
export function changedQuery(plan: DiffPlan, rows: Rows, anyRepeated: boolean): string {
  const others = plan.columns.slice(plan.keyLength);
  const there = ownName(plan, 'there');
  const cells = others.flatMap((column) => [differs(column), `l.${column.sql}::varchar`, `r.${column.sql}::varchar`]);
  return `select ${[asText(key(plan), 'l.'), ...cells].join(', ')}
from ${paired(plan, rows, anyRepeated)}
where l.${there} and r.${there} and ${anyDiffers(others)}
order by ${names(key(plan), 'l.')}
limit ${plan.sampleSize + 1}`;
}

/** Repeated keys as text, then how often left and right. */
export const repeatedSampleQuery = (plan: DiffPlan): string => {
  const [ours, theirs] = [ownName(plan, 'left_rows'), ownName(plan, 'right_rows')];
  return `select ${asText(key(plan))}, ${ours}::varchar, ${theirs}::varchar
from (
select *
from temp.dql_diff_repeated
order by ${names(key(plan))}
limit ${plan.sampleSize + 1}
)`;
};

/** Left-over rows without a key as text, then the side they are on. */
export const nullSampleQuery = (plan: DiffPlan, rows: Rows): string => {
  const more = ownName(plan, 'more');
  return `select ${asText(plan.columns)}, case when ${more} < 0 then 'left' else 'right' end
from (
select *
from ${surplus(plan, rows, 'null-key')}
order by ${names(plan.columns)}
limit ${plan.sampleSize + 1}
)`;
};

export const CLEAN_UP = [
  'drop view if exists temp.dql_diff_left_scan',
  'drop view if exists temp.dql_diff_right_scan',
  'drop table if exists temp.dql_diff_left',
  'drop table if exists temp.dql_diff_right',
  'drop table if exists temp.dql_diff_repeated',
  'drop table if exists temp.dql_diff_buckets',
].join(';\n');
