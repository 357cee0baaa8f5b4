/** Versions whose rows somebody dropped from the warehouse by hand. They are built anew, and nothing can return to them. */
import { quotedString } from '../core/quote.ts';
import type { Connection } from '../engine/engine.ts';
import { LEDGER_SCHEMA, publicName, realTableName, versionName } from './names.ts';
import { homeOf, type LedgerState, nameOf, type VersionRecord } from './records.ts';

/** Those of which an object is missing, and views nobody sees over what is missing. */
export async function lostVersions(connection: Connection, state: LedgerState): Promise<ReadonlySet<VersionRecord>> {
  const { tables, views } = await standingObjects(connection);
  // What lies in a file that is not attached is not lost.
  const all = [...state.versions.values()]
    .flat()
    .filter((version) => !['building', 'lost'].includes(version.state) && state.ledgers.includes(homeOf(version)));
  const isThere = (object: string) => tables.has(object.toLowerCase()) || views.has(object.toLowerCase());
  const isShown = ({ relation, version }: VersionRecord) => state.published.get(relation)?.version === version;
  const isLost = (version: VersionRecord): boolean =>
    version.physical.kind === 'real-table'
      ? !tables.has(realTable(version, isShown(version)).toLowerCase())
      : !objectsOf(version, state.versions.get(version.relation) ?? []).every(isThere);
  const lost = new Set(all.filter(isLost));
  const names = new Set([...lost].map(({ relation, version }) => `${relation}@${version}`));
  // A view that readers see follows what is built instead.
  const blind = (version: VersionRecord) =>
    version.physical.kind === 'view' && !isShown(version) && version.reads.some((read) => names.has(read));
  for (let found = all.filter(blind); found.length > 0; found = all.filter((each) => blind(each) && !lost.has(each)))
    for (const version of found) {
      lost.add(version);
      names.add(`${version.relation}@${version.version}`);
    }
  return lost;
}

/** The ledger once they are known. */
export function withLost(state: LedgerState, lost: ReadonlySet<VersionRecord>): LedgerState {
  if (lost.size === 0) return state;
  const versions = [...state.versions].map(
    ([relation, records]) =>
      [relation, records.map((each): VersionRecord => (lost.has(each) ? { ...each, state: 'lost' } : each))] as const,
  );
  return { ...state, versions: new Map(versions) };
}

const realTable = (version: VersionRecord, isPublished: boolean): string =>
  isPublished ? publicName(nameOf(version)) : realTableName(nameOf(version), version.version);

function objectsOf(
  { physical, state, ...version }: VersionRecord,
  versions: readonly VersionRecord[],
): readonly string[] {
  const object = versionName(nameOf({ ...version, physical, state }), version.version);
  if (physical.kind !== 'delta') return [object];
  const { base, pending } = physical;
  if (pending) return [base, pending.slice];
  const undone = versions.flatMap((newer) =>
    newer.version > version.version &&
    newer.state === 'kept' &&
    newer.physical.kind === 'delta' &&
    newer.physical.base === base &&
    newer.physical.undo !== null
      ? [newer.physical.undo]
      : [],
  );
  return [object, base, ...undone];
}

/** Real tables wait in the schemas of their models, everything else in ours. */
async function standingObjects(connection: Connection) {
  const { rows } = await connection.query(
    `select 'table', database_name, schema_name, table_name from duckdb_tables()
union all
select 'view', database_name, schema_name, view_name from duckdb_views() where schema_name = ${quotedString(LEDGER_SCHEMA)}`,
  );
  const those = (kind: string) =>
    new Set(
      rows.flatMap(([of, database, schema, alias]) =>
        of === kind
          ? [publicName({ database: String(database), schema: String(schema), alias: String(alias) }).toLowerCase()]
          : [],
      ),
    );
  return { tables: those('table'), views: those('view') };
}
