import type { Diagnostic } from '../core/diagnostic.ts';
import { EngineError } from '../core/engine-error.ts';
import { quotedIdentifier, quotedString } from '../core/quote.ts';
import type { Connection } from '../engine/engine.ts';
import { LEDGER_SCHEMA } from './names.ts';
import { LEDGER_VERSION, migrations } from './schema.ts';

/** The ledger's version in this database: 0 when there is none yet. */
export async function ledgerVersion(connection: Connection, database: string): Promise<number> {
  try {
    const { rows } = await connection.query(`select max(version) from ${ledgerSchema(database)}.ledger_meta`);
    return Number(rows[0]?.[0] ?? 0);
  } catch (error) {
    // To look for the table among thousands first would take longer than all that is asked of it.
    if (error instanceof EngineError && error.kind === 'catalog') return 0;
    throw error;
  }
}

/**
 * Brings the ledger of a database to this code's version, creating it where there is none.
 * Answers a diagnostic, and changes nothing, when a newer dql wrote it.
 */
export async function openLedger(connection: Connection, database: string): Promise<Diagnostic | undefined> {
  const version = await ledgerVersion(connection, database);
  if (version > LEDGER_VERSION) return newerLedger(database, version);
  if (version === LEDGER_VERSION) return undefined;
  await connection.transaction(async () => {
    for (const migration of migrations.slice(version))
      await connection.run(migration.replaceAll('$schema', ledgerSchema(database)));
  });
  return undefined;
}

/** The databases whose ledgers tell of what is published here: the target's own, and attached files that have one this code understands. */
export async function ledgersBeside(connection: Connection, database: string): Promise<readonly string[]> {
  const { rows } = await connection.query(
    `select database_name from duckdb_databases()
     where not internal and type = 'duckdb' and database_name <> ${quotedString(database)} order by all`,
  );
  const found: string[] = [];
  for (const [name] of rows) {
    const version = await ledgerVersion(connection, String(name));
    if (version > 0 && version <= LEDGER_VERSION) found.push(String(name));
  }
  return [database, ...found];
}

export const newerLedger = (database: string, version: number): Diagnostic => ({
  code: 'ledger/newer',
  severity: 'error',
  message: `the ledger in \`${database}\` has version ${version}, this dql understands up to ${LEDGER_VERSION}`,
  hint: 'a newer dql has written to this warehouse: upgrade dql, nothing was changed',
});

/** `"warehouse"."_dql"` */
export const ledgerSchema = (database: string): string =>
  `${quotedIdentifier(database)}.${quotedIdentifier(LEDGER_SCHEMA)}`;
