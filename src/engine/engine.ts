/**
 * What a warehouse can do. Plan and run see these types only; `open.ts` knows the engines there are.
 * Statements are SQL text; a `Connection` runs one at a time, several connections run in parallel.
 */

export { EngineError, type EngineErrorKind } from '../core/engine-error.ts';

export interface Column {
  readonly name: string;
  /** The engine's own spelling: `INTEGER`, `DECIMAL(18,3)`, `STRUCT(a INTEGER)`. */
  readonly type: string;
}

/** A value as it comes out of the engine, already plain: bigint for 64-bit and wider integers, string for dates, decimals and the rest. */
export type Cell = null | boolean | number | bigint | string | readonly Cell[] | { readonly [key: string]: Cell };

export interface QueryResult {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

export type Parameter = null | boolean | number | bigint | string;

export interface Connection {
  /** Runs one or several statements; answers the rows the last one changed or created (0 for DDL). Rejects with `EngineError`. */
  run(sql: string, parameters?: readonly Parameter[]): Promise<number>;
  /** Runs one statement and reads all its rows; for results that are small (use a `limit`). */
  query(sql: string, parameters?: readonly Parameter[]): Promise<QueryResult>;
  /** The columns a query would give, without running it. */
  describe(sql: string): Promise<readonly Column[]>;
  /** Runs `work` in one transaction: commits when it resolves, rolls back when it rejects or any statement in it failed. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** Cancels the running statement; its promise rejects with kind `interrupted`. */
  interrupt(): void;
  close(): void;
}

export interface Capabilities {
  readonly transactionalDdl: boolean;
  /** How many databases one transaction may write to. */
  readonly transactionScope: 'one-database' | 'all';
  readonly merge: boolean;
  readonly constraints: boolean;
}

export interface WarehouseOptions {
  /** `:memory:` or an absolute path. */
  readonly path: string;
  readonly readOnly: boolean;
  /** The engine's own settings that must be given when it starts. */
  readonly instanceSettings: Readonly<Record<string, string>>;
}

/** A database that can be reached: the warehouse's own, or one that is attached. */
export interface Database {
  readonly name: string;
  /** `duckdb`, or what `attach … (type …)` says. */
  readonly engine: string;
  readonly readOnly: boolean;
  /** True where a whole publication fits in one transaction of it, with the versions and the ledger beside the data. */
  readonly keepsVersions: boolean;
}

export interface Warehouse {
  readonly engine: string;
  readonly version: string;
  readonly capabilities: Capabilities;
  /** The name of the main database, as relations spell it. */
  readonly database: string;
  readonly readOnly: boolean;
  connect(): Promise<Connection>;
  /** What is open now, the main database among them. */
  databases(): Promise<readonly Database[]>;
  close(): Promise<void>;
}
