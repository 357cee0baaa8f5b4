import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Json } from '../core/node-id.ts';
import type { Column } from '../engine/engine.ts';
import { memoryConnection } from '../testing/memory-connection.ts';
import { csvRecords } from './fixture-rows.ts';
import { executeUnitTest, type UnitTestRequest } from './unit-test.ts';

let connection: Awaited<ReturnType<typeof memoryConnection>>;
beforeAll(async () => {
  connection = await memoryConnection();
});
afterAll(() => connection.close());

const EVENTS: readonly Column[] = [
  { name: 'id', type: 'INTEGER' },
  { name: 'ts', type: 'TIMESTAMP' },
  { name: 'v', type: 'VARCHAR' },
];
const LATEST =
  'select id, v, row_number() over (partition by v order by ts desc) as rn from "__dbt__cte__ev" where v is not null';

const unitTest = (
  given: UnitTestRequest['expect'],
  expected: UnitTestRequest['expect'],
  more: Partial<UnitTestRequest> = {},
) =>
  executeUnitTest(connection, {
    name: 'latest_event',
    model: LATEST,
    inputs: [
      {
        as: '__dbt__cte__ev',
        input: "ref('ev')",
        fixture: given,
        columns: EVENTS,
      },
    ],
    expect: expected,
    ...more,
  });
const dict = (...rows: Json[]): UnitTestRequest['expect'] => ({
  format: 'dict',
  rows,
});

test('passes when the rows are the expected ones, in any order, in the columns named', async () => {
  const given = dict({ id: 1, v: 'a', ts: '2024-01-01' }, { ID: 2, v: 'a', ts: '2024-01-02' }, { id: 3 });
  const { value } = await unitTest(given, dict({ id: 2, RN: 1 }, { id: 1, rn: 2 }));
  expect(value).toMatchObject({ status: 'pass', failures: 0, message: null });
});

test('fails with a diff of the cells that differ', async () => {
  const given: UnitTestRequest['expect'] = {
    format: 'csv',
    rows: 'id,v,ts\n1,a,2024-01-01\n2,b,\n3,,\n',
  };
  const { value } = await unitTest(
    given,
    dict({ id: 1, v: 'a', rn: 5 }, { id: 9, v: 'z', rn: 4 }, { id: 2, v: 'b', rn: 1 }),
  );
  expect(value?.failures).toBe(1);
  expect(value?.message).toMatchInlineSnapshot(`
		"actual differs from expected:

		@@  | id | v | rn
		→   | 1  | a | 5→1
		--- | 9  | z | 4
		(1 row is as expected)
		"
	`);
});

test('a row too many and a row too few are seen, duplicates included', async () => {
  const given = dict({ id: 1, v: 'a' }, { id: 2, v: 'b' });
  const { value } = await unitTest(given, dict({ rn: 1 }), {});
  expect(value?.message).toMatchInlineSnapshot(`
		"actual differs from expected:

		@@  | rn
		+++ | 1
		(1 row is as expected)
		"
	`);
  expect((await unitTest(given, dict({ rn: 1 }, { rn: 1 }, { rn: 1 }))).value?.message).toMatchInlineSnapshot(`
		"actual differs from expected:

		@@  | rn
		--- | 1
		(2 rows are as expected)
		"
	`);
});

test('no rows expected means that the model gives none', async () => {
  expect((await unitTest(dict(), dict())).value?.status).toBe('pass');
  expect((await unitTest(dict({ id: 1, v: 'a' }), dict())).value?.status).toBe('fail');
});

test('expected values have the types of the model, so 1.50 is 1.5 and a date is a date', async () => {
  const inputs = [
    {
      as: 'orders',
      input: "ref('orders')",
      fixture: dict({
        price: '1.5',
        day: '2024-01-01',
        tags: ['a', 'b'],
        who: { name: 'ada' },
      }),
      columns: [
        { name: 'price', type: 'DECIMAL(10,2)' },
        { name: 'day', type: 'DATE' },
        { name: 'tags', type: 'VARCHAR[]' },
        { name: 'who', type: 'STRUCT("name" VARCHAR)' },
      ],
    },
  ];
  const { value } = await unitTest(
    dict(),
    dict({
      price: 1.5,
      day: '2024-01-01 00:00:00',
      tags: ['a', 'b'],
      who: { name: 'ada' },
    }),
    { model: 'select * from "orders"', inputs },
  );
  expect(value?.message).toBeNull();
});

test('rows may be SQL on either side', async () => {
  const { value } = await unitTest(
    { format: 'sql', rows: "select 1 as id, 'a' as v, null::timestamp as ts;" },
    { format: 'sql', rows: 'select 1 as rn, 1 as id' },
  );
  expect(value?.status).toBe('pass');
});

test('NULL equals NULL and nothing else', async () => {
  const model = 'select id, ts from "__dbt__cte__ev"';
  expect((await unitTest(dict({ id: 1 }), dict({ id: 1, ts: null }), { model })).value?.status).toBe('pass');
  expect((await unitTest(dict({ id: 1, ts: '2024-01-01' }), dict({ id: 1, ts: null }), { model })).value?.status).toBe(
    'fail',
  );
});

test('a column that is not there is named, with the one that was meant', async () => {
  expect((await unitTest(dict({ idd: 1 }), dict())).diagnostics).toMatchObject([
    { code: 'checks/unknown-column', hint: 'did you mean `id`?' },
  ]);
  expect((await unitTest(dict({ id: 1, v: 'a' }), dict({ row: 1 }))).diagnostics).toMatchObject([
    {
      code: 'checks/unknown-column',
      message: expect.stringContaining('`row`'),
    },
  ]);
});

test('inputs of unknown shape take their columns from the rows, and need some', async () => {
  const inputs = [
    {
      as: 'ev',
      input: "ref('ev')",
      fixture: dict({ id: 1, v: 'a' }),
      columns: undefined,
    },
  ];
  expect(
    (
      await unitTest(dict(), dict({ v: 'a' }), {
        model: 'select * from "ev"',
        inputs,
      })
    ).value?.status,
  ).toBe('pass');
  const empty = inputs.map((input) => ({ ...input, fixture: dict() }));
  expect(
    (
      await unitTest(dict(), dict(), {
        model: 'select * from "ev"',
        inputs: empty,
      })
    ).diagnostics,
  ).toMatchObject([{ code: 'checks/wrong-fixture', hint: expect.stringContaining('contract') }]);
});

test('csv keeps commas and line breaks in quotes, and knows an empty text from nothing', () => {
  expect(csvRecords('a,b\n"x, ""y""\nz",\n"",2\n\n')).toEqual([
    ['a', 'b'],
    ['x, "y"\nz', null],
    ['', '2'],
  ]);
});
