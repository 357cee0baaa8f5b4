import { characters } from '../values/iteration.ts';
import { bigintOf, floatText, isFloat, isNumber, numberOf } from '../values/number.ts';
import { PythonObject } from '../values/python-object.ts';
import { typeError, valueError } from '../values/template-error.ts';
import { kindOf, textOf } from '../values/text.ts';
import type { Value } from '../values.ts';
import { exponential, fixed, general } from './decimal.ts';

const SPEC = /^(?:([\s\S])?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/u;

interface Spec {
  readonly fill: string;
  readonly align: string | undefined;
  readonly sign: string;
  readonly alternate: boolean;
  readonly width: number;
  readonly grouping: string;
  readonly precision: number | undefined;
  readonly type: string;
}

/** Longest padded text, so that a slip of the pen cannot fill the memory. */
const WIDEST = 1 << 24;

/** Python's format(value, spec): `{:>10}`, `{:,.2f}`, `{:%Y-%m-%d}`. */
export function formatValue(value: Value, text: string): string {
  const own = value instanceof PythonObject ? value.format(text) : undefined;
  if (own !== undefined) return own;
  if (text === '') return textOf(value);
  const spec = parse(text);
  if (typeof value === 'boolean' && (spec.type === '' || spec.type === 's')) return aligned(textOf(value), spec, '<');
  if (isNumber(value)) return formatNumber(value, spec);
  if (typeof value !== 'string' && !(value instanceof PythonObject && value.typeName === 'Markup'))
    throw typeError(`\`${text}\` cannot format ${kindOf(value)}.`);
  if (spec.type !== '' && spec.type !== 's') throw valueError(`\`${spec.type}\` cannot format a string.`);
  if (spec.sign !== '' || spec.grouping !== '' || spec.align === '=')
    throw valueError(`\`${text}\` is a format of numbers, not of strings.`);
  const whole = textOf(value);
  const cut = spec.precision === undefined ? whole : Array.from(whole).slice(0, spec.precision).join('');
  return aligned(cut, spec, '<');
}

function parse(text: string): Spec {
  const match = SPEC.exec(text);
  if (match === null) throw valueError(`\`${text}\` is no format.`);
  const [, fill, align, sign = '', , alternate, zero, width = '0', grouping = '', precision, type = ''] = match;
  if (Number(width) > WIDEST || Number(precision ?? 0) > WIDEST) throw valueError('This width is too large.');
  return {
    fill: fill ?? (zero !== undefined ? '0' : ' '),
    align: align ?? (zero !== undefined ? '=' : undefined),
    sign,
    alternate: alternate !== undefined,
    width: Number(width),
    grouping,
    precision: precision === undefined ? undefined : Number(precision),
    type,
  };
}

function formatNumber(value: Value, spec: Spec): string {
  const exact = isFloat(value) ? undefined : bigintOf(value);
  if (exact !== undefined && (spec.type === '' || 'bcdnoxX'.includes(spec.type))) return formatInteger(exact, spec);
  if (exact === undefined && spec.type !== '' && 'bcdosxX'.includes(spec.type))
    throw valueError(`\`${spec.type}\` cannot format a float.`);
  if (spec.type === 's') throw valueError('`s` cannot format a number.');
  const number = numberOf(value) ?? 0;
  const negative = number < 0 || Object.is(number, -0);
  const magnitude = Math.abs(number);
  if (!Number.isFinite(magnitude)) {
    const word = Number.isNaN(magnitude) ? 'nan' : 'inf';
    return signed(/[EFG]/.test(spec.type) ? word.toUpperCase() : word, negative, '', spec);
  }
  return signed(grouped(magnitudeText(magnitude, spec), spec), negative, '', spec);
}

function magnitudeText(magnitude: number, spec: Spec): string {
  const precision = Math.min(spec.precision ?? 6, 2000);
  switch (spec.type) {
    case 'e':
    case 'E': {
      const text = exponential(magnitude, precision);
      return spec.type === 'E' ? text.toUpperCase() : text;
    }
    case 'f':
    case 'F':
      return fixed(magnitude, precision);
    case '%':
      return `${fixed(magnitude * 100, precision)}%`;
    case '':
      return spec.precision === undefined ? floatText(magnitude) : shortest(magnitude, precision);
    default: {
      const text = general(magnitude, precision, spec.alternate);
      return spec.type === 'G' ? text.toUpperCase() : text;
    }
  }
}

/** No type at all is like `g`, but an integral value keeps one digit behind the point. */
function shortest(magnitude: number, precision: number): string {
  const text = general(magnitude, precision);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function formatInteger(value: bigint, spec: Spec): string {
  if (spec.type === 'c') return aligned(String.fromCodePoint(Number(value)), spec, '<');
  if (spec.precision !== undefined) throw valueError('An integer takes no precision.');
  const magnitude = value < 0n ? -value : value;
  const radix = { b: 2, o: 8, x: 16, X: 16 }[spec.type] ?? 10;
  const digits = magnitude.toString(radix);
  const prefix = spec.alternate && radix !== 10 ? `0${spec.type}` : '';
  const text = grouped(digits, spec, radix === 10 ? 3 : 4);
  return signed(spec.type === 'X' ? text.toUpperCase() : text, value < 0n, prefix, spec);
}

function grouped(text: string, spec: Spec, size = 3): string {
  if (spec.grouping === '') return text;
  const whole = /^[0-9a-f]+/i.exec(text)?.[0] ?? '';
  // Zeros that fill the width are grouped, too.
  const room = spec.align === '=' && spec.fill === '0' ? spec.width - (text.length - whole.length) : 0;
  let digits = whole;
  let result = groupsOf(digits, size, spec.grouping);
  while (result.length < room && groupsOf(`0${digits}`, size, spec.grouping).length <= room) {
    digits = `0${digits}`;
    result = groupsOf(digits, size, spec.grouping);
  }
  return result + text.slice(whole.length);
}

function groupsOf(digits: string, size: number, separator: string): string {
  const groups: string[] = [];
  for (let end = digits.length; end > 0; end -= size) groups.unshift(digits.slice(Math.max(0, end - size), end));
  return groups.join(separator);
}

function signed(text: string, negative: boolean, prefix: string, spec: Spec): string {
  const sign = negative ? '-' : spec.sign === '-' ? '' : spec.sign;
  if (spec.align !== '=') return aligned(sign + prefix + text, spec, '>');
  const fill = Math.max(0, spec.width - sign.length - prefix.length - text.length);
  return sign + prefix + spec.fill.repeat(fill) + text;
}

function aligned(text: string, spec: Spec, natural: '<' | '>'): string {
  const missing = spec.width - characters(text).length;
  if (missing <= 0) return text;
  const align = spec.align === '=' || spec.align === undefined ? natural : spec.align;
  const before = align === '>' ? missing : align === '^' ? Math.floor(missing / 2) : 0;
  return spec.fill.repeat(before) + text + spec.fill.repeat(missing - before);
}
