/** What of the outside `cli` uses: handed to `main`, so that tests can be the outside. */
import type { Answer, SpecificOptions, UseCase, UseCaseName } from '../app/contract.ts';

export type ExitCode = 0 | 1 | 2 | 130;

/** Standard output or standard error. */
export interface Stream {
  readonly isTTY: boolean;
  /** 0 when nobody knows. */
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
  /** Where a live display can be drawn; undefined where it cannot. */
  readonly tty?: NodeJS.WriteStream | undefined;
}

export interface World {
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string;
  readonly version: string;
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** The wall clock. */
  now(): Date;
  useCase<Name extends UseCaseName>(name: Name): Promise<UseCase<SpecificOptions<Name>, Answer<Name>>>;
  /** Undefined when it cannot be read. */
  readFile(path: string): string | undefined;
  /** Makes the folders above it, too. Throws what the file system says. */
  writeFile(path: string, text: string): void;
  appendFile(path: string, text: string): void;
  /** Calls back at the first Ctrl-C; the second ends the process. The answer stops listening. */
  onInterrupt(listener: () => void): () => void;
}
