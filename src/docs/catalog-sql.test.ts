import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import type { ColumnStatistics } from './catalog.ts';
import {
  inventorySql,
  type MeasuredRelation,
  readSummary,
  spreadSql,
  statisticsOf,
  summarySql,
} from './catalog-sql.ts';

async function measured(setup: string, relation: Partial<MeasuredRelation> = {}, cap?: number) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rowsOf = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
  try {
    await connection.run(setup);
    const inventory = (await connection.runAndReadAll(inventorySql('_dql'))).getRowObjectsJson();
    const own = inventory.find((row) => row.table_name === 'payments');
    const asked = {
      from: 'payments',
      rows: Number(own?.estimated_rows ?? 0),
      columns: JSON.parse(String(own?.columns)),
      ...relation,
    };
    const summary = readSummary((await rowsOf(summarySql(asked, cap)))[0] ?? []);
    const spread = spreadSql(asked, summary, cap);
    const found = statisticsOf(asked, summary, spread === undefined ? [] : (await rowsOf(spread))[0]);
    const columns: Readonly<Record<string, ColumnStatistics>> = Object.fromEntries(found);
    return { rows: summary.rows, read: summary.read, columns };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

test('a table is measured column by column, whatever its columns are called and made of', async () => {
  const {
    rows,
    columns: { amount, status, paid_on, 'say "when"': quoted, tags },
  } = await measured(
    `create table payments as
     select i::double as amount, case when i % 4 = 0 then null when i % 4 = 1 then 'late' else 'paid' end as status,
            date '2026-01-01' + i::integer as paid_on, i as "say ""when""", [i] as tags
     from range(100) as t(i)`,
  );
  expect(rows).toBe(100);
  expect(amount).toMatchObject({ null_share: 0, min: '0.0', max: '99.0' });
  expect(amount?.histogram).toEqual([9, 8, 8, 8, 9, 8, 8, 8, 9, 8, 8, 9]);
  expect(status).toMatchObject({
    null_share: 0.25,
    distinct: 2,
    frequent: [
      { value: 'paid', count: 50 },
      { value: 'late', count: 25 },
    ],
  });
  expect(paid_on).toMatchObject({ min: '2026-01-01', max: '2026-04-10' });
  expect(paid_on?.histogram?.reduce((total, hits) => total + hits, 0)).toBe(100);
  expect(quoted?.max).toBe('99');
  expect(tags).toMatchObject({ distinct: null, min: null, frequent: null });
});

test('no value of a personal column is read out', async () => {
  const {
    columns: { email },
  } = await measured(`create table payments as select 'ann@example.com' as email`, {
    columns: [{ name: 'email', type: 'VARCHAR', personal: true }],
  });
  expect(email).toMatchObject({ null_share: 0, distinct: 1, min: null, max: null, histogram: null, frequent: null });
});

test('an empty table has no shares, a column of one value one full bucket, infinite numbers no bucket', async () => {
  const empty = await measured('create table payments (amount double)');
  expect(empty).toMatchObject({ rows: 0 });
  expect(empty.columns.amount).toMatchObject({ null_share: null, histogram: null, min: null });
  const same = await measured('create table payments as select 7 as amount from range(3)');
  expect(same.columns.amount?.histogram).toEqual([3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const odd = await measured(
    `create table payments as select unnest([1.0, 'nan'::double, 'inf'::double, null]) as amount`,
  );
  expect(odd.columns.amount?.histogram?.[0]).toBe(1);
});

test('a large table is sampled, both times the same, while the row count stays exact', async () => {
  const found = await measured('create table payments as select i as amount from range(200000) as t(i)', {}, 10_000);
  expect(found.rows).toBe(200_000);
  expect(found.read).toBeLessThan(60_000);
  expect(found.columns.amount?.histogram?.reduce((total, hits) => total + hits, 0)).toBe(found.read);
});

test('values that are infinite days, names of objects, or too many to count say what they can', async () => {
  const {
    columns: { paid_on, status, comment },
  } = await measured(
    `create table payments as
     select case when i = 0 then 'infinity'::date else date '2026-01-01' + i::integer end as paid_on,
            case when i % 2 = 0 then '__proto__' else 'paid' end as status, 'note ' || i as comment
     from range(100) as t(i)`,
  );
  expect(paid_on).toMatchObject({ min: '2026-01-02', max: 'infinity' });
  expect(paid_on?.histogram?.reduce((total, hits) => total + hits, 0)).toBe(99);
  expect(status?.frequent).toEqual([
    { value: '__proto__', count: 50 },
    { value: 'paid', count: 50 },
  ]);
  expect(comment).toMatchObject({ frequent: null, min: 'note 0', max: 'note 99' });
});
