/** Carries out what takes readers to other versions, or versions from readers: rollbacks, and the removal of what no model makes. */
import { type Diagnostic, DqlError } from '../../core/diagnostic.ts';
import { isFileError } from '../../core/file-error.ts';
import { fileStore } from '../../disk/file-store.ts';
import type { Connection, Warehouse } from '../../engine/engine.ts';
import type { RunRecord, VersionRecord } from '../../ledger/records.ts';
import { endedWith } from '../../ledger/write-ledger.ts';
import type { Return } from '../../plan/rollback.ts';
import { commitFiles, type FileText } from '../../run/commit-files.ts';
import { copyOut, dropCopies, notTakenAway, notWritten } from '../../run/copy-out.ts';

interface Move {
  readonly returns: readonly Return[];
  readonly gone: readonly VersionRecord[];
  readonly run: RunRecord;
  /** Whether an exported file is the project's to remove. */
  readonly isOwn: (path: string) => boolean;
}

/** One transaction (of each file), its own run included: a crash leaves no trace of it. What other programs hold follows it. */
export async function moveReaders(
  warehouse: Warehouse,
  connection: Connection,
  texts: readonly FileText[],
  { returns, gone, run: { run_id }, isOwn }: Move,
): Promise<void> {
  await commitFiles(warehouse, connection, texts, { id: run_id, run_id });
  const shown = returns.map(({ to }) => to);
  const problems = [...showFiles(shown, gone, isOwn)];
  for (const [version, why] of await copyOut(connection, shown)) problems.push(notWritten(version, why));
  for (const [version, why] of await dropCopies(connection, gone)) problems.push(notTakenAway(version, why));
  if (problems.length === 0) return;
  await connection.run(endedWith(warehouse.database, run_id, 1));
  throw new DqlError(
    problems.map((problem) => ({ ...problem, hint: 'everything else is done' })),
    1,
  );
}

/** `location` of exported files follows the commit; what cannot be done, or a crash leaves undone, the next build finishes. */
function showFiles(
  shown: readonly VersionRecord[],
  gone: readonly VersionRecord[],
  isOwn: Move['isOwn'],
): readonly Diagnostic[] {
  const attempt = (act: () => void, problem: (why: string) => Diagnostic): readonly Diagnostic[] => {
    try {
      act();
      return [];
    } catch (error) {
      if (!isFileError(error)) throw error;
      return [problem(error.message)];
    }
  };
  return [
    ...shown.flatMap((version) => {
      const { physical } = version;
      return physical.kind === 'external'
        ? attempt(
            () => fileStore.switchLocation(physical.file, physical.location, physical.partitioned),
            (why) => notWritten(version, why),
          )
        : [];
    }),
    ...gone.flatMap((version) => {
      const { physical } = version;
      return physical.kind === 'external' && isOwn(physical.location)
        ? attempt(
            () => fileStore.remove(physical.location),
            (why) => notTakenAway(version, why),
          )
        : [];
    }),
  ];
}
