/** Relations in databases of another engine: after the commit each is replaced by the rows of its published version. */
import { EngineError } from '../core/engine-error.ts';
import { quotedIdentifier, quotedString } from '../core/quote.ts';
import type { Connection } from '../engine/engine.ts';
import { publicName, versionName } from '../ledger/names.ts';
import { ledgerSchema } from '../ledger/open-ledger.ts';
import { type LedgerState, nameOf, publishedVersion, type VersionRecord } from '../ledger/records.ts';

/** Published versions whose rows have not arrived where they belong: a crash, or that database, came between. */
export const overdueCopies = (state: LedgerState): readonly VersionRecord[] =>
  [...state.published.keys()].flatMap((relation) => {
    const version = publishedVersion(state, relation);
    return version?.physical.kind === 'copied' && state.copies.get(relation) !== version.version ? [version] : [];
  });

/**
 * Replaces each relation in a transaction of its own database and notes it in the ledger. Answers what could not be written, and why;
 * the next command tries those again.
 */
export async function copyOut(
  connection: Connection,
  versions: readonly VersionRecord[],
): Promise<ReadonlyMap<VersionRecord, string>> {
  const failed = new Map<VersionRecord, string>();
  for (const version of versions) {
    if (version.physical.kind !== 'copied') continue;
    const name = nameOf(version);
    const schema = `${quotedIdentifier(name.database)}.${quotedIdentifier(name.schema)}`;
    try {
      await connection.transaction(() =>
        connection.run(
          `create schema if not exists ${schema};
drop table if exists ${publicName(name)};
create table ${publicName(name)} as
select *
from ${versionName(name, version.version)};`,
        ),
      );
      await connection.run(noteCopy(version, version.physical.home));
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      failed.set(version, error.message.split('\n')[0] ?? '');
    }
  }
  return failed;
}

/** Takes relations away that are shown no more. */
export async function dropCopies(connection: Connection, versions: readonly VersionRecord[]): Promise<void> {
  for (const version of versions)
    if (version.physical.kind === 'copied') {
      await connection.run(`drop table if exists ${publicName(nameOf(version))}`);
      await connection.run(forgetCopy(version, version.physical.home));
    }
}

const forgetCopy = ({ relation }: VersionRecord, home: string): string =>
  `delete from ${ledgerSchema(home)}.ledger_copies where relation = ${quotedString(relation)};`;

const noteCopy = (version: VersionRecord, home: string): string =>
  `${forgetCopy(version, home)}
insert into ${ledgerSchema(home)}.ledger_copies values (${quotedString(version.relation)}, ${version.version}, now()::timestamp);`;
