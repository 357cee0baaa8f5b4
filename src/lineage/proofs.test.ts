import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EngineError } from '../engine/engine.ts';
import { memoryConnection } from '../testing/memory-connection.ts';
import { type Proven, parseTreeSql, provenBy, readSyntaxTree } from './lineage.ts';

let connection: Awaited<ReturnType<typeof memoryConnection>>;
beforeAll(async () => {
  connection = await memoryConnection();
});
afterAll(() => connection.close());

async function proven(sql: string, columns: Readonly<Record<string, readonly string[]>> = {}) {
  const { rows } = await connection.query(parseTreeSql([sql]));
  return provenBy(readSyntaxTree(String(rows[0]?.[0])).value, ({ name }) => columns[name]);
}

const said = (claims: readonly Proven[]): readonly string[] =>
  claims.map((claim) =>
    claim.kind === 'unique'
      ? `unique ${claim.columns.join(', ')} (${claim.because})`
      : claim.kind === 'not_null'
        ? `not null ${claim.column} (${claim.because})`
        : `${claim.column} in ${claim.values.join(', ')} (${claim.because})`,
  );

test.each<readonly [sql: string, ...proofs: readonly string[]]>([
  [
    'select customer_id, sum(amount) as spent from orders group by customer_id',
    'unique customer_id (group by customer_id)',
  ],
  [
    'select o.customer_id as customer, 1 as one from orders as o group by all',
    'unique customer, one (group by customer, one)',
    'not null one (a constant)',
  ],
  [
    "select date_trunc('month', placed) as month, count(*) as orders from orders group by 1",
    'unique month (group by month)',
    'not null orders (count() always has a value)',
  ],
  [
    "select date_trunc('month', placed) as month from orders group by date_trunc('month', placed)",
    'unique month (group by month)',
  ],
  ['select distinct customer_id, status from orders', 'unique customer_id, status (select distinct)'],
  [
    'select distinct on (customer_id) customer_id, status from orders order by placed',
    'unique customer_id (distinct on (customer_id))',
  ],
  [
    'select * from orders qualify row_number() over (partition by order_id order by placed desc) = 1',
    'unique order_id (row_number() = 1 for each order_id)',
  ],
  [
    'with latest as (select order_id, row_number() over (partition by order_id order by placed) as nth from orders) select order_id from latest where nth = 1',
    'unique order_id (row_number() = 1 for each order_id)',
  ],
  ['select id from orders union select id from returns', 'unique id (union keeps no row twice)'],
  [
    'with once as (select distinct id from orders) select id as order_id from once limit 10',
    'unique order_id (select distinct)',
  ],
  ["select coalesce(city, 'unknown') as city from customers", 'not null city (coalesce ends in a value)'],
  ['select city from customers where city is not null and age > 3', 'not null city (where asks for a value of city)'],
  [
    "select city from customers where city in ('Paris', 'Lyon')",
    'not null city (where asks for a value of city)',
    'city in Paris, Lyon (where lists the values of city)',
  ],
  [
    "select case when spent > 9 then 'high' when spent > 3 then 'low' end as segment from customers",
    'segment in high, low (every branch of its case is written down)',
  ],
  [
    "select case when spent > 9 then 'high' else 'low' end as segment from customers",
    'not null segment (every branch of its case has a value)',
    'segment in high, low (every branch of its case is written down)',
  ],
])('%s', async (sql, ...proofs) => expect(said(await proven(sql))).toEqual(proofs));

test.each([
  ['a key that is not shown', 'select sum(amount) as spent from orders group by customer_id'],
  ['constants alone, which GROUP BY ALL does not group', 'select null as nothing from orders group by all'],
  ['part of a key', 'select customer_id from orders group by customer_id, status'],
  ['an alias that hides a column of the same name', 'select lower(id) as id from orders group by id'],
  ['a key that is changed on the way', 'select id % 10 as id from (select distinct id from orders)'],
  [
    'a key that a join repeats',
    'select o.id from (select distinct id from orders) as o join lines as l on o.id = l.id',
  ],
  ['a key whose rows are multiplied', 'select id, unnest(tags) as tag from orders group by id, tags'],
  ['subtotals', 'select status from orders group by rollup(status)'],
  [
    'any row number but the first',
    'select * from orders qualify row_number() over (partition by id order by placed) <= 2',
  ],
  ['one of two conditions', 'select city from customers where city is not null or age > 3'],
  [
    'a value that is missing for some',
    'select c.city from orders left join (select city from customers where city is not null) as c on true',
  ],
  ['a cast that may give NULL', "select try_cast('x' as integer) as n"],
  ['a sum of nothing', 'select sum(1) as total from orders'],
  ['a name behind columns that are not known', 'select *, 1 as id from orders'],
  ['rows of both sides of a UNION ALL', 'select distinct id from orders union all select distinct id from returns'],
  [
    'a recursive query',
    'with recursive r as (select 1 as n union all select n from r) select distinct on (n) m from r',
  ],
])('nothing is proved of %s', async (_, sql) => expect(said(await proven(sql))).toEqual([]));

test('a name behind known columns is certain', async () => {
  const numbered = 'select *, row_number() over (partition by id order by placed) as nth from orders';
  expect(said(await proven(`select * from (${numbered}) where nth = 1`, { orders: ['id', 'placed'] }))).toEqual([
    'unique id (row_number() = 1 for each id)',
    'not null nth (where asks for a value of nth)',
  ]);
  expect(said(await proven('select *, 1 as one from orders', { orders: ['id'] }))).toEqual([
    'not null one (a constant)',
  ]);
  expect(said(await proven('select *, 1 as id from orders', { orders: ['id'] }))).toEqual([]);
});

/** Queries whose names collide, so that a proof of the wrong column is found out. */
const name = fc.constantFrom('a', 'b', 'c', 'x');
const item = fc.oneof(
  name,
  fc.tuple(fc.constantFrom('a', 'b', 'c', 'x', 't.a', 't.b'), name).map(([from, as]) => `${from} as ${as}`),
  fc
    .tuple(
      fc.constantFrom(
        'coalesce(a, 0)',
        'coalesce(b, c)',
        'count(*)',
        'count(b)',
        'sum(a)',
        'max(b)',
        'a % 2',
        "case when a > 0 then 'p' else 'q' end",
        "case a when 1 then 'p' end",
        'row_number() over (partition by a order by b)',
        'row_number() over (partition by b)',
        'count(*) over (partition by a)',
        'a is null',
        "'p'",
        'null',
        'try_cast(b as integer)',
      ),
      name,
    )
    .map(([what, as]) => `${what} as ${as}`),
);
const { query } = fc.letrec<{ query: string; plain: string; from: string }>((tie) => ({
  from: fc.oneof(
    { weight: 3, arbitrary: fc.constant('t') },
    { weight: 1, arbitrary: fc.constant('t left join s using (a)') },
    { weight: 1, arbitrary: fc.constant('t join s on t.a = s.a') },
    { weight: 2, arbitrary: tie('query').map((inner) => `(${inner}) as t`) },
  ),
  plain: fc
    .record({
      distinct: fc.constantFrom('', '', '', 'distinct ', 'distinct on (a) ', 'distinct on (b, a) '),
      items: fc.oneof(
        { weight: 4, arbitrary: fc.array(item, { minLength: 1, maxLength: 3 }) },
        { weight: 1, arbitrary: fc.constant(['*']) },
        { weight: 1, arbitrary: item.map((one) => ['*', one]) },
        { weight: 1, arbitrary: item.map((one) => [one, '*']) },
      ),
      from: tie('from'),
      where: fc.constantFrom(
        '',
        '',
        ' where a is not null',
        ' where a = 1',
        ' where x = 1',
        ' where not b is null',
        " where c in ('p', 'q') and a > 0",
        ' where a is not null or b > 1',
      ),
      group: fc.constantFrom(
        '',
        '',
        '',
        ' group by all',
        ' group by a',
        ' group by a, b',
        ' group by 1',
        ' group by x',
        ' group by a % 2',
        ' group by rollup(a)',
      ),
      qualify: fc.constantFrom(
        '',
        '',
        '',
        ' qualify row_number() over (partition by a order by b) = 1',
        ' qualify 1 = row_number() over (partition by x)',
      ),
    })
    .map(
      ({ distinct, items, from, where, group, qualify }) =>
        `select ${distinct}${items.join(', ')} from ${from}${where}${group}${qualify}`,
    ),
  query: fc.oneof(
    { depthSize: 'small' },
    { weight: 6, arbitrary: tie('plain') },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie('plain'), fc.constantFrom('union', 'union all', 'except', 'intersect all'), tie('plain'))
        .map((parts) => parts.join(' ')),
    },
    { weight: 1, arbitrary: fc.tuple(tie('plain'), tie('plain')).map(([one, rest]) => `with t as (${one}) ${rest}`) },
  ),
}));
const cell = fc.constantFrom('null', '0', '1', '1', '2');
const tableRows = fc.array(fc.tuple(cell, cell, fc.constantFrom('null', "'p'", "'q'", "'r'")), { maxLength: 6 });

test('what is proved is true of the rows, whatever the query and the rows', async () => {
  let [ran, proofs] = [0, 0];
  const inTable = (rows: readonly (readonly string[])[]) =>
    `select * from (values (null::integer, null::integer, null::varchar)${rows.map((row) => `, (${row.join(', ')})`).join('')}) as v(a, b, c) offset 1`;
  await fc.assert(
    fc.asyncProperty(query, tableRows, fc.boolean(), async (sql, rows, isCatalogKnown) => {
      const claims = await proven(sql, isCatalogKnown ? { t: ['a', 'b', 'c'], s: ['a', 'd'] } : {});
      if (claims.length === 0) return;
      await connection.run(`create or replace table t as ${inTable(rows)}`);
      await connection.run(
        'create or replace table s as select 1 as a, 5 as d union all select 1, 6 union all select 2, 7',
      );
      try {
        await connection.run(`create or replace table result as ${sql}`);
      } catch (error) {
        if (error instanceof EngineError) return; // A query that cannot run proves nothing that matters.
        throw error;
      }
      ran++;
      for (const claim of claims) {
        proofs++;
        const counter =
          claim.kind === 'unique'
            ? `select count(*) from (select ${claim.columns.map((column) => `"${column}"`).join(', ')} from result group by all having count(*) > 1)`
            : claim.kind === 'not_null'
              ? `select count(*) from result where "${claim.column}" is null`
              : `select count(*) from result where "${claim.column}" not in (${claim.values.map((value) => `'${value}'`).join(', ')})`;
        expect([sql, said([claim]), Number((await connection.query(counter)).rows[0]?.[0])]).toEqual([
          sql,
          said([claim]),
          0,
        ]);
      }
    }),
    { numRuns: Number(process.env['DQL_RUNS'] ?? 1200) },
  );
  expect(ran).toBeGreaterThan(30);
  expect(proofs).toBeGreaterThan(60);
}, 120_000);
