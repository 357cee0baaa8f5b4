import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { catalogSql, inventorySql, type MeasuredRelation, parseStatistics } from './catalog-sql.ts';

async function measured(setup: string, relation: Partial<MeasuredRelation>, cap?: number) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(setup);
    const inventory = (await connection.runAndReadAll(inventorySql())).getRowObjectsJson();
    const own = inventory.filter((row) => row.table_name === 'payments');
    const [statement] = catalogSql(
      [
        {
          unique_id: 'model.shop.payments',
          database: 'memory',
          schema: 'main',
          name: 'payments',
          kind: own[0]?.kind === 'view' ? 'view' : 'table',
          estimated_rows: own[0]?.estimated_rows == null ? null : Number(own[0].estimated_rows),
          columns: own.map((row) => ({ name: String(row.column_name), type: String(row.data_type) })),
          ...relation,
        },
      ],
      cap,
    );
    const rows = (await connection.runAndReadAll(statement?.sql ?? '')).getRowObjectsJson();
    return Object.fromEntries(
      rows.map((row) => [
        String(row.column_name),
        { rows: row.row_count, read: Number(row.rows_read), ...parseStatistics(String(row.statistics)) },
      ]),
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

test('a table is measured column by column, whatever its columns are called and made of', async () => {
  const {
    amount,
    status,
    paid_on,
    'say "when"': quoted,
    tags,
  } = await measured(
    `create table payments as
     select i::double as amount, case when i % 4 = 0 then null when i % 4 = 1 then 'late' else 'paid' end as status,
            date '2026-01-01' + i::integer as paid_on, i as "say ""when""", [i] as tags
     from range(100) as t(i)`,
    {},
  );
  expect(amount).toMatchObject({ rows: '100', read: 100, null_share: 0, min: '0.0', max: '99.0' });
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
  const { email } = await measured(`create table payments as select 'ann@example.com' as email`, {
    columns: [{ name: 'email', type: 'VARCHAR', personal: true }],
  });
  expect(email).toMatchObject({ null_share: 0, distinct: 1, min: null, max: null, histogram: null, frequent: null });
});

test('an empty table has no shares, a column of one value one full bucket, infinite numbers no bucket', async () => {
  const empty = await measured('create table payments (amount double)', {});
  expect(empty.amount).toMatchObject({ rows: '0', null_share: null, histogram: null, min: null });
  const same = await measured('create table payments as select 7 as amount from range(3)', {});
  expect(same.amount?.histogram).toEqual([3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const odd = await measured(
    `create table payments as select unnest([1.0, 'nan'::double, 'inf'::double, null]) as amount`,
    {},
  );
  expect(odd.amount?.histogram?.[0]).toBe(1);
});

test('a large table is sampled and a view is cut, while the row count stays exact', async () => {
  const table = await measured('create table payments as select i as amount from range(200000) as t(i)', {}, 10_000);
  expect(table.amount?.rows).toBe('200000');
  expect(table.amount?.read).toBeLessThan(60_000);
  const view = await measured('create view payments as select i as amount from range(200000) as t(i)', {}, 10_000);
  expect(view.amount).toMatchObject({ rows: null, read: 10_000 });
});
