/** The views that readers know, where somebody dropped one: the version is there, so it is shown again. */
import type { NodeId } from '../core/node-id.ts';
import type { Connection } from '../engine/engine.ts';
import { publicName } from '../ledger/names.ts';
import { nameOf, type VersionRecord } from '../ledger/records.ts';
import { standingRelations } from './standing.ts';

/** Versions of this run that are published, unchanged, and stand under no name. What somebody put in their place stays. */
export async function viewsGone(
  unchanged: ReadonlyMap<NodeId, VersionRecord>,
  connection: Connection,
): Promise<readonly VersionRecord[]> {
  const shown = [...unchanged.values()].filter(({ physical }) => !['real-table', 'copied'].includes(physical.kind));
  if (shown.length === 0) return [];
  // Asking for views costs a fifth of asking for tables, too.
  const views = await connection.query(
    'select database_name, schema_name, view_name from duckdb_views() where not internal',
  );
  const known = new Set(
    views.rows.map(([database, schema, alias]) =>
      publicName({ database: String(database), schema: String(schema), alias: String(alias) }).toLowerCase(),
    ),
  );
  const nameIn = (version: VersionRecord) => publicName(nameOf(version)).toLowerCase();
  const missing = shown.filter((version) => !known.has(nameIn(version)));
  const standing = await standingRelations(
    connection,
    missing.map(({ schema }) => schema),
  );
  return missing.filter((version) => !standing.has(nameIn(version)));
}
