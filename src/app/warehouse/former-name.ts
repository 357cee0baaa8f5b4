/**
 * A warehouse's file that was renamed or copied, and an attached file that got another alias: its ledger knows its relations by the file's
 * former name. They are the same relations, so they go on under the new name, with their versions.
 */
import { quotedIdentifier, quotedString } from '../../core/quote.ts';
import type { Connection } from '../../engine/engine.ts';
import { databaseKey, withinFile } from '../../ledger/names.ts';
import { ledgerSchema } from '../../ledger/open-ledger.ts';
import type { LedgerState, Physical, VersionRecord } from '../../ledger/records.ts';
import { forgetVersions, writeVersions } from '../../ledger/write-ledger.ts';
import { parentsFirst } from '../../run/follow-views.ts';
import { objectName } from '../../run/progress.ts';

/** A file, and the names under which runs of this warehouse built in it before. */
export interface Renamed {
  readonly database: string;
  readonly former: readonly string[];
}

/** @param ledgers the warehouse's own first, see `LedgerState` */
export async function renamedFiles(connection: Connection, ledgers: readonly string[]): Promise<readonly Renamed[]> {
  const [main = ''] = ledgers;
  const renamed: Renamed[] = [];
  for (const database of ledgers) {
    const ledger = ledgerSchema(database);
    // What other projects keep here is theirs, what is copied into another engine has that one's name, and a copy that is attached, too, its own.
    const { rows } = await connection.query(
      `select distinct database from ${ledger}.ledger_versions
where database <> ${quotedString(database)} and not contains(physical, '"kind":"copied"')
and run_id in (select run_id from ${ledgerSchema(main)}.ledger_runs)
${database === main ? '' : `and run_id not in (select run_id from ${ledger}.ledger_runs) and database not in (select database_name from duckdb_databases())`}
order by all`,
    );
    if (rows.length > 0) renamed.push({ database, former: rows.map(([name]) => String(name)) });
  }
  return renamed;
}

/** The ledger as it is under the new names. */
export function underNewNames(state: LedgerState, renamed: readonly Renamed[]): LedgerState {
  let known = state;
  for (const { database, former } of renamed) for (const name of former) known = underName(known, name, database);
  return known;
}

function underName(state: LedgerState, former: string, database: string): LedgerState {
  const versions = new Map(state.versions);
  const published = new Map(state.published);
  for (const [relation, records] of movable(state, former, database)) {
    const moved = relationUnder(relation, former, database);
    const shown = published.get(relation);
    versions.delete(relation);
    published.delete(relation);
    versions.set(
      moved,
      records.map((record) => versionUnder(record, former, database)),
    );
    if (shown) published.set(moved, { ...shown, relation: moved });
  }
  const highest = new Map(
    [...state.highest].map(([relation, version]) => [relationUnder(relation, former, database), version]),
  );
  const intervals = new Map(
    [...state.intervals].map(([version, ranges]) => [relationUnder(version, former, database), ranges]),
  );
  return { ...state, versions, published, highest, intervals };
}

/** The SQL that writes it down, and makes views that named the file otherwise than by their own versions name it as it is called now. */
export function takeNewName(state: LedgerState, { database, former }: Renamed): string {
  const ledger = ledgerSchema(database);
  return former
    .flatMap((name) => {
      const old = movable(state, name, database).flatMap(([, records]) => records);
      const renamed = old.map((record) => versionUnder(record, name, database));
      const views = parentsFirst(renamed).flatMap((version) => {
        const before = old[renamed.indexOf(version)]?.physical;
        if (version.physical.kind !== 'view' || before?.kind !== 'view') return [];
        if (!withinFile(name, before.sql).includes(`${quotedIdentifier(name)}.`)) return [];
        return [
          `create or replace view ${objectName(version, false)} as\n${withinFile(database, version.physical.sql)};`,
        ];
      });
      return [
        forgetVersions(database, old),
        writeVersions(database, renamed),
        ...[...new Set(old.map(({ relation }) => relation))].flatMap((relation) =>
          ['ledger_publications', 'ledger_intervals'].map(
            (table) =>
              `update ${ledger}.${table} set relation = ${quotedString(relationUnder(relation, name, database))} where relation = ${quotedString(relation)};`,
          ),
        ),
        ...views,
      ];
    })
    .join('\n');
}

/** Not what was built under the new name already. */
const movable = ({ versions }: LedgerState, former: string, database: string) =>
  [...versions].filter(
    ([relation]) =>
      relation.startsWith(databaseKey(former)) && !versions.has(relationUnder(relation, former, database)),
  );

/** Also of `relation@version`. */
const relationUnder = (relation: string, former: string, database: string): string =>
  relation.startsWith(databaseKey(former))
    ? databaseKey(database) + relation.slice(databaseKey(former).length)
    : relation;

function versionUnder(record: VersionRecord, former: string, database: string): VersionRecord {
  const quoted = (name: string) => JSON.stringify(`${quotedIdentifier(name)}.`).slice(1, -1);
  return {
    ...record,
    relation: relationUnder(record.relation, former, database),
    database,
    physical: JSON.parse(JSON.stringify(record.physical).replaceAll(quoted(former), quoted(database))) as Physical, // other names, the same shape
    reads: record.reads.map((read) => relationUnder(read, former, database)),
  };
}
