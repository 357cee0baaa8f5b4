import type { Answer, CommonOptions, SpecificOptions, UseCaseName } from '../app/contract.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { ReporterOptions } from '../report/reporter.ts';
import type { Terminal } from '../report/terminal.ts';
import type { RunResults } from '../run/results.ts';
import type { Flag } from './flags.ts';
import type { Values } from './values.ts';
import type { ExitCode, World } from './world.ts';

/** One command: what it takes, how its page reads, what it does. One file in `commands/`, one line in its index. */
export interface Command {
  /** commander's spelling of its arguments: `<model>`, `[left] [right]`. */
  readonly takes?: string;
  /** What it does, for its page; the index has it in one line. */
  readonly about: string;
  readonly flags: readonly Flag[];
  readonly examples: readonly (readonly [command: string, meaning: string])[];
  /** Where to read more, and what else must be known. */
  readonly notes?: string;
  run(call: Call): Promise<ExitCode>;
}

/** A command that was called: its arguments, and what it may do. */
export interface Call {
  readonly args: readonly string[];
  readonly values: Values;
  readonly options: CommonOptions;
  readonly world: World;
  /** What reporters were told: the facts of nodes, the reader of sources. */
  readonly reporting: ReporterOptions;
  /** Where answers go: standard output. */
  readonly page: Terminal;
  /** Runs the use case with the common options, some of them changed, and its own; its events go to the reporters. */
  use<Name extends UseCaseName>(
    name: Name,
    own: SpecificOptions<Name>,
    changed?: Partial<CommonOptions>,
  ): Promise<Answer<Name>>;
  /** Like `use`, for those that answer RunResults: they are what the reporters close with. */
  execute(name: RunningUseCase): Promise<ExitCode>;
  /** RunResults that came inside another answer: the reporters close with them. */
  finish(results: RunResults): void;
  /** The answer: as text for people, as JSON with `--output json`. */
  reply(answer: unknown, text: () => string): void;
  /** Writes a file that was asked for, secrets masked; a relative path starts at the current folder. */
  writeFile(path: string, text: string): void;
  /** Something to say that is not the answer; not with --quiet. */
  say(text: string): void;
  /** Warnings, shown by every reporter. */
  warn(diagnostics: readonly Diagnostic[]): void;
}

export type RunningUseCase = 'run' | 'test' | 'build' | 'seed' | 'snapshot' | 'retry';
