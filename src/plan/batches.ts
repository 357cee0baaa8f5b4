/** Which batches a microbatch model computes: pure calendar arithmetic in UTC, from dbt's configuration and what is filled already. */
import { type GraphNode, type Manifest, nodeOf } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { quotedString } from '../core/quote.ts';
import { intersect, type Range, subtract, union } from './intervals.ts';
import { namesAt, textAt } from './node-config.ts';

export interface BatchSize {
  readonly unit: 'minute' | 'hour' | 'day' | 'month' | 'year';
  /** Only minutes come in other numbers than 1; they divide the day from midnight on. */
  readonly count: number;
}

export interface Microbatch {
  readonly eventTime: string;
  readonly size: BatchSize;
  readonly begin: number;
  /** Batches before the newest that are computed again. */
  readonly lookback: number;
}

export interface Batches {
  readonly size: BatchSize;
  /** What is computed, on the boundaries of batches. */
  readonly ranges: readonly Range[];
  /** Closed batches within `ranges` that were never filled, in a table that exists. */
  readonly gaps: readonly Range[];
  /** `asked`: the user named the range; `again`: an earlier run's failed batches, nothing else of the table is touched. */
  readonly why: 'due' | 'asked' | 'again';
  readonly count: number;
  /** What is filled before this run and stays so. */
  readonly filled: readonly Range[];
}

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** undefined for every other model; a diagnostic where the configuration is not whole. */
export function microbatchOf(node: GraphNode): Microbatch | Diagnostic | undefined {
  if (node.config.materialized !== 'incremental' || textAt(node.config, 'incremental_strategy') !== 'microbatch')
    return undefined;
  const refused = (message: string, hint: string): Diagnostic => ({
    code: 'plan/microbatch',
    severity: 'error',
    message: `microbatch model \`${node.name}\` ${message}`,
    at: { file: node.original_file_path, start: 0, end: 0 },
    hint,
  });
  const eventTime = textAt(node.config, 'event_time');
  if (eventTime === undefined)
    return refused('has no `event_time`', 'name the column that says when a row happened: `event_time: ordered_at`');
  const size = batchSizeOf(node.config['batch_size']);
  if (!size) return refused('has no `batch_size`', 'one of `hour`, `day`, `month`, `year`, or minutes: `5 minutes`');
  const from = String(node.config['begin'] ?? '');
  const begin = moment(from);
  if (begin === undefined)
    return refused(
      from === '' ? 'has no `begin`' : `has \`begin: ${from}\`, which is neither a date nor a time`,
      'name the first moment it covers: `begin: 2024-01-01`',
    );
  if (namesAt(node.config, 'unique_key').length > 0)
    return refused('has a `unique_key`', 'a batch replaces all rows of its time; remove the key');
  const lookback = node.config['lookback'];
  return { eventTime, size, begin: batchStart(begin, size), lookback: typeof lookback === 'number' ? lookback : 1 };
}

/** True where the template of a microbatch model, or a macro it calls, asks which batch it is. */
export const asksForBatch = (node: GraphNode, manifest: Manifest): boolean =>
  [node.raw_code, ...node.depends_on.macros.map((id) => manifest.macros[id]?.macro_sql ?? '')].some((text) =>
    /\bbatch\b/.test(text),
  );

/** True where the batches of a microbatch model read different rows: of an input with an `event_time`, or because it asks which batch it is. */
export const readsOwnTime = (node: GraphNode, manifest: Manifest): boolean =>
  asksForBatch(node, manifest) ||
  node.depends_on.nodes.some((id) => typeof nodeOf(manifest, id)?.config['event_time'] === 'string');

/** `day`, `5 minutes`; undefined for anything else, or for minutes that do not divide a day. */
export function batchSizeOf(value: unknown): BatchSize | undefined {
  const [, number = '1', unit = ''] = /^(\d+)?\s*(minute|hour|day|month|year)s?$/.exec(String(value)) ?? [];
  const count = Number(number);
  switch (unit) {
    case 'minute':
      return count > 0 && 1440 % count === 0 ? { unit, count } : undefined;
    case 'hour':
    case 'day':
    case 'month':
    case 'year':
      return count === 1 ? { unit, count } : undefined;
    default:
      return undefined;
  }
}

/** A date or time as people write it, in UTC where it does not say otherwise; undefined for anything else, also for a day that no calendar has. */
export function moment(text: string): number | undefined {
  const plain = text.trim().replace(' ', 'T');
  const [, year, month = '01', day = '01'] = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T.+)?)?)?$/.exec(plain) ?? [];
  // Date.parse makes 1 March of 30 February.
  if (
    year === undefined ||
    new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() !== Number(day)
  )
    return undefined;
  const dated = /^\d{4}-\d{2}-\d{2}$/.test(plain) ? `${plain}T00:00:00` : plain;
  const time = Date.parse(/(?:z|[+-]\d{2}:?\d{2})$/i.test(dated) ? dated : `${dated}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** The start of the batch that a moment lies in. */
export function batchStart(at: number, { unit, count }: BatchSize): number {
  const date = new Date(at);
  switch (unit) {
    case 'minute':
      return Math.floor(at / (count * MINUTE)) * count * MINUTE;
    case 'hour':
      return Math.floor(at / (60 * MINUTE)) * 60 * MINUTE;
    case 'day':
      return Math.floor(at / DAY) * DAY;
    case 'month':
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
    case 'year':
      return Date.UTC(date.getUTCFullYear(), 0);
    default:
      return unit satisfies never;
  }
}

/** The start of the batch `steps` after (or, negative, before) the one that starts at `start`. */
export function batchAfter(start: number, { unit, count }: BatchSize, steps = 1): number {
  const date = new Date(start);
  switch (unit) {
    case 'minute':
      return start + steps * count * MINUTE;
    case 'hour':
      return start + steps * 60 * MINUTE;
    case 'day':
      return start + steps * DAY;
    case 'month':
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + steps);
    case 'year':
      return Date.UTC(date.getUTCFullYear() + steps, 0);
    default:
      return unit satisfies never;
  }
}

/** The start of the first batch that begins at a moment or later. */
export const batchCeiling = (at: number, size: BatchSize): number => {
  const start = batchStart(at, size);
  return start === at ? at : batchAfter(start, size);
};

/** How many batches a range on batch boundaries has, without counting them one by one. */
export function batchCount({ start, end }: Range, { unit, count }: BatchSize): number {
  const [from, to] = [new Date(start), new Date(end)];
  const months = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  if (unit === 'year') return Math.round(months / 12);
  if (unit === 'month') return months;
  return Math.round((end - start) / (unit === 'minute' ? count * MINUTE : unit === 'hour' ? 60 * MINUTE : DAY));
}

/** The batches of ranges, one at a time: there may be millions. */
export function* batchesIn(ranges: readonly Range[], size: BatchSize): Generator<Range> {
  for (const { start, end } of ranges)
    for (let from = start; from < end; ) {
      const to = batchAfter(from, size);
      yield { start: from, end: to };
      from = to;
    }
}

/** The whole batches that ranges reach into. */
export const wholeBatches = (ranges: readonly Range[], size: BatchSize): readonly Range[] =>
  union(ranges.map(({ start, end }) => ({ start: batchStart(start, size), end: batchCeiling(end, size) })));

export interface BatchRequest {
  readonly now: Date;
  /** `--event-time-start` and `--event-time-end`. */
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  /** What the published table holds; undefined: there is no table, or it starts anew. */
  readonly filled: readonly Range[] | undefined;
  /** Only these: what failed when the command was given first. */
  readonly failed?: readonly Range[] | undefined;
}

/**
 * dbt's windows (core/dbt/materializations/incremental/microbatch.py): from `begin` on a first build, else the newest batch and
 * `lookback` more; `--event-time-start/-end` say otherwise. Beyond dbt, closed batches that were never filled are computed too.
 */
export function planBatches(microbatch: Microbatch, request: BatchRequest): Batches {
  const { size, begin, lookback } = microbatch;
  const now = request.now.getTime();
  const end = batchCeiling(request.end ?? now, size);
  const filled = request.filled ?? [];
  const of = (ranges: readonly Range[], gaps: readonly Range[], why: Batches['why']): Batches => ({
    size,
    ranges,
    gaps,
    why,
    count: ranges.reduce((sum, range) => sum + batchCount(range, size), 0),
    filled,
  });
  if (request.failed) return of(wholeBatches(request.failed, size), [], 'again');
  if (request.start !== undefined) return of(wholeBatches([{ start: request.start, end }], size), [], 'asked');
  const named = request.end === undefined ? 'due' : 'asked';
  if (request.filled === undefined) return of(union([{ start: begin, end }]), [], named);
  const closed = union([{ start: begin, end: Math.min(end, batchStart(now, size)) }]);
  const gaps = wholeBatches(subtract(closed, filled), size);
  const newest = { start: Math.max(begin, batchAfter(end, size, -(lookback + 1))), end };
  return of(union([newest, ...gaps]), gaps, named);
}

/** What the published table is taken to hold where nothing is written down: another build filled it, from the beginning until it was made. */
export const filledUntil = ({ begin }: Microbatch, builtAt: string): readonly Range[] =>
  union([{ start: begin, end: Date.parse(builtAt) }]);

/** What is filled once `done` was computed: the future of an open batch is not. */
export const filledWith = (filled: readonly Range[], done: readonly Range[], now: Date): readonly Range[] =>
  union([...filled, ...intersect(union(done), [{ start: Number.NEGATIVE_INFINITY, end: now.getTime() }])]);

/** `2024-01-01`, or with the time of day where it is not midnight. */
export const momentText = (at: number): string => {
  const text = new Date(at).toISOString();
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text.slice(0, 16).replace('T', ' ');
};

/** `2024-01-02 to 2024-01-05, 2024-02-01 to 2024-02-02 and 3 more` */
export function rangesText(ranges: readonly Range[]): string {
  const shown = ranges.slice(0, 3).map(({ start, end }) => `${momentText(start)} to ${momentText(end)}`);
  return [...shown, ...(ranges.length > 3 ? [`${ranges.length - 3} more`] : [])].join(', ');
}

/** An SQL timestamp's text, without zone. */
export const timestampText = (at: number): string =>
  new Date(at).toISOString().replace('T', ' ').replace('.000Z', '').replace('Z', '');

/**
 * The condition that an event time lies in one of the ranges: a date begins at midnight UTC, a timestamp without zone is UTC, and one with
 * a zone is the moment it is, whatever time zone the session has. The first half is the same a day wider: by it whole row groups are
 * skipped, which the exact half cannot do.
 */
export const withinTime = (eventTime: string, ranges: readonly Range[]): string =>
  ranges.length === 0
    ? 'false'
    : ranges
        .map(
          ({ start, end }) =>
            `(${eventTime} >= ${timestamp(start - DAY)} and ${eventTime} < ${timestamp(end + DAY)} and epoch_us(${eventTime}) >= epoch_us(${timestamp(start)}) and epoch_us(${eventTime}) < epoch_us(${timestamp(end)}))`,
        )
        .join('\nor ');

const timestamp = (at: number): string => `${quotedString(timestampText(at))}::timestamp`;
