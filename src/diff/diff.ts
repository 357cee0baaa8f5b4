/**
 * The front door: two relations of one warehouse → Diff. Equal relations cost one pass over each; else only the parts that differ are
 * looked at again. All in one transaction, so both are seen as of one moment; only temporary tables are made, and none is left.
 */
import type { Checked } from '../core/diagnostic.ts';
import type { Cell, Connection } from '../engine/engine.ts';
import type { Diff } from './diff-result.ts';
import * as steps from './diff-steps.ts';
import { commonTypeQuery, type DiffOptions, type DiffPlan, type DiffSide, planDiff } from './plan-diff.ts';
import { type DiffAnswers, readDiff } from './read-diff.ts';
import { sharedColumns } from './schema.ts';

export type * from './diff-result.ts';
export { type DiffOptions, type DiffPlan, type DiffSide, planDiff } from './plan-diff.ts';
export { type DiffAnswers, readDiff } from './read-diff.ts';
export { compareSchemas, isSameSchema, type SchemaDiff } from './schema.ts';

/** A relation to compare: see `DiffSide`; its columns are asked for. */
export interface Compared {
  readonly label: string;
  readonly relation: string;
}

/** The connection must not be in a transaction. A key or column that is not on both sides is a diagnostic; SQL errors reject. */
export async function diffRelations(
  connection: Connection,
  left: Compared,
  right: Compared,
  options: DiffOptions = {},
): Promise<Checked<Diff | undefined>> {
  const readings = [await readingOf(connection, left), await readingOf(connection, right)];
  const compare = () =>
    connection.transaction(async () => {
      const sides = [await withColumns(connection, left), await withColumns(connection, right)] as const;
      const planned = planDiff(...sides, options, await commonTypes(connection, ...sides));
      if (planned.value === undefined) return { value: undefined, diagnostics: planned.diagnostics };
      const isInParts = readings.every(({ inParts }) => inParts);
      const answers = await answer(connection, planned.value, isInParts);
      await connection.run(steps.CLEAN_UP);
      return { value: readDiff(planned.value, answers), diagnostics: planned.diagnostics };
    });
  return readings.some(({ rows }) => rows >= LARGE) ? groupingInArrays(connection, compare) : compare();
}

/** From so many rows on it pays to lay out an array of all buckets first. */
const LARGE = 1_000_000;

/** The buckets' numbers are small enough to be places in an array, where the engine would use a hash table. */
async function groupingInArrays<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  const { rows } = await connection.query("select current_setting('perfect_ht_threshold')");
  await connection.run(`set perfect_ht_threshold = ${steps.BUCKET_BITS}`);
  try {
    return await work();
  } finally {
    await connection.run(`set perfect_ht_threshold = ${String(rows[0]?.[0])}`);
  }
}

const withColumns = async (connection: Connection, side: Compared): Promise<DiffSide> => ({
  ...side,
  columns: await connection.describe(`select *\nfrom ${side.relation}`),
});

/** Types that have nothing in common, such as a number and a date, are left to be compared as text. */
async function commonTypes(
  connection: Connection,
  left: DiffSide,
  right: DiffSide,
): Promise<ReadonlyMap<string, string>> {
  const types = new Map<string, string>();
  for (const { name } of sharedColumns(left.columns, right.columns)) {
    const query = commonTypeQuery(left, right, name);
    if (query === undefined) continue;
    const [column] = await connection.describe(query);
    if (column !== undefined) types.set(name.toLowerCase(), column.type);
  }
  return types;
}

async function answer(connection: Connection, plan: DiffPlan, isInParts: boolean): Promise<DiffAnswers> {
  const row = async (sql: string): Promise<readonly Cell[]> => (await connection.query(sql)).rows[0] ?? [];
  const rows = async (sql: string): Promise<readonly (readonly Cell[])[]> => (await connection.query(sql)).rows;

  const bounds = steps.boundsQuery(plan);
  const buckets = steps.bucketsFor(bounds === undefined ? undefined : (await row(bounds)).map(integerOrNull));
  await connection.run(steps.bucketStatement(plan, buckets));
  const summary = await row(steps.SUMMARY_QUERY);
  const [left = 0, right = 0, leftNulls = 0, rightNulls = 0, differing = 0, differingRows = 0] = summary.map(Number);

  const hasKey = plan.keyLength > 0;
  const searched = left + right <= plan.searchAllUpTo ? ('all rows' as const) : ('differing rows' as const);
  if (hasKey && searched === 'all rows') await connection.run(steps.repeatedStatement(plan, steps.allRows(plan)));
  if (differing === 0) {
    if (!hasKey || searched !== 'all rows') return { summary, searched };
    const repeated = await row(steps.repeatedQuery(plan));
    const duplicates =
      plan.sampleSize > 0 && Number(repeated[0]) > 0 ? await rows(steps.repeatedSampleQuery(plan)) : [];
    return { summary, searched, repeated, samples: { duplicates } };
  }

  const runs =
    buckets.kind === 'range' && isInParts
      ? (await rows(steps.RUNS_QUERY)).map(([first, last]) => [integer(first), integer(last)] as const)
      : [];
  const runsOf = async (side: steps.Side, rowCount: number): Promise<steps.Runs | undefined> =>
    (await isFoundFast(connection, plan, buckets, runs, side, rowCount)) ? runs : undefined;
  const byRuns = { left: await runsOf('left', left), right: await runsOf('right', right) };
  for (const statement of steps.rowsStatements(plan, buckets, byRuns, differingRows)) await connection.run(statement);
  const picked = {
    left: steps.rowsName(plan, 'left', differingRows),
    right: steps.rowsName(plan, 'right', differingRows),
  };
  const isSampled = plan.sampleSize > 0;
  if (!hasKey)
    return {
      summary,
      searched,
      leftOver: { all: await row(steps.leftOverQuery(plan, picked, 'all')) },
      ...(isSampled
        ? {
            samples: {
              added: await rows(steps.onesidedQuery(plan, picked, false, 'right')),
              removed: await rows(steps.onesidedQuery(plan, picked, false, 'left')),
            },
          }
        : {}),
    };

  if (searched !== 'all rows') await connection.run(steps.repeatedStatement(plan, picked));
  const repeated = await row(steps.repeatedQuery(plan));
  const anyRepeated = Number(repeated[0]) > 0;
  const anyNull = leftNulls + rightNulls > 0;
  const counts = await row(steps.countsQuery(plan, picked, anyRepeated));
  const [added = 0, removed = 0, changed = 0] = counts.map(Number);
  const sampled = async (isAsked: boolean, sql: string) => (isSampled && isAsked ? await rows(sql) : []);
  return {
    summary,
    searched,
    repeated,
    counts,
    leftOver: {
      ...(anyNull ? { 'null-key': await row(steps.leftOverQuery(plan, picked, 'null-key')) } : {}),
      ...(anyRepeated ? { 'repeated-key': await row(steps.leftOverQuery(plan, picked, 'repeated-key')) } : {}),
    },
    samples: {
      added: await sampled(added > 0, steps.onesidedQuery(plan, picked, anyRepeated, 'right')),
      removed: await sampled(removed > 0, steps.onesidedQuery(plan, picked, anyRepeated, 'left')),
      changed: await sampled(changed > 0, steps.changedQuery(plan, picked, anyRepeated)),
      duplicates: await sampled(anyRepeated, steps.repeatedSampleQuery(plan)),
      nulls: await sampled(anyNull, steps.nullSampleQuery(plan, picked)),
    },
  };
}

/**
 * Whether to read a side run by run rather than once as a whole: where the rows of a run lie together, the engine skips the rest. One
 * run is read to see, since no plan tells.
 */
async function isFoundFast(
  connection: Connection,
  plan: DiffPlan,
  buckets: steps.Buckets,
  runs: steps.Runs,
  side: steps.Side,
  rowCount: number,
): Promise<boolean> {
  const last = runs.at(-1);
  if (last === undefined || runs.length > steps.RANGES_UP_TO) return false;
  if (runs.length === 1) return true;
  const { rows } = await connection.query(
    `explain (analyze, format json)\n${steps.rowsOfRun(plan, buckets, last, side)}`,
  );
  const scanned = /"cumulative_rows_scanned":\s*(\d+)/.exec(String(rows[0]?.[1] ?? ''))?.[1];
  return scanned !== undefined && Number(scanned) * runs.length <= rowCount;
}

/** What reading a relation takes, as the engine plans it. */
interface Reading {
  /** A range of keys can be read without computing the rest: it is a table, or a view that only passes one on. */
  readonly inParts: boolean;
  /** About. */
  readonly rows: number;
}

async function readingOf(connection: Connection, { relation }: Compared): Promise<Reading> {
  const { rows } = await connection.query(`explain (format json)\nselect *\nfrom ${relation}`);
  const plan = String(rows[0]?.[1] ?? '');
  const operators = [...plan.matchAll(/"name":\s*"([^"]*)"/g)].map(([, name = '']) => name.trim());
  return {
    inParts: operators.length > 0 && operators.every((name) => /^(?:PROJECTION|(?:SEQ|TABLE)_SCAN)$/.test(name)),
    rows: Math.max(0, ...[...plan.matchAll(/"Estimated Cardinality":\s*"~?(\d+)/g)].map(([, count]) => Number(count))),
  };
}

const integerOrNull = (cell: Cell): bigint | null => (cell === null ? null : integer(cell));
const integer = (cell: Cell | undefined): bigint =>
  typeof cell === 'bigint' ? cell : typeof cell === 'number' || typeof cell === 'string' ? BigInt(cell) : 0n;
