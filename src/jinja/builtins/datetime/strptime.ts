import { valueError } from '../../values/template-error.ts';
import { civilFromDays, daysFromCivil } from './calendar.ts';
import { PythonDatetime, timeOfDay } from './moments.ts';
import { DAYS, MONTHS } from './strftime.ts';
import { fixedZone, UTC, zoneNamed } from './timezone.ts';

const names = (all: readonly string[], short: boolean) =>
  all.map((name) => (short ? name.slice(0, 3) : name)).join('|');

const PATTERNS: Readonly<Record<string, string>> = {
  Y: '\\d{4}',
  y: '\\d{2}',
  m: '1[0-2]|0?[1-9]',
  d: '3[01]|[12]\\d|0?[1-9]',
  H: '2[0-3]|[01]?\\d',
  I: '1[0-2]|0?[1-9]',
  M: '[0-5]?\\d',
  S: '6[01]|[0-5]?\\d',
  f: '\\d{1,6}',
  j: '36[0-6]|3[0-5]\\d|[12]\\d\\d|0?\\d{1,2}',
  p: 'AM|PM',
  a: names(DAYS, true),
  A: names(DAYS, false),
  b: names(MONTHS, true),
  B: names(MONTHS, false),
  z: 'Z|[+-]\\d{2}:?\\d{2}(?::?\\d{2})?',
  Z: '[A-Za-z_/+-]+',
  w: '[0-6]',
};

/** Python's strptime: the text has to match the format wholly. */
export function parseTime(text: string, format: string): PythonDatetime {
  const order: string[] = [];
  const expanded = format.replaceAll('%F', '%Y-%m-%d').replaceAll('%T', '%H:%M:%S').replaceAll('%D', '%m/%d/%y');
  const source = expanded.replace(/%(.)|\s+|[\\^$.*+?()[\]{}|]/g, (whole, directive) => {
    if (directive === undefined) return /^\s/.test(whole) ? '\\s+' : `\\${whole}`;
    if (directive === '%') return '%';
    const pattern = PATTERNS[directive];
    if (pattern === undefined) throw valueError(`\`%${directive}\` is no part of a date that can be read.`);
    order.push(directive);
    return `(${pattern})`;
  });
  const match = new RegExp(`^${source}$`, 'i').exec(text);
  if (match === null) throw valueError(`\`${text}\` does not match the format \`${format}\`.`);
  const given = new Map(order.map((directive, index) => [directive, match[index + 1] ?? '']));
  return assembled(given);
}

function assembled(given: ReadonlyMap<string, string>): PythonDatetime {
  const number = (directive: string, otherwise: number) => {
    const text = given.get(directive);
    return text === undefined ? otherwise : Number(text);
  };
  const short = given.get('y');
  const year = short === undefined ? number('Y', 1900) : Number(short) + (Number(short) < 69 ? 2000 : 1900);
  const named = (directive: string) =>
    MONTHS.findIndex((name) => name.toLowerCase().startsWith(given.get(directive)?.toLowerCase() ?? '-')) + 1;
  const month = number('m', given.has('B') ? named('B') : given.has('b') ? named('b') : 1);
  const ofYear = given.get('j');
  const date =
    ofYear === undefined
      ? { year, month, day: number('d', 1) }
      : civilFromDays(daysFromCivil({ year, month: 1, day: 1 }) + Number(ofYear) - 1);
  const half = given.get('p')?.toUpperCase();
  const twelve = number('I', 12) % 12;
  const hour = given.has('I') ? twelve + (half === 'PM' ? 12 : 0) : number('H', 0);
  const micros = Number((given.get('f') ?? '').padEnd(6, '0'));
  return new PythonDatetime(date, timeOfDay(hour, number('M', 0), Math.min(59, number('S', 0)), micros), zoneOf(given));
}

function zoneOf(given: ReadonlyMap<string, string>) {
  const offset = given.get('z');
  if (offset === undefined) {
    const name = given.get('Z')?.toUpperCase();
    return name === undefined ? undefined : name === 'UTC' || name === 'GMT' ? UTC : zoneNamed(given.get('Z') ?? '');
  }
  if (offset.toUpperCase() === 'Z') return UTC;
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})/.exec(offset) ?? [];
  return fixedZone((sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)));
}

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,6})\d*)?)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Python's fromisoformat. */
export function parseIso(text: string): PythonDatetime {
  const match = ISO.exec(text.trim());
  if (match === null)
    throw valueError(`\`${text}\` is no date or time as ISO 8601 writes it.`, 'e.g. `2024-01-31T08:00:00`');
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  return new PythonDatetime(
    { year: Number(year), month: Number(month), day: Number(day) },
    timeOfDay(Number(hour), Number(minute), Number(second), Number(fraction.padEnd(6, '0'))),
    zone === undefined ? undefined : zoneOf(new Map([['z', zone]])),
  );
}
