import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDuckDb } from './open-duckdb.ts';

test('numbers in a new file are compressed, which DuckDB does not do in small blocks', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dql-blocks-'));
  const path = join(folder, 'shop.duckdb');
  const warehouse = await openDuckDb({ path, readOnly: false, instanceSettings: {} });
  const connection = await warehouse.connect();
  await connection.run('create table orders as select range as id, range % 100 / 4 as amount from range(500_000)');
  await connection.run('checkpoint');
  const { rows } = await connection.query(
    "select distinct segment_type, compression from pragma_storage_info('orders') where segment_type <> 'VALIDITY' order by all",
  );
  connection.close();
  await warehouse.close();
  rmSync(folder, { recursive: true });
  expect(new Set(rows.map(([type]) => type))).toEqual(new Set(['BIGINT', 'DOUBLE']));
  expect(rows.some(([, compression]) => compression === 'Uncompressed')).toBe(false);
});

test('a connection can be closed under its statement, which is interrupted', async () => {
  const warehouse = await openDuckDb({ path: ':memory:', readOnly: false, instanceSettings: {} });
  const connection = await warehouse.connect();
  const counting = connection.query(
    'select count(*) from range(100000000) as a, range(100000) as b where a.range % 7 = 3',
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  connection.close();
  await expect(counting).rejects.toMatchObject({ kind: 'interrupted' });
  await warehouse.close();
});
