/** Deadlines by the wall clock of a time zone. Uses the zones that JavaScript knows; nothing reads the clock. */
import * as z from 'zod';

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
const weekday = z
  .string()
  .transform((word) => word.toLowerCase())
  .pipe(z.enum(WEEKDAYS));
const several = <T extends z.ZodType>(one: T) => z.union([one.transform((value) => [value]), z.array(one).min(1)]);

export const deadlineShape = {
  deadline: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write it as `06:00`')
    .describe('time of day: `06:00`'),
  timezone: z
    .string()
    .refine(isTimeZone, 'is not a time zone; write `UTC` or `Europe/Berlin`')
    .default('UTC')
    .describe('time zone of the deadline'),
  day_of_week: several(weekday).optional().describe('only on these days: `monday`'),
  day_of_month: several(z.number().int().min(1).max(31)).optional().describe('only on these days of the month'),
};

export interface Deadline {
  readonly deadline: string;
  readonly timezone: string;
  readonly day_of_week?: readonly string[] | undefined;
  readonly day_of_month?: readonly number[] | undefined;
}

const DAY = 86_400_000;

/** The latest deadline that has passed, and the start of its day, both in UTC milliseconds; undefined when there was none in a year. */
export function lastDeadline(
  given: Deadline,
  now: string,
): { readonly due: number; readonly dayStart: number } | undefined {
  const time = Date.parse(now);
  for (let back = 0; back <= 366; back++) {
    const day = wallClock(time - back * DAY, given.timezone).slice(0, 10);
    const due = instant(`${day}T${given.deadline}:00`, given.timezone);
    if (due > time || !falls(given, day)) continue;
    return { due, dayStart: instant(`${day}T00:00:00`, given.timezone) };
  }
  return undefined;
}

/** The next deadline after `now`, both in UTC milliseconds; `now` when there is none in a year. */
export function nextDeadline(given: Deadline, now: number): number {
  for (let ahead = 0; ahead <= 366; ahead++) {
    const day = wallClock(now + ahead * DAY, given.timezone).slice(0, 10);
    const due = instant(`${day}T${given.deadline}:00`, given.timezone);
    if (due > now && falls(given, day)) return due;
  }
  return now;
}

function falls({ day_of_week, day_of_month }: Deadline, day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return (
    (day_of_week === undefined || day_of_week.includes(WEEKDAYS[date.getUTCDay()] ?? '')) &&
    (day_of_month === undefined || day_of_month.includes(date.getUTCDate()))
  );
}

/** `2026-03-10T07:30:00` as clocks in the zone show it at that instant. */
function wallClock(instantMs: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(instantMs);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  return `${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}:${of('second')}`;
}

/** The instant at which clocks in the zone show a time. Guessing twice settles the change to summer time. */
function instant(wall: string, timeZone: string): number {
  const wanted = Date.parse(`${wall}Z`);
  let guess = wanted;
  for (let round = 0; round < 2; round++) guess += wanted - Date.parse(`${wallClock(guess, timeZone)}Z`);
  return guess;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
