import type { UseCases } from './contract.ts';
import { runCommand } from './run-command.ts';

export const build: UseCases['build'] = (options, hooks) =>
  runCommand(
    { command: 'build', kinds: ['model', 'seed', 'snapshot', 'test', 'unit_test'], builds: true, tests: true },
    options,
    hooks,
  );
