import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Connection, Warehouse } from '../engine.ts';
import { openWarehouse } from '../open.ts';

let warehouse: Warehouse;
let connection: Connection;
beforeAll(async () => {
  warehouse = await openWarehouse('duckdb', { path: ':memory:', readOnly: false, instanceSettings: {} });
  connection = await warehouse.connect();
  await connection.run(`create type mood as enum ('fine', 'so so');
create table everything as select
  true as a1, 1::tinyint as a2, 1::smallint as a3, 1::integer as a4, 1::bigint as a5, 1::hugeint as a6,
  1::utinyint as b1, 1::usmallint as b2, 1::uinteger as b3, 1::ubigint as b4, 1::uhugeint as b5,
  1::float as c1, 1::double as c2, 1.5::decimal(10, 2) as c3, 'x' as d1, 'x'::blob as d2, '1'::bit as d3, uuid() as d4,
  current_date as e1, localtime as e2, now()::timestamp as e3, now() as e4, now()::timestamp_s as e5, now()::timestamp_ms as e6,
  now()::timestamp_ns as e7, '12:00:00+01'::timetz as e8, interval 1 day as e9,
  'fine'::mood as f1, '{}'::json as f2, [1] as f3, {a: 'x'} as f4, map {'a': 1} as f5`);
});
afterAll(async () => {
  connection.close();
  await warehouse.close();
});

const queries = [
  'from everything',
  'select a4, a4, a4 as "A4" from everything',
  'select null as nothing',
  'select count(*), sum(a4), avg(a4), 1 + 1.5 from everything',
  'values (1, 2)',
  'with one as (select 1 as "größe") select * from one -- the end',
  'pivot (select a2, a4 from everything) on a2 using sum(a4)',
  'from range(3);',
];

test.each(queries)('%s has the columns that DESCRIBE tells', async (sql) => {
  const told = await connection.query(`describe ${sql}`);
  expect(await connection.describe(sql)).toEqual(told.rows.map(([name, type]) => ({ name, type })));
});

test('what is no query is refused, and nothing of it is run', async () => {
  for (const sql of ['drop table everything', 'create table more as select 1', 'delete from everything'])
    await expect(connection.describe(sql), sql).rejects.toThrow();
  await expect(connection.describe('select a5 as x, nobody from everything')).rejects.toThrow('nobody');
  expect((await connection.query('select table_name from duckdb_tables()')).rows).toEqual([['everything']]);
});
