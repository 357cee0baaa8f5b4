import type { BatchSize } from '../plan/batches.ts';
import type { Range } from '../plan/intervals.ts';

/** `model.batch`, as dbt spells it: the id is the start, as long as the batch's size needs it. */
export function batchValue({ window, size }: { readonly window: Range; readonly size: BatchSize }) {
  const [start, end] = [new Date(window.start).toISOString(), new Date(window.end).toISOString()];
  const length = { year: 4, month: 7, day: 10, hour: 13, minute: 16 }[size.unit];
  return { id: start.slice(0, length).replace(/[-:]/g, ''), event_time_start: start, event_time_end: end };
}
