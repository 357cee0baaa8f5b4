import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Connection, Warehouse } from '../engine/engine.ts';
import { openWarehouse } from '../engine/open.ts';
import { commitFiles, type FileText } from './commit-files.ts';

let warehouse: Warehouse;
let connection: Connection;
beforeAll(async () => {
  warehouse = await openWarehouse('duckdb', { path: ':memory:', readOnly: false, instanceSettings: { threads: '3' } });
  connection = await warehouse.connect();
});
afterAll(async () => {
  connection.close();
  await warehouse.close();
});

const views = (many: number, last = 'select 1 as id'): readonly FileText[] => [
  { database: warehouse.database, sql: 'create or replace table orders as select 1 as id;' },
  ...Array.from({ length: many }, (_, index) => ({
    database: warehouse.database,
    sql: `create or replace view orders_${index} as ${index === many - 1 ? last : 'from orders'};`,
    defines: true,
  })),
  { database: warehouse.database, sql: "insert into orders select current_setting('threads');" },
];
const commit = (texts: readonly FileText[]) =>
  commitFiles(warehouse, connection, texts, { id: 'run/0', run_id: 'run' });
const settings = async () => {
  const { rows } = await connection.query("select current_setting('threads')::integer");
  const plan = await connection.query('explain select * from range(10) where 1 = 0');
  return { threads: rows[0]?.[0], isOptimized: JSON.stringify(plan.rows).includes('EMPTY_RESULT') };
};

test.each([2, 60])('%i views are put in place together, and the settings are what they were', async (many) => {
  await commit(views(many));
  expect(await settings()).toEqual({ threads: 3, isOptimized: true });
  // What follows the views in the same transaction has its threads again.
  expect((await connection.query('select id::integer from orders order by id')).rows).toEqual([[1], [3]]);
  expect((await connection.query(`select id::integer from orders_${many - 1}`)).rows).toEqual([[1]]);
});

test.each([2, 60])(
  'when the last of %i views fails nothing has happened, and the settings are what they were',
  async (many) => {
    await commit(views(many));
    await expect(commit(views(many, 'select nothing from orders'))).rejects.toThrow('nothing');
    expect(await settings()).toEqual({ threads: 3, isOptimized: true });
    expect((await connection.query('select count(*)::integer from orders')).rows).toEqual([[2]]);
  },
);

test('what is worked out meanwhile is committed with it, and nothing is when that fails', async () => {
  const { database } = warehouse;
  const withRow = (later: () => Promise<readonly FileText[]>) =>
    commitFiles(warehouse, connection, views(2), { id: 'run/0', run_id: 'run' }, later);
  await withRow(async () => [{ database, sql: 'insert into orders values (7);' }]);
  expect((await connection.query('select id::integer from orders order by id')).rows).toEqual([[1], [3], [7]]);
  await expect(withRow(() => Promise.reject(new Error('its code does not compile')))).rejects.toThrow('compile');
  expect((await connection.query('select count(*)::integer from orders')).rows).toEqual([[3]]);
});
