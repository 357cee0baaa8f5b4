import type { UseCases } from './contract.ts';
import { runCommand } from './run-command.ts';

export const seed: UseCases['seed'] = (options, hooks) =>
  runCommand({ command: 'seed', kinds: ['seed'], builds: true, tests: true }, options, hooks);
