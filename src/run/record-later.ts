/** Staged versions are written down together: a record of its own costs as much as building a small table. */
import { EngineError } from '../core/engine-error.ts';
import type { Connection } from '../engine/engine.ts';
import type { VersionRecord } from '../ledger/records.ts';
import { writeVersions } from '../ledger/write-ledger.ts';
import type { RunContext } from './context.ts';
import { keyOf } from './follow-views.ts';
import type { Progress } from './progress.ts';

/** Milliseconds of finished work that a crash may cost: what it leaves unrecorded the next run drops. */
const EVERY = 1000;

/** Remembers a version for the publishing transaction, or writes down what has come together. */
export async function recordLater(
  context: RunContext,
  progress: Progress,
  version: VersionRecord,
  connection: Connection,
): Promise<void> {
  progress.unrecorded.set(keyOf(version), version);
  if (performance.now() - progress.recordedAt >= EVERY) await recordNow(context, progress, connection);
}

/** Writes down what has come together. */
export async function recordNow(context: RunContext, progress: Progress, connection: Connection): Promise<void> {
  const due = [...progress.unrecorded.values()];
  if (due.length === 0) return;
  progress.unrecorded.clear();
  progress.recordedAt = performance.now();
  try {
    await connection.run(writeVersions(context.warehouse.database, due));
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    // A full disk, say. The transaction at the end writes them again, and tells when that fails, too.
    for (const each of due) progress.unrecorded.set(keyOf(each), each);
  }
}
