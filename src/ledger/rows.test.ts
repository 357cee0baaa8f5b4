import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openDuckDb } from '../engine/duckdb/open-duckdb.ts';
import { insertRows } from './rows.ts';

test('records arrive as they are: quotes, emoji and half of one, numbers, nothing, lists', async () => {
  const warehouse = await openDuckDb({ path: ':memory:', readOnly: false, instanceSettings: {} });
  const connection = await warehouse.connect();
  await connection.run('create table notes (note varchar, amount double, day timestamp, seen boolean, tags varchar)');
  const records = [
    { note: `it's "late" \\ 🎈`, amount: 1e21, day: '2026-11-21T03:04:05.678Z', seen: true, tags: ['a', "b's"] },
    { note: '🎈'.slice(0, 1), amount: Number.NaN, day: null, seen: false, tags: null },
    { note: null, amount: 9_007_199_254_740_991n, day: null, seen: null, tags: {} },
  ];
  await connection.run(insertRows('notes', ['tags', 'note', 'amount', 'day', 'seen'], records));
  const { rows } = await connection.query('select * from notes');
  expect(rows).toEqual([
    [`it's "late" \\ 🎈`, 1e21, '2026-11-21 03:04:05.678', true, `["a","b's"]`],
    ['\ufffd', Number.NaN, null, false, null],
    [null, 9_007_199_254_740_991, null, null, '{}'],
  ]);
  await warehouse.close();
});

test('a law: whatever the records share, each of them arrives', async () => {
  const warehouse = await openDuckDb({ path: ':memory:', readOnly: false, instanceSettings: {} });
  const connection = await warehouse.connect();
  await connection.run('create table notes (place integer, note varchar, amount bigint)');
  const record = fc.record({
    note: fc.option(fc.constantFrom('', 'null', "it's", '"', '\\', '\u0001', 'a')),
    amount: fc.option(fc.constantFrom(0n, -1n, 9_007_199_254_740_993n)),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 4 }), async (records) => {
      const placed = records.map((each, place) => ({ place, ...each }));
      await connection.run(
        `delete from notes;\n${insertRows('notes', ['place', 'note', 'amount'], placed)}\n${insertRows('notes', ['note', 'amount'], records)}`,
      );
      const { rows } = await connection.query('select note, amount from notes order by place nulls last');
      const values = records.map(({ note, amount }) => [note, amount]);
      expect(rows.slice(0, records.length)).toEqual(values);
      const text = (all: readonly (readonly unknown[])[]) => all.map(String).sort();
      expect(text(rows.slice(records.length))).toEqual(text(values));
    }),
    { numRuns: 60 },
  );
  await warehouse.close();
});

test('no records are no statement', () => {
  expect(insertRows('notes', [], [])).toBe('');
});
