import {
  type DuckDBConnection,
  DuckDBListValue,
  DuckDBMapValue,
  type DuckDBMaterializedResult,
  type DuckDBPreparedStatement,
  DuckDBStructValue,
  DuckDBTypeId,
  type DuckDBValue,
  type JS,
  StatementType,
} from '@duckdb/node-api';
import { EngineError } from '../../core/engine-error.ts';
import type { Cell, Column, Connection, Parameter, QueryResult } from '../engine.ts';
import { engineError } from './duckdb-error.ts';

/** Their names are all there is to them. */
const PLAIN_TYPES: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.BOOLEAN,
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
  DuckDBTypeId.VARCHAR,
  DuckDBTypeId.BLOB,
  DuckDBTypeId.DATE,
  DuckDBTypeId.TIME,
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_TZ,
  DuckDBTypeId.TIMESTAMP_S,
  DuckDBTypeId.TIMESTAMP_MS,
  DuckDBTypeId.TIMESTAMP_NS,
  DuckDBTypeId.INTERVAL,
  DuckDBTypeId.UUID,
]);

/** One DuckDB connection behind the engine's interface. Statements queue; each holds one libuv thread while it runs. */
export class DuckDbConnection implements Connection {
  readonly #inner: DuckDBConnection;
  #failedInTransaction = false;
  #inTransaction = false;
  /** Calls that are under way. */
  #running = 0;
  #isClosing = false;

  constructor(inner: DuckDBConnection) {
    this.#inner = inner;
  }

  async run(sql: string, parameters: readonly Parameter[] = []): Promise<number> {
    return this.#guarded(sql, async () => {
      const result = await this.#inner.run(sql, parameters.length > 0 ? [...parameters] : undefined);
      if (result.rowsChanged > 0) return result.rowsChanged;
      // A CREATE TABLE AS reports its rows as a result named Count, not as rows changed.
      if (result.columnCount !== 1 || result.columnName(0) !== 'Count') return 0;
      return Number(rowsOf(result)[0]?.[0] ?? 0);
    });
  }

  async query(sql: string, parameters: readonly Parameter[] = []): Promise<QueryResult> {
    return this.#guarded(sql, async () => {
      const result = await this.#inner.run(sql, parameters.length > 0 ? [...parameters] : undefined);
      const types = result.columnTypes().map(String);
      const columns = result.columnNames().map((name, index) => ({ name, type: types[index] ?? 'VARCHAR' }));
      return { columns, rows: rowsOf(result).map((row) => row.map(cellOf)) };
    });
  }

  async describe(sql: string): Promise<readonly Column[]> {
    const bound = await this.#underWay(() => this.#bound(sql));
    if (bound) return bound;
    const described = await this.query(`describe ${sql}`);
    return described.rows.map(([name, type]) => ({ name: String(name), type: String(type) }));
  }

  /**
   * The columns of a query as binding it tells them, in a third of the time that DESCRIBE takes. undefined where only DESCRIBE can tell: types
   * with names or parts of their own, and whatever is wrong with the text.
   */
  async #bound(sql: string): Promise<readonly Column[] | undefined> {
    let prepared: DuckDBPreparedStatement;
    try {
      prepared = await this.#inner.prepare(sql);
    } catch {
      return undefined; // DESCRIBE says it in its own words
    }
    try {
      if (prepared.statementType !== StatementType.SELECT) return undefined;
      const indexes = Array.from({ length: prepared.columnCount }, (_, index) => index);
      if (!indexes.every((index) => PLAIN_TYPES.has(prepared.columnTypeId(index)))) return undefined;
      const types = indexes.map((index) => prepared.columnType(index));
      if (types.some(({ alias }) => alias !== undefined)) return undefined;
      return types.map((type, index) => ({ name: prepared.columnName(index), type: type.toString() }));
    } finally {
      prepared.destroySync();
    }
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.run('begin transaction');
    this.#inTransaction = true;
    this.#failedInTransaction = false;
    try {
      const value = await work();
      // COMMIT of an aborted transaction answers OK and commits nothing, so a failed statement must never reach it.
      if (this.#failedInTransaction) throw new EngineError('a statement of this transaction failed', 'other');
      await this.run('commit');
      return value;
    } catch (error) {
      this.#inTransaction = false;
      await this.#inner.run('rollback').catch(() => undefined); // nothing to roll back when COMMIT itself failed
      throw error;
    } finally {
      this.#inTransaction = false;
    }
  }

  interrupt(): void {
    this.#inner.interrupt();
  }

  /** Interrupts what is running. DuckDB waits for itself, for ever, when a connection is closed under its statement. */
  close(): void {
    this.#isClosing = true;
    if (this.#running > 0) this.#inner.interrupt();
    else this.#inner.closeSync();
  }

  async #underWay<T>(work: () => Promise<T>): Promise<T> {
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      if (this.#isClosing && this.#running === 0) this.#inner.closeSync();
    }
  }

  async #guarded<T>(sql: string, work: () => Promise<T>): Promise<T> {
    try {
      return await this.#underWay(work);
    } catch (thrown) {
      if (this.#inTransaction) this.#failedInTransaction = true;
      throw engineError(thrown, sql);
    }
  }
}

/** What `run` answered is in memory already: reading it through a thread would cost two waits a statement, longer than most take. */
const rowsOf = (result: DuckDBMaterializedResult): readonly (readonly DuckDBValue[])[] =>
  Array.from({ length: result.chunkCount }, (_, index) => result.getChunk(index).getRows()).flat();

function cellOf(value: DuckDBValue | JS): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string')
    return value;
  if (value instanceof DuckDBListValue) return value.items.map(cellOf);
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([key, entry]) => [key, cellOf(entry)]));
  if (value instanceof DuckDBMapValue)
    return value.entries.map(({ key, value: entry }) => [cellOf(key), cellOf(entry)]);
  return String(value);
}
