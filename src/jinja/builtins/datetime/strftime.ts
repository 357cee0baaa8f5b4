import { type CivilDate, dayOfYear, daysFromCivil, isoCalendar, weekdayOf } from './calendar.ts';

/** What strftime and strptime call the days and months. */
export const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

export interface Moment {
  readonly date: CivilDate;
  /** Microseconds since midnight. */
  readonly time: number;
  readonly zone: string | undefined;
  /** Minutes east of UTC. */
  readonly offset: number | undefined;
  /** Microseconds since 1970. */
  readonly epoch?: number;
}

/** Python's strftime in the C locale. Directives it does not know stay as they are. */
export function formatTime(format: string, moment: Moment): string {
  return format.replace(/%([-#]?)([a-zA-Z%])/g, (whole, unpadded, directive) => {
    const text = directiveText(directive, moment);
    if (text === undefined) return whole;
    return unpadded === '' ? text : text.replace(/^0+(?=\d)/, '');
  });
}

function directiveText(directive: string, { date, time, zone, offset, epoch }: Moment): string | undefined {
  const two = (value: number) => String(value).padStart(2, '0');
  const seconds = Math.floor(time / 1e6);
  const [hour, minute, second] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const weekday = weekdayOf(daysFromCivil(date));
  const inner = (format: string) => formatTime(format, { date, time, zone, offset });
  switch (directive) {
    case 'Y':
      return String(date.year);
    case 'y':
      return two(date.year % 100);
    case 'C':
      return two(Math.floor(date.year / 100));
    case 'm':
      return two(date.month);
    case 'd':
      return two(date.day);
    case 'e':
      return String(date.day).padStart(2);
    case 'H':
      return two(hour);
    case 'I':
      return two(hour % 12 === 0 ? 12 : hour % 12);
    case 'M':
      return two(minute);
    case 'S':
      return two(second);
    case 'f':
      return String(time % 1e6).padStart(6, '0');
    case 'p':
      return hour < 12 ? 'AM' : 'PM';
    case 'j':
      return String(dayOfYear(date)).padStart(3, '0');
    case 'a':
      return (DAYS[weekday] ?? '').slice(0, 3);
    case 'A':
      return DAYS[weekday];
    case 'b':
    case 'h':
      return (MONTHS[date.month - 1] ?? '').slice(0, 3);
    case 'B':
      return MONTHS[date.month - 1];
    case 'w':
      return String((weekday + 1) % 7);
    case 'u':
      return String(weekday + 1);
    case 'U':
      return two(Math.floor((dayOfYear(date) + 6 - ((weekday + 1) % 7)) / 7));
    case 'W':
      return two(Math.floor((dayOfYear(date) + 6 - weekday) / 7));
    case 'G':
      return String(isoCalendar(date)[0]);
    case 'V':
      return two(isoCalendar(date)[1]);
    case 'z':
      return offset === undefined
        ? ''
        : `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
    case 'Z':
      return zone ?? '';
    case 's':
      return epoch === undefined ? undefined : String(Math.floor(epoch / 1e6));
    case 'D':
    case 'x':
      return inner('%m/%d/%y');
    case 'F':
      return inner('%Y-%m-%d');
    case 'T':
    case 'X':
      return inner('%H:%M:%S');
    case 'R':
      return inner('%H:%M');
    case 'c':
      return inner('%a %b %e %H:%M:%S %Y');
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case '%':
      return '%';
    default:
      return undefined;
  }
}
