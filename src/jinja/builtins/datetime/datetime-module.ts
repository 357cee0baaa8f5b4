import type { Value } from '../../contract.ts';
import { currentRun } from '../../run.ts';
import { integerArgument } from '../../values/arithmetic.ts';
import type { Callable } from '../../values/callable.ts';
import { isNumber, numberOf } from '../../values/number.ts';
import { TemplateError, typeError } from '../../values/template-error.ts';
import { textOf } from '../../values/text.ts';
import { builtin } from '../builtin.ts';
import { PythonClass } from '../python-class.ts';
import { pythonModule } from '../python-module.ts';
import { PythonDate, PythonDatetime, PythonTime, timeOfDay, zoneArgument } from './moments.ts';
import { parseIso, parseTime } from './strptime.ts';
import { Timedelta, timedelta } from './timedelta.ts';
import { fixedZone, UTC, type Zone } from './timezone.ts';

/** The scope's hidden name for the clock: milliseconds since 1970. This room has none of its own. */
const CLOCK = '__now__';

/** Microseconds since 1970, as the scope's clock says. */
function clock(): number {
  const now = currentRun()?.scope.lookup(CLOCK);
  if (!isNumber(now))
    throw new TemplateError('The current time is not known here.', {
      code: 'jinja/no-clock',
      hint: 'use `run_started_at`, which is the same all through a run',
    });
  return Math.round((numberOf(now) ?? 0) * 1000);
}

const part = (value: Value, otherwise = 0) =>
  value === undefined ? otherwise : integerArgument(value, 'A part of a date');
const optionalZone = (value: Value): Zone | undefined =>
  value === undefined || value === null ? undefined : zoneArgument(value);

function dateOf(value: Value): PythonDate {
  if (value instanceof PythonDate) return value;
  throw typeError('A date is missing here.');
}

const datetimeClass: Callable = new PythonClass('datetime.datetime', {
  make: builtin(
    'datetime',
    'year month day hour? minute? second? microsecond? tzinfo?',
    (year, month, day, hour, minute, second, micro, zone) =>
      new PythonDatetime(
        { year: part(year), month: part(month), day: part(day) },
        timeOfDay(part(hour), part(minute), part(second), part(micro)),
        optionalZone(zone),
      ),
  ),
  is: (value) => value instanceof PythonDatetime,
  attributes: {
    now: builtin('now', 'tz?', (zone) => PythonDatetime.fromEpoch(clock(), optionalZone(zone))),
    utcnow: builtin('utcnow', '', () => PythonDatetime.fromEpoch(clock())),
    today: builtin('today', '', () => PythonDatetime.fromEpoch(clock())),
    strptime: builtin('strptime', 'date_string format', (text, format) => parseTime(textOf(text), textOf(format))),
    strftime: builtin('strftime', 'value format', (value, format) => dateOf(value).format(textOf(format))),
    fromisoformat: builtin('fromisoformat', 'date_string', (text) => parseIso(textOf(text))),
    fromtimestamp: builtin('fromtimestamp', 'timestamp tz?', (stamp, zone) =>
      PythonDatetime.fromEpoch(Math.round((numberOf(stamp) ?? 0) * 1e6), optionalZone(zone)),
    ),
    utcfromtimestamp: builtin('utcfromtimestamp', 'timestamp', (stamp) =>
      PythonDatetime.fromEpoch(Math.round((numberOf(stamp) ?? 0) * 1e6)),
    ),
    combine: builtin('combine', 'date time tzinfo?', (date, time, zone) => {
      if (!(time instanceof PythonTime)) throw typeError('A time of day is missing here.');
      return new PythonDatetime(dateOf(date).date, time.time, optionalZone(zone));
    }),
    fromordinal: builtin('fromordinal', 'ordinal', (ordinal) =>
      PythonDatetime.fromLocal((part(ordinal) - 719_163) * 86_400_000_000),
    ),
    min: new PythonDatetime({ year: 1, month: 1, day: 1 }, 0),
    max: new PythonDatetime({ year: 9999, month: 12, day: 31 }, 86_399_999_999),
  },
});

const dateClass = new PythonClass('datetime.date', {
  make: builtin(
    'date',
    'year month day',
    (year, month, day) => new PythonDate({ year: part(year), month: part(month), day: part(day) }),
  ),
  is: (value) => value instanceof PythonDate,
  attributes: {
    today: builtin('today', '', () => new PythonDate(PythonDatetime.fromEpoch(clock()).date)),
    fromisoformat: builtin('fromisoformat', 'date_string', (text) => new PythonDate(parseIso(textOf(text)).date)),
    fromordinal: builtin('fromordinal', 'ordinal', (ordinal) => PythonDate.fromDays(part(ordinal) - 719_163)),
    fromtimestamp: builtin(
      'fromtimestamp',
      'timestamp',
      (stamp) => new PythonDate(PythonDatetime.fromEpoch(Math.round((numberOf(stamp) ?? 0) * 1e6)).date),
    ),
    strftime: builtin('strftime', 'value format', (value, format) => dateOf(value).format(textOf(format))),
  },
});

const timeClass = new PythonClass('datetime.time', {
  make: builtin(
    'time',
    'hour? minute? second? microsecond?',
    (hour, minute, second, micro) => new PythonTime(timeOfDay(part(hour), part(minute), part(second), part(micro))),
  ),
  is: (value) => value instanceof PythonTime,
  attributes: { min: new PythonTime(0), max: new PythonTime(86_399_999_999) },
});

const timedeltaClass = new PythonClass('datetime.timedelta', {
  make: builtin('timedelta', 'days? seconds? microseconds? milliseconds? minutes? hours? weeks?', timedelta),
  is: (value) => value instanceof Timedelta,
  attributes: {},
});

const timezoneClass = new PythonClass('datetime.timezone', {
  make: builtin('timezone', 'offset name?', (offset, name) => {
    if (!(offset instanceof Timedelta)) throw typeError('A time zone is made of a timedelta.');
    return fixedZone(offset.microseconds / 6e7, name === undefined ? undefined : textOf(name));
  }),
  is: () => false,
  attributes: { utc: UTC },
});

/** `modules.datetime`, with the clock of the scope. */
export const datetimeModule: Value = pythonModule('datetime', {
  datetime: datetimeClass,
  date: dateClass,
  time: timeClass,
  timedelta: timedeltaClass,
  timezone: timezoneClass,
  UTC,
});
