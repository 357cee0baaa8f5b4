import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Connection, Warehouse } from '../engine/engine.ts';
import { openWarehouse } from '../engine/open.ts';
import { type Diff, type DiffOptions, diffRelations } from './diff.ts';

let warehouse: Warehouse;
let connection: Connection;
beforeAll(async () => {
  warehouse = await openWarehouse('duckdb', { path: ':memory:', readOnly: false, instanceSettings: {} });
  connection = await warehouse.connect();
});
afterAll(async () => {
  connection.close();
  await warehouse.close();
});

const side = (label: string, sql: string) => ({ label, relation: `(${sql})` });

/** Two queries compared; an error of the user's making is thrown as its words. */
async function diff(left: string, right: string, options: DiffOptions = {}): Promise<Diff> {
  const { value, diagnostics } = await diffRelations(connection, side('before', left), side('after', right), options);
  if (value === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return value;
}

const ORDERS = "from (values (1, 'ada', 10.5), (2, 'bob', 7.0), (3, 'cleo', null)) t(id, customer, price)";
const key = ['id'];

test('equal relations are equal, whatever the order of their rows', async () => {
  const before = `select * ${ORDERS}`;
  expect(await diff(before, `${before} order by id desc`, { key })).toMatchObject({
    isEqual: true,
    rows: { left: 3, right: 3, same: 3, changed: 0, added: 0, removed: 0 },
    key: { nulls: { leftRows: 0 }, duplicates: { keys: 0 }, searched: 'all rows' },
  });
  expect(await diff(before, `${before} order by id desc`)).toMatchObject({ isEqual: true, rows: { same: 3 } });
});

test('rows are added, removed and changed by key, with figures a column and samples', async () => {
  const after = "select * from (values (1, 'ada', 11.0), (3, 'cleo', 4.0), (4, 'dora', 1.0)) t(id, customer, price)";
  expect(await diff(`select * ${ORDERS}`, after, { key })).toMatchInlineSnapshot(`
    {
      "columns": [
        {
          "changed": 0,
          "name": "customer",
          "rate": 0,
        },
        {
          "changed": 2,
          "name": "price",
          "rate": 1,
        },
      ],
      "isEqual": false,
      "key": {
        "columns": [
          "id",
        ],
        "duplicates": {
          "keys": 0,
          "leftOnly": 0,
          "leftRows": 0,
          "rightOnly": 0,
          "rightRows": 0,
        },
        "nulls": {
          "leftOnly": 0,
          "leftRows": 0,
          "rightOnly": 0,
          "rightRows": 0,
        },
        "searched": "all rows",
      },
      "left": "before",
      "right": "after",
      "rows": {
        "added": 1,
        "changed": 2,
        "left": 3,
        "removed": 1,
        "right": 3,
        "same": 0,
      },
      "samples": {
        "added": {
          "columns": [
            "id",
            "customer",
            "price",
          ],
          "rows": [
            [
              "4",
              "dora",
              "1.0",
            ],
          ],
          "truncated": false,
        },
        "changed": {
          "rows": [
            {
              "changes": [
                {
                  "column": "price",
                  "left": "10.5",
                  "right": "11.0",
                },
              ],
              "key": [
                "1",
              ],
            },
            {
              "changes": [
                {
                  "column": "price",
                  "left": null,
                  "right": "4.0",
                },
              ],
              "key": [
                "3",
              ],
            },
          ],
          "truncated": false,
        },
        "duplicates": {
          "columns": [
            "id",
            "left",
            "right",
          ],
          "rows": [],
          "truncated": false,
        },
        "nulls": {
          "columns": [
            "id",
            "customer",
            "price",
            "side",
          ],
          "rows": [],
          "truncated": false,
        },
        "removed": {
          "columns": [
            "id",
            "customer",
            "price",
          ],
          "rows": [
            [
              "2",
              "bob",
              "7.0",
            ],
          ],
          "truncated": false,
        },
      },
      "schema": {
        "added": [],
        "moved": [],
        "removed": [],
        "retyped": [],
      },
    }
  `);
});

test('without a key a changed row is one removed and one added', async () => {
  const after =
    "select * from (values (1, 'ada', 11.0), (2, 'bob', 7.0), (3, 'cleo', null), (3, 'cleo', null)) t(id, customer, price)";
  const found = await diff(`select * ${ORDERS}`, after);
  expect(found).toMatchObject({ isEqual: false, rows: { same: 2, changed: 0, added: 2, removed: 1 }, columns: [] });
  expect(found.key).toBeUndefined();
  expect(found.samples.added.rows).toEqual([
    ['1', 'ada', '11.0'],
    ['3', 'cleo', null],
  ]);
  expect(found.samples.removed.rows).toEqual([['1', 'ada', '10.5']]);
});

test('a repeated row that became another repeated row is seen, though their hashes cancel in pairs', async () => {
  const twice = (name: string) => `select '${name}' as name from range(2)`;
  expect((await diff(twice('ada'), twice('bob'))).rows).toMatchObject({ added: 2, removed: 2, same: 0 });
});

test('two rows that exchanged a value are seen, in any column and by any key', async () => {
  const cards = "select range as id, 'card ' || range as code, range % 5 as suit, range // 5 as rank from range(50)";
  for (const columns of [
    ['suit', 'rank'],
    ['rank', 'suit'],
  ])
    for (const exchangeKey of [['id'], ['code'], ['id', 'code'], []])
      for (let first = 0; first < 6; first++) {
        const second = 49 - first;
        const exchanged = `select c.* replace (o.suit as suit) from (${cards}) c join (${cards}) o on o.id = case c.id when ${first} then ${second} when ${second} then ${first} else c.id end`;
        const found = await diff(cards, exchanged, { key: exchangeKey, columns: ['id', 'code', ...columns] });
        expect(found.isEqual).toBe(first % 5 === second % 5);
      }
});

test('columns are added, removed, retyped and moved', async () => {
  const found = await diff(
    'select 1 as id, 2::integer as amount, 3 as old, 4 as a, 5 as b',
    'select 1 as id, 5 as b, 2::bigint as amount, 4 as a, 9 as new',
    { key },
  );
  expect(found.schema).toEqual({
    added: [{ name: 'new', type: 'INTEGER' }],
    removed: [{ name: 'old', type: 'INTEGER' }],
    retyped: [{ name: 'amount', left: 'INTEGER', right: 'BIGINT', comparedAs: 'BIGINT' }],
    moved: ['b'],
  });
  expect(found).toMatchObject({ isEqual: false, rows: { same: 1, changed: 0 } });
});

test.each([
  ['1::integer', '1::double', 'DOUBLE', 0],
  ['1.50::decimal(5,2)', '1.5::decimal(4,1)', 'DECIMAL(5,2)', 0],
  ["date '2026-01-01'", "timestamp '2026-01-01 00:00:00'", 'TIMESTAMP', 0],
  ["date '2026-01-01'", "timestamp '2026-01-01 00:00:01'", 'TIMESTAMP', 1],
  ['1', "'1'", 'VARCHAR', 0],
  ['1', "date '2026-01-01'", 'VARCHAR', 1],
  ['[1]', '{a: 1}', 'VARCHAR', 1],
  ["'a'::enum('a', 'b')", "'a'::enum('a', 'c')", 'VARCHAR', 0],
])('%s against %s is compared as %s', async (left, right, comparedAs, changed) => {
  const found = await diff(`select 7 as id, ${left} as value`, `select 7 as id, ${right} as value`, { key });
  expect(found.schema.retyped[0]?.comparedAs).toBe(comparedAs);
  expect(found.rows.changed).toBe(changed);
});

test.each([
  ['NaN', "'nan'::double", "'nan'::double", 0],
  ['NaN and a number', "'nan'::double", '1::double', 1],
  ['NULL', 'null::integer', 'null::integer', 0],
  ['NULL and a value', 'null::integer', '0', 1],
  ['NULL and NaN', 'null::double', "'nan'::double", 1],
  ['zero and minus zero', '0::double', '-0::double', 0],
  ['a month and thirty days', "interval '1 month'", "interval '30 days'", 0],
  ['nested values', '{a: [1, null]}', '{a: [1, null]}', 0],
  ['nested values that differ', '{a: [1, null]}', '{a: [1, 2]}', 1],
  ['text that differs in case', "'Ada'", "'ada'", 1],
])('%s', async (_, left, right, changed) => {
  const found = await diff(`select 7 as id, ${left} as value`, `select 7 as id, ${right} as value`, { key });
  expect([found.rows.changed, found.isEqual]).toEqual([changed, changed === 0]);
  expect(found.columns).toEqual([{ name: 'value', changed, rate: changed }]);
});

test('a NULL in the key is said, and such rows are compared as wholes', async () => {
  const found = await diff(
    "select * from (values (1, 'ada'), (null, 'bob'), (null, 'bob'), (null, 'cleo')) t(id, name)",
    "select * from (values (1, 'ada'), (null, 'bob'), (null, 'dora')) t(id, name)",
    { key },
  );
  expect(found.rows).toEqual({ left: 4, right: 3, same: 2, changed: 0, added: 0, removed: 0 });
  expect(found.key?.nulls).toEqual({ leftRows: 3, rightRows: 2, leftOnly: 2, rightOnly: 1 });
  expect(found.samples.nulls).toEqual({
    columns: ['id', 'name', 'side'],
    rows: [
      [null, 'bob', 'left'],
      [null, 'cleo', 'left'],
      [null, 'dora', 'right'],
    ],
    truncated: false,
  });
});

test('a repeated key is said, and its rows are compared as wholes instead of multiplied by a join', async () => {
  const found = await diff(
    "select * from (values (1, 'ada'), (2, 'bob'), (2, 'bert'), (3, 'cleo')) t(id, name)",
    "select * from (values (1, 'ada'), (2, 'bob'), (2, 'bea'), (2, 'ben'), (3, 'cleo'), (3, 'cleo')) t(id, name)",
    { key },
  );
  expect(found.rows).toEqual({ left: 4, right: 6, same: 3, changed: 0, added: 0, removed: 0 });
  expect(found.key?.duplicates).toEqual({ keys: 2, leftRows: 3, rightRows: 5, leftOnly: 1, rightOnly: 3 });
  expect(found.samples.duplicates).toEqual({
    columns: ['id', 'left', 'right'],
    rows: [
      ['2', '2', '3'],
      ['3', '1', '2'],
    ],
    truncated: false,
  });
});

test('repeated keys are said even when both sides are equal, unless the relations are large', async () => {
  const twice = "select * from (values (1, 'ada'), (1, 'bob')) t(id, name)";
  expect(await diff(twice, twice, { key })).toMatchObject({
    isEqual: true,
    key: { duplicates: { keys: 1, leftRows: 2 }, searched: 'all rows' },
  });
  expect(await diff(twice, twice, { key, searchAllUpTo: 3 })).toMatchObject({
    isEqual: true,
    key: { duplicates: { keys: 0 }, searched: 'differing rows' },
  });
});

test('a key may have several columns, of other types and spellings on each side, and any name', async () => {
  const found = await diff(
    `select 1 as "Order", 'a' as l, 10 as r, 5 as s, 1 as there, 1 as bucket, 1 as more, 1 as left_rows`,
    `select 'a' as "L", 1::bigint as "order", 11 as r, 5 as s, 2 as there, 1 as bucket, 2 as more, 1 as left_rows union all select 'b', 1, 1, 1, 1, 1, 1, 1`,
    { key: ['order', 'l'] },
  );
  expect(found).toMatchObject({ rows: { same: 0, changed: 1, added: 1 }, key: { columns: ['Order', 'l'] } });
  expect(found.samples.changed.rows).toEqual([
    {
      key: ['1', 'a'],
      changes: [
        { column: 'r', left: '10', right: '11' },
        { column: 'there', left: '1', right: '2' },
        { column: 'more', left: '1', right: '2' },
      ],
    },
  ]);
});

test('only the columns that are asked for are compared', async () => {
  const found = await diff('select 1 as id, 2 as a, 3 as b', 'select 1 as id, 2 as a, 4 as b', { key, columns: ['a'] });
  expect(found.rows.same).toBe(1);
  expect(found.columns.map(({ name }) => name)).toEqual(['a']);
});

test('an empty side has lost or gained all rows, and two empty sides are equal', async () => {
  const none = `select * ${ORDERS} where false`;
  expect((await diff(`select * ${ORDERS}`, none, { key })).rows).toMatchObject({ left: 3, right: 0, removed: 3 });
  expect((await diff(none, `select * ${ORDERS}`)).rows).toMatchObject({ left: 0, right: 3, added: 3 });
  expect((await diff(none, none, { key })).isEqual).toBe(true);
});

test('a key of whole numbers may be negative, huge or have gaps', async () => {
  for (const ids of [
    'select range - 5000 as id, range as value from range(10000)',
    'select 9223372036854775807 - range as id, range as value from range(10000)',
    'select -9223372036854775807 - 1 + range as id, range as value from range(10000)',
    'select (18446744073709551615::ubigint - range::ubigint) as id, range as value from range(10000)',
    'select range * range * 1000003 as id, range as value from range(10000)',
    'select (range % 200)::utinyint as id, range as value from range(200)',
  ]) {
    const after = `select * replace (case when value = 77 then -1 else value end as value) from (${ids}) where value <> 99`;
    const found = await diff(ids, after, { key });
    expect([found.rows.changed, found.rows.removed, found.rows.added]).toEqual([1, 1, 0]);
  }
});

test('samples are as long as asked, and say when there is more', async () => {
  const { samples } = await diff('select range as id from range(0)', 'select range as id from range(20)', {
    key,
    sampleSize: 2,
  });
  expect(samples.added).toEqual({ columns: ['id'], rows: [['0'], ['1']], truncated: true });
  const none = await diff('select 1 as id, 1 as a', 'select 1 as id, 2 as a', { key, sampleSize: 0 });
  expect(none.samples.changed).toEqual({ rows: [], truncated: false });
  expect(none.rows.changed).toBe(1);
});

test('tables are read in parts where rows with neighbouring keys lie together, and leave no trace', async () => {
  await connection.run('create table visits as select range as id, range % 7 as pages from range(300000)');
  await connection.run(
    'create table visits_now as select id, case when id in (5, 50000) then 99 else pages end as pages from visits order by hash(id)',
  );
  const compared = [
    { label: 'visits', relation: '"visits"' },
    { label: 'visits_now', relation: '"visits_now"' },
  ] as const;
  const asked: string[] = [];
  const listening: Connection = {
    ...connection,
    run: (sql) => {
      asked.push(sql);
      return connection.run(sql);
    },
    query: (sql) => connection.query(sql),
    describe: (sql) => connection.describe(sql),
    transaction: (work) => connection.transaction(work),
  };
  const { value } = await diffRelations(listening, ...compared, { key });
  expect(asked.filter((sql) => /dql_diff_(?:left|right) as/.test(sql)).join(';\n')).toMatchInlineSnapshot(`
    "create or replace temp table dql_diff_left as
    select "id" as "id", "pages" as "pages"
    from "visits"
    where "id" between 0 and 15
    union all
    select "id" as "id", "pages" as "pages"
    from "visits"
    where "id" between 50000 and 50015;
    create or replace temp table dql_diff_right as
    select "id" as "id", "pages" as "pages"
    from "visits_now"
    where coalesce(((("id"::bigint >> 4) & 65535)::usmallint)::integer, -1) in (select bucket from temp.dql_diff_buckets where differs)"
  `);
  expect(value).toMatchObject({
    rows: { same: 299_998, changed: 2 },
    columns: [{ name: 'pages', changed: 2, rate: 2 / 300_000 }],
  });
  const { rows } = await connection.query(
    "select count(*)::integer from duckdb_tables() where table_name like 'dql_diff%'",
  );
  expect(rows).toEqual([[0]]);
});

test('large relations are grouped in arrays, by any key, and the setting for it is put back', async () => {
  await connection.run(
    "create table readings as select range as id, 'sensor ' || range % 100 as sensor, range // 100 as minute, range % 1009 as value from range(1_200_000)",
  );
  await connection.run(
    'create table readings_now as select * replace (case when id = 700_000 then -1 else value end as value) from readings where id <> 31',
  );
  for (const columns of [['id'], ['sensor', 'minute'], []]) {
    const { value } = await diffRelations(
      connection,
      { label: 'readings', relation: '"readings"' },
      { label: 'readings_now', relation: '"readings_now"' },
      { key: columns, searchAllUpTo: 0 },
    );
    expect(value?.rows).toEqual({
      left: 1_200_000,
      right: 1_199_999,
      same: 1_199_998,
      ...(columns.length > 0 ? { changed: 1, added: 0, removed: 1 } : { changed: 0, added: 1, removed: 2 }),
    });
  }
  const setting = await connection.query("select current_setting('perfect_ht_threshold')::integer");
  expect(setting.rows).toEqual([[12]]);
  await connection.run('drop table readings; drop table readings_now');
});

test('what cannot be compared is said before anything is read', async () => {
  const said = async (left: string, right: string, options: DiffOptions) =>
    (await diffRelations(connection, side('before', left), side('after', right), options)).diagnostics;
  expect(await said('select 1 as id', 'select 1 as nr', { key: ['id'] })).toMatchInlineSnapshot(`
    [
      {
        "code": "diff/no-such-column",
        "hint": undefined,
        "message": "the key column \`id\` is not in \`after\`",
        "severity": "error",
      },
    ]
  `);
  expect(
    await said('select 1 as order_id', 'select 1 as order_id', { key: ['order_di'], columns: ['amount'] }),
  ).toMatchInlineSnapshot(`
    [
      {
        "code": "diff/no-such-column",
        "hint": "did you mean \`order_id\`?",
        "message": "the key column \`order_di\` is not in \`before\` and \`after\`",
        "severity": "error",
      },
      {
        "code": "diff/no-such-column",
        "hint": undefined,
        "message": "the column \`amount\` is not in \`before\` and \`after\`",
        "severity": "error",
      },
    ]
  `);
  expect(await said('select 1 as a', 'select 1 as b', {})).toMatchInlineSnapshot(`
    [
      {
        "code": "diff/nothing-in-common",
        "message": "\`before\` and \`after\` have no column in common, so their rows cannot be compared",
        "severity": "error",
      },
    ]
  `);
});

/** What the figures must be, by counting in memory. */
type Made = readonly (readonly [id: number | null, value: number | null])[];
function counted(left: Made, right: Made) {
  const text = (row: Made[number]) => JSON.stringify(row);
  const times = (rows: Made, id: number | null) => rows.filter((row) => row[0] === id).length;
  const isPaired = ([id]: Made[number]) => id !== null && times(left, id) <= 1 && times(right, id) <= 1;
  const leftOnly = (mine: Made, theirs: Made) => {
    const rest = theirs.map(text);
    return mine.filter((row) => {
      const at = rest.indexOf(text(row));
      if (at >= 0) rest.splice(at, 1);
      return at < 0;
    }).length;
  };
  const pairs = left
    .filter(isPaired)
    .flatMap(([id, value]) => right.filter((row) => row[0] === id).map((row) => [value, row[1]]));
  const changed = pairs.filter(([before, after]) => before !== after).length;
  const added = right.filter(isPaired).length - pairs.length;
  const removed = left.filter(isPaired).length - pairs.length;
  const odd = (rows: Made, isNull: boolean) => rows.filter((row) => !isPaired(row) && (row[0] === null) === isNull);
  const over = (isNull: boolean) => ({
    leftRows: odd(left, isNull).length,
    rightRows: odd(right, isNull).length,
    leftOnly: leftOnly(odd(left, isNull), odd(right, isNull)),
    rightOnly: leftOnly(odd(right, isNull), odd(left, isNull)),
  });
  const repeated = new Set([...odd(left, false), ...odd(right, false)].map(([id]) => id));
  return { changed, added, removed, nulls: over(true), duplicates: { keys: repeated.size, ...over(false) } };
}

const cell = fc.oneof({ weight: 5, arbitrary: fc.nat(6) }, { weight: 1, arbitrary: fc.constant(null) });
const made = fc.array(fc.tuple(cell, cell), { maxLength: 8 });
/** The same rows by a number, by text and by two columns, of which either may be missing. */
const KEYS = {
  id: 'id::integer as id',
  code: "'n' || id as code",
  'half,third': 'id // 3 as half, id % 3 as third',
};
type KeyColumns = keyof typeof KEYS;
const asQuery = (rows: Made, by: KeyColumns): string =>
  `select ${KEYS[by]}, value::integer as value from (values (0, 0)${rows.map(([id, value]) => `, (${id}, ${value})`).join('')}) t(id, value) offset 1`;

const by = fc.constantFrom<KeyColumns>('id', 'code', 'half,third');

test('for any rows and keys, with any NULLs and repetitions, the figures are those of counting', async () => {
  await fc.assert(
    fc.asyncProperty(made, made, by, fc.boolean(), fc.boolean(), async (left, right, columns, searchAll, copied) => {
      const expected = counted(left, right);
      const [before, after] = [asQuery(left, columns), asQuery(right, columns)];
      const found = await diff(before, after, {
        key: columns.split(','),
        searchAllUpTo: searchAll ? 100 : 0,
        copyUpTo: copied ? 100 : 0,
      });
      const { changed, added, removed, same } = found.rows;
      expect({ changed, added, removed }).toEqual({
        changed: expected.changed,
        added: expected.added,
        removed: expected.removed,
      });
      expect(found.key?.nulls).toEqual(expected.nulls);
      const { leftOnly, rightOnly } = expected.duplicates;
      expect(found.key?.duplicates).toMatchObject(searchAll ? expected.duplicates : { leftOnly, rightOnly });
      expect(left.length).toBe(same + changed + removed + expected.nulls.leftOnly + leftOnly);
      expect(right.length).toBe(same + changed + added + expected.nulls.rightOnly + rightOnly);
      const whole = await diff(before, after);
      expect(whole.isEqual).toBe(found.isEqual);
      expect(whole.rows.added - whole.rows.removed).toBe(right.length - left.length);
    }),
    { numRuns: 60 },
  );
}, 60_000);
