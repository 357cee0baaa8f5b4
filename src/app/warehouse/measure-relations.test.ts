import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Warehouse } from '../../engine/engine.ts';
import { openWarehouse } from '../../engine/open.ts';
import { measureRelations, type ToMeasure } from './measure-relations.ts';

let warehouse: Warehouse;
beforeEach(async () => {
  warehouse = await openWarehouse('duckdb', { path: ':memory:', readOnly: false, instanceSettings: {} });
});
afterEach(() => warehouse.close());

const run = async (sql: string) => {
  const connection = await warehouse.connect();
  await connection.run(sql);
  connection.close();
};

const relation = (name: string, rows: number | null): ToMeasure => ({
  id: `model.shop.${name}`,
  from: name,
  rows,
  columns: [
    { name: 'id', type: 'BIGINT' },
    { name: 'amount', type: 'DOUBLE' },
  ],
});

const NONE = { each: 0, all: 0 };
const ENDLESS = { each: Infinity, all: Infinity };

const measured = (relations: readonly ToMeasure[], patience = NONE) =>
  measureRelations(relations, () => warehouse.connect(), new AbortController().signal, patience);

test('small tables, large ones and views are told the same way; small ones exactly', async () => {
  await run(`create table orders as select i as id, i * 0.5 as amount from range(50) t(i);
             create table flights as select i as id, i * 0.5 as amount from range(300000) t(i);
             create view late_orders as from orders where id >= 40`);
  const { measured: found, errors } = await measured([
    relation('orders', 50),
    relation('flights', 300_000),
    relation('late_orders', null),
  ]);
  expect(errors).toEqual([]);
  expect(found.get('model.shop.orders')).toMatchObject({ rows: 50, columns: { id: { distinct: 50, max: '49' } } });
  expect(found.get('model.shop.late_orders')).toMatchObject({ rows: 10, columns: { id: { distinct: 10, min: '40' } } });
  expect(found.get('model.shop.flights')).toMatchObject({ rows: 300_000 });
  expect(found.get('model.shop.flights')?.sampled).toBeLessThan(300_000);
});

test('every row of a large table, or of a view, counts where there is time; else a part, which says so', async () => {
  await run(`create table flights as select i as id, case when i < 290_000 then i * 0.5 end as amount from range(300000) t(i);
             create view late_flights as from flights`);
  const both = [relation('flights', 300_000), relation('late_flights', null)];
  const { measured: all } = await measured(both, ENDLESS);
  for (const { id } of both)
    expect(all.get(id)).toMatchObject({
      rows: 300_000,
      sampled: 300_000,
      columns: { id: { distinct: 300_000, max: '299999' }, amount: { distinct: 290_000, null_share: 0.033333 } },
    });
  const { measured: some, errors } = await measured(both);
  expect(errors).toEqual([]);
  expect(some.get('model.shop.late_flights')).toMatchObject({ rows: null, sampled: 100_000 });
  expect(some.get('model.shop.flights')?.sampled).toBeLessThan(300_000);
});

test('the sample of a large table is the same every time, and every value of it is in the histogram', async () => {
  await run('create table flights as select hash(i) % 1000 as id, i * 0.5 as amount from range(2000000) t(i)');
  const sampled = async () => (await measured([relation('flights', 2_000_000)])).measured.get('model.shop.flights');
  const first = await sampled();
  expect(await sampled()).toEqual(first);
  expect(first?.sampled).toBeLessThan(200_000);
  expect(first?.columns.id?.histogram?.reduce((sum, rows) => sum + rows, 0)).toBe(first?.sampled);
});

test('the memory and the threads DuckDB may use are afterwards what they were', async () => {
  await run('create table orders as select 1::bigint as id, 2.5::double as amount');
  const settings = async () => {
    const connection = await warehouse.connect();
    const { rows } = await connection.query(`select current_setting('memory_limit'), current_setting('threads')`);
    connection.close();
    return (rows[0] ?? []).map(String);
  };
  const [memory = '', threads] = await settings();
  expect((await measured([relation('orders', 1)])).measured.size).toBe(1);
  const [memoryAfter = '', threadsAfter] = await settings();
  expect(threadsAfter).toBe(threads);
  // It is told and set in tenths.
  expect(Math.abs(Number.parseFloat(memoryAfter) - Number.parseFloat(memory))).toBeLessThan(0.15);
  expect(memoryAfter.slice(-3)).toBe(memory.slice(-3));
});

test('a table that cannot be measured does not take those beside it with it', async () => {
  await run('create table orders as select 1::bigint as id, 2.5::double as amount');
  const { measured: found, errors } = await measured([relation('orders', 1), relation('returns', 1)]);
  expect([...found.keys()]).toEqual(['model.shop.orders']);
  expect(errors).toEqual([expect.stringContaining('model.shop.returns: ')]);
});
