/** `warn_if` and `error_if`: dbt's SQL fragments after the number of failures, and dql's percentages of the rows considered. */

export type Threshold =
  | {
      readonly kind: 'compare';
      readonly text: string;
      readonly operator: '>' | '>=' | '<' | '<=' | '=' | '!=';
      readonly limit: number;
      readonly percent: boolean;
    }
  | {
      readonly kind: 'between';
      readonly text: string;
      readonly low: number;
      readonly high: number;
      readonly percent: boolean;
    }
  /** Anything else dbt would hand to the warehouse; evaluated there. */
  | { readonly kind: 'sql'; readonly text: string };

const COMPARE = /^(>=|<=|<>|!=|==|>|<|=)\s*(-?\d+(?:\.\d+)?)\s*(%?)$/;
const BETWEEN = /^between\s+(-?\d+(?:\.\d+)?)\s*(%?)\s+and\s+(-?\d+(?:\.\d+)?)\s*(%?)$/i;

export function parseThreshold(text: string): Threshold {
  const trimmed = text.trim();
  const compared = COMPARE.exec(trimmed);
  if (compared) {
    const [, sign = '', limit, percent] = compared;
    const operator = sign === '<>' ? '!=' : sign === '==' ? '=' : sign;
    if (isOperator(operator))
      return {
        kind: 'compare',
        text,
        operator,
        limit: Number(limit),
        percent: percent === '%',
      };
  }
  const between = BETWEEN.exec(trimmed);
  if (between && between[2] === between[4])
    return {
      kind: 'between',
      text,
      low: Number(between[1]),
      high: Number(between[3]),
      percent: between[2] === '%',
    };
  return { kind: 'sql', text };
}

/** Whether a text can follow a number, as SQL or with percentages that are understood: anything else would be the warehouse's syntax error. */
export const isComparison = (text: string): boolean =>
  /^\s*(\W|(not|between|in|is)\b)/i.test(text) && (parseThreshold(text).kind !== 'sql' || !PERCENTAGE.test(text));

/** Followed by a number it is SQL's remainder. */
const PERCENTAGE = /\d\s*%(?!\s*[\d(])/;

const OPERATORS = {
  '>': (count: number, limit: number) => count > limit,
  '>=': (count: number, limit: number) => count >= limit,
  '<': (count: number, limit: number) => count < limit,
  '<=': (count: number, limit: number) => count <= limit,
  '=': (count: number, limit: number) => count === limit,
  '!=': (count: number, limit: number) => count !== limit,
};
const isOperator = (sign: string): sign is keyof typeof OPERATORS => sign in OPERATORS;

/** True when a threshold speaks of a share of the rows considered. */
export const isPercent = (threshold: Threshold): boolean => threshold.kind !== 'sql' && threshold.percent;

/**
 * Whether a threshold is crossed. `failures` counts as dbt does; a percentage compares `violations` (rows) with `considered`, and is
 * never crossed when nothing was considered. `bySql` is the warehouse's answer for a threshold of kind `sql`.
 */
export function crosses(
  threshold: Threshold,
  counts: {
    readonly failures: number;
    readonly violations: number;
    readonly considered: number | null;
  },
  bySql: boolean | null,
): boolean {
  if (threshold.kind === 'sql') return bySql === true;
  if (threshold.percent && !counts.considered) return false;
  const figure = threshold.percent ? (100 * counts.violations) / (counts.considered ?? 1) : counts.failures;
  return threshold.kind === 'between'
    ? figure >= threshold.low && figure <= threshold.high
    : OPERATORS[threshold.operator](figure, threshold.limit);
}
