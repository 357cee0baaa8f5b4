/** `serve: PATH` of a target: a copy of what is published for readers in other processes, who are never locked out of it. */
import { renameSync, rmSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { EngineError } from '../../core/engine-error.ts';
import { isFileError } from '../../core/file-error.ts';
import { quotedIdentifier, quotedString } from '../../core/quote.ts';
import { makeFolder } from '../../disk/make-folder.ts';
import type { Connection, Warehouse } from '../../engine/engine.ts';
import { publicName } from '../../ledger/names.ts';
import { ledgersBeside } from '../../ledger/open-ledger.ts';
import { readLedger } from '../../ledger/read-ledger.ts';
import { nameOf, publishedVersion } from '../../ledger/records.ts';
import type { Project } from '../../project/project.ts';

const ASIDE = quotedIdentifier('_dql_serve');

/**
 * Writes all published relations of the target to a file beside PATH and renames it onto PATH. Readers who have the old file open keep
 * it until they open it again. Does nothing without `serve`. The connection must not be in a transaction. What is published is published:
 * a copy that cannot be written is answered as an error to tell, not thrown.
 */
export async function serveCopy(
  project: Project,
  warehouse: Warehouse,
  connection: Connection,
): Promise<Diagnostic | undefined> {
  const { serve } = project.target;
  if (serve === undefined) return undefined;
  try {
    await writeCopy(project, isAbsolute(serve) ? serve : join(project.folder, serve), warehouse, connection);
    return undefined;
  } catch (error) {
    const isOutside = error instanceof EngineError || isFileError(error);
    if (!isOutside) throw error;
    return {
      code: 'target/not-served',
      severity: 'error',
      message: `everything is published, but the copy for readers at \`serve: ${serve}\` could not be written, so they see the state before: ${error.message}`,
      hint: 'the next command that publishes writes it again',
    };
  }
}

async function writeCopy(project: Project, path: string, warehouse: Warehouse, connection: Connection): Promise<void> {
  const { name: target } = project.target;
  const aside = `${path}.next`;
  makeFolder(dirname(path));
  for (const leftover of [aside, `${aside}.wal`]) rmSync(leftover, { force: true });
  const state = await readLedger(connection, await ledgersBeside(connection, warehouse.database), target);
  const shown = [...state.published.values()].flatMap((record) => {
    const version = record.target === target ? publishedVersion(state, record.relation) : undefined;
    return version ? [version] : [];
  });
  await connection.run(`attach ${quotedString(aside)} as ${ASIDE}`);
  try {
    // One transaction, so that the copy is of one moment.
    await connection.transaction(async () => {
      for (const schema of new Set(shown.map((version) => version.schema)))
        await connection.run(`create schema if not exists ${ASIDE}.${quotedIdentifier(schema)}`);
      for (const version of shown) {
        const copy = `${ASIDE}.${quotedIdentifier(version.schema)}.${quotedIdentifier(version.alias)}`;
        await connection.run(`create table ${copy} as\nselect *\nfrom ${publicName(nameOf(version))}`);
      }
    });
  } finally {
    // Detaching writes everything into the one file.
    await connection.run(`detach ${ASIDE}`);
  }
  renameSync(aside, path);
}
