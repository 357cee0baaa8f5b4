import type { UseCases } from './contract.ts';
import { runCommand } from './run-command.ts';

export const test: UseCases['test'] = (options, hooks) =>
  runCommand({ command: 'test', kinds: ['test', 'unit_test'], builds: false, tests: true }, options, hooks);
