/** What versions take on disk, asked of the engine: rows and columns say little, for values are compressed and texts are long. */
import { EngineError } from '../../core/engine-error.ts';
import { quotedString } from '../../core/quote.ts';
import type { Connection } from '../../engine/engine.ts';
import { storedIn } from '../../ledger/collect.ts';
import { homeOf, type LedgerState, type VersionRecord } from '../../ledger/records.ts';
import { keepBytes } from '../../ledger/write-ledger.ts';

export interface DiskUse {
  /** null for databases in memory. */
  readonly path: string | null;
  readonly blockSize: number;
  readonly bytes: number;
  /** Inside the file, for what is written next. */
  readonly reusable: number;
}

/** Of every attached database, by its name; one cheap question. */
export async function diskUse(connection: Connection): Promise<ReadonlyMap<string, DiskUse>> {
  const { rows } = await connection.query(
    `select database_name, path, block_size::bigint, (used_blocks * block_size)::bigint, (free_blocks * block_size)::bigint
from pragma_database_size()
join duckdb_databases() using (database_name)`,
  );
  return new Map(
    rows.map(([name, path, blockSize, bytes, reusable]) => [
      String(name),
      {
        path: path === null || path === undefined ? null : String(path),
        blockSize: Number(blockSize),
        bytes: Number(bytes),
        reusable: Number(reusable),
      },
    ]),
  );
}

/** Bytes of a published version, or of another table of it; 0 for views. */
export async function sizeOnDisk(
  connection: Connection,
  version: VersionRecord,
  use: ReadonlyMap<string, DiskUse>,
  table: string | null = storedIn(version, true, []),
): Promise<number> {
  if (version.bytes !== null) return version.bytes;
  return table === null ? 0 : tableBytes(connection, table, use.get(homeOf(version))?.blockSize ?? 0);
}

/**
 * Bytes that dropping each version would free, those of the published ones included: about a millisecond a table, more for large ones.
 * Views and what has not reached the disk yet are left out.
 */
export async function versionSizes(
  connection: Connection,
  state: LedgerState,
  versions: readonly VersionRecord[],
): Promise<ReadonlyMap<VersionRecord, number>> {
  const sizes = new Map<VersionRecord, number>();
  const files = await diskUse(connection);
  for (const version of versions) {
    const isPublished = state.published.get(version.relation)?.version === version.version;
    const table = storedIn(version, isPublished, state.versions.get(version.relation) ?? []);
    const bytes =
      version.bytes ?? (table ? await tableBytes(connection, table, files.get(homeOf(version))?.blockSize ?? 0) : 0);
    if (bytes > 0) sizes.set(version, bytes);
  }
  return sizes;
}

/** SQL that keeps what was measured of versions that never change again, so that it is asked once; empty for nothing. */
export function keptSizes(state: LedgerState, sizes: ReadonlyMap<VersionRecord, number>): string {
  const settled = [...sizes].filter(
    ([version]) =>
      version.bytes === null &&
      version.physical.kind !== 'delta' &&
      state.versions.get(version.relation)?.includes(version),
  );
  const homes = new Set(settled.map(([version]) => homeOf(version)));
  const at = (home: string) => settled.filter(([version]) => homeOf(version) === home);
  return [...homes].map((home) => keepBytes(home, at(home))).join('\n');
}

/** Blocks are shared by the small columns of one table and by nothing else. 0 while they are only in the log. */
async function tableBytes(connection: Connection, table: string, blockSize: number): Promise<number> {
  try {
    const { rows } = await connection.query(
      `select count(distinct block)
from (
  select unnest(list_append(additional_block_ids, block_id)) as block
  from pragma_storage_info(${quotedString(table)})
  where block_id >= 0
)`,
    );
    return Number(rows[0]?.[0]) * blockSize;
  } catch (error) {
    if (error instanceof EngineError && ['catalog', 'binder'].includes(error.kind)) return 0; // somebody dropped it
    throw error;
  }
}
