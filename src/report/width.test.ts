import fc from 'fast-check';
import { expect, test } from 'vitest';
import { age, bytes, count, seconds, thousands } from './amounts.ts';
import { table } from './table.ts';
import { clip, padEnd, visible, widthOf } from './width.ts';

test.each([
  ['orders', 6],
  ['注文', 4],
  ['🍋', 2],
  ['👩‍🚀', 2],
  ['é', 1],
  ['\u001b[31mred\u001b[39m', 3],
  ['ﾊﾝｶｸ', 4],
  ['🇩🇪', 2],
])('%j takes %i cells', (text, cells) => {
  expect(widthOf(text)).toBe(cells);
});

test('clipping never exceeds the room, and says that something is missing', () => {
  expect(clip('customers', 5)).toBe('cust…');
  expect(clip('注文注文', 4)).toBe('注…');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, room) => {
      expect(widthOf(clip(visible(text), room))).toBeLessThanOrEqual(room);
      expect(widthOf(padEnd(clip(visible(text), room), room))).toBe(room);
    }),
  );
});

test('every line of a table is as wide as the terminal at most, and the bars stand in one column', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 3, maxLength: 3 }), { maxLength: 5 }),
      fc.integer({ min: 30, max: 80 }),
      (rows, columns) => {
        const lines = table([{ title: 'customer' }, { title: 'order' }, { title: 'amount' }], rows, { columns }).split(
          '\n',
        );
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
      },
    ),
  );
});

test('amounts as people read them', () => {
  expect([thousands(1234567), count(1, 'row'), count(2, 'row')]).toEqual(['1,234,567', '1 row', '2 rows']);
  expect([0.314, 9.999, 59.99, 60, 3599.7, 7500].map(seconds)).toEqual([
    '0.31s',
    '10.0s',
    '1m 00s',
    '1m 00s',
    '1h 00m',
    '2h 05m',
  ]);
  expect([45, 720, 18000, 93600, 172800, 273600].map(age)).toEqual([
    '45 s',
    '12 min',
    '5 h',
    '26 h',
    '2 days',
    '3 days 4 h',
  ]);
  expect([0, 999, 1000, 1_254_000, 999_600].map(bytes)).toEqual(['0 B', '999 B', '1.00 kB', '1.25 MB', '1.00 MB']);
});
