import * as z from 'zod';

const SECONDS = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
} as const;
type Period = keyof typeof SECONDS;
const isPeriod = (word: string): word is Period => word in SECONDS;
const SHORT: Readonly<Record<string, Period>> = {
  s: 'second',
  sec: 'second',
  m: 'minute',
  min: 'minute',
  h: 'hour',
  hr: 'hour',
  d: 'day',
  w: 'week',
};

/** "26 hours", "1d", or dbt's `{count: 1, period: day}`, as seconds. Months and years have no length and are refused. */
export const duration = z.union([
  z.string().transform((text, context) => {
    const found = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(text);
    const word = (found?.[2] ?? '').toLowerCase();
    const period = SHORT[word] ?? word.replace(/s$/, '');
    if (found && isPeriod(period)) return Number(found[1]) * SECONDS[period];
    context.addIssue({
      code: 'custom',
      message: `\`${text}\` is not a duration; write \`36 hours\` or \`1 day\``,
    });
    return z.NEVER;
  }),
  z
    .strictObject({
      count: z.number().positive(),
      period: z.enum(['minute', 'hour', 'day']),
    })
    .transform(({ count, period }) => count * SECONDS[period]),
]);
