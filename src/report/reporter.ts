import type { Diagnostic } from '../core/diagnostic.ts';
import type { RunEvent, RunResults } from '../run/results.ts';
import type { Describe } from './describe.ts';
import type { ReadSource } from './frame.ts';
import type { Terminal } from './terminal.ts';

/** Hears what happens in a run, and tells somebody. */
export interface Reporter {
  hear(event: RunEvent): void;
  /**
   * The command is over. Without results it ran nothing, or could not start; `diagnostics` are what is wrong with the project
   * itself then, and the warnings of commands that only read it.
   */
  close(results: RunResults | undefined, diagnostics: readonly Diagnostic[]): void;
}

export interface ReporterOptions {
  /** Facts of nodes; answers undefined for everything until the project is compiled. */
  readonly describe: Describe;
  readonly readSource: ReadSource;
  /** `run`, `test`, `build` … */
  readonly command: string;
  /** dql's version. */
  readonly version: string;
  /** Only what went wrong. */
  readonly quiet: boolean;
  /** What of `log` events is told. */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'none';
}

export type OpenReporter = (terminal: Terminal, options: ReporterOptions) => Reporter;
