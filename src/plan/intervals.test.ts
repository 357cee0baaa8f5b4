import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contains, intersect, type Range, subtract, union } from './intervals.ts';

const few = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 9 })), { maxLength: 8 })
  .map((pairs) => pairs.map(([start, length]): Range => ({ start, end: start + length })));
const moments = (ranges: readonly Range[]) =>
  Array.from({ length: 60 }, (_, moment) => moment).filter((moment) =>
    ranges.some(({ start, end }) => start <= moment && moment < end),
  );

test('ranges are sets of moments', () => {
  fc.assert(
    fc.property(few, few, (left, right) => {
      const [a, b] = [union(left), union(right)];
      expect(moments(a)).toEqual(moments(left));
      expect(moments(subtract(a, b))).toEqual(moments(left).filter((moment) => !moments(right).includes(moment)));
      expect(moments(intersect(a, b))).toEqual(moments(left).filter((moment) => moments(right).includes(moment)));
      for (const range of left) expect(contains(a, range)).toBe(true);
    }),
  );
});

test('a list of ranges has no overlaps, no empty ranges and none that touch', () => {
  fc.assert(
    fc.property(few, few, (left, right) => {
      for (const list of [union(left), subtract(union(left), union(right))])
        for (const [index, { start, end }] of list.entries()) {
          expect(start).toBeLessThan(end);
          const before = list[index - 1];
          if (before) expect(before.end).toBeLessThanOrEqual(start);
        }
    }),
  );
});
