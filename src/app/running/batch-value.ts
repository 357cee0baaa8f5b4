import type { BatchSize } from '../../plan/batches.ts';
import type { Range } from '../../plan/intervals.ts';

/** `model.batch`, as dbt spells it: the id is the start, as long as the batch's size needs it; times are texts, as Python prints them. */
export function batchValue({ window, size }: { readonly window: Range; readonly size: BatchSize }) {
  const [start = '', end = ''] = [window.start, window.end].map((at) =>
    new Date(at).toISOString().replace('.000Z', '+00:00'),
  );
  const length = { year: 4, month: 7, day: 10, hour: 13, minute: 16 }[size.unit];
  return { id: start.slice(0, length).replace(/[-:]/g, ''), event_time_start: start, event_time_end: end };
}
