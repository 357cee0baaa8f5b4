/** What a result means: which of the six counts it belongs to, how bad it is, and where it happened. */
import type { Diagnostic } from '../core/diagnostic.ts';
import type { NodeResult } from '../run/results.ts';
import type { NodeDescription } from './describe.ts';

export type Outcome = 'pass' | 'warn' | 'error' | 'skip' | 'no-op' | 'reused';

export function outcomeOf(result: NodeResult): Outcome {
  switch (result.status) {
    case 'success':
    case 'pass':
      return 'pass';
    case 'warn':
      return 'warn';
    case 'error':
    case 'fail':
    case 'runtime error':
    case 'partial success':
      return 'error';
    case 'skipped':
      return 'skip';
    case 'no-op':
      return 'no-op';
    case 'reused':
      return 'reused';
    default:
      return result.status satisfies never;
  }
}

/** A warning that the user wants to hear of. */
export const isWarning = (result: NodeResult): boolean => outcomeOf(result) === 'warn' && !result.meta.dql.silenced;

export type Counts = Readonly<Record<Outcome | 'total', number>>;

export function countsOf(results: readonly NodeResult[]): Counts {
  const counts = { pass: 0, warn: 0, error: 0, skip: 0, 'no-op': 0, reused: 0, total: results.length };
  for (const result of results) counts[outcomeOf(result)] += 1;
  return counts;
}

/** dbt's last line, REUSED as in its v2. */
export function doneLine(results: readonly NodeResult[]): string {
  const counts = countsOf(results);
  const noOp = counts['no-op'] > 0 ? ` NO-OP=${counts['no-op']}` : '';
  return `Done. PASS=${counts.pass} WARN=${counts.warn} ERROR=${counts.error} SKIP=${counts.skip}${noOp} REUSED=${counts.reused} TOTAL=${counts.total}`;
}

const RANK: Readonly<Record<NodeResult['status'], number>> = {
  error: 0,
  'runtime error': 0,
  fail: 1,
  'partial success': 2,
  warn: 3,
  skipped: 4,
  success: 5,
  pass: 5,
  reused: 5,
  'no-op': 5,
};

/** Errors, then failures (more failing rows first), then warnings; the order of the run otherwise. */
export const worstFirst = (results: readonly NodeResult[]): NodeResult[] =>
  [...results].sort((a, b) => RANK[a.status] - RANK[b.status] || (b.failures ?? 0) - (a.failures ?? 0));

export const isFailure = (result: NodeResult): boolean => outcomeOf(result) === 'error';

export const isHeld = (result: NodeResult): boolean => result.meta.dql.held !== undefined;

/** The message, the first diagnostic's where there is one. */
export const reasonOf = (result: NodeResult): string =>
  result.meta.dql.diagnostics?.[0]?.message ?? result.message ?? result.meta.dql.reason ?? result.status;

export const diagnosticsOf = (result: NodeResult): readonly Diagnostic[] => result.meta.dql.diagnostics ?? [];

/** `models/orders.yml:14`, or what of it is known. */
export function placeOf(node: NodeDescription): string | undefined {
  if (node.path === undefined) return undefined;
  return node.line === undefined ? node.path : `${node.path}:${node.line}`;
}

export const isTest = (node: NodeDescription): boolean => node.kind === 'test' || node.kind === 'unit_test';

/** What the project itself says to whoever sees the test fail. */
export const wordsOf = (node: NodeDescription): string[] =>
  isTest(node)
    ? [
        ...(node.description ? [`about: ${node.description.replaceAll(/\s+/g, ' ')}`] : []),
        ...(node.hint ? [`hint: ${node.hint}`] : []),
        ...(node.owner ? [`owner: ${node.owner}`] : []),
      ]
    : [];
