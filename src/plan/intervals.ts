/**
 * Arithmetic on stretches of time. A list of ranges is sorted, and its ranges neither overlap nor touch, so its length is the number of
 * gaps, whatever the size of the batches: fifty years of five-minute batches without a gap are one range.
 */

/** From `start` up to, but not including, `end`; milliseconds since 1970 in UTC. Empty when `end <= start`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Any ranges, in any order → the same moments as a list of ranges. */
export function union(ranges: readonly Range[]): readonly Range[] {
  const sorted = ranges.filter(({ start, end }) => start < end).sort((left, right) => left.start - right.start);
  const joined: Range[] = [];
  for (const range of sorted) {
    const last = joined.at(-1);
    if (last && range.start <= last.end)
      joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
    else joined.push(range);
  }
  return joined;
}

/** The moments of `ranges` that are in none of `taken`; both are lists of ranges. One pass over both. */
export function subtract(ranges: readonly Range[], taken: readonly Range[]): readonly Range[] {
  const left: Range[] = [];
  let next = 0;
  for (const { start, end } of ranges) {
    let from = start;
    while ((taken[next]?.end ?? Number.POSITIVE_INFINITY) <= start) next += 1;
    for (let at = next; from < end; at += 1) {
      const hole = taken[at];
      if (!hole || hole.start >= end) {
        left.push({ start: from, end });
        break;
      }
      if (from < hole.start) left.push({ start: from, end: hole.start });
      from = Math.max(from, hole.end);
    }
  }
  return left;
}

/** The moments that are in both lists. */
export const intersect = (ranges: readonly Range[], others: readonly Range[]): readonly Range[] =>
  subtract(ranges, subtract(ranges, others));

export const contains = (ranges: readonly Range[], wanted: Range): boolean => subtract([wanted], ranges).length === 0;
