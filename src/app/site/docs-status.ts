/** The ledger keeps statuses as text; these are the words there are. */
import { NODE_STATUSES } from '../../core/node-status.ts';
import { type NodeHistory, ROLLED_BACK } from '../../docs/docs.ts';
import type { NodeFacts } from '../../run/results.ts';

const STATUSES: readonly NodeHistory['status'][] = [...NODE_STATUSES, ROLLED_BACK];
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
