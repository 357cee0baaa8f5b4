/** Numbers, sizes and times as people read them. */
const WHOLE = new Intl.NumberFormat('en');
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export const whole = (value: number): string => WHOLE.format(value);

/** `940`, `9,400`, `94.1K`, `1.2M`. */
export const short = (value: number): string => (Math.abs(value) < 10_000 ? WHOLE.format(value) : SHORT.format(value));

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${size < 10 && unit > 0 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

/** Of seconds: `0.5 ms`, `40 ms`, `1.2 s`, `3 min`, `5 h`, `2 days`, `3 years`. */
export function duration(seconds: number): string {
  if (seconds < 0.01) return `${Number((seconds * 1000).toFixed(1))} ms`;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h`;
  const days = Math.round(seconds / 86_400);
  return days < 1000 ? `${days} days` : `${Math.round(days / 365.25)} years`;
}

/** How long ago for whoever reads it now, `3 h`. */
export const old = (iso: string, now: number = Date.now()): string =>
  duration(Math.max(0, (now - Date.parse(iso)) / 1000));

/** How long ago for whoever reads it now, `3 h ago`: a site somebody kept open or never made again must not say that it is new. */
export const ago = (iso: string, now: number = Date.now()): string => {
  const seconds = (now - Date.parse(iso)) / 1000;
  if (seconds < 5) return 'just now';
  return `${seconds < 100 ? `${Math.round(seconds)} s` : duration(seconds)} ago`;
};

/** `21 Nov 2026, 01:53 UTC`. */
export const moment = (iso: string): string =>
  `${new Date(iso).toLocaleString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: 'UTC',
  })} UTC`;

export function percent(share: number): string {
  if (share === 0 || share === 1) return `${share * 100} %`;
  if (share < 0.001) return '< 0.1 %';
  if (share > 0.999) return '> 99.9 %';
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${whole(count)} ${count === 1 ? one : many}`;

/** Both ends of what a column holds: times of different days without their hours, long whole numbers in groups of three. */
export function range(min: string, max: string): string {
  const [from, to] = [min, max].map((end) => /^(\d{4}-\d\d-\d\d) \d\d:\d\d/.exec(end)?.[1]);
  if (from !== undefined && to !== undefined && from !== to) return `${from} … ${to}`;
  const [low, high] = [min, max].map((end) =>
    /^-?\d{5,15}$/.test(end) && !/^-?0/.test(end) ? WHOLE.format(Number(end)) : end,
  );
  return low === high ? `${low}` : `${low} … ${high}`;
}
