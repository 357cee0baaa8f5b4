import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import type { ColumnStatistics } from './catalog.ts';
import { inventorySql, readSummary, spreadSql, statisticsOf, summarySql } from './catalog-sql.ts';
import type { MeasuredColumn } from './column-statistics.ts';
import { smallRelationsSql, smallStatistics } from './small-relations-sql.ts';

/** Measures the tables of a setup together and one by one. */
async function bothWays(setup: string, personal: readonly string[] = []) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rowsOf = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
  try {
    await connection.run(setup);
    const relations = (await connection.runAndReadAll(inventorySql('_dql'))).getRowObjectsJson().map((row) => {
      const columns: readonly MeasuredColumn[] = JSON.parse(String(row.columns));
      const marked = columns.map((column) => ({ ...column, personal: personal.includes(column.name) }));
      return { from: String(row.table_name), rows: 0, columns: marked };
    });
    const together = smallStatistics(relations, await rowsOf(smallRelationsSql(relations)));
    const alone = [];
    for (const relation of relations) {
      const summary = readSummary((await rowsOf(summarySql(relation)))[0] ?? []);
      const spread = spreadSql(relation, summary);
      const columns = statisticsOf(relation, summary, spread === undefined ? [] : (await rowsOf(spread))[0]);
      alone.push({ rows: summary.rows, columns });
    }
    const named = (
      all: readonly { readonly rows: number; readonly columns: ReadonlyMap<string, ColumnStatistics> }[],
    ) =>
      Object.fromEntries(
        all.map(({ rows, columns }, at) => [relations[at]?.from, { rows, columns: Object.fromEntries(columns) }]),
      );
    return { together: named(together), alone: named(alone) };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

test('many tables at once are told the same as each by itself, whatever their columns are made of', async () => {
  const { together, alone } = await bothWays(
    `create type mood as enum ('sad', 'ok', 'glad');
     create table customers as
     select i as id, 'Customer ' || i as name, (['glad', 'sad'])[1 + i % 2]::mood as mood, i % 3 = 0 as is_new,
            [i] as tags, {'city': 'Delft'} as address, timestamptz '2026-01-01 00:00:00+00' + to_hours(i) as seen_at
     from range(40) as t(i);
     create table orders as
     select 9007199254740993 + i as id, case when i % 4 > 0 then i * 1.25 end::decimal(9, 2) as amount, i::float / 3 as weight,
            date '2026-01-01' + i::integer as ordered_on, timestamp '2026-01-01' + to_hours(i) as updated_at,
            time '08:00' + to_minutes(i) as due, to_days((i % 7)::integer) as "how ""long""", uuid() as key
     from range(50) as t(i);
     create table returns (id integer, reason varchar);
     create table measurements as
     select unnest([1.5, 'nan'::double, 'inf'::double, '-inf'::double, null]) as value,
            unnest([null, null, null, null, 'infinity'::date]) as day, unnest(['__proto__', 'a', 'a', '', null]) as word;
     create table letters as
     select repeat('x', 70) || i % 2 as text, i % 3 as stars from range(9) as t(i);
     create table extremes as select unnest([-1.7e308, 1.7e308]) as value, unnest([7, 7]) as same;`,
  );
  expect(together).toEqual(alone);
  expect(together['orders']).toMatchObject({ columns: { id: { min: '9007199254740993', distinct: 50 } } });
  expect(together['customers']).toMatchObject({ columns: { mood: { distinct: 2 }, tags: { distinct: null } } });
  // What is cut says so, and is still told apart.
  const cut = `${'x'.repeat(59)}…`;
  expect(together['letters']?.columns['text']).toMatchObject({
    ...{ min: cut, max: cut, distinct: 2 },
    frequent: [
      { value: cut, count: 5 },
      { value: cut, count: 4 },
    ],
  });
  expect(together['returns']).toMatchObject({ rows: 0, columns: { reason: { null_share: null, distinct: 0 } } });
});

test('no value of a personal column is laid out or told', async () => {
  const { together, alone } = await bothWays(
    `create table customers as select i as id, 'ann' || i || '@example.com' as email from range(3) as t(i)`,
    ['email'],
  );
  expect(together).toEqual(alone);
  const relation = { from: 'customers', rows: 3, columns: [{ name: 'email', type: 'VARCHAR', personal: true }] };
  expect(smallRelationsSql([relation])).toContain('md5("email"::varchar)');
});
