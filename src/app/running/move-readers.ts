/** Carries out what takes readers to other versions, or versions from readers: rollbacks, and the removal of what no model makes. */

import { type Diagnostic, DqlError } from '../../core/diagnostic.ts';
import { isFileError } from '../../core/file-error.ts';
import { fileStore } from '../../disk/file-store.ts';
import type { Connection, Warehouse } from '../../engine/engine.ts';
import type { RunRecord, VersionRecord } from '../../ledger/records.ts';
import type { Return } from '../../plan/rollback.ts';
import { commitFiles, type FileText } from '../../run/commit-files.ts';
import { copyOut, dropCopies } from '../../run/copy-out.ts';

interface Move {
  readonly returns: readonly Return[];
  readonly gone: readonly VersionRecord[];
  readonly run: RunRecord;
}

/** One transaction (of each file), its own run included: a crash leaves no trace of it. What other programs hold follows it. */
export async function moveReaders(
  warehouse: Warehouse,
  connection: Connection,
  texts: readonly FileText[],
  { returns, gone, run: { run_id } }: Move,
): Promise<void> {
  await commitFiles(warehouse, connection, texts, { id: run_id, run_id });
  try {
    showFiles(returns, gone);
  } catch (error) {
    throw isFileError(error) ? new DqlError([notShown(error)], 1) : error;
  }
  await copyOut(
    connection,
    returns.map(({ to }) => to),
  );
  await dropCopies(connection, gone);
}

const notShown = (error: Error): Diagnostic => ({
  code: 'run/not-written',
  severity: 'error',
  message: `everything else is done, but an exported file could not be: ${error.message}`,
  hint: 'the next build writes it',
});

/** `location` of exported files follows the commit; what a crash leaves undone the next command finishes. */
function showFiles(returns: readonly Return[], gone: readonly VersionRecord[]): void {
  for (const { to } of returns)
    if (to.physical.kind === 'external')
      fileStore.switchLocation(to.physical.file, to.physical.location, to.physical.partitioned);
  for (const { physical } of gone) if (physical.kind === 'external') fileStore.remove(physical.location);
}
