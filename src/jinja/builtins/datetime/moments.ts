import type { Value } from '../../contract.ts';
import { integerArgument } from '../../values/arithmetic.ts';
import { Tuple } from '../../values/containers.ts';
import { float } from '../../values/number.ts';
import { PythonObject } from '../../values/python-object.ts';
import { TemplateError, typeError, valueError } from '../../values/template-error.ts';
import { textOf } from '../../values/text.ts';
import { builtin } from '../builtin.ts';
import {
  type CivilDate,
  civilFromDays,
  dayOfYear,
  daysFromCivil,
  daysInMonth,
  isoCalendar,
  weekdayOf,
} from './calendar.ts';
import { formatTime } from './strftime.ts';
import { Timedelta } from './timedelta.ts';
import { UTC, Zone } from './timezone.ts';

const DAY = 86_400_000_000;
const two = (value: number) => String(value).padStart(2, '0');
const four = (value: number) => String(value).padStart(4, '0');

const dateText = ({ year, month, day }: CivilDate) => `${four(year)}-${two(month)}-${two(day)}`;

function checkDate({ year, month, day }: CivilDate): void {
  if (year < 1 || year > 9999) throw valueError(`The year ${year} is not between 1 and 9999.`);
  if (month < 1 || month > 12) throw valueError(`The month ${month} is not between 1 and 12.`);
  if (day < 1 || day > daysInMonth(year, month)) throw valueError(`Month ${month} of ${year} has no day ${day}.`);
}

function checkedDays(days: number): number {
  if (days < -719_162 || days > 2_932_896) throw valueError('This date is not between the years 1 and 9999.');
  return days;
}

/** A calendar day. */
export class PythonDate extends PythonObject {
  readonly typeName: string = 'datetime.date';
  readonly date: CivilDate;
  constructor(date: CivilDate) {
    super();
    checkDate(date);
    this.date = date;
  }
  static fromDays(days: number): PythonDate {
    return new PythonDate(civilFromDays(checkedDays(days)));
  }
  get days(): number {
    return daysFromCivil(this.date);
  }
  override attribute(name: string): Value | undefined {
    const { year, month, day } = this.date;
    switch (name) {
      case 'year':
        return year;
      case 'month':
        return month;
      case 'day':
        return day;
      case 'weekday':
        return builtin(name, '', () => weekdayOf(this.days));
      case 'isoweekday':
        return builtin(name, '', () => weekdayOf(this.days) + 1);
      case 'isocalendar':
        return builtin(name, '', () => new Tuple(isoCalendar(this.date)));
      case 'toordinal':
        return builtin(name, '', () => this.days + 719_163);
      case 'strftime':
        return builtin(name, 'format', (format) => this.format(textOf(format)));
      case 'isoformat':
        return builtin(name, '', () => dateText(this.date));
      case 'replace':
        return builtin(name, 'year? month? day?', (...parts) => new PythonDate(replacedDate(this.date, parts)));
      case 'timetuple':
        return builtin(
          name,
          '',
          () => new Tuple([year, month, day, 0, 0, 0, weekdayOf(this.days), dayOfYear(this.date), -1]),
        );
      default:
        return undefined;
    }
  }
  override attributeNames(): Iterable<string> {
    return [
      'year',
      'month',
      'day',
      'weekday',
      'isoweekday',
      'isocalendar',
      'toordinal',
      'strftime',
      'isoformat',
      'replace',
    ];
  }
  override format(spec: string): string {
    return spec === ''
      ? this.text()
      : formatTime(spec, { date: this.date, time: 0, zone: undefined, offset: undefined });
  }
  override text(): string {
    return dateText(this.date);
  }
  override represent(): string {
    return `datetime.date(${this.date.year}, ${this.date.month}, ${this.date.day})`;
  }
  override truth(): boolean {
    return true;
  }
  override equals(other: Value): boolean {
    return other instanceof PythonDate && !(other instanceof PythonDatetime) && other.days === this.days;
  }
  override hash(): unknown {
    return `\0date:${this.text()}`;
  }
  override compare(other: Value): number | undefined {
    return other instanceof PythonDate && !(other instanceof PythonDatetime) ? this.days - other.days : undefined;
  }
  override operate(operator: string, other: Value, reflected: boolean): Value | undefined {
    if (other instanceof Timedelta && (operator === '+' || (operator === '-' && !reflected))) {
      const days = Math.floor(other.microseconds / DAY);
      return PythonDate.fromDays(this.days + (operator === '+' ? days : -days));
    }
    if (operator !== '-' || reflected || !(other instanceof PythonDate) || other instanceof PythonDatetime)
      return undefined;
    return new Timedelta((this.days - other.days) * DAY);
  }
  override json(): Value | undefined {
    return undefined;
  }
}

function replacedDate(date: CivilDate, [year, month, day]: readonly Value[]): CivilDate {
  const part = (value: Value, otherwise: number) =>
    value === undefined ? otherwise : integerArgument(value, 'A part of a date');
  return { year: part(year, date.year), month: part(month, date.month), day: part(day, date.day) };
}

/** Hours to microseconds as microseconds since midnight. */
export function timeOfDay(hour: number, minute: number, second: number, microsecond: number): number {
  if (hour < 0 || hour > 23) throw valueError(`The hour ${hour} is not between 0 and 23.`);
  if (minute < 0 || minute > 59) throw valueError(`The minute ${minute} is not between 0 and 59.`);
  if (second < 0 || second > 59) throw valueError(`The second ${second} is not between 0 and 59.`);
  if (microsecond < 0 || microsecond > 999_999) throw valueError(`The microsecond ${microsecond} is out of range.`);
  return ((hour * 60 + minute) * 60 + second) * 1e6 + microsecond;
}

/** `08:30:00.250000`. */
export function timeText(time: number): string {
  const seconds = Math.floor(time / 1e6);
  const fraction = time % 1e6 === 0 ? '' : `.${String(time % 1e6).padStart(6, '0')}`;
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}${fraction}`;
}

/** `+02:00`. */
export function offsetText(minutes: number, separator = ':'): string {
  const magnitude = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(magnitude / 60))}${separator}${two(magnitude % 60)}`;
}

/** A day and a time of day, in a zone or without one. */
export class PythonDatetime extends PythonDate {
  override readonly typeName = 'datetime.datetime';
  /** Microseconds since midnight. */
  readonly time: number;
  readonly zone: Zone | undefined;
  constructor(date: CivilDate, time: number, zone?: Zone) {
    super(date);
    this.time = time;
    this.zone = zone;
  }
  /** From microseconds since 1970 as the clocks of the zone show them. */
  static fromLocal(microseconds: number, zone?: Zone): PythonDatetime {
    const days = Math.floor(microseconds / DAY);
    return new PythonDatetime(civilFromDays(checkedDays(days)), microseconds - days * DAY, zone);
  }
  /** From microseconds since 1970 in UTC. */
  static fromEpoch(microseconds: number, zone?: Zone): PythonDatetime {
    const offset = (zone ?? UTC).offsetAt(microseconds / 1000);
    return PythonDatetime.fromLocal(microseconds + offset * 6e7, zone);
  }
  /** As the clocks show it. */
  get local(): number {
    return this.days * DAY + this.time;
  }
  get offset(): number | undefined {
    return this.zone?.offsetOfLocal(this.local / 1000);
  }
  /** Microseconds since 1970; without a zone the time is taken as UTC. */
  get epoch(): number {
    return this.local - (this.offset ?? 0) * 6e7;
  }
  override attribute(name: string): Value | undefined {
    const seconds = Math.floor(this.time / 1e6);
    switch (name) {
      case 'hour':
        return Math.floor(seconds / 3600);
      case 'minute':
        return Math.floor(seconds / 60) % 60;
      case 'second':
        return seconds % 60;
      case 'microsecond':
        return this.time % 1e6;
      case 'tzinfo':
        return this.zone ?? null;
      case 'date':
        return builtin(name, '', () => new PythonDate(this.date));
      case 'time':
        return builtin(name, '', () => new PythonTime(this.time));
      case 'timestamp':
        return builtin(name, '', () => float(this.epoch / 1e6));
      case 'isoformat':
        return builtin(name, 'sep? timespec?', (separator = 'T', timespec = 'auto') =>
          this.iso(textOf(separator), textOf(timespec)),
        );
      case 'astimezone':
        return builtin(name, 'tz?', (zone = UTC) => PythonDatetime.fromEpoch(this.epoch, zoneArgument(zone)));
      case 'utcoffset':
        return builtin(name, '', () => (this.offset === undefined ? null : new Timedelta(this.offset * 6e7)));
      case 'tzname':
        return builtin(name, '', () => this.zone?.abbreviation(this.epoch / 1000) ?? null);
      case 'replace':
        return builtin(name, 'year? month? day? hour? minute? second? microsecond? tzinfo?', (...parts) =>
          this.replaced(parts),
        );
      default:
        return super.attribute(name);
    }
  }
  override attributeNames(): Iterable<string> {
    return [
      ...super.attributeNames(),
      ...[
        'hour',
        'minute',
        'second',
        'microsecond',
        'tzinfo',
        'date',
        'time',
        'timestamp',
        'astimezone',
        'utcoffset',
        'tzname',
      ],
    ];
  }
  private replaced([year, month, day, hour, minute, second, microsecond, zone]: readonly Value[]): PythonDatetime {
    const seconds = Math.floor(this.time / 1e6);
    const part = (value: Value, otherwise: number) =>
      value === undefined ? otherwise : integerArgument(value, 'A part of a time');
    const time = timeOfDay(
      part(hour, Math.floor(seconds / 3600)),
      part(minute, Math.floor(seconds / 60) % 60),
      part(second, seconds % 60),
      part(microsecond, this.time % 1e6),
    );
    const to = zone === undefined ? this.zone : zone === null ? undefined : zoneArgument(zone);
    return new PythonDatetime(replacedDate(this.date, [year, month, day]), time, to);
  }
  private iso(separator: string, timespec: string): string {
    const clock = timeText(this.time);
    const digits: Record<string, string> = {
      hours: clock.slice(0, 2),
      minutes: clock.slice(0, 5),
      seconds: clock.slice(0, 8),
      milliseconds: `${clock.slice(0, 8)}.${String(Math.floor((this.time % 1e6) / 1000)).padStart(3, '0')}`,
      microseconds: `${clock.slice(0, 8)}.${String(this.time % 1e6).padStart(6, '0')}`,
      auto: clock,
    };
    const time = digits[timespec];
    if (time === undefined) throw valueError(`\`${timespec}\` is no precision of a time.`);
    return `${dateText(this.date)}${separator}${time}${this.offset === undefined ? '' : offsetText(this.offset)}`;
  }
  override format(spec: string): string {
    if (spec === '') return this.text();
    const zone = this.zone?.abbreviation(this.epoch / 1000);
    return formatTime(spec, { date: this.date, time: this.time, zone, offset: this.offset, epoch: this.epoch });
  }
  override text(): string {
    return this.iso(' ', 'auto');
  }
  override represent(): string {
    const seconds = Math.floor(this.time / 1e6);
    const parts = [
      this.date.year,
      this.date.month,
      this.date.day,
      Math.floor(seconds / 3600),
      Math.floor(seconds / 60) % 60,
    ];
    if (seconds % 60 !== 0 || this.time % 1e6 !== 0) parts.push(seconds % 60);
    if (this.time % 1e6 !== 0) parts.push(this.time % 1e6);
    return `datetime.datetime(${parts.join(', ')}${this.zone === undefined ? '' : `, tzinfo=${this.zone.represent()}`})`;
  }
  override equals(other: Value): boolean {
    return other instanceof PythonDatetime && this.isAware === other.isAware && other.epoch === this.epoch;
  }
  private get isAware(): boolean {
    return this.zone !== undefined;
  }
  override hash(): unknown {
    return `\0datetime:${this.epoch}`;
  }
  override compare(other: Value): number | undefined {
    if (!(other instanceof PythonDatetime)) return undefined;
    this.checkComparable(other);
    return this.epoch - other.epoch;
  }
  private checkComparable(other: PythonDatetime): void {
    if (this.isAware !== other.isAware)
      throw typeError('A time with a zone and one without cannot be compared.', 'give both a zone, or neither');
  }
  override operate(operator: string, other: Value, reflected: boolean): Value | undefined {
    if (other instanceof Timedelta && (operator === '+' || (operator === '-' && !reflected)))
      return PythonDatetime.fromLocal(
        this.local + (operator === '+' ? other.microseconds : -other.microseconds),
        this.zone,
      );
    if (operator !== '-' || reflected || !(other instanceof PythonDatetime)) return undefined;
    this.checkComparable(other);
    return new Timedelta(this.epoch - other.epoch);
  }
}

/** A zone where one is asked for. */
export function zoneArgument(value: Value): Zone {
  if (value instanceof Zone) return value;
  throw new TemplateError('A time zone is missing here.', {
    code: 'jinja/wrong-type',
    hint: "e.g. `modules.pytz.timezone('Europe/Berlin')`",
  });
}

/** A time of day. */
export class PythonTime extends PythonObject {
  readonly typeName = 'datetime.time';
  readonly time: number;
  constructor(time: number) {
    super();
    this.time = time;
  }
  override attribute(name: string): Value | undefined {
    const seconds = Math.floor(this.time / 1e6);
    if (name === 'hour') return Math.floor(seconds / 3600);
    if (name === 'minute') return Math.floor(seconds / 60) % 60;
    if (name === 'second') return seconds % 60;
    if (name === 'microsecond') return this.time % 1e6;
    if (name === 'isoformat') return builtin(name, '', () => timeText(this.time));
    return name === 'strftime' ? builtin(name, 'format', (format) => this.format(textOf(format))) : undefined;
  }
  override attributeNames(): Iterable<string> {
    return ['hour', 'minute', 'second', 'microsecond', 'isoformat', 'strftime'];
  }
  override format(spec: string): string {
    const date = { year: 1900, month: 1, day: 1 };
    return spec === '' ? this.text() : formatTime(spec, { date, time: this.time, zone: undefined, offset: undefined });
  }
  override text(): string {
    return timeText(this.time);
  }
  override represent(): string {
    const seconds = Math.floor(this.time / 1e6);
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    if (seconds % 60 !== 0 || this.time % 1e6 !== 0) parts.push(seconds % 60);
    if (this.time % 1e6 !== 0) parts.push(this.time % 1e6);
    return `datetime.time(${parts.join(', ')})`;
  }
  override truth(): boolean {
    return true;
  }
  override equals(other: Value): boolean {
    return other instanceof PythonTime && other.time === this.time;
  }
  override hash(): unknown {
    return `\0time:${this.time}`;
  }
  override compare(other: Value): number | undefined {
    return other instanceof PythonTime ? this.time - other.time : undefined;
  }
}
