/**
 * Uniqueness of whole numbers that lie close together, such as ids: a bit for every number there could be, set where it occurs, takes a tenth of the time
 * that grouping them takes. As many bits as values means that none occurs twice; with fewer the groups have to tell which do.
 */
import { select } from './expressions.ts';
import type { From } from './question.ts';

/** Bits for each value at most: sparser numbers are grouped in the same time. */
const BITS_A_VALUE = 16n;
/** DuckDB refuses more. */
const MOST_BITS = 1_000_000_000n;

/** One row: least and greatest key, rows with a key, rows. */
export const keySpan = (key: string, from: From): string =>
  select(`min(${key}), max(${key}), count(${key}), count(*)`, from);

/** One number: how many distinct keys there are. Undefined where the keys lie too far apart. */
export function distinctKeys(
  key: string,
  from: From,
  least: bigint,
  greatest: bigint,
  count: bigint,
): string | undefined {
  const span = greatest - least + 1n;
  if (span > count * BITS_A_VALUE || span >= MOST_BITS) return undefined;
  return select(`bit_count(bitstring_agg(${key}, ${least}, ${greatest}))`, from);
}
