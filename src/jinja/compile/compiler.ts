import { positionAt, type Span } from '../../core/source.ts';
import type { UndefinedMode } from '../values/undefined.ts';

/** What every part of the compiler needs to know about the template. */
export interface Unit {
  readonly path: string;
  readonly text: string;
  /** Where the text begins in its file. */
  readonly offset: number;
  readonly mode: UndefinedMode;
  /** Whether output may be escaped here: only inside `{% autoescape %}`. */
  readonly escaping: boolean;
}

/** A span that also knows its line, for the chain of macros in an error; printed and compared it is a plain span. */
class Place implements Span {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly #unit: Unit;
  constructor(unit: Unit, start: number, end: number) {
    this.file = unit.path;
    this.start = unit.offset + start;
    this.end = unit.offset + end;
    this.#unit = unit;
  }
  /** `models/orders.sql:3:7`; only the file when the text is a piece of it. */
  static named(span: Span): string {
    if (!(#unit in span) || span.#unit.offset !== 0) return span.file;
    const { line, column } = positionAt(span.#unit.text, span.start);
    return `${span.file}:${line}:${column}`;
  }
}

export const spanIn = (unit: Unit, start: number, end: number): Span => new Place(unit, start, end);

export const placeName = Place.named;
