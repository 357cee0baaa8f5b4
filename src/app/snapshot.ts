import type { UseCases } from './contract.ts';
import { commandShapes } from './running/command-shapes.ts';
import { runCommand } from './running/run-command.ts';

export const snapshot: UseCases['snapshot'] = (options, hooks) => runCommand(commandShapes.snapshot, options, hooks);
