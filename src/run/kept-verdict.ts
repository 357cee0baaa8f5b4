import type { TestRunRecord } from '../ledger/records.ts';

/**
 * Whether what a test said last still holds for what it would read now: passes, and warnings with their rows. Failures are looked at
 * again, and so is a test that considered no row. `dql plan` and the run itself ask this same question.
 */
export function verdictHolds(
  last: TestRunRecord | undefined,
  fingerprint: string | undefined,
  flags: { readonly force: boolean; readonly warnError: boolean },
): last is TestRunRecord {
  if (!last || flags.force || last.verdict === 'vacuous' || fingerprint === undefined) return false;
  const settled = last.status === 'pass' || (last.status === 'warn' && !flags.warnError);
  return settled && fingerprint === last.fingerprint;
}
