import { quotedString } from '../core/quote.ts';
import type { Connection } from '../engine/engine.ts';
import { publicName } from '../ledger/names.ts';
import type { Standing } from './publish.ts';

/** What stands in the given schemas now, by `publicName` in lower case; names that are free are left out. */
export async function standingRelations(
  connection: Connection,
  schemas: readonly string[],
): Promise<ReadonlyMap<string, Standing>> {
  if (schemas.length === 0) return new Map();
  const names = [...new Set(schemas)].map(quotedString).join(', ');
  const found = await connection.query(
    `select database_name, schema_name, table_name, 'table' from duckdb_tables() where schema_name in (${names})
     union all
     select database_name, schema_name, view_name, 'view' from duckdb_views() where not internal and schema_name in (${names})`,
  );
  return new Map(
    found.rows.map(([database, schema, alias, kind]) => [
      publicName({ database: String(database), schema: String(schema), alias: String(alias) }).toLowerCase(),
      kind === 'view' ? 'view' : 'table',
    ]),
  );
}

/** Quoted names of the indexes on each table of the given schemas, by `publicName` in lower case. */
export async function standingIndexes(
  connection: Connection,
  schemas: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (schemas.length === 0) return new Map();
  const names = [...new Set(schemas)].map(quotedString).join(', ');
  const found = await connection.query(
    `select database_name, schema_name, table_name, index_name from duckdb_indexes() where schema_name in (${names}) order by all`,
  );
  const indexes = new Map<string, readonly string[]>();
  for (const [database, schema, table, index] of found.rows.map((row) => row.map(String))) {
    if (database === undefined || schema === undefined || table === undefined || index === undefined) continue;
    const key = publicName({ database, schema, alias: table }).toLowerCase();
    indexes.set(key, [...(indexes.get(key) ?? []), publicName({ database, schema, alias: index })]);
  }
  return indexes;
}
