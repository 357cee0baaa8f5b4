import type { NodeRunRecord, RunRecord } from '../ledger/records.ts';
import type { NodeResult } from './results.ts';

/**
 * A node's result as the ledger keeps it.
 * @param codeFingerprint undefined: known only when it was rendered
 */
export function nodeRunRecord(
  { run_id, target }: Pick<RunRecord, 'run_id' | 'target'>,
  result: NodeResult,
  codeFingerprint: string | undefined,
): NodeRunRecord {
  const facts = result.meta.dql;
  return {
    run_id,
    target,
    node: result.unique_id,
    status: result.status,
    reason: facts.reason ?? null,
    message: result.message,
    attempts: facts.attempts ?? 0,
    rows: facts.rows ?? null,
    bytes: facts.bytes ?? null,
    seconds: result.execution_time,
    code_fingerprint: codeFingerprint ?? null,
    version: facts.version ?? null,
    published: facts.published ?? false,
    held_reason: facts.held?.reason ?? null,
  };
}
