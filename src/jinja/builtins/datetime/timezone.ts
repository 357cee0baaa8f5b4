import type { Value } from '../../contract.ts';
import { PythonObject } from '../../values/python-object.ts';
import { valueError } from '../../values/template-error.ts';
import { Timedelta } from './timedelta.ts';

/** A time zone: fixed, or one of the IANA database (pytz, zoneinfo), which comes with JavaScript. */
export class Zone extends PythonObject {
  readonly typeName = 'tzinfo';
  readonly name: string;
  /** Minutes east of UTC, of a fixed zone. */
  private readonly fixed: number | undefined;
  constructor(name: string, fixed?: number) {
    super();
    this.name = name;
    this.fixed = fixed;
  }

  /** Minutes east of UTC at an instant. */
  offsetAt(epochMilliseconds: number): number {
    return this.fixed ?? zoneOffset(this.name, epochMilliseconds);
  }
  /** Minutes east of UTC where the clocks show a time; of two such instants the first. */
  offsetOfLocal(localMilliseconds: number): number {
    if (this.fixed !== undefined) return this.fixed;
    const guess = this.offsetAt(localMilliseconds);
    const second = this.offsetAt(localMilliseconds - guess * 60_000);
    return this.offsetAt(localMilliseconds - Math.max(guess, second) * 60_000);
  }
  /** As %Z prints it: `UTC`, `CET`, `UTC+02:00`. */
  abbreviation(epochMilliseconds: number): string {
    if (this.fixed !== undefined || this.name === 'UTC') return this.name;
    const parts = formatter(this.name, 'short').formatToParts(epochMilliseconds);
    return parts.find((part) => part.type === 'timeZoneName')?.value ?? this.name;
  }
  override attribute(name: string): Value | undefined {
    return name === 'zone' || name === 'key' ? this.name : undefined;
  }
  override attributeNames(): Iterable<string> {
    return ['zone', 'key'];
  }
  override text(): string {
    return this.name;
  }
  override represent(): string {
    if (this.fixed === 0) return 'datetime.timezone.utc';
    return this.fixed === undefined
      ? `<DstTzInfo '${this.name}'>`
      : `datetime.timezone(${new Timedelta(this.fixed * 6e7).represent()})`;
  }
  override equals(other: Value): boolean {
    return other instanceof Zone && other.name === this.name && other.fixed === this.fixed;
  }
  override hash(): unknown {
    return `\0zone:${this.name}`;
  }
}

export const UTC = new Zone('UTC', 0);

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string, nameStyle: 'short' | 'longOffset'): Intl.DateTimeFormat {
  const key = `${nameStyle} ${zone}`;
  let made = formatters.get(key);
  if (made === undefined) {
    made = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: nameStyle });
    formatters.set(key, made);
  }
  return made;
}

function zoneOffset(zone: string, epochMilliseconds: number): number {
  const parts = formatter(zone, 'longOffset').formatToParts(epochMilliseconds);
  const text = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const match = /([+-])(\d\d):(\d\d)/.exec(text);
  if (match === null) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
}

/** The zone of an IANA name; an unknown one is an error. */
export function zoneNamed(name: string): Zone {
  if (name === 'UTC' || name === 'utc') return UTC;
  try {
    formatter(name, 'longOffset');
  } catch (error) {
    if (error instanceof RangeError) throw valueError(`There is no time zone \`${name}\`.`, 'e.g. `Europe/Berlin`');
    throw error;
  }
  return new Zone(name);
}

/** A fixed zone, named as Python names it: `UTC+02:00`. */
export function fixedZone(minutes: number, name?: string): Zone {
  if (minutes === 0 && name === undefined) return UTC;
  const sign = minutes < 0 ? '-' : '+';
  const magnitude = Math.abs(minutes);
  const two = (value: number) => String(value).padStart(2, '0');
  return new Zone(name ?? `UTC${sign}${two(Math.floor(magnitude / 60))}:${two(magnitude % 60)}`, minutes);
}
