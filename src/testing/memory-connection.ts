/** A Connection to a DuckDB in memory, for tests of rooms that know the engine by its types only. */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { type Cell, type Connection, EngineError, type EngineErrorKind } from '../engine/engine.ts';

const KINDS: Readonly<Record<string, EngineErrorKind>> = {
  Parser: 'parser',
  Binder: 'binder',
  Catalog: 'catalog',
  Constraint: 'constraint',
  Conversion: 'conversion',
  'Out of Range': 'conversion',
  INTERRUPT: 'interrupted',
};

/** Opens an own, empty database; `statements` counts what was sent. */
export async function memoryConnection(): Promise<Connection & { readonly statements: string[] }> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const inner = await instance.connect();
  const statements: string[] = [];
  return {
    statements,
    run: (sql, parameters = []) =>
      named(sql, statements, async () => Number((await inner.run(sql, [...parameters])).rowsChanged)),
    query: (sql, parameters = []) =>
      named(sql, statements, async () => {
        const reader = await inner.runAndReadAll(sql, [...parameters]);
        const types = reader.columnTypes();
        return {
          columns: reader.columnNames().map((name, index) => ({ name, type: String(types[index]) })),
          rows: reader.getRows().map((row) => row.map(plain)),
        };
      }),
    describe: (sql) =>
      named(sql, statements, async () => {
        const reader = await inner.runAndReadAll(`describe ${sql}`);
        return reader.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
      }),
    transaction: (work) => transaction(inner, work),
    interrupt: () => inner.interrupt(),
    close: () => inner.closeSync(),
  };
}

async function named<T>(sql: string, statements: string[], work: () => Promise<T>): Promise<T> {
  statements.push(sql);
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new EngineError(message, KINDS[/^(\w[\w ]*?)(?: Error)?:/.exec(message)?.[1] ?? ''] ?? 'other');
  }
}

async function transaction<T>(inner: DuckDBConnection, work: () => Promise<T>): Promise<T> {
  await inner.run('begin');
  try {
    const result = await work();
    await inner.run('commit');
    return result;
  } catch (error) {
    await inner.run('rollback');
    throw error;
  }
}

const plain = (value: unknown): Cell =>
  value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint'
    ? value
    : String(value);
