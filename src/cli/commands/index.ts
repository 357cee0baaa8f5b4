import type { Command } from '../command.ts';

export interface CommandEntry {
  readonly group: 'Build' | 'Look' | 'Look back' | 'Change' | 'Project';
  /** One line for the page of `dql --help`. */
  readonly summary: string;
  readonly aliasOf?: string;
  readonly load: () => Promise<Command>;
}

/** The commands there are, in the order of the help page. A file is read when its command is called. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  build: {
    group: 'Build',
    summary: 'build, test and publish the selected nodes in dependency order',
    load: async () => (await import('./build.ts')).build,
  },
  run: {
    group: 'Build',
    summary: 'build and publish models without testing them',
    load: async () => (await import('./run.ts')).run,
  },
  test: {
    group: 'Build',
    summary: 'test what is published',
    load: async () => (await import('./test.ts')).test,
  },
  seed: {
    group: 'Build',
    summary: 'load the CSV files of seeds/',
    load: async () => (await import('./seed.ts')).seed,
  },
  snapshot: {
    group: 'Build',
    summary: 'keep the history of changing tables',
    load: async () => (await import('./snapshot.ts')).snapshot,
  },
  retry: {
    group: 'Build',
    summary: 'go on where the last command failed',
    load: async () => (await import('./retry.ts')).retry,
  },
};
