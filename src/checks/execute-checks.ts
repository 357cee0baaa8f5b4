/** executeChecks: takes a plan's steps over a connection. One broken test never takes another's verdict with it. */
import type { Cell, Connection, EngineError, QueryResult } from '../engine/engine.ts';
import type { CheckSql } from './check.ts';
import { type Looking, looking } from './considered.ts';
import { NOW_PARAMETER } from './expressions.ts';
import { MEASURED } from './measure.ts';
import type { CheckPlan, CheckStep, PlannedCheck, Strategy } from './plan-checks.ts';
import { type FailingSample, sampleOf } from './sample.ts';
import { type CheckVerdict, type Judgement, type Measurement, verdict } from './verdict.ts';

export interface ExecuteOptions {
  /** The command's time (ISO 8601); bound wherever a test says `$now`. */
  readonly now: string;
  /** Failing rows fetched for each test that did not pass; default 5, 0 for none. */
  readonly sampleRows?: number | undefined;
  /** Columns whose values are never shown, by test; default none. */
  readonly secretColumns?: ((check: CheckSql) => readonly string[]) | undefined;
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
  /** Time of the statement that answered it, shared with the other tests in that statement. */
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
    looking: looking(connection, everyCheck(plan.steps), (sql) => parametersOf(sql, options), isEngineError),
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

const everyCheck = (steps: readonly CheckStep[]): readonly CheckSql[] =>
  steps.flatMap((step) =>
    step.kind === 'materialise' ? everyCheck(step.steps) : step.checks.map(({ check }) => check),
  );

interface Answer {
  readonly planned: PlannedCheck;
  readonly measured: Measurement | EngineError;
  readonly milliseconds: number;
}

async function takeStep(inquiry: Inquiry, step: CheckStep): Promise<readonly Answer[]> {
  switch (step.kind) {
    case 'known':
      return step.checks.flatMap((planned, index) => {
        const measured = step.measurements[index];
        return measured === undefined ? [] : [{ planned, measured, milliseconds: 0 }];
      });
    case 'query':
      return askTogether(inquiry, step.checks, step.sql);
    case 'materialise':
      return materialised(inquiry, step);
  }
}

/** One statement for several tests; when it fails, halves of them, down to the one to blame. */
async function askTogether(inquiry: Inquiry, checks: readonly PlannedCheck[], sql: string): Promise<readonly Answer[]> {
  const { connection, options } = inquiry;
  const started = performance.now();
  try {
    const result = await connection.query(sql, parametersOf(sql, options));
    const milliseconds = performance.now() - started;
    const byTest = new Map(result.rows.map((row) => [Number(row[0]), row.slice(1)]));
    const answers: Answer[] = [];
    for (const [index, planned] of checks.entries()) {
      const measured = await complete(inquiry, planned, measurementOf(byTest.get(index) ?? []));
      answers.push({ planned, measured, milliseconds });
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
    const halves = [checks.slice(0, middle), checks.slice(middle)];
    const answers: Answer[] = [];
    for (const half of halves) answers.push(...(await askTogether(inquiry, half, separately(half))));
    return answers;
  }
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
      considered: rows,
    };
  } catch (error) {
    if (!isEngineError(error) || error.kind === 'interrupted') throw error;
    return error;
  }
}

const separately = (checks: readonly PlannedCheck[]): string =>
  checks
    .map(({ check }, index) => `select ${index} as test, * from (\n${check.count}\n) as measured`)
    .join('\nunion all\n');

/** Tests over a temporary copy; those that fail on it are asked again over the relation itself, which the user's SQL may name. */
async function materialised(
  inquiry: Inquiry,
  step: Extract<CheckStep, { kind: 'materialise' }>,
): Promise<readonly Answer[]> {
  const { connection } = inquiry;
  try {
    await connection.run(`create or replace temporary table ${step.temporary} as select * from ${step.source}`);
  } catch (error) {
    if (!isEngineError(error) || error.kind === 'interrupted') throw error;
    return askTogether(inquiry, step.checks, separately(step.checks));
  }
  try {
    const original = new Map(step.checks.map((planned) => [planned.check.id, planned]));
    const answers: Answer[] = [];
    for (const inner of step.steps)
      for (const answer of await takeStep(inquiry, inner)) {
        const planned = original.get(answer.planned.check.id) ?? answer.planned;
        if (isEngineError(answer.measured))
          answers.push(...(await askTogether(inquiry, [planned], separately([planned]))));
        else answers.push({ ...answer, planned });
      }
    return answers;
  } finally {
    await connection.run(`drop table if exists ${step.temporary}`);
  }
}

async function concluded(connection: Connection, answer: Answer, options: ExecuteOptions): Promise<CheckOutcome> {
  const { planned, measured, milliseconds } = answer;
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
  const rows = options.sampleRows ?? 5;
  if (rows === 0 || violations === 0 || ['pass', 'proved', 'vacuous', 'learning', 'error'].includes(judgement.verdict))
    return outcome;
  const secret = options.secretColumns?.(check) ?? [];
  const sql = `select * from (\n${check.failing}\n) as failing_rows\nlimit ${rows + 1}`;
  try {
    const found = await connection.query(sql, parametersOf(sql, options));
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
