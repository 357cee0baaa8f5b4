import type { Value } from '../../contract.ts';
import { PythonDate, PythonDatetime, PythonTime, timeOfDay } from './moments.ts';
import { Timedelta } from './timedelta.ts';
import { UTC } from './timezone.ts';

const MICROSECONDS_A_DAY = 86_400_000_000;

/** Python's date of days since 1970-01-01. */
export const dateValue = (days: number): Value => PythonDate.fromDays(days);

/** Python's datetime of microseconds since 1970-01-01; `utc` gives it that zone, else it has none. */
export const datetimeValue = (microseconds: number, utc = false): Value =>
  utc ? PythonDatetime.fromEpoch(microseconds, UTC) : PythonDatetime.fromLocal(microseconds);

/** Python's time of day of microseconds since midnight. */
export function timeValue(microseconds: number): Value {
  const within = Math.min(Math.max(0, microseconds), MICROSECONDS_A_DAY - 1);
  const seconds = Math.floor(within / 1e6);
  return new PythonTime(
    timeOfDay(Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60, within % 1e6),
  );
}

/** Python's timedelta of microseconds. */
export const timedeltaValue = (microseconds: number): Value => new Timedelta(microseconds);
