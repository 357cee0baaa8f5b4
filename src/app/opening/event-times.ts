import { DqlError } from '../../core/diagnostic.ts';
import { moment } from '../../plan/batches.ts';
import type { Range } from '../../plan/intervals.ts';
import type { CommonOptions } from '../contract.ts';
import { sampleWindow } from './sample-window.ts';

type Times = Pick<CommonOptions, 'eventTimeStart' | 'eventTimeEnd' | 'sample' | 'now'>;

/**
 * The event time that `--event-time-start/-end`, or else `--sample`, name. Rejects with DqlError (exit code 2) for what is no date or time,
 * and for a range that is empty; without an end it lasts until now.
 */
export function eventTimes(options: Times): Partial<Range> {
  const sample = sampleWindow(options);
  const start = named('--event-time-start', options.eventTimeStart);
  const end = named('--event-time-end', options.eventTimeEnd);
  if (start !== undefined && start >= (end ?? options.now.getTime()))
    throw refused(
      `--event-time-start ${options.eventTimeStart} is not before ${end === undefined ? 'now' : `--event-time-end ${options.eventTimeEnd}`}`,
      'the end is not part of the range, so it must be later than the start',
    );
  return { ...sample, ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) };
}

function named(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = moment(text);
  if (at === undefined)
    throw refused(
      `\`${text}\` of ${flag} is neither a date nor a time`,
      `e.g. ${flag} 2024-07-01, or ${flag} 2024-07-01T06:00:00Z`,
    );
  return at;
}

const refused = (message: string, hint: string) =>
  new DqlError([{ code: 'app/bad-event-time', severity: 'error', message, hint }]);
