/** Whether `sla:` was kept when the site was made, by what the ledger and the freshness measurements know. */
import * as z from 'zod';
import { deadlineShape, lastDeadline } from '../checks/deadlines.ts';
import { duration } from '../checks/durations.ts';
import type { Json, NodeId } from '../core/node-id.ts';
import type { MeasuredFreshness, RunHistoryEntry } from './history.ts';

export interface KeptPromise {
  /** Null where nothing is known that could tell. */
  readonly kept: boolean | null;
  /** One clause for the reader: `up to date on 2026-11-21 05:41 UTC`. */
  readonly because: string;
}

export interface KnownTimes {
  readonly id: NodeId;
  readonly now: Date;
  /** The oldest first. */
  readonly runs: readonly RunHistoryEntry[];
  readonly freshness: MeasuredFreshness | undefined;
}

/** `{by: "07:00", timezone: Europe/Berlin}`, `by 07:00 Europe/Berlin`, `{max_age: 1 day}`, `24 hours`; undefined for anything else. */
export function keptPromise(sla: Json, times: KnownTimes): KeptPromise | undefined {
  const by = deadline.safeParse(sla);
  if (by.success) return byDeadline(by.data, times);
  const within = maximumAge.safeParse(sla);
  return within.success ? byAge(within.data, times) : undefined;
}

const WRITTEN_DEADLINE = /^(?:by\s+)?(\d\d:\d\d)(?:\s+(\S+))?$/i;

const deadline = z.preprocess((sla) => {
  if (typeof sla === 'string') {
    const [, time, timezone = 'UTC'] = WRITTEN_DEADLINE.exec(sla.trim()) ?? [];
    return time === undefined ? undefined : { deadline: time, timezone };
  }
  if (typeof sla !== 'object' || sla === null || !('by' in sla)) return sla;
  const { by, ...others } = sla;
  return { ...others, deadline: by };
}, z.strictObject(deadlineShape));

const maximumAge = z.union([duration, z.strictObject({ max_age: duration }).transform(({ max_age }) => max_age)]);

function byDeadline(given: z.infer<typeof deadline>, { id, now, runs, freshness }: KnownTimes): KeptPromise {
  const last = lastDeadline(given, now.toISOString());
  if (!last) return { kept: null, because: 'no such day has come yet' };
  const newest = freshness?.max_loaded_at;
  const confirmed = confirmations(id, runs).filter((at) => at >= last.dayStart);
  const inTime = confirmed.find((at) => at <= last.due);
  if (inTime !== undefined) return { kept: true, because: `up to date on ${minute(inTime)}` };
  const late = confirmed[0];
  if (late !== undefined) return { kept: false, because: `up to date only on ${minute(late)}` };
  // Sources are not built: what tells is whether rows of the day are there.
  if (newest)
    return { kept: Date.parse(newest) >= last.dayStart, because: `newest row of ${minute(Date.parse(newest))}` };
  if (runs.length === 0) return { kept: null, because: 'no run is known' };
  return { kept: false, because: `not built on the day of the deadline, ${minute(last.due)}` };
}

function byAge(seconds: number, { id, now, runs, freshness }: KnownTimes): KeptPromise {
  const newest = freshness?.max_loaded_at ? Date.parse(freshness.max_loaded_at) : undefined;
  const at = newest ?? confirmations(id, runs).at(-1);
  if (at === undefined) return { kept: null, because: 'its age was not measured' };
  return {
    kept: now.getTime() - at <= seconds * 1000,
    because: `${newest === undefined ? 'up to date on' : 'newest row of'} ${minute(at)}`,
  };
}

/** When runs ended that published it or found nothing to build, in UTC milliseconds, the oldest first. */
const confirmations = (id: NodeId, runs: readonly RunHistoryEntry[]): readonly number[] =>
  runs.flatMap(({ started_at, seconds, nodes }) => {
    const { status, held } = nodes[id] ?? {};
    const isUpToDate = (status === 'success' || status === 'reused') && !held;
    return isUpToDate ? [Date.parse(started_at) + seconds * 1000] : [];
  });

const minute = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
