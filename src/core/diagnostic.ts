import type { Span } from './source.ts';

/** Something wrong in the user's project, warehouse or command line. Values, collected and shown together; never thrown one by one. */
export interface Diagnostic {
  /** Permanent and searchable, `room/kebab-words`: `compile/unknown-ref`. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** One sentence in the user's words: what is wrong. */
  readonly message: string;
  /** Where. Absent only when no file is to blame. */
  readonly at?: Span | undefined;
  /** What to read under the caret. */
  readonly label?: string | undefined;
  /** What to do next. */
  readonly hint?: string | undefined;
  /** Further lines, e.g. the chain of macro calls, the innermost first. */
  readonly notes?: readonly string[] | undefined;
}

/** What a stage answers: its value and everything it found wrong on the way. */
export interface Checked<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}

export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some((diagnostic) => diagnostic.severity === 'error');

/** The command cannot go on. Thrown by `app` and `cli` only; `exitCode` 2 means called wrong or could not start. */
export class DqlError extends Error {
  readonly diagnostics: readonly Diagnostic[];
  readonly exitCode: 1 | 2;
  constructor(diagnostics: readonly Diagnostic[], exitCode: 1 | 2 = 2) {
    super(diagnostics.map((diagnostic) => diagnostic.message).join('\n'));
    this.name = 'DqlError';
    this.diagnostics = diagnostics;
    this.exitCode = exitCode;
  }
}
