/** What stands where readers look for a published relation, where that is not what dql put there: somebody dropped or replaced it. */
import { EngineError } from '../core/engine-error.ts';
import type { Connection } from '../engine/engine.ts';
import { publicName, versionObject } from '../ledger/names.ts';
import { nameOf, type VersionRecord } from '../ledger/records.ts';
import type { Standing } from './publish.ts';
import { standingRelations } from './standing.ts';

/** By relation, those that are to be shown again. A real table that was replaced by another cannot be told from itself. */
export async function displacedRelations(
  shown: readonly VersionRecord[],
  connection: Connection,
): Promise<ReadonlyMap<string, Standing>> {
  const versions = shown.filter(({ physical }) => !['real-table', 'copied'].includes(physical.kind));
  if (versions.length === 0) return new Map();
  const texts = await viewTexts(connection);
  const nameIn = (version: VersionRecord) => publicName(nameOf(version)).toLowerCase();
  const other = versions.filter(
    (version) => !texts.get(nameIn(version))?.includes(versionObject(nameOf(version), version.version)),
  );
  const standing = await standingRelations(
    connection,
    other.map(({ schema }) => schema),
  );
  return new Map(other.map((version) => [version.relation, standing.get(nameIn(version)) ?? 'nothing']));
}

/** Of a relation somebody else put there: false for a view over what is gone. */
export async function isReadable(version: VersionRecord, connection: Connection): Promise<boolean> {
  try {
    await connection.describe(`from ${publicName(nameOf(version))}`);
    return true;
  } catch (error) {
    if (error instanceof EngineError && error.kind !== 'interrupted') return false;
    throw error;
  }
}

/** What all views are made of, by `publicName` in lower case. */
export async function viewTexts(connection: Connection): Promise<ReadonlyMap<string, string>> {
  const { rows } = await connection.query(
    'select database_name, schema_name, view_name, sql from duckdb_views() where not internal',
  );
  return new Map(
    rows.map(([database, schema, alias, sql]) => [
      publicName({ database: String(database), schema: String(schema), alias: String(alias) }).toLowerCase(),
      String(sql),
    ]),
  );
}
