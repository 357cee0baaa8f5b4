import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type ColumnClaim, inheritedClaims } from './inherited-claims.ts';
import { analyseQuery, type Catalog, parseTreeSql, readSyntaxTree } from './lineage.ts';
import { QUERIES, TABLES } from './queries.ts';
import { RandomQuery } from './random-query.ts';

const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
const connection = await instance.connect();
afterAll(() => instance.closeSync());
const rowsOf = async (sql: string): Promise<readonly (readonly unknown[])[]> =>
  (await connection.runAndReadAll(sql)).getRowsJson();

for (const [table, { columns, rows }] of Object.entries(TABLES))
  await connection.run(`create table ${table} (${columns}); insert into ${table} values ${rows.join(', ')}`);
await connection.run('create macro discounted(price, percent) as price - price * percent / 100');
await connection.run(
  'create macro shop_orders(least) as table select id, amount as n from orders where amount >= least',
);

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** Whether a claim is true of a query's rows. */
async function holds({ kind, columns, what }: Pick<ColumnClaim, 'kind' | 'columns' | 'what'>, from: string) {
  const [column = ''] = columns;
  const test =
    kind === 'not_null'
      ? `select count(*) from ${from} where ${quoted(column)} is null`
      : kind === 'each'
        ? `select count(*) from ${from} where ${quoted(column)} is not null and not (${quoted(column)}::varchar in (${what}))`
        : `select count(*) from (select ${columns.map(quoted).join(', ')} from ${from} where ${columns.map((one) => `${quoted(one)} is not null`).join(' and ')} group by all having count(*) > 1)`;
  const [row] = await rowsOf(test);
  return Number(row?.[0]) === 0;
}

/** Everything of these kinds that is true of the little shop's tables. */
const schemas = new Map<string, readonly { readonly name: string; readonly type: string }[]>();
const truths = new Map<string, readonly ColumnClaim[]>();
for (const table of Object.keys(TABLES)) {
  const columns = (await rowsOf(`describe ${table}`)).map((row) => ({ name: String(row[0]), type: String(row[1]) }));
  schemas.set(table, columns);
  const found: ColumnClaim[] = [];
  for (const { name } of columns) {
    const [[values] = []] = await rowsOf(
      `select string_agg(distinct '''' || replace(${quoted(name)}::varchar, '''', '''''') || '''', ', ') from ${table}`,
    );
    const candidates: readonly Omit<ColumnClaim, 'because'>[] = [
      { kind: 'not_null', columns: [name], what: '' },
      { kind: 'unique', columns: [name], what: '' },
      { kind: 'each', columns: [name], what: String(values) },
    ];
    for (const claim of candidates)
      if (await holds(claim, table)) found.push({ ...claim, because: [`${claim.kind} ${table}.${name}`] });
  }
  truths.set(table, found);
}
const catalog: Catalog = { columnsOf: ({ name }) => schemas.get(name.toLowerCase()) };
const claimed = async (sql: string) => {
  const [row] = await rowsOf(parseTreeSql([sql]));
  return inheritedClaims(
    analyseQuery(readSyntaxTree(String(row?.[0])).value, catalog),
    ({ name }) => truths.get(name.toLowerCase()) ?? [],
  );
};
const brief = async (sql: string) =>
  (await claimed(sql))
    .filter(({ kind }) => kind !== 'each')
    .map(({ kind, columns }) => `${kind} ${columns.join('+')}`)
    .sort();

describe('what is inherited', () => {
  test.each([
    ['a copy', 'select id, amount from orders', ['not_null amount', 'not_null id', 'unique id']],
    ['a filter and another name', 'select id as k from orders where amount > 5', ['not_null k', 'unique k']],
    [
      'a star, sorted and cut off',
      'select * exclude (day, status, customer_id, amount) from orders order by id limit 2',
      ['not_null id', 'unique id'],
    ],
    ['an expression keeps nothing', 'select id + 0 as k, cast(id as varchar) as text from orders', []],
    ['a cte', 'with paid as (select * from orders where amount > 1) select id from paid', ['not_null id', 'unique id']],
    [
      'a join that finds one row keeps the key',
      'select o.id, c.name from orders o join customers c on o.customer_id = c.id',
      ['not_null id', 'not_null name', 'unique id'],
    ],
    [
      'using a key as well',
      'select orders.amount, orders.id, customer_id from orders left join (select id as customer_id, name from customers) using (customer_id)',
      ['not_null amount', 'not_null id', 'unique id'],
    ],
    [
      'an outer join brings NULLs',
      'select o.id, c.name, c.id as customer from orders o left join customers c on o.customer_id = c.id',
      ['not_null id', 'unique id'],
    ],
    [
      'a join that finds many rows repeats',
      'select c.id, c.name, p.method from customers c join payments p on c.id = p.order_id',
      ['not_null id', 'not_null method', 'not_null name'],
    ],
    ['a cross join repeats', 'select o.id from orders o, rates', ['not_null id']],
    [
      'comparing other types repeats',
      'select o.id from orders o join (select id::varchar as k from customers) c on o.customer_id = c.k',
      ['not_null id'],
    ],
    [
      'a semi join repeats nothing',
      'select id from orders semi join payments on id = order_id',
      ['not_null id', 'unique id'],
    ],
    ['a full join', 'select a.id from orders a full join customers b on a.id = b.id', ['unique id']],
    ['grouping by a key', 'select id, sum(amount) as total from orders group by id', ['not_null id', 'unique id']],
    ['a rollup leaves NULLs', 'select id, status, count(*) as n from orders group by rollup (id, status)', []],
    ['unnest repeats', 'select id, unnest(items) as item from baskets', ['not_null id']],
    ['a union repeats, of one type', 'select id from orders union all select id from customers', ['not_null id']],
    [
      'a union by name leaves NULLs',
      'select id, name from customers union all by name select id from orders',
      ['not_null id'],
    ],
    ['a union of two types converts', 'select id from orders union all select name from customers', []],
    ['except takes rows away', 'select id from orders except select id from customers', ['not_null id', 'unique id']],
    [
      'a scalar subquery may find nothing',
      'select id, (select name from customers c where c.id = o.id) as name from orders o',
      ['not_null id', 'unique id'],
    ],
    [
      'a window keeps rows, qualify takes some',
      'select id, row_number() over (order by day) as n from orders qualify n < 3',
      ['not_null id', 'unique id'],
    ],
  ])('%s', async (_, sql, expected) => expect(await brief(sql)).toEqual([...expected].sort()));

  test('it says why', async () => {
    const [key] = (await claimed('select o.id from orders o join customers c on o.customer_id = c.id')).filter(
      ({ kind }) => kind === 'unique',
    );
    expect(key).toMatchObject({ because: ['unique orders.id', 'unique customers.id'], from: [{ columns: ['id'] }] });
  });
});

describe('what is inherited is true', () => {
  let checked = 0;
  const check = async (sql: string) => {
    const claims = await claimed(sql);
    const names = (await rowsOf(`describe ${sql}`)).map(([name]) => String(name).toLowerCase());
    // Columns of one name cannot be asked one by one.
    if (new Set(names).size < names.length) return;
    for (const claim of claims) {
      expect(await holds(claim, `(${sql})`), `${sql}: ${claim.kind} ${claim.columns} ${claim.what}`).toBe(true);
      checked++;
    }
  };

  test('of every query written by hand', async () => {
    for (const { sql } of QUERIES) await check(sql);
    expect(checked).toBeGreaterThan(250);
  }, 60_000);

  test('of queries made by a grammar', async () => {
    checked = 0;
    const property = fc.asyncProperty(fc.gen(), async (gen) => {
      const sql = new RandomQuery((count) => gen(fc.nat, { max: Math.max(0, count - 1) })).query(2);
      try {
        await rowsOf(`select * from (${sql}) limit 1`);
      } catch {
        return; // DuckDB does not bind it, or it names two columns alike
      }
      await check(sql);
    });
    await fc.assert(property, {
      numRuns: Number(process.env.DQL_FUZZ_RUNS ?? 800),
      seed: Number(process.env.DQL_FUZZ_SEED ?? 11),
    });
    expect(checked).toBeGreaterThan(300);
  }, 120_000);
});
