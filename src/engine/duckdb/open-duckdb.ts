import { DuckDBInstance } from '@duckdb/node-api';
import type { EngineError } from '../../core/engine-error.ts';
import type { Connection, Database, Warehouse, WarehouseOptions } from '../engine.ts';
import { DuckDbConnection } from './duckdb-connection.ts';
import { engineError } from './duckdb-error.ts';

/** The only DuckDB this code was measured against; newer storage formats are refused by the engine itself. */
const CAPABILITIES = {
  transactionalDdl: true,
  transactionScope: 'one-database',
  merge: true,
  constraints: true,
} as const;

/**
 * Opens a DuckDB file (or `:memory:`). Rejects with EngineError kind `locked` when another process holds it.
 * Uses DuckDB's instance cache: two instances on one path in one process would lose tables.
 */
export async function openDuckDb(options: WarehouseOptions): Promise<Warehouse> {
  const settings = (readOnly: boolean): Record<string, string> => ({
    // Offline runs should fail at once with our words, not hang on a download.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    ...(readOnly ? { access_mode: 'READ_ONLY' } : {}),
    ...options.instanceSettings,
  });
  const instance = await opened(options.path, settings(options.readOnly)).catch((error: EngineError) => {
    // A program that has the file open to write may have it looked at, too; nobody else can be locked out by that.
    if (options.readOnly && /different configuration/.test(error.message)) return opened(options.path, settings(false));
    throw error;
  });
  const first = await instance.connect();
  const rows = (await first.runAndReadAll('select version(), current_database()')).getRows();
  first.closeSync();
  const [version, database] = rows[0] ?? [];
  return {
    engine: 'duckdb',
    version: String(version),
    database: String(database),
    capabilities: CAPABILITIES,
    readOnly: options.readOnly,
    connect: async (): Promise<Connection> => {
      const inner = await instance.connect();
      // errors_as_json gives positions; the printing must be off before any progress is asked for.
      await inner.run('set errors_as_json = true; set enable_progress_bar_print = false');
      return new DuckDbConnection(inner);
    },
    databases: async () => databasesOf(instance),
    close: async () => instance.closeSync(),
  };
}

/** Only DuckDB's own files take views, schemas and versions in one transaction; what `type` attaches is written table by table. */
async function databasesOf(instance: DuckDBInstance): Promise<readonly Database[]> {
  const connection = await instance.connect();
  const found = await connection.runAndReadAll(
    'select database_name, type, readonly from duckdb_databases() where not internal',
  );
  connection.closeSync();
  return found.getRows().map(([name, engine, readOnly]) => ({
    name: String(name),
    engine: String(engine),
    readOnly: readOnly === true,
    keepsVersions: engine === 'duckdb',
  }));
}

async function opened(path: string, settings: Record<string, string>): Promise<DuckDBInstance> {
  try {
    // Every :memory: is its own warehouse; files are shared inside the process.
    return path === ':memory:'
      ? await DuckDBInstance.create(path, settings)
      : await DuckDBInstance.fromCache(path, settings);
  } catch (thrown) {
    throw engineError(thrown, '');
  }
}
