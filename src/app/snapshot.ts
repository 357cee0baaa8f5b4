import type { UseCases } from './contract.ts';
import { runCommand } from './run-command.ts';

export const snapshot: UseCases['snapshot'] = (options, hooks) =>
  runCommand({ command: 'snapshot', kinds: ['snapshot'], builds: true, tests: true }, options, hooks);
