import { parse } from 'yaml';
import { DqlError } from '../../core/diagnostic.ts';
import { batchAfter, batchSizeOf, moment } from '../../plan/batches.ts';
import type { Range } from '../../plan/intervals.ts';
import type { CommonOptions } from '../contract.ts';

/**
 * The stretch of event time that `--sample` names, as in dbt: `3 days` ends now, `{start: 2024-07-01, end: 2024-07-08}` says both
 * ends; UTC. Rejects with DqlError (exit code 2) when it is neither.
 */
export function sampleWindow({ sample, now }: Pick<CommonOptions, 'sample' | 'now'>): Range | undefined {
  if (sample === undefined) return undefined;
  const window = relative(sample, now.getTime()) ?? between(sample);
  if (window === undefined)
    throw refused(
      `\`${sample}\` is not a window of time`,
      "write --sample '3 days' or --sample '{start: 2024-07-01, end: 2024-07-08}'",
    );
  if (window.start >= window.end)
    throw refused(
      `the window of --sample ends before it begins: \`${sample}\``,
      'its end is not part of it, so it must be later than its start',
    );
  return window;
}

/** Said to a later `retry`, for which now is another time. */
export const windowText = ({ start, end }: Range): string =>
  JSON.stringify({ start: new Date(start).toISOString(), end: new Date(end).toISOString() });

function relative(text: string, end: number): Range | undefined {
  const [, count = '', unit] = /^\s*(\d+)\s*(minute|hour|day|month|year)s?\s*$/i.exec(text) ?? [];
  const size = batchSizeOf(unit?.toLowerCase());
  return size && { start: batchAfter(end, size, -Number(count)), end };
}

function between(text: string): Range | undefined {
  const mapping: unknown = parsed(text);
  if (typeof mapping !== 'object' || mapping === null) return undefined;
  const at = (key: string) => (key in mapping ? moment(String((mapping as Record<string, unknown>)[key])) : undefined); // `in` says so
  const [start, end] = [at('start'), at('end')];
  return start === undefined || end === undefined ? undefined : { start, end };
}

function parsed(text: string): unknown {
  try {
    return parse(text, { logLevel: 'silent' });
  } catch {
    return undefined; // said in the words of the flag
  }
}

const refused = (message: string, hint: string) =>
  new DqlError([{ code: 'app/bad-sample', severity: 'error', message, hint }]);
