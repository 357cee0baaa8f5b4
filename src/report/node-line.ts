import type { NodeResult } from '../run/results.ts';
import { count, seconds } from './amounts.ts';
import type { Paint } from './colour.ts';
import type { NodeDescription } from './describe.ts';
import { isTest, type Outcome, outcomeOf, placeOf, reasonOf } from './outcome.ts';
import { clip, padEnd, padStart, widthOf } from './width.ts';

/** `  Built    [ 0.31s] table  main.stg_orders   1,234,567 rows  code changed`: one finished node. */
export function nodeLine(result: NodeResult, node: NodeDescription, colours: Paint, columns: number): string {
  const outcome = outcomeOf(result);
  const time = outcome === 'skip' ? ' '.repeat(7) : padStart(seconds(result.execution_time), 7);
  const nameCells = Number.isFinite(columns) ? Math.max(16, Math.min(48, columns - 66)) : 48;
  const name = node.relation ?? node.name;
  const amount = amountOf(result, node);
  // In a narrow terminal the reason of a build is worth more than a straight column of numbers.
  const amountCells = columns < 100 ? 0 : 15;
  const fixed = `[${time}] ${padEnd(kindOf(node), 11)} ${padEnd(name, nameCells)} ${padStart(amount, amountCells)}`;
  const room = columns - 11 - widthOf(fixed) - 2;
  // A narrow terminal shows no detail rather than half a word; the summary has it whole.
  const detail = room < 11 ? '' : clip(detailOf(result, node).replaceAll('\n', ' '), room);
  const shown = outcome === 'error' ? detail : colours.dim(detail);
  // What is only spaces would make a terminal that is full begin an empty line.
  return `  ${toneOf(outcome, colours)(padEnd(verbOf(result, node), 8))} ${detail === '' ? fixed.trimEnd() : `${fixed}  ${shown}`}`;
}

export function verbOf(result: NodeResult, node: NodeDescription): string {
  switch (result.status) {
    case 'success':
      if (result.meta.dql.held) return 'Held';
      return node.kind === 'seed' ? 'Loaded' : node.kind === 'operation' ? 'Ran' : 'Built';
    case 'partial success':
      return 'Partly';
    case 'runtime error':
    case 'error':
      return 'Error';
    case 'skipped':
      return 'Skipped';
    case 'no-op':
      return 'No-op';
    case 'reused':
      return 'Reused';
    case 'pass':
      return 'Pass';
    case 'warn':
      return 'Warn';
    case 'fail':
      return 'Fail';
    default:
      return result.status satisfies never;
  }
}

export const toneOf = (outcome: Outcome, colours: Paint): ((text: string) => string) =>
  ({
    pass: colours.green,
    warn: colours.yellow,
    error: colours.red,
    skip: colours.yellow,
    'no-op': colours.dim,
    reused: colours.dim,
  })[outcome];

const kindOf = (node: NodeDescription): string =>
  node.kind === 'unit_test' ? 'unit test' : (node.materialized ?? node.kind);

function amountOf(result: NodeResult, node: NodeDescription): string {
  if (!isTest(node)) return result.meta.dql.rows === undefined ? '' : count(result.meta.dql.rows, 'row');
  return result.failures === null || result.failures === 0 ? '' : count(result.failures, 'row');
}

function detailOf(result: NodeResult, node: NodeDescription): string {
  const facts = result.meta.dql;
  switch (outcomeOf(result)) {
    case 'error':
    case 'warn':
    case 'skip': {
      const place = isTest(node) ? placeOf(node) : undefined;
      return [place, reasonOf(result)].filter(Boolean).join('  ');
    }
    default:
      if (facts.held) return facts.held.reason;
      if (facts.verdict === 'vacuous') return 'vacuous: no row was considered';
      if (facts.verdict === 'learning') return (result.message ?? '').replace(/^L/, 'l');
      if (facts.verdict === 'proved') return `proved: ${facts.reason ?? 'from the SQL'}`;
      if (facts.verdict_from) return `verdict of ${facts.verdict_from}, data unchanged`;
      return [facts.reason, facts.untested && 'untested'].filter(Boolean).join(', ');
  }
}
