/** Relations in databases of another engine: after the commit each is replaced by the rows of its published version. */
import type { Diagnostic } from '../core/diagnostic.ts';
import { EngineError } from '../core/engine-error.ts';
import { quotedIdentifier, quotedString } from '../core/quote.ts';
import type { Connection } from '../engine/engine.ts';
import { publicName, type RelationName, versionName } from '../ledger/names.ts';
import { ledgerSchema } from '../ledger/open-ledger.ts';
import { type LedgerState, nameOf, publishedVersion, type VersionRecord } from '../ledger/records.ts';

/** Published versions whose rows have not arrived where they belong: a crash, or that database, came between. */
export const overdueCopies = (state: LedgerState): readonly VersionRecord[] =>
  [...state.published.keys()].flatMap((relation) => {
    const version = publishedVersion(state, relation);
    return version?.physical.kind === 'copied' && state.copies.get(relation) !== version.version ? [version] : [];
  });

/** What stands in another database and is shown no more: taking it away did not succeed. */
export const overdueRemovals = (state: LedgerState): readonly VersionRecord[] =>
  [...state.copies].flatMap(([relation, version]) =>
    state.published.get(relation)?.version === null
      ? (state.versions.get(relation)?.filter((record) => record.version === version) ?? [])
      : [],
  );

/** Why something could not be written or taken away there, by version. */
type Refusals = ReadonlyMap<VersionRecord, string>;

/**
 * Replaces the rows of each relation in a transaction of its own database and notes it in the ledger. Answers what could not be
 * written; the next command tries those again.
 */
export const copyOut = (connection: Connection, versions: readonly VersionRecord[]): Promise<Refusals> =>
  eachCopy(versions, async (version, home) => {
    const name = nameOf(version);
    const schema = `${quotedIdentifier(name.database)}.${quotedIdentifier(name.schema)}`;
    await connection.transaction(async () => {
      await connection.run(`create schema if not exists ${schema}`);
      const rows = versionName(name, version.version);
      await connection.run(
        (await hasSameColumns(connection, name, rows))
          ? `delete from ${publicName(name)};
insert into ${publicName(name)}
select *
from ${rows};`
          : `drop table if exists ${publicName(name)};
create table ${publicName(name)} as
select *
from ${rows};`,
      );
    });
    await connection.run(noteCopy(version, home));
  });

/** Takes relations away that are shown no more. Answers which could not be; the next command tries those again. */
export const dropCopies = (connection: Connection, versions: readonly VersionRecord[]): Promise<Refusals> =>
  eachCopy(versions, async (version, home) => {
    await connection.run(`drop table if exists ${publicName(nameOf(version))}`);
    await connection.run(forgetCopy(version, home));
  });

async function eachCopy(
  versions: readonly VersionRecord[],
  act: (version: VersionRecord, home: string) => Promise<void>,
): Promise<Refusals> {
  const refused = new Map<VersionRecord, string>();
  for (const version of versions) {
    if (version.physical.kind !== 'copied') continue;
    try {
      await act(version, version.physical.home);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      refused.set(version, reasonIn(error.message));
    }
  }
  return refused;
}

export const notWritten = (version: VersionRecord, why: string): Diagnostic => ({
  code: 'run/not-written',
  severity: 'error',
  message: `version ${version.version} of \`${version.alias}\` is published, but could not be written to \`${placeOf(version)}\`: ${why}; the next build tries again`,
});

export const notTakenAway = (version: VersionRecord, why: string): Diagnostic => ({
  code: 'run/not-written',
  severity: 'error',
  message: `\`${version.alias}\` is published no more, but could not be taken away from \`${placeOf(version)}\`: ${why}; the next build tries again`,
});

const placeOf = ({ physical, database }: VersionRecord): string =>
  physical.kind === 'external' ? physical.location : database;

/** Of a server's complaint its sentence: the statement before it is ours, and the details after it quote rows. */
const reasonIn = (message: string): string => /\bERROR:\s+(.*)/.exec(message)?.[1] ?? message.split('\n')[0] ?? message;

/**
 * True when the table that stands there has the columns that a new one would get, as far as its engine has such types. Then only its rows
 * are replaced, so that what others made for it stays: grants, indexes, views.
 */
async function hasSameColumns(connection: Connection, name: RelationName, rows: string): Promise<boolean> {
  const { database, schema, alias } = name;
  const standing = await connection.query(
    `select 1 from duckdb_tables()
where database_name = ${quotedString(database)} and schema_name = ${quotedString(schema)} and table_name = ${quotedString(alias)}`,
  );
  if (standing.rows.length === 0) return false;
  const empty = publicName({ ...name, alias: '_dql_columns' });
  await connection.run(`create table ${empty} as select * from ${rows} limit 0`);
  const columnsOf = async (table: string) => JSON.stringify(await connection.describe(`select * from ${table}`));
  const same = (await columnsOf(publicName(name))) === (await columnsOf(empty));
  await connection.run(`drop table ${empty}`);
  return same;
}

const forgetCopy = ({ relation }: VersionRecord, home: string): string =>
  `delete from ${ledgerSchema(home)}.ledger_copies where relation = ${quotedString(relation)};`;

const noteCopy = (version: VersionRecord, home: string): string =>
  `${forgetCopy(version, home)}
insert into ${ledgerSchema(home)}.ledger_copies values (${quotedString(version.relation)}, ${version.version}, now()::timestamp);`;
