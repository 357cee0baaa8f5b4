import { expect, test } from 'vitest';
import { EngineError } from '../../core/engine-error.ts';
import { engineError } from './duckdb-error.ts';
import { openDuckDb } from './open-duckdb.ts';

test('a lock is told as one, whoever holds it, so that it is waited for or tried again', () => {
  const duckdb = engineError(
    new Error(
      'IO Error: Could not set lock on file "/data/orders.duckdb": Conflicting lock is held in /usr/bin/node (PID 4711). See also https://duckdb.org/docs/stable/connect/concurrency',
    ),
    "attach '/data/orders.duckdb'",
  );
  expect([duckdb.kind, duckdb.message]).toEqual([
    'locked',
    'the file /data/orders.duckdb is held by /usr/bin/node (PID 4711)',
  ]);
  const sqlite = engineError(
    new Error(
      '{"exception_type":"Invalid","exception_message":"Failed to prepare query \\"SELECT type FROM sqlite_master\\": database is locked"}',
    ),
    'from orders',
  );
  expect(sqlite.kind).toBe('locked');
});

test('what may be gone at the next try is told from what stays wrong', () => {
  const kindOf = (message: string) => engineError(new Error(message), '').kind;
  expect(kindOf('HTTP Error: Request returned HTTP 503')).toBe('transient');
  expect(kindOf('IO Error: Could not read from file')).toBe('transient');
  const closed = engineError(
    new Error(
      JSON.stringify({
        exception_type: 'Invalid',
        exception_message:
          'Failed to execute query "BEGIN TRANSACTION;\nSELECT oid\nFROM pg_namespace": server closed the connection unexpectedly\n\tThis probably means',
      }),
    ),
    'from lake.main.orders',
  );
  expect([closed.kind, closed.message.split('\n')[0]]).toEqual([
    'transient',
    'Invalid Error: server closed the connection unexpectedly',
  ]);
  expect(kindOf('Binder Error: Referenced column "locked" not found')).toBe('binder');
});

test('columns that were meant are named; the signatures of a function are not', async () => {
  const warehouse = await openDuckDb({ path: ':memory:', readOnly: false, instanceSettings: {} });
  const connection = await warehouse.connect();
  const candidates = async (sql: string) => {
    const error = await connection.query(sql).catch((thrown: unknown) => thrown);
    return error instanceof EngineError ? error.candidates : undefined;
  };
  expect(await candidates('select amout from (select 1 as amount, 2 as day)')).toContain('amount');
  expect(await candidates("select decode('a'::varchar, 'hex')")).toEqual([]);
  await warehouse.close();
});
