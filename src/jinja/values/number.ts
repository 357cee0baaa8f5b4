import type { Value } from '../values.ts';
import { PythonObject } from './python-object.ts';
import { valueError } from './template-error.ts';

/** A float whose value is integral, so that it prints `1.0`; floats with a fraction are plain numbers. */
export class Float extends PythonObject {
  readonly typeName = 'float';
  readonly value: number;
  constructor(value: number) {
    super();
    this.value = value;
  }
}

/** The float of a number. */
export const float = (value: number): Value => (Number.isInteger(value) ? new Float(value) : value);

/** The int of a bigint: a number where it is exact. */
export const integerFrom = (value: bigint): number | bigint =>
  value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;

/** The int of an integral number. */
export const integer = (value: number): number | bigint =>
  Number.isSafeInteger(value) ? value + 0 : integerFrom(BigInt(value));

export const isInteger = (value: Value): value is number | bigint =>
  (typeof value === 'number' && Number.isInteger(value)) || typeof value === 'bigint';

export const isFloat = (value: Value): value is number | Float =>
  value instanceof Float || (typeof value === 'number' && !Number.isInteger(value));

/** True, False, ints and floats: what Python calls a number. */
export const isNumber = (value: Value): value is number | bigint | boolean | Float =>
  typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' || value instanceof Float;

/** The JavaScript number of a Python number, or undefined when it is none. Big ints lose digits. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (value instanceof Float) return value.value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'bigint' ? Number(value) : undefined;
}

/** The exact integer of an int or bool, or undefined. */
export function bigintOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
}

/** Python's repr of a float: shortest digits, an exponent from 1e16 and below 1e-4. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const magnitude = Math.abs(value);
  if (magnitude === 0 || (magnitude >= 1e-4 && magnitude < 1e16)) {
    const text = String(value);
    return text.includes('e') ? value.toFixed(20) : text.includes('.') ? text : `${text}.0`;
  }
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  const sign = exponent.startsWith('-') ? '-' : '+';
  return `${digits}e${sign}${exponent.replace(/^[+-]/, '').padStart(2, '0')}`;
}

const INTEGER_TEXT = /^[+-]?\d+(?:_\d+)*$/;
const FLOAT_TEXT = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?$/i;
const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';

/** Python's int(text, base), or undefined when the text is no such number. */
export function parseInteger(text: string, base = 10): number | bigint | undefined {
  const trimmed = text.trim();
  if (base === 10) {
    if (!INTEGER_TEXT.test(trimmed)) return undefined;
    if (trimmed.length > 4300) throw valueError('This number has more than 4300 digits.');
    return integerFrom(BigInt(trimmed.replaceAll('_', '').replace(/^\+/, '')));
  }
  const match = /^([+-]?)(0[box])?([0-9a-z]+(?:_[0-9a-z]+)*)$/i.exec(trimmed);
  if (match === null) return undefined;
  const [, sign, prefix = '', digits = ''] = match;
  const named = { '0b': 2, '0o': 8, '0x': 16 }[prefix.toLowerCase()];
  // `0b1` is also a hexadecimal number.
  const whole = named !== undefined && base !== 0 && base !== named ? prefix + digits : digits;
  const radix = base === 0 ? (named ?? 10) : base;
  let value = 0n;
  for (const character of whole.toLowerCase().replaceAll('_', '')) {
    const digit = DIGITS.indexOf(character);
    if (digit < 0 || digit >= radix) return undefined;
    value = value * BigInt(radix) + BigInt(digit);
  }
  return integerFrom(sign === '-' ? -value : value);
}

/** Python's float(text), or undefined when the text is no number. */
export function parseFloatText(text: string): number | undefined {
  const trimmed = text.trim();
  if (FLOAT_TEXT.test(trimmed)) return Number(trimmed.replaceAll('_', ''));
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(trimmed);
  if (special === null) return undefined;
  if (special[2]?.toLowerCase() === 'nan') return Number.NaN;
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
