/** executeChecks: takes a plan's steps over a connection. One broken test never takes another's verdict with it. */
import type { Cell, Connection, EngineError, QueryResult } from '../engine/engine.ts';
import type { CheckSql } from './check.ts';
import type { CheckPlan, CheckStep, PlannedCheck, Strategy } from './check-plan.ts';
import { type Looking, looking } from './considered.ts';
import { stepsOf } from './direct-steps.ts';
import { explaining, isEmptyPlan } from './empty-by-statistics.ts';
import { NOW_PARAMETER, select } from './expressions.ts';
import { distinctKeys, keySpan } from './key-bits.ts';
import { fromOf, MEASURED, needsShare } from './measure.ts';
import { oneScan } from './read-sparingly.ts';
import { type FailingSample, type HiddenColumns, NOTHING_HIDDEN, sampleOf } from './sample.ts';
import { firstKeys, mostlyDiffer, suspectsFirst } from './suspects.ts';
import { readTally } from './tallies.ts';
import { type CheckVerdict, type Judgement, type Measurement, NO_FAILURE, verdict } from './verdict.ts';

export interface ExecuteOptions {
  /** The command's time (ISO 8601); bound wherever a test says `$now`. */
  readonly now: string;
  /** Failing rows fetched for each test that did not pass; default 5, 0 for none. */
  readonly sampleRows?: number | undefined;
  /** Of these columns of a test's failing rows, those whose values are never shown; asked only for rows to show; default none. */
  readonly secretColumns?: ((check: CheckSql, columns: readonly string[]) => Promise<HiddenColumns>) | undefined;
  /** True: what warns fails. */
  readonly warnError?: boolean | undefined;
  /** Hears each outcome as it is known. */
  readonly heard?: ((outcome: CheckOutcome) => void) | undefined;
}

export interface CheckOutcome extends Judgement {
  readonly id: string;
  readonly name: string;
  readonly verdict: CheckVerdict;
  readonly considered: number | null;
  readonly violations: number | null;
  readonly value: number | string | null;
  readonly strategy: Strategy;
  readonly because: string;
  /** Its share of the time of the statement that answered it. */
  readonly milliseconds: number;
  readonly sample?: FailingSample | undefined;
  /** The engine's error, when the verdict is `error`. */
  readonly error?: EngineError | undefined;
}

/**
 * Answers every test of a plan, in the plan's order. The connection must not be in a transaction: a test that fails would abort it.
 * Rejects only when interrupted, or for errors that are not the engine's.
 */
export async function executeChecks(
  connection: Connection,
  plan: CheckPlan,
  options: ExecuteOptions,
): Promise<readonly CheckOutcome[]> {
  const outcomes: CheckOutcome[] = [];
  const inquiry: Inquiry = {
    connection,
    options,
    looking: looking(
      connection,
      lookedFor(plan.steps),
      (sql) => parametersOf(sql, options),
      isEngineError,
      new Set(plan.steps.flatMap((step) => (step.kind === 'statistics' ? [step.facts.relation] : []))),
    ),
  };
  for (const step of plan.steps)
    for (const answer of await takeStep(inquiry, step)) {
      const outcome = await concluded(connection, answer, options);
      outcomes.push(outcome);
      options.heard?.(outcome);
    }
  return outcomes;
}

interface Inquiry {
  readonly connection: Connection;
  readonly options: ExecuteOptions;
  readonly looking: Looking;
}

/** Tests whose statement does not say whether any row was considered. */
const lookedFor = (steps: readonly CheckStep[]): readonly CheckSql[] =>
  steps.flatMap((step) => {
    if (step.kind === 'materialise') return lookedFor(step.steps);
    if (step.kind === 'screen') return lookedFor(step.otherwise);
    if (step.kind === 'tallies')
      return step.tallies.flatMap(({ checks }) => (checks.length === 1 ? checks : [])).map(({ check }) => check);
    return step.checks.map(({ check }) => check);
  });

interface Answer {
  readonly planned: PlannedCheck;
  readonly measured: Measurement | EngineError;
  readonly milliseconds: number;
  /** Failing rows that came with the counts. */
  readonly failing?: QueryResult;
}

async function takeStep(inquiry: Inquiry, step: CheckStep): Promise<readonly Answer[]> {
  switch (step.kind) {
    case 'known':
      return known(inquiry, step);
    case 'query':
      return askTogether(inquiry, step.checks, step.sql, ({ rows }) => {
        const byTest = new Map(rows.map((row) => [Number(row[0]), row.slice(1)]));
        return step.checks.map((_, index) => measurementOf(byTest.get(index) ?? []));
      });
    case 'tallies': {
      const crowded = await withoutCrowds(inquiry, step.checks);
      if (crowded !== undefined) return askApart(inquiry, crowded);
      const [only, other] = step.checks;
      if (only && !other && isDear(only) && sampleRowsOf(inquiry.options) > 0) return countWithSample(inquiry, only);
      return askTogether(inquiry, step.checks, talliesSql(step), ({ rows }) => {
        const byPlace = new Map(rows.map(([place, counts]) => [Number(place), String(counts)]));
        return step.tallies.flatMap(({ checks }, place) =>
          readTally(
            byPlace.get(place) ?? '',
            checks.map(({ check }) => check),
          ),
        );
      });
    }
    case 'statistics':
      return fromStatistics(inquiry, step);
    case 'bits':
      return fromBits(inquiry, step);
    case 'screen':
      return screened(inquiry, step);
    case 'materialise':
      return materialised(inquiry, step);
  }
}

/** Of what is proved it is still open whether there is any row to speak of. */
async function known(
  inquiry: Inquiry,
  { checks, measurements }: Extract<CheckStep, { kind: 'known' }>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const [index, planned] of checks.entries()) {
    const found = measurements[index];
    if (found) answers.push({ planned, measured: await complete(inquiry, planned, found), milliseconds: 0 });
  }
  return answers;
}

/** The tests, those whose keys repeat asked plainly; undefined when they are all asked as was planned. */
async function withoutCrowds(
  inquiry: Inquiry,
  checks: readonly PlannedCheck[],
): Promise<readonly PlannedCheck[] | undefined> {
  const crowds = new Map<PlannedCheck, PlannedCheck>();
  for (const planned of checks) {
    const sql = firstKeys(planned);
    const [keys, distinct] = (sql === undefined ? undefined : await oneRow(inquiry, sql))?.map(whole) ?? [];
    const { plainly, ...asPlanned } = planned;
    if (plainly && keys !== undefined && distinct !== undefined && !mostlyDiffer(keys, distinct))
      crowds.set(planned, { ...asPlanned, check: plainly });
  }
  // Looked at once, also when they are asked apart.
  return crowds.size === 0
    ? undefined
    : checks.map((planned) => {
        const { plainly: _, ...looked } = planned;
        return crowds.get(planned) ?? looked;
      });
}

const talliesSql = ({ tallies, with: shared }: Extract<CheckStep, { kind: 'tallies' }>): string =>
  (shared === undefined ? '' : `with ${shared}\n`) +
  tallies.map(({ sql }, place) => `select ${place} as place, counts from (\n${sql}\n) as tally`).join('\nunion all\n');

/**
 * Grouping many rows again for the sake of a few takes as long as the test itself; keeping the failing ones takes a twentieth of it. That pays for
 * tests at `warn`, which fail for months; others nearly always pass.
 */
const isDear = ({ check: { question, config }, strategy }: PlannedCheck): boolean =>
  strategy === 'alone' && question.kind === 'frequency' && config.severity === 'warn' && !needsShare(config);

/** The counts of a test of values, and beside them its first failing rows. */
async function countWithSample(inquiry: Inquiry, planned: PlannedCheck): Promise<readonly Answer[]> {
  const { check } = planned;
  let failing: QueryResult | undefined;
  const sql = `with failing as materialized (\n${check.failing}\n), counts as (
  select count(*) as violating, coalesce(sum(n_records), 0) as violations
  from failing
)
select counts.*, failing.*
from counts
left join (select * from failing limit ${sampleRowsOf(inquiry.options) + 1}) as failing on true`;
  const answers = await askTogether(inquiry, [planned], sql, ({ rows, columns }) => {
    const [violating, violations] = rows[0] ?? [];
    failing = { columns: columns.slice(2), rows: rows.map((row) => row.slice(2)) };
    return readTally(`${violating} ${violations} -`, [check]);
  });
  return answers.map((answer) => (failing ? { ...answer, failing } : answer));
}

/** One statement for several tests; when it fails, halves of them each in its own way, down to the one to blame. */
async function askTogether(
  inquiry: Inquiry,
  checks: readonly PlannedCheck[],
  sql: string,
  read: (found: QueryResult) => readonly Measurement[],
): Promise<readonly Answer[]> {
  const { connection, options } = inquiry;
  const started = performance.now();
  try {
    const result = await connection.query(sql, parametersOf(sql, options));
    const milliseconds = (performance.now() - started) / checks.length;
    const measurements = read(result);
    const answers: Answer[] = [];
    for (const [index, planned] of checks.entries()) {
      const found = measurements[index];
      if (found) answers.push({ planned, measured: await complete(inquiry, planned, found), milliseconds });
    }
    return answers;
  } catch (error) {
    if (!isEngineError(error) || error.kind === 'interrupted') throw error;
    const [only] = checks;
    if (checks.length === 1 && only)
      return [
        {
          planned: only,
          measured: error,
          milliseconds: performance.now() - started,
        },
      ];
    const middle = Math.ceil(checks.length / 2);
    return [...(await askApart(inquiry, checks.slice(0, middle))), ...(await askApart(inquiry, checks.slice(middle)))];
  }
}

async function askApart(inquiry: Inquiry, checks: readonly PlannedCheck[]): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const step of stepsOf(checks)) answers.push(...(await takeStep(inquiry, step)));
  return answers;
}

/** Asks how the engine would look for failures of each test; where it would read nothing there are none. */
async function fromStatistics(
  inquiry: Inquiry,
  { asked, scanned, facts }: Extract<CheckStep, { kind: 'statistics' }>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const read = scanned.map(({ check }) => check);
  for (const planned of asked) {
    const started = performance.now();
    const { check } = planned;
    if (await isKnownToPass(inquiry, check)) {
      const measured = await complete(inquiry, planned, NO_FAILURE);
      answers.push({ planned, measured, milliseconds: performance.now() - started });
    } else read.push(check);
  }
  return read.length === 0 ? answers : [...answers, ...(await takeStep(inquiry, oneScan(read, facts)))];
}

async function screened(
  inquiry: Inquiry,
  { checks, sql, otherwise }: Extract<CheckStep, { kind: 'screen' }>,
): Promise<readonly Answer[]> {
  const started = performance.now();
  const [considered, passes] = (await oneRow(inquiry, sql)) ?? [];
  if (passes !== true) {
    const answers: Answer[] = [];
    for (const step of otherwise) answers.push(...(await takeStep(inquiry, step)));
    return answers;
  }
  const milliseconds = (performance.now() - started) / checks.length;
  const measured = { ...NO_FAILURE, considered: Number(considered), nothing: Number(considered) === 0 };
  return checks.map((planned) => ({ planned, measured, milliseconds }));
}

/** The row of a statement that only saves work; undefined when it fails: what is then asked in its place says what is wrong. */
async function oneRow({ connection, options }: Inquiry, sql: string): Promise<readonly Cell[] | undefined> {
  try {
    return (await connection.query(sql, parametersOf(sql, options))).rows[0];
  } catch (error) {
    if (!isEngineError(error) || error.kind === 'interrupted') throw error;
    return undefined;
  }
}

/** A key that is unique by its bits is unique; every other answer is left to the groups. */
async function fromBits(
  inquiry: Inquiry,
  { checks, key, implied }: Extract<CheckStep, { kind: 'bits' }>,
): Promise<readonly Answer[]> {
  const started = performance.now();
  const counted = await countKeys(inquiry, key.check);
  if (counted === undefined || counted.keys !== counted.distinct) {
    const isCrowd = counted?.distinct !== undefined && !mostlyDiffer(counted.keys, counted.distinct);
    return askApart(
      inquiry,
      // Where the key repeats, its combinations with others may still differ.
      checks.map((planned) => (planned === key && isCrowd ? planned : { ...planned, ...suspectsFirst(planned.check) })),
    );
  }
  const milliseconds = performance.now() - started;
  const considered = Number(counted.keys);
  const answers: Answer[] = [{ planned: key, measured: { ...NO_FAILURE, considered, nothing: false }, milliseconds }];
  // Two rows without the key may still agree in the other columns.
  if (counted.keys !== counted.rows) return [...answers, ...(await askApart(inquiry, implied))];
  for (const planned of implied)
    answers.push({ planned, measured: await complete(inquiry, planned, NO_FAILURE), milliseconds: 0 });
  return answers;
}

async function countKeys(inquiry: Inquiry, { question, relation, config }: CheckSql) {
  const [key] = question.kind === 'frequency' ? question.keys : [];
  if (key === undefined) return undefined;
  const from = fromOf(relation, config.where);
  const [least, greatest, keys = 0n, rows = 0n] = (await oneRow(inquiry, keySpan(key.sql, from)))?.map(whole) ?? [];
  const sql =
    least === undefined || greatest === undefined ? undefined : distinctKeys(key.sql, from, least, greatest, keys);
  const [distinct] = sql === undefined ? [] : ((await oneRow(inquiry, sql)) ?? []);
  return distinct === undefined ? undefined : { keys, rows, distinct: whole(distinct) };
}

const whole = (cell: Cell): bigint | undefined =>
  typeof cell === 'bigint' || typeof cell === 'number' ? BigInt(cell) : undefined;

async function isKnownToPass(inquiry: Inquiry, { question, relation }: CheckSql): Promise<boolean> {
  if (question.kind !== 'rows') return false;
  const [, plan] = (await oneRow(inquiry, explaining(select('1', relation, question.violation)))) ?? [];
  return isEmptyPlan(String(plan ?? '[]'));
}

/** Finds out whether any row was considered, when the statement left that open and no failure answers it. */
async function complete(
  { looking }: Inquiry,
  { check }: PlannedCheck,
  measured: Measurement,
): Promise<Measurement | EngineError> {
  if (measured.nothing !== null) return measured;
  try {
    const { nothing, rows } = await looking.lookFor(check);
    return {
      ...measured,
      nothing: nothing && measured.violations === 0,
      // Groups are not counted in rows.
      considered: check.question.kind === 'query' && check.question.grouped ? null : rows,
    };
  } catch (error) {
    if (!isEngineError(error) || error.kind === 'interrupted') throw error;
    return error;
  }
}

/** Tests over a temporary copy; those that fail on it are asked again over the relation itself, which the user's SQL may name. */
async function materialised(
  inquiry: Inquiry,
  step: Extract<CheckStep, { kind: 'materialise' }>,
): Promise<readonly Answer[]> {
  const { connection } = inquiry;
  try {
    await connection.run(`create or replace temporary table ${step.temporary} as\n${step.source}`);
  } catch (error) {
    if (!isEngineError(error) || error.kind === 'interrupted') throw error;
    return askApart(inquiry, step.checks);
  }
  try {
    const original = new Map(step.checks.map((planned) => [planned.check.id, planned]));
    const answers: Answer[] = [];
    for (const inner of step.steps)
      for (const answer of await takeStep(inquiry, inner)) {
        const planned = original.get(answer.planned.check.id) ?? answer.planned;
        if (isEngineError(answer.measured)) answers.push(...(await askApart(inquiry, [planned])));
        else answers.push({ ...answer, planned });
      }
    return answers;
  } finally {
    await connection.run(`drop table if exists ${step.temporary}`);
  }
}

async function concluded(connection: Connection, answer: Answer, options: ExecuteOptions): Promise<CheckOutcome> {
  const { planned, measured, milliseconds, failing } = answer;
  const { check, strategy, because } = planned;
  const about = {
    id: check.id,
    name: check.name,
    strategy,
    because,
    milliseconds,
  };
  if (isEngineError(measured))
    return {
      ...about,
      verdict: 'error',
      status: 'error',
      failures: null,
      message: measured.message,
      considered: null,
      violations: null,
      value: null,
      error: measured,
    };
  // A slice without rows is no empty relation: its other rows were considered before.
  const nothing = measured.nothing === true && !check.slice;
  const judgement = verdict({ ...measured, nothing }, check, options.warnError ?? false);
  const { considered, violations, value } = measured;
  const outcome = { ...about, ...judgement, considered, violations, value };
  const rows = sampleRowsOf(options);
  if (rows === 0 || violations === 0 || ['pass', 'proved', 'vacuous', 'learning', 'error'].includes(judgement.verdict))
    return outcome;
  const sql = `select * from (\n${check.failing}\n) as failing_rows\nlimit ${rows + 1}`;
  try {
    const found = failing ?? (await connection.query(sql, parametersOf(sql, options)));
    const names = found.columns.map(({ name }) => name);
    const secret = (await options.secretColumns?.(check, names)) ?? NOTHING_HIDDEN;
    return { ...outcome, sample: sampleOf(found, rows, secret, check) };
  } catch (error) {
    if (!isEngineError(error) || error.kind === 'interrupted') throw error;
    // The verdict stands: counting needed fewer columns than showing.
    return {
      ...outcome,
      message: `${judgement.message ?? ''}; its rows cannot be shown: ${error.message}`,
    };
  }
}

const sampleRowsOf = ({ sampleRows = 5 }: ExecuteOptions): number => sampleRows;

const parametersOf = (sql: string, { now }: ExecuteOptions): readonly string[] =>
  sql.includes(NOW_PARAMETER) ? [new Date(now).toISOString()] : [];

function measurementOf(cells: QueryResult['rows'][number]): Measurement {
  const cell = (name: (typeof MEASURED)[number]): Cell => cells[MEASURED.indexOf(name)] ?? null;
  const number = (value: Cell): number | null => (value === null ? null : Number(value));
  const flag = (value: Cell): boolean | null => (typeof value === 'boolean' ? value : null);
  const value = cell('value');
  const text = typeof value === 'string' ? value : null;
  return {
    failures: number(cell('failures')),
    violations: number(cell('violations')) ?? 0,
    considered: number(cell('considered')),
    nothing: flag(cell('nothing')),
    value: text !== null && text !== '' && Number.isFinite(Number(text)) ? Number(text) : text,
    level: number(cell('level')),
    shouldWarn: flag(cell('should_warn')),
    shouldError: flag(cell('should_error')),
  };
}

// The engine is known here by its types only; its errors carry their name.
const isEngineError = (value: unknown): value is EngineError => value instanceof Error && value.name === 'EngineError';
