/** The options every test takes, whatever it asks. dbt's keys with dbt's defaults, and dql's own. */

import * as z from 'zod';
import type { Diagnostic } from '../core/diagnostic.ts';
import { nearestName } from '../core/nearest.ts';
import type { Json } from '../core/node-id.ts';
import type { Span } from '../core/source.ts';
import type { OnEmpty, Tolerance } from './define-check.ts';
import { plainWords } from './plain-words.ts';
import { isComparison, parseThreshold, type Threshold } from './thresholds.ts';

const threshold = z.union([z.string().min(1), z.number().transform((count) => `> ${count}`)]);
const names = z.union([z.string().transform((name) => [name]), z.array(z.string()).min(1)]);

export const commonOptions = z.object({
  severity: z
    .string()
    .transform((word) => word.toLowerCase())
    .pipe(z.enum(['error', 'warn', 'info']))
    .optional()
    .describe('what a failure means: `error` (default) blocks publishing, `warn` and `info` do not'),
  warn_if: threshold.optional().describe('warn when the failures satisfy this: `> 10`, `between 1 and 5`, `> 0.5%`'),
  error_if: threshold.optional().describe('fail when the failures satisfy this; default `!= 0`'),
  fail_calc: z.string().min(1).optional().describe('aggregate over the failing rows that counts failures'),
  limit: z.number().int().positive().nullable().optional().describe('count at most this many failing rows'),
  of: z
    .string()
    .min(1)
    .optional()
    .describe(
      'of a query in `tests/` that reads several relations: the one that `where`, `mostly` and percentages speak of',
    ),
  where: z.string().min(1).nullable().optional().describe('SQL condition: only these rows are tested'),
  mostly: z.number().gt(0).max(1).optional().describe('share of the considered rows that must hold, 0 to 1'),
  group_by: names.optional().describe('columns: the test is made for each group, failures are groups'),
  on_null: z.enum(['ignore', 'fail']).optional().describe('whether a NULL is left out of consideration or fails'),
  on_empty: z.enum(['pass', 'warn', 'fail', 'vacuous']).optional().describe('what a test says that considered nothing'),
  tolerance: z
    .union([z.number().nonnegative(), z.string()])
    .optional()
    .describe('allowed difference: an amount (0.01) or a share ("1%")'),
  scope: z
    .enum(['all', 'slice'])
    .optional()
    .describe(
      'incremental models: `slice` (default) tests only the rows this run changed where that is as good; `all` always all',
    ),
});

export interface CheckConfig {
  readonly severity: 'error' | 'warn' | 'info';
  readonly warnIf: Threshold;
  readonly errorIf: Threshold;
  /** undefined is dbt's `count(*)`. */
  readonly failCalc: string | undefined;
  readonly limit: number | undefined;
  readonly where: string | undefined;
  readonly of: string | undefined;
  readonly mostly: number | undefined;
  readonly groupBy: readonly string[];
  readonly onNull: 'ignore' | 'fail' | undefined;
  readonly onEmpty: OnEmpty | undefined;
  readonly tolerance: Tolerance | undefined;
  readonly scope: 'all' | 'slice';
  /** Which of warn_if and error_if the user wrote; defaults do not say what a test means. */
  readonly thresholdsGiven: boolean;
}

export const COMMON_OPTION_NAMES: readonly string[] = Object.keys(commonOptions.shape);

/** dql's options that a person may also write among a test's arguments, where dbt-utils and dbt-expectations have theirs. */
export const LIFTED_OPTIONS: readonly string[] = [
  'where',
  'mostly',
  'group_by',
  'on_null',
  'on_empty',
  'tolerance',
  'warn_if',
  'error_if',
  'severity',
];

/** Reads a test's config. Keys that are not a test's (tags, meta, enabled …) are other rooms' business and are left alone. */
export function readCheckConfig(
  config: Readonly<Record<string, Json>>,
  at: Span | undefined,
): {
  readonly config: CheckConfig;
  readonly diagnostics: readonly Diagnostic[];
} {
  const given = Object.fromEntries(
    Object.entries(config).filter(([key, value]) => value !== null && COMMON_OPTION_NAMES.includes(key)),
  );
  const parsed = commonOptions.safeParse(given, { reportInput: true });
  const options = parsed.success ? parsed.data : {};
  const diagnostics: Diagnostic[] = parsed.success
    ? []
    : parsed.error.issues.map((issue) => ({
        code: 'checks/wrong-option',
        severity: 'error',
        message: `option \`${issue.path.join('.')}\` of this test ${plainWords(issue)}`,
        at,
        hint: optionHint(given, issue.path[0]),
      }));
  const tolerance = options.tolerance === undefined ? undefined : readTolerance(options.tolerance);
  if (tolerance === 'unreadable')
    diagnostics.push({
      code: 'checks/wrong-option',
      severity: 'error',
      message: `option \`tolerance\` of this test is wrong: \`${options.tolerance}\` is neither a number nor a percentage`,
      at,
      hint: 'write `tolerance: 0.01` or `tolerance: 1%`',
    });
  for (const key of ['warn_if', 'error_if'] as const) {
    const text = options[key];
    if (text !== undefined && !isComparison(text))
      diagnostics.push({
        code: 'checks/wrong-option',
        severity: 'error',
        message: `option \`${key}\` of this test is wrong: \`${text}\` compares the number of failures with nothing`,
        at,
        hint: `write \`${key}: "> 10"\`, \`"> 1%"\` or \`"between 5 and 10"\``,
      });
  }
  return {
    diagnostics,
    config: {
      severity: options.severity ?? 'error',
      warnIf: parseThreshold(options.warn_if ?? '!= 0'),
      errorIf: parseThreshold(options.error_if ?? '!= 0'),
      failCalc: options.fail_calc?.trim().toLowerCase() === 'count(*)' ? undefined : options.fail_calc,
      limit: options.limit ?? undefined,
      where: options.where ?? undefined,
      of: options.of,
      mostly: options.mostly,
      groupBy: options.group_by ?? [],
      onNull: options.on_null,
      onEmpty: options.on_empty,
      tolerance: tolerance === 'unreadable' ? undefined : tolerance,
      scope: options.scope ?? 'slice',
      thresholdsGiven: options.warn_if !== undefined || options.error_if !== undefined,
    },
  };
}

function optionHint(given: Readonly<Record<string, Json>>, key: PropertyKey | undefined): string | undefined {
  const choices = {
    severity: ['error', 'warn', 'info'],
    on_null: ['ignore', 'fail'],
    on_empty: ['pass', 'warn', 'fail', 'vacuous'],
  };
  const value = typeof key === 'string' ? given[key] : undefined;
  const near = Object.entries(choices).find(([name]) => name === key)?.[1];
  if (near === undefined) return undefined;
  const nearest = typeof value === 'string' ? nearestName(value, near) : undefined;
  return nearest === undefined ? `one of ${near.join(', ')}` : `did you mean \`${nearest}\`?`;
}

export function readTolerance(given: number | string): Tolerance | 'unreadable' {
  if (typeof given === 'number') return { by: 'amount', amount: given };
  const found = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(given);
  if (!found) return 'unreadable';
  return {
    by: found[2] === '%' ? 'percent' : 'amount',
    amount: Number(found[1]),
  };
}
