export interface CommandShape {
  readonly command: string;
  /** Resource types the command deals with. */
  readonly kinds: readonly string[];
  readonly builds: boolean;
  /** Whether tests decide about publishing. */
  readonly tests: boolean;
}

/** The commands that carry out a plan, and what each deals with. */
export const commandShapes = {
  build: {
    command: 'build',
    kinds: ['model', 'seed', 'snapshot', 'test', 'unit_test'],
    builds: true,
    tests: true,
  },
  run: { command: 'run', kinds: ['model'], builds: true, tests: false },
  test: { command: 'test', kinds: ['test', 'unit_test'], builds: false, tests: true },
  seed: { command: 'seed', kinds: ['seed'], builds: true, tests: true },
  snapshot: { command: 'snapshot', kinds: ['snapshot'], builds: true, tests: true },
} as const satisfies Readonly<Record<string, CommandShape>>;
