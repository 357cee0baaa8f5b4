/** Counts → what a test says: in dql's words and in dbt's. */
import type { CheckConfig } from './check-config.ts';
import type { OnEmpty } from './define-check.ts';
import type { Question } from './question.ts';
import { crosses, type Threshold } from './thresholds.ts';

/** What a measuring query answered, or what stands in for it when no query was needed. */
export interface Measurement {
  /** Counted as dbt does; null when a `fail_calc` gave NULL. */
  readonly failures: number | null;
  /** Rows in violation. */
  readonly violations: number;
  /** null: not counted exactly. */
  readonly considered: number | null;
  /** No row was considered; null: not looked for yet. */
  readonly nothing: boolean | null;
  readonly value: number | string | null;
  /** Of checks that grade themselves: 0 holds, 1 warn, 2 error. */
  readonly level: number | null;
  readonly shouldWarn: boolean | null;
  readonly shouldError: boolean | null;
  readonly proved?: boolean | undefined;
}

/** Nothing found, and not looked yet whether there was anything to find. */
export const NO_FAILURE: Measurement = {
  failures: 0,
  violations: 0,
  considered: null,
  nothing: null,
  value: null,
  level: null,
  shouldWarn: null,
  shouldError: null,
};

export type CheckVerdict = 'pass' | 'warn' | 'fail' | 'error' | 'skipped' | 'vacuous' | 'learning' | 'proved' | 'info';

export interface Judgement {
  readonly verdict: CheckVerdict;
  /** dbt's word in run_results. */
  readonly status: 'pass' | 'warn' | 'fail' | 'error';
  /** dbt's number; null for `error`. */
  readonly failures: number | null;
  /** dbt's sentence where dbt has one ("Got 3 results, configured to warn if >1"); null for a plain pass. */
  readonly message: string | null;
}

/** What of a test its verdict depends on. */
export interface Judged {
  readonly config: CheckConfig;
  /** The check's own answer to emptiness; the config's `on_empty` wins. */
  readonly onEmpty: OnEmpty;
  readonly question: Question;
}

/** `warnError` (`--warn-error`) turns a warning into a failure, as dbt does. */
export function verdict(measured: Measurement, judged: Judged, warnError = false): Judgement {
  const judgement = judge(measured, judged);
  if (!warnError || judgement.verdict !== 'warn') return judgement;
  const message = judgement.message?.replace('configured to warn', 'configured to fail') ?? null;
  return { ...judgement, verdict: 'fail', status: 'fail', message };
}

function judge(measured: Measurement, { config, onEmpty, question }: Judged): Judgement {
  if ('learning' in question && question.learning !== undefined)
    return {
      verdict: 'learning',
      status: 'pass',
      failures: 0,
      message: question.learning,
    };
  if (measured.failures === null)
    return {
      verdict: 'error',
      status: 'error',
      failures: null,
      message: `fail_calc \`${config.failCalc}\` gave NULL; write coalesce(${config.failCalc}, 0)`,
    };
  const failures = measured.failures;
  const judgement =
    measured.level === null ? counted(measured, failures, config, question) : graded(measured.level, failures, config);
  if (judgement.verdict === 'pass' && measured.nothing) return empty(config, config.onEmpty ?? onEmpty, failures);
  return judgement.verdict === 'pass' && measured.proved ? { ...judgement, verdict: 'proved' } : judgement;
}

function empty(config: CheckConfig, onEmpty: OnEmpty, failures: number): Judgement {
  const message = 'No row was considered';
  switch (onEmpty) {
    case 'pass':
      return { verdict: 'pass', status: 'pass', failures, message: null };
    case 'vacuous':
      return { verdict: 'vacuous', status: 'pass', failures, message };
    case 'learning':
      return {
        verdict: 'learning',
        status: 'pass',
        failures,
        message: 'Learning: not enough history yet',
      };
    case 'warn':
      return bySeverity(
        'warn',
        { ...config, severity: config.severity === 'info' ? 'info' : 'warn' },
        1,
        `${message}, configured to warn on empty`,
      );
    case 'fail':
      return bySeverity('fail', config, 1, `${message}, configured to ${consequence(config)} on empty`);
  }
}

function graded(level: number, failures: number, config: CheckConfig): Judgement {
  if (level === 0) return { verdict: 'pass', status: 'pass', failures, message: null };
  return bySeverity(level === 1 ? 'warn' : 'fail', config, failures, `Got ${results(failures)}`);
}

/** dbt's order: an error first, unless the severity is warn; then a warning; else a pass. */
function counted(measured: Measurement, failures: number, config: CheckConfig, question: Question): Judgement {
  const pass: Judgement = {
    verdict: 'pass',
    status: 'pass',
    failures,
    message: null,
  };
  const counts = {
    failures,
    violations: measured.violations,
    considered: measured.considered,
  };
  if (config.mostly !== undefined) {
    const holding = (measured.considered ?? 0) - measured.violations;
    // The share was asked of each group already: what is found are groups in which too few hold.
    const isByGroup = question.kind === 'query' && question.sharesByGroup === true;
    // A share such as 0.9 × 30 is 27 only up to rounding of doubles.
    const isEnough = isByGroup
      ? measured.violations === 0
      : holding >= config.mostly * (measured.considered ?? 0) - 1e-9;
    if (isEnough) return pass;
    if (!config.thresholdsGiven)
      return bySeverity(
        'fail',
        config,
        failures,
        `Got ${results(failures)}, configured to ${consequence(config)} if less than ${percent(config.mostly)} hold`,
      );
  }
  const crossed = (threshold: Threshold, bySql: boolean | null) => crosses(threshold, counts, bySql);
  const got = `Got ${results(failures)}, configured to`;
  if (config.severity === 'error' && crossed(config.errorIf, measured.shouldError))
    return bySeverity('fail', config, failures, `${got} fail if ${config.errorIf.text}`);
  if (crossed(config.warnIf, measured.shouldWarn))
    return bySeverity('warn', config, failures, `${got} warn if ${config.warnIf.text}`);
  return pass;
}

const consequence = ({ severity }: CheckConfig): string => (severity === 'warn' ? 'warn' : 'fail');

function bySeverity(found: 'warn' | 'fail', config: CheckConfig, failures: number, message: string): Judgement {
  if (config.severity === 'info') return { verdict: 'info', status: 'pass', failures, message };
  const word = config.severity === 'warn' ? 'warn' : found;
  return { verdict: word, status: word, failures, message };
}

const results = (count: number): string => `${count} ${count === 1 ? 'result' : 'results'}`;
const percent = (share: number): string => `${Number((share * 100).toFixed(6))}%`;
