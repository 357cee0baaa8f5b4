import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, test } from 'vitest';
import {
  analyseQuery,
  type Catalog,
  canonicalSql,
  columnFingerprints,
  deterministic,
  literalTables,
  parseTreeSql,
  readSyntaxTree,
  utf16Offset,
} from './lineage.ts';
import { analysisKey, readKept, writeKept } from './model-analysis.ts';
import { columnLineageFacet } from './open-lineage.ts';

const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
afterAll(() => instance.closeSync());

async function checked(sql: string) {
  const [row] = (await connection.runAndReadAll(parseTreeSql([sql]))).getRowsJson();
  return readSyntaxTree(String(row?.[0]));
}
const parsed = async (sql: string) => (await checked(sql)).value;
const orders = ['id', 'customer_id', 'amount', 'status'].map((name) => ({ name, type: 'INTEGER' }));
const catalog: Catalog = { columnsOf: ({ name }) => (name === 'orders' ? orders : undefined) };

describe('the syntax tree', () => {
  test('many queries are parsed by one statement, in order, quotes and all', async () => {
    const queries = ["select 'it''s' as a", 'select 1;', 'create table t (x int)', 'selec'];
    const rows = (await connection.runAndReadAll(parseTreeSql(queries))).getRowsJson();
    const trees = rows.map(([json]) => readSyntaxTree(String(json)));
    expect(trees.map((tree) => tree.value.statements.length)).toEqual([1, 1, 0, 0]);
    expect(trees[2]?.diagnostics[0]?.message).toContain('Only SELECT statements');
    expect((await connection.runAndReadAll(parseTreeSql([]))).getRowsJson()).toEqual([]);
  });

  test('numbers too long for JavaScript keep their digits', async () => {
    const close = [
      'select 9007199254740993',
      'select 9007199254740992',
      "select '\"9007199254740993'",
      'select 18446744073709551615',
    ];
    const texts = await Promise.all(close.map(async (sql) => canonicalSql(await parsed(sql))));
    expect(new Set(texts).size).toBe(4);
  });

  test('byte offsets become UTF-16 offsets', () => {
    const sql = "select 'é😀', x";
    expect(sql.slice(utf16Offset(sql, Buffer.from(sql.slice(0, sql.indexOf('x'))).length))).toBe('x');
  });
});

describe('literalTables', () => {
  test.each([
    ['select * from a join s.b using (id), c.s.d', ['a', 's.b', 'c.s.d']],
    ['with a as (select * from b) select * from a, A', ['b']],
    ['with a as (select * from a) select * from a', ['a']],
    ['with recursive r as (select 1 as n union all select n + 1 from r) from r', []],
    ['select (select max(x) from u) from t where exists (from v where id in (select id from w))', ['u', 't', 'v', 'w']],
    ["from 'data/x.parquet'", ['data/x.parquet']],
    ["pivot t on k in ('a') using sum(v)", ['t']],
    ['(with c as (from inner_t) from c) union all from c', ['inner_t', 'c']],
  ])('%s', async (sql, expected) => {
    const tables = literalTables(await parsed(sql));
    expect(
      tables.map(({ database, schema, name }) =>
        [database, schema, name].filter((part) => part !== undefined).join('.'),
      ),
    ).toEqual(expected);
  });

  test('each stands where it is written', async () => {
    const sql = "select 'é' from orders join raw.items using (id)";
    const places = literalTables(await parsed(sql)).map(
      (table) => sql.slice(utf16Offset(sql, table.offset ?? 0)).split(' ')[0],
    );
    expect(places).toEqual(['orders', 'raw.items']);
  });
});

describe('canonicalSql', () => {
  test.each([
    ['SELECT  id FROM orders -- all of them', 'select id\nfrom orders'],
    ['select ID from Orders where (amount > 1)', 'select id from orders where amount > 1'],
    ['select "id" from "orders"', 'select id from orders'],
    ['select id from orders where a and (b and c)', 'select id from orders where (a and b) and c'],
    ['from orders', 'select * from orders'],
    ['select o.id from orders as o where o.Id <> 1', 'select o.id from orders o where o.id != 1'],
    ['select amount::int as a from orders', 'select cast(amount as integer) as a from orders'],
    ['select id from orders orders', 'select id from orders'],
    ['select * exclude (a, b) from orders', 'select * exclude (B, a) from orders'],
    ['select id from orders inner join items using (id)', 'select id from orders join items using (ID)'],
  ])('%s = %s', async (left, right) =>
    expect(canonicalSql(await parsed(left))).toBe(canonicalSql(await parsed(right))),
  );

  test.each([
    ['select id as A from orders', 'select id as a from orders'],
    ['select Id + 1 from orders', 'select id + 1 from orders'],
    ['select place.City from orders', 'select place.city from orders'],
    ["select 'A'", "select 'a'"],
    ["from 'Orders.csv'", "from 'orders.csv'"],
    ['select id from orders order by id', 'select id from orders order by id desc'],
    ['select id from orders limit 1', 'select id from orders limit 0'],
    ['select id from orders union select id from items', 'select id from orders union all select id from items'],
    ['select count(x) from orders', 'select count(distinct x) from orders'],
    ['select a - (b - c) as d from orders', 'select a - b - c as d from orders'],
    ['select false as x', 'select true as x'],
    ["select '' as x", 'select null as x'],
    ['select 1.0 as x', 'select 1.00 as x'],
    ['select a from orders left join items using (id)', 'select a from orders join items using (id)'],
    [
      'select sum(a) over (order by b) as s from orders',
      'select sum(a) over (order by b rows unbounded preceding) as s from orders',
    ],
    ["select {'A': 1} as s", "select {'a': 1} as s"],
    ['select x from t group by all', 'select x from t'],
    ['select try_cast(x as int) as y from t', 'select cast(x as int) as y from t'],
  ])('%s ≠ %s', async (left, right) =>
    expect(canonicalSql(await parsed(left))).not.toBe(canonicalSql(await parsed(right))),
  );
});

describe('deterministic', () => {
  test.each([
    ['select random() as r', 'random'],
    ['select uuid() from orders', 'random'],
    ['select now()', 'clock'],
    ['select current_date', 'clock'],
    ['with a as (select current_timestamp as t) select * from a', 'clock'],
    ["select nextval('s')", 'sequence'],
    ["select current_setting('threads')", 'session'],
    ["select getvariable('x')", 'session'],
    ['select * from orders tablesample 10%', 'sample'],
    ['select * from orders using sample 3', 'sample'],
    ["from read_parquet('x.parquet')", 'file'],
    ["from 'x.csv'", 'file'],
    ['from duckdb_tables()', 'catalog'],
    ['from information_schema.tables', 'catalog'],
    ['create table x (a int)', 'unknown'],
  ])('%s is not: %s', async (sql, kind) => {
    const found = deterministic(await parsed(sql));
    expect(found.deterministic).toBe(false);
    expect(found.wobbles.find((wobble) => wobble.certainty === 'surely')?.kind).toBe(kind);
    expect(found.because).toBeTruthy();
  });

  test.each([
    'select id from orders limit 3',
    'select id from orders order by id limit 3',
    'select row_number() over () from orders',
    'select row_number() over (order by amount) from orders',
    'select distinct on (id) id, amount from orders',
    'select first(amount) from orders group by id',
    'select string_agg(status) from orders',
    'select a.id from orders a positional join orders b',
  ])('%s: maybe', async (sql) => {
    const found = deterministic(await parsed(sql));
    expect(found).toMatchObject({ deterministic: true });
    expect(found.maybe).toBeTruthy();
  });

  test.each([
    'select sum(amount) from orders group by status',
    'select rank() over (order by amount) from orders',
    "select string_agg(status, ',' order by id) from orders",
    'select day as current from orders',
  ])('%s: yes', async (sql) => expect(deterministic(await parsed(sql))).toEqual({ deterministic: true, wobbles: [] }));
});

describe('relations whose columns are not known', () => {
  const nothing: Catalog = { columnsOf: () => undefined };
  const sourcesOf = async (sql: string, described?: readonly string[]) => {
    const options = described === undefined ? {} : { describedColumns: described.map((name) => ({ name })) };
    const lineage = analyseQuery(await parsed(sql), nothing, options);
    return {
      columns: lineage.columns.map(
        (column) =>
          `${column.name} ${column.sources.map((source) => `${source.relation.name}.${source.column}`).join(' ')}`,
      ),
      unresolved: lineage.unresolved.map((one) => one.reason),
    };
  };

  test('a name can only come from the one table there is, also through stars', async () => {
    expect(
      await sourcesOf(
        'with src as (select * from raw_orders), clean as (select * exclude (junk) from src) select id, amount * 2 as twice from clean',
      ),
    ).toEqual({
      columns: ['id raw_orders.id', 'twice raw_orders.amount'],
      unresolved: [],
    });
  });
  test('a star says that it is not known', async () => {
    expect((await sourcesOf('select 1 as one, * from raw_orders')).unresolved).toEqual([
      'the columns of raw_orders are not known, so what * means is not',
    ]);
  });
  test('the binder tells what a star is', async () => {
    expect(
      await sourcesOf('select 1 as one, * exclude (z) replace (x + 1 as x) rename (b as c), 2 as two from raw_orders', [
        'one',
        'a',
        'x',
        'c',
        'two',
      ]),
    ).toEqual({
      columns: ['one ', 'a raw_orders.a', 'x raw_orders.x', 'c raw_orders.b', 'two '],
      unresolved: [],
    });
  });
  test('a bare name in a join of two such tables is not guessed', async () => {
    expect((await sourcesOf('select x from a join b on a.id = b.id')).unresolved).toEqual([
      'column x may belong to a or b, whose columns are not all known',
    ]);
    expect((await sourcesOf('select a.x, b.y from a join b on a.id = b.id')).unresolved).toEqual([]);
  });
  test('a text without a tree is not analysed, and says so', async () => {
    const lineage = analyseQuery(await parsed('pivot t on k using sum(v)'), nothing, {
      describedColumns: [{ name: 'k' }],
    });
    expect(lineage).toMatchObject({
      columns: [{ name: 'k', sources: [] }],
      unresolved: [{ reason: expect.stringContaining('no syntax tree') }],
    });
  });
  test('an unknown column of a known table is said', async () => {
    expect(analyseQuery(await parsed('select amuont from orders'), catalog).unresolved).toEqual([
      { reason: 'column amuont was not found', at: 7 },
    ]);
  });
});

test('reads name every column a query could not run without', async () => {
  const { reads } = analyseQuery(
    await parsed('with a as (select *, amount + 1 as more from orders) select id from a where status > 1'),
    catalog,
  );
  expect(reads).toEqual([
    { relation: { name: 'orders' }, columns: expect.arrayContaining(['id', 'amount', 'status']), star: true },
  ]);
});

describe('columnFingerprints', () => {
  const prints = async (sql: string) => columnFingerprints(await parsed(sql), catalog);
  const differing = async (before: string, after: string) => {
    const [was, now] = [await prints(before), await prints(after)];
    const columns = now.columns.filter(
      (column) => was.columns.find((one) => one.name === column.name)?.fingerprint !== column.fingerprint,
    );
    const parts = (['tables', 'joins', 'filters', 'grouping', 'order'] as const).filter(
      (part) => was.parts[part] !== now.parts[part],
    );
    expect(was.rowset === now.rowset).toBe(parts.length === 0);
    return [...columns.map((column) => column.name), ...parts];
  };

  test.each([
    [
      'the same in other words',
      'select id, amount * 2 as twice from orders where status = 1',
      'SELECT o.ID as id, (o.amount * 2) AS twice FROM orders o WHERE (o.status = 1)',
      [],
    ],
    [
      'an expression moved into a CTE',
      'select id, amount * 2 + 1 as n from orders',
      'with o as (select id, amount from orders) select id, amount * 2 + 1 as n from o',
      [],
    ],
    [
      'one column edited',
      'select id, amount as a, status as s from orders',
      'select id, amount + 1 as a, status as s from orders',
      ['a'],
    ],
    [
      'edited inside a CTE',
      'with c as (select id, amount as a from orders) select id, a from c',
      'with c as (select id, amount * 2 as a from orders) select id, a from c',
      ['a'],
    ],
    [
      'a CTE column nobody reads',
      'with c as (select id, amount as a from orders) select id from c',
      'with c as (select id, amount * 2 as a from orders) select id from c',
      [],
    ],
    ['a filter', 'select id from orders where amount > 1', 'select id from orders where amount > 2', ['filters']],
    [
      'a filter inside a CTE',
      'with c as (select * from orders where amount > 1) select id from c',
      'with c as (select * from orders where amount > 2) select id from c',
      ['filters'],
    ],
    [
      'a join',
      'select a.id from orders a join orders b on a.id = b.id',
      'select a.id from orders a left join orders b on a.id = b.id',
      ['joins'],
    ],
    [
      'grouping',
      'select status, sum(amount) as s from orders group by status',
      'select status, sum(amount) as s from orders group by status, id',
      ['grouping'],
    ],
    ['distinct', 'select id from orders', 'select distinct id from orders', ['grouping']],
    [
      'order and limit',
      'select id from orders order by amount limit 1',
      'select id from orders order by amount desc limit 1',
      ['order'],
    ],
    [
      'a window',
      'select id, sum(amount) over (order by id) as s from orders',
      'select id, sum(amount) over (order by status) as s from orders',
      ['s'],
    ],
    [
      'a subquery of one column',
      'select id, (select max(amount) from orders where status = 1) as m from orders',
      'select id, (select max(amount) from orders where status = 2) as m from orders',
      ['m'],
    ],
    [
      'the other side of a self join',
      'select a.id, b.amount from orders a, orders b',
      'select a.id, a.amount from orders a, orders b',
      ['amount'],
    ],
    ['another table', 'select id from orders', 'select id from old.orders', ['id', 'tables']],
  ] as const)('%s', async (_, before, after, expected) => expect(await differing(before, after)).toEqual(expected));
});

describe('a kept analysis', () => {
  test('reads back as it was written', async () => {
    const lineage = analyseQuery(
      await parsed('select id, sum(amount) as total from orders where status > 1 group by id limit 2'),
      catalog,
    );
    const kept = { key: { columns: orders, lineage } };
    expect(readKept(writeKept(kept))).toEqual(kept);
  });
  test('is not read when damaged or of another version', async () => {
    const lineage = analyseQuery(await parsed('select id from orders'), catalog);
    const text = writeKept({ key: { columns: orders, lineage } });
    expect(readKept(text.replace('orders', 'ordres'))).toBeUndefined();
    expect(readKept(text.replace(/^\d+/, '0'))).toBeUndefined();
    expect(readKept('')).toBeUndefined();
  });
  test('has another key when the SQL or a schema differs', () => {
    const input = { relation: { name: 'orders' }, columns: orders };
    const keys = [
      analysisKey('select 1', [input]),
      analysisKey('select 2', [input]),
      analysisKey('select 1', [{ ...input, columns: orders.slice(1) }]),
      analysisKey('select 1', [{ ...input, columns: undefined }]),
    ];
    expect(new Set(keys).size).toBe(4);
  });
});

test('OpenLineage facet', async () => {
  const lineage = analyseQuery(
    await parsed(
      'select customer_id as c, sum(amount) filter (where status > 1) as total from orders where amount > 0 group by 1',
    ),
    catalog,
  );
  const facet = columnLineageFacet(
    lineage,
    ({ name }) => ({ namespace: 'duckdb://shop', name: `main.${name}` }),
    'https://example.org/dql',
  );
  const brief = (fields: (typeof facet)['dataset']) =>
    fields.map(
      (one) =>
        `${one.name}.${one.field} ${one.transformations.map((each) => `${each.type} ${each.subtype}`).join(', ')}`,
    );
  expect(brief(facet.fields.c?.inputFields ?? [])).toEqual(['main.orders.customer_id DIRECT IDENTITY']);
  expect(brief(facet.fields.total?.inputFields ?? [])).toEqual([
    'main.orders.amount DIRECT AGGREGATION',
    'main.orders.status INDIRECT FILTER',
  ]);
  expect(brief(facet.dataset)).toEqual([
    'main.orders.amount INDIRECT FILTER',
    'main.orders.customer_id INDIRECT GROUP_BY',
  ]);
});
