/** Versions of files that are attached under other names than their views were written with. */
import { quotedIdentifier } from '../../core/quote.ts';
import type { LedgerState, VersionRecord } from '../../ledger/records.ts';
import { currentRows, olderRows } from '../../plan/delta.ts';
import { objectName } from '../../run/progress.ts';

/**
 * What can stand after FROM for a kept version. A file's own views name its database, so they are written out down to the tables they
 * read, which are then named as their files are attached: `called` has the other name of each.
 */
export function readUnder(called: ReadonlyMap<string, string>, state: LedgerState): (version: VersionRecord) => string {
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
  const names = new Map(
    [...called].map(([name, alias]) => [`${quotedIdentifier(name)}.`, `${quotedIdentifier(alias)}.`]),
  );
  const prefix = new RegExp(
    [...names.keys()].map((name) => name.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')).join('|'),
    'g',
  );
  return (version) => spelled(version).replace(prefix, (name) => names.get(name) ?? name);
}
