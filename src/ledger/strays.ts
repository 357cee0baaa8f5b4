/** Versions that a crash left without a record: their objects are in nobody's way until the same number is used again, and take space. */
import { quotedIdentifier, quotedString } from '../core/quote.ts';
import type { Connection } from '../engine/engine.ts';
import { LEDGER_SCHEMA, versionName } from './names.ts';
import { ledgerSchema } from './open-ledger.ts';
import { type LedgerState, nameOf } from './records.ts';
import { textOf } from './rows.ts';

/**
 * SQL that drops them; empty when the last run came to its end.
 * @param state every version that has a record
 */
export async function dropStrays(connection: Connection, state: LedgerState): Promise<string> {
  const database = state.ledgers[0] ?? '';
  const last = await connection.query(
    `select status from ${ledgerSchema(database)}.ledger_runs order by sequence desc limit 1`,
  );
  if (textOf(last.rows[0]?.[0]) !== 'running') return '';
  const recorded = new Set(
    [...state.versions.values()].flat().map((version) => versionName(nameOf(version), version.version).toLowerCase()),
  );
  const found = await connection.query(
    `select 'table', table_name from duckdb_tables() where database_name = ${quotedString(database)} and schema_name = ${quotedString(LEDGER_SCHEMA)}
union all
select 'view', view_name from duckdb_views() where database_name = ${quotedString(database)} and schema_name = ${quotedString(LEDGER_SCHEMA)}`,
  );
  return found.rows
    .filter(([, name]) => /@\d+(~batches)?$/.test(textOf(name)))
    .map(([kind, name]) => ({
      kind: textOf(kind),
      object: `${ledgerSchema(database)}.${quotedIdentifier(textOf(name))}`,
    }))
    .filter(({ object }) => !recorded.has(object.toLowerCase()))
    .map(({ kind, object }) => `drop ${kind} ${object};`)
    .join('\n');
}
