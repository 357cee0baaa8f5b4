import { fixed, roundedTo } from '../format/decimal.ts';
import { absolute, integerArgument } from '../values/arithmetic.ts';
import { Markup } from '../values/containers.ts';
import { sentence } from '../values/iteration.ts';
import { type Native, native } from '../values/native.ts';
import {
  bigintOf,
  float,
  integer,
  integerFrom,
  isNumber,
  numberOf,
  parseFloatText,
  parseInteger,
} from '../values/number.ts';
import { typeError, valueError } from '../values/template-error.ts';
import { kindOf } from '../values/text.ts';
import { Undefined } from '../values/undefined.ts';
import type { Value } from '../values.ts';

const plain = (value: Value): Value => (value instanceof Markup ? value.value : value);

/** Python's int(value), or undefined when it cannot be one. */
export function toInteger(value: Value, base = 10): Value | undefined {
  const input = plain(value);
  if (input instanceof Undefined) throw input.error();
  if (typeof input === 'string') return parseInteger(input, base);
  const exact = bigintOf(input);
  if (exact !== undefined) return integerFrom(exact);
  const number = numberOf(input);
  return number === undefined || !Number.isFinite(number) ? undefined : integer(Math.trunc(number));
}

function intFilter(value: Value, otherwise: Value = 0, base: Value = 10): Value {
  const direct = toInteger(value, integerArgument(base, 'A base'));
  if (direct !== undefined) return direct;
  // "42.23" is 42, as in Jinja2.
  const number = toFloat(value);
  return number === undefined || !Number.isFinite(number) ? otherwise : integer(Math.trunc(number));
}

/** Python's float(value) as a JavaScript number, or undefined. */
export function toFloat(value: Value): number | undefined {
  const input = plain(value);
  if (input instanceof Undefined) throw input.error();
  return typeof input === 'string' ? parseFloatText(input) : numberOf(input);
}

function rounded(value: Value, precision: Value = 0, method: Value = 'common'): Value {
  if (method !== 'common' && method !== 'ceil' && method !== 'floor')
    throw valueError('`round` knows `common`, `ceil` and `floor`.');
  if (value instanceof Undefined) throw value.error();
  if (!isNumber(value)) throw typeError(`\`round\` rounds numbers, not ${kindOf(value)}.`);
  const places = integerArgument(precision, 'A precision');
  const exact = bigintOf(value);
  if (method !== 'common') {
    const scale = 10 ** places;
    return float(Math[method]((numberOf(value) ?? 0) * scale) / scale);
  }
  if (exact === undefined) return float(roundedTo(numberOf(value) ?? 0, places));
  if (places >= 0) return integerFrom(exact);
  const unit = 10n ** BigInt(Math.min(-places, 5000));
  const down = (exact / unit - (exact % unit < 0n ? 1n : 0n)) * unit;
  const twice = (exact - down) * 2n;
  const up = twice > unit || (twice === unit && (down / unit) % 2n !== 0n);
  return integerFrom(up ? down + unit : down);
}

const DECIMAL_UNITS = ['kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];
const BINARY_UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'];

function fileSize(value: Value, binaryUnits: Value = false): string {
  const bytes = toFloat(value);
  if (bytes === undefined) throw valueError(`${sentence(kindOf(value))} is no file size.`);
  const base = binaryUnits === true ? 1024 : 1000;
  const units = binaryUnits === true ? BINARY_UNITS : DECIMAL_UNITS;
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  for (const [index, unit] of units.entries()) {
    const size = base ** (index + 2);
    if (bytes < size || index === units.length - 1) return `${fixed((base * bytes) / size, 1)} ${unit}`;
  }
  return '';
}

/** Filters of numbers. */
export const NUMBER_FILTERS: Record<string, Native<Value>> = {
  abs: native('', absolute),
  int: native('default? base?', intFilter),
  float: native('default?', (value, otherwise = float(0)) => {
    const number = toFloat(value);
    return number === undefined ? otherwise : float(number);
  }),
  round: native('precision? method?', rounded),
  filesizeformat: native('binary?', fileSize),
};
