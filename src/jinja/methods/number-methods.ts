import { Tuple } from '../values/containers.ts';
import { type Native, native } from '../values/native.ts';
import { bigintOf, float, integerFrom, numberOf } from '../values/number.ts';
import type { Value } from '../values.ts';

const exact = (value: Value) => bigintOf(value) ?? 0n;

/** Python's int. */
export const INTEGER_METHODS: ReadonlyMap<string, Native<Value>> = new Map(
  Object.entries({
    bit_length: native('', (value) => {
      const number = exact(value);
      return number === 0n ? 0 : (number < 0n ? -number : number).toString(2).length;
    }),
    is_integer: native('', () => true),
    conjugate: native('', (value) => value),
    as_integer_ratio: native('', (value) => new Tuple([value, 1])),
  }),
);

/** Python's float. */
export const FLOAT_METHODS: ReadonlyMap<string, Native<Value>> = new Map(
  Object.entries({
    is_integer: native('', (value) => Number.isInteger(numberOf(value))),
    conjugate: native('', (value) => float(numberOf(value) ?? 0)),
    as_integer_ratio: native('', (value) => {
      let numerator = numberOf(value) ?? 0;
      let denominator = 1n;
      while (!Number.isInteger(numerator)) {
        numerator *= 2;
        denominator *= 2n;
      }
      return new Tuple([integerFrom(BigInt(numerator)), integerFrom(denominator)]);
    }),
  }),
);
