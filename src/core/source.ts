/** A path relative to the project's root, with forward slashes on every platform. */
export type Path = string;

/** One text file of the project, as read. */
export interface SourceFile {
  readonly path: Path;
  readonly text: string;
}

/** A stretch of a file: UTF-16 offsets into its text, `end` exclusive. Lines and columns are computed when drawn. */
export interface Span {
  readonly file: Path;
  readonly start: number;
  readonly end: number;
}

/** A place as people count it: both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The line and column of an offset; an offset past the end answers the end. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, Math.max(0, offset));
  const lastBreak = before.lastIndexOf('\n');
  return { line: before.split('\n').length, column: before.length - lastBreak };
}
