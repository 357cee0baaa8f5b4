/** The ledger keeps statuses as text; these are the words there are. */
import { type NodeHistory, ROLLED_BACK } from '../../docs/docs.ts';
import type { NodeFacts } from '../../run/results.ts';

const STATUSES: readonly NodeHistory['status'][] = [
  'success',
  'error',
  'skipped',
  'reused',
  'partial success',
  'no-op',
  'pass',
  'fail',
  'warn',
  'runtime error',
  ROLLED_BACK,
];
export const nodeStatus = (text: string): NodeHistory['status'] => STATUSES.find((known) => known === text) ?? 'no-op';

type Verdict = NonNullable<NodeFacts['verdict']>;
const VERDICTS: readonly Verdict[] = [
  'pass',
  'warn',
  'fail',
  'error',
  'skipped',
  'vacuous',
  'learning',
  'proved',
  'info',
];
export const testVerdict = (text: string): Verdict => VERDICTS.find((known) => known === text) ?? 'error';
