import type { UseCases } from './contract.ts';
import { runCommand } from './run-command.ts';

export const run: UseCases['run'] = (options, hooks) =>
  runCommand({ command: 'run', kinds: ['model'], builds: true, tests: false }, options, hooks);
