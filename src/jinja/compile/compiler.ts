import type { Span } from '../../core/source.ts';
import type { UndefinedMode } from '../values/undefined.ts';

/** What every part of the compiler needs to know about the template. */
export interface Unit {
  readonly path: string;
  /** Where the text begins in its file. */
  readonly offset: number;
  readonly mode: UndefinedMode;
  /** Whether output may be escaped here: only inside `{% autoescape %}`. */
  readonly escaping: boolean;
}

export const spanIn = (unit: Unit, start: number, end: number): Span => ({
  file: unit.path,
  start: unit.offset + start,
  end: unit.offset + end,
});
