import { Dict, Markup, Range, Tuple } from '../values/containers.ts';
import { escapeHtml } from '../values/html.ts';
import { bigintOf, isFloat, isNumber, numberOf } from '../values/number.ts';
import { typeError, valueError } from '../values/template-error.ts';
import { escapeCode, kindOf, reprOf, textOf } from '../values/text.ts';
import type { Value } from '../values.ts';
import { exponential, fixed, general } from './decimal.ts';

const DIRECTIVE = /%(?:\(([^)]*)\))?([-#0 +]*)(\*|\d+)?(?:\.(\*|\d+)?)?[hlL]?([\s\S]?)/g;
const HAS_POINT = /^%(?:\([^)]*\))?[-#0 +]*(?:\*|\d+)?\./;
const WIDEST = 1 << 24;

/** Python's `text % values`. */
export function percentFormat(template: string | Markup, values: Value): Value {
  if (template instanceof Markup) return new Markup(formatted(template.value, values, escapeHtml));
  return formatted(template, values, textOf);
}

function formatted(template: string, values: Value, text: (value: Value) => string): string {
  const items = values instanceof Tuple ? values.items : [values];
  let next = 0;
  let usedKeys = false;
  const take = (): Value => {
    if (next >= items.length) throw typeError('This format has more places than there are values.');
    return items[next++];
  };
  const result = template.replace(DIRECTIVE, (whole, key, flags, width, precision, type) => {
    if (type === '%') return '%';
    const columns = width === '*' ? Number(numberOf(take())) : Number(width ?? 0);
    const places =
      precision === '*' ? Number(numberOf(take())) : HAS_POINT.test(whole) ? Number(precision ?? 0) : undefined;
    if (columns > WIDEST || (places ?? 0) > WIDEST) throw valueError('This width is too large.');
    if (type === '')
      throw valueError('This format ends in the middle of a `%` directive.', 'write `%%` for a percent sign');
    usedKeys ||= key !== undefined;
    const value = key === undefined ? take() : byKey(values, key);
    return padded(directive(type, value, flags, places, text), flags, columns, 'diouxXeEfFgG'.includes(type));
  });
  if (!usedKeys && next < items.length && !(isSubscriptable(values) && next === 0))
    throw typeError('Not all values were used by this format.', 'every value needs a `%s` of its own');
  return result;
}

/** Python takes everything that has keys or indexes, except tuples and strings, for a mapping that need not be used up. */
const isSubscriptable = (values: Value) => Array.isArray(values) || values instanceof Dict || values instanceof Range;

function byKey(values: Value, key: string): Value {
  if (!(values instanceof Dict)) throw typeError(`\`%(${key})s\` needs a dict of values.`);
  const value = values.get(key);
  if (value === undefined) throw valueError(`The values of this format have no \`${key}\`.`);
  return value;
}

function directive(
  type: string,
  value: Value,
  flags: string,
  places: number | undefined,
  text: (value: Value) => string,
): string {
  switch (type) {
    case 's':
      return cut(text(value), places);
    case 'r':
      return cut(reprOf(value), places);
    case 'a':
      return cut(
        reprOf(value).replace(/[^\0-\x7f]/gu, (c) => escapeCode(c.codePointAt(0) ?? 0)),
        places,
      );
    case 'c':
      return typeof value === 'string' ? value : String.fromCodePoint(Number(bigintOf(value) ?? 0n));
    case 'd':
    case 'i':
    case 'u':
      return withSign(...wholeNumber(value), flags, places);
    case 'o':
    case 'x':
    case 'X':
      return inRadix(type, value, flags, places);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      return floating(type, value, flags, places);
    default:
      throw valueError(`\`%${type}\` is no format.`, 'write `%%` for a percent sign');
  }
}

const cut = (text: string, places: number | undefined) =>
  places === undefined ? text : Array.from(text).slice(0, places).join('');

function wholeNumber(value: Value): [boolean, string] {
  if (!isNumber(value)) throw typeError(`\`%d\` needs a number, not ${kindOf(value)}.`);
  const number = isFloat(value) ? BigInt(Math.trunc(numberOf(value) ?? 0)) : (bigintOf(value) ?? 0n);
  return [number < 0n, String(number < 0n ? -number : number)];
}

function withSign(negative: boolean, magnitude: string, flags: string, places?: number): string {
  const sign = negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  return sign + magnitude.padStart(places ?? 0, '0');
}

function inRadix(type: string, value: Value, flags: string, places: number | undefined): string {
  const number = bigintOf(value);
  if (number === undefined) throw typeError(`\`%${type}\` needs an integer, not ${kindOf(value)}.`);
  const digits = (number < 0n ? -number : number).toString(type === 'o' ? 8 : 16).padStart(places ?? 0, '0');
  const text = withSign(number < 0n, flags.includes('#') ? `0${type}${digits}` : digits, flags);
  return type === 'X' ? text.toUpperCase() : text;
}

function floating(type: string, value: Value, flags: string, places: number | undefined): string {
  if (!isNumber(value)) throw typeError(`\`%${type}\` needs a number, not ${kindOf(value)}.`);
  const number = numberOf(value) ?? 0;
  const negative = number < 0 || Object.is(number, -0);
  const magnitude = Math.abs(number);
  const precision = Math.min(places ?? 6, 2000);
  const kind = type.toLowerCase();
  const digits = !Number.isFinite(magnitude)
    ? Number.isNaN(magnitude)
      ? 'nan'
      : 'inf'
    : kind === 'f'
      ? fixed(magnitude, precision)
      : kind === 'e'
        ? exponential(magnitude, precision)
        : general(magnitude, precision, flags.includes('#'));
  const text = withSign(negative, digits, flags);
  return type === kind ? text : text.toUpperCase();
}

function padded(text: string, flags: string, width: number, numeric: boolean): string {
  const columns = Math.abs(width);
  if (flags.includes('-') || width < 0) return text.padEnd(columns);
  if (!numeric || !flags.includes('0')) return text.padStart(columns);
  const sign = /^[-+ ]?(?:0[xXo])?/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(columns - sign.length, '0');
}
