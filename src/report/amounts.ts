/** Numbers as people read them. */

/** 1,234,567. The system's own tables of languages would take 20 ms to load. */
export const thousands = (value: number | bigint): string =>
  typeof value === 'bigint' || Number.isSafeInteger(value)
    ? String(value).replace(/\B(?=(?:\d{3})+$)/g, ',')
    : value.toLocaleString('en-US');

/** `0.31s`, `12.4s`, `3m 07s`, `2h 05m`. */
export function seconds(value: number): string {
  if (value < 9.995) return `${value.toFixed(2)}s`;
  if (value < 59.95) return `${value.toFixed(1)}s`;
  const whole = Math.round(value);
  const two = (part: number) => String(part).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  return `${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`;
}

/** How old something is, in the largest two units that matter: `45 s`, `12 min`, `5 h`, `3 days 4 h`. */
export function age(value: number): string {
  if (value < 90) return `${Math.round(value)} s`;
  if (value < 90 * 60) return `${Math.round(value / 60)} min`;
  const hours = Math.round(value / 3600);
  if (hours < 48) return `${hours} h`;
  const rest = hours % 24;
  return rest === 0 ? `${hours / 24} days` : `${Math.floor(hours / 24)} days ${rest} h`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
/** Decimal units, three digits: `812 B`, `1.25 MB`. */
export function bytes(value: number): string {
  let amount = value;
  let unit = 0;
  while (amount >= 999.5 && unit < UNITS.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? amount : amount.toPrecision(3)} ${UNITS[unit]}`;
}

/** `1 row`, `2 rows`, `1,234 rows`; an irregular plural is given. */
export const count = (value: number, one: string, many = `${one}s`): string =>
  `${thousands(value)} ${value === 1 ? one : many}`;

/** `2001-03-04 05:06 UTC` of an ISO 8601 time; whatever else it is, unchanged. */
export function minute(time: string): string {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? time : `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
