import { commandShapes } from './command-shapes.ts';
import type { UseCases } from './contract.ts';
import { runCommand } from './run-command.ts';

export const run: UseCases['run'] = (options, hooks) => runCommand(commandShapes.run, options, hooks);
