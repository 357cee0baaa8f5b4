/**
 * Exact decimal rounding of doubles, half to even on exact ties, as C's printf and Python do. (JavaScript's toFixed rounds ties up.)
 */

interface Digits {
  /** Decimal digits without leading zeros (`0` for zero). */
  readonly digits: string;
  /** How many of them are behind the point. */
  readonly scale: number;
}

/** The exact decimal expansion of a finite, non-negative double. */
function expansion(value: number): Digits {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponentBits = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = exponentBits === 0 ? fraction : fraction | 0x10000000000000n;
  const exponent = (exponentBits === 0 ? 1 : exponentBits) - 1075;
  if (mantissa === 0n) return { digits: '0', scale: 0 };
  if (exponent >= 0) return { digits: String(mantissa << BigInt(exponent)), scale: 0 };
  return {
    digits: String(mantissa * 5n ** BigInt(-exponent)),
    scale: -exponent,
  };
}

/** Drops the last `count` digits of a number, half to even. */
function dropped(digits: string, count: number): bigint {
  if (count <= 0) return BigInt(digits) * 10n ** BigInt(-count);
  if (count > digits.length) return 0n;
  const kept = BigInt(digits.slice(0, digits.length - count) || '0');
  const rest = digits.slice(digits.length - count);
  const half = `5${'0'.repeat(count - 1)}`;
  const up = rest > half || (rest === half && kept % 2n === 1n);
  return up ? kept + 1n : kept;
}

/** `%.{places}f` of a finite number's magnitude. */
export function fixed(magnitude: number, places: number): string {
  const { digits, scale } = expansion(magnitude);
  const scaled = String(dropped(digits, scale - places)).padStart(places + 1, '0');
  return places === 0 ? scaled : `${scaled.slice(0, -places)}.${scaled.slice(-places)}`;
}

/** The first `places + 1` significant digits and the power of ten of the first. */
export function scientific(magnitude: number, places: number): { readonly digits: string; readonly exponent: number } {
  if (magnitude === 0) return { digits: '0'.repeat(places + 1), exponent: 0 };
  const { digits, scale } = expansion(magnitude);
  const exponent = digits.length - scale - 1;
  const rounded = String(dropped(digits, digits.length - places - 1));
  // 9.99 to one digit is 10.
  return rounded.length > places + 1
    ? { digits: rounded.slice(0, -1), exponent: exponent + 1 }
    : { digits: rounded, exponent };
}

/** `%.{places}e` of a finite number's magnitude. */
export function exponential(magnitude: number, places: number): string {
  const { digits, exponent } = scientific(magnitude, places);
  const mantissa = places === 0 ? digits : `${digits[0]}.${digits.slice(1)}`;
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** `%.{precision}g`: the shorter of both; trailing zeros go unless `keepZeros`. */
export function general(magnitude: number, precision: number, keepZeros = false): string {
  const significant = Math.max(1, precision);
  const { exponent } = scientific(magnitude, significant - 1);
  if (exponent < -4 || exponent >= significant) {
    const text = exponential(magnitude, significant - 1);
    return keepZeros ? text : text.replace(/(\.\d*?)0+e/, '$1e').replace('.e', 'e');
  }
  const text = fixed(magnitude, significant - 1 - exponent);
  return keepZeros || !text.includes('.') ? text : text.replace(/\.?0+$/, '');
}

/** Python's round(value, places) of a float. */
export function roundedTo(value: number, places: number): number {
  if (!Number.isFinite(value) || places > 340) return value;
  const magnitude = Math.abs(value);
  const { digits, scale } = expansion(magnitude);
  const rounded = dropped(digits, scale - places);
  const result = Number(`${rounded}e${-places}`);
  return value < 0 || Object.is(value, -0) ? -result : result;
}
