import { commandShapes } from './command-shapes.ts';
import type { UseCases } from './contract.ts';
import { runCommand } from './run-command.ts';

export const snapshot: UseCases['snapshot'] = (options, hooks) => runCommand(commandShapes.snapshot, options, hooks);
