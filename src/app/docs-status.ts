/** The ledger keeps statuses as text; these are the words there are. */
import type { NodeFacts, NodeStatus } from '../run/results.ts';

const STATUSES: readonly NodeStatus[] = [
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
];
export const nodeStatus = (text: string): NodeStatus => STATUSES.find((known) => known === text) ?? 'no-op';

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
