/** Versions of a file that is attached under another name than its views were written with. */
import { quotedIdentifier } from '../core/quote.ts';
import type { LedgerState, VersionRecord } from '../ledger/records.ts';
import { currentRows, olderRows } from '../plan/delta.ts';
import { objectName } from '../run/progress.ts';

/**
 * What can stand after FROM for a kept version. The file's own views name its database, so they are written out down to the tables they
 * read, which are then named under `alias`.
 */
export function readUnder(alias: string, database: string, state: LedgerState): (version: VersionRecord) => string {
  const byName = new Map([...state.versions.values()].flat().map((each) => [`${each.relation}@${each.version}`, each]));
  const named = (version: VersionRecord) =>
    objectName(version, state.published.get(version.relation)?.version === version.version);
  const spelled = (version: VersionRecord): string => {
    const { physical } = version;
    if (physical.kind === 'delta') {
      const newer = (state.versions.get(version.relation) ?? []).filter(
        (other) =>
          other.version > version.version &&
          other.state === 'kept' &&
          other.physical.kind === 'delta' &&
          other.physical.base === physical.base,
      );
      const rows =
        newer.length === 0
          ? currentRows(physical.base, physical.columns)
          : olderRows(physical.base, version.version, physical.columns, newer);
      return `(\n${rows}\n)`;
    }
    if (physical.kind !== 'view') return named(version);
    let { sql } = physical;
    for (const read of version.reads) {
      const parent = byName.get(read);
      if (parent) sql = sql.replaceAll(named(parent), spelled(parent));
    }
    return `(\n${sql}\n)`;
  };
  const [before, after] = [`${quotedIdentifier(database)}.`, `${quotedIdentifier(alias)}.`];
  return (version) => spelled(version).replaceAll(before, after);
}
