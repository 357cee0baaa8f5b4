import type { Measured } from './measure.ts';

/** One line of the table. */
export interface Figure {
  readonly part: string;
  readonly what: string;
  readonly seconds: number;
  /** The same work without dql, measured in the same run. */
  readonly floorSeconds: number | null;
  readonly peakMb: number | null;
  /** What it should reach, in words; null where there is no target. */
  readonly target: string | null;
}

/** A part of the bench measures in a temporary folder and yields its figures as they come. */
export type Part = (folder: string) => Iterable<Figure> | AsyncIterable<Figure>;

export const figure = (
  part: string,
  what: string,
  { seconds, peakMb }: Measured,
  floorOf?: Measured,
  target?: string,
): Figure => ({ part, what, seconds, floorSeconds: floorOf?.seconds ?? null, peakMb, target: target ?? null });
