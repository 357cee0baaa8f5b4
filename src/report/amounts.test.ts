import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { thousands } from './amounts.ts';

test('numbers are grouped as the language has it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeInteger(), fc.bigInt(), fc.double({ noNaN: true })), (value) => {
      expect(thousands(Object.is(value, -0) ? 0 : value)).toBe(
        (Object.is(value, -0) ? 0 : value).toLocaleString('en-US'),
      );
    }),
  );
});
