import type { UseCases } from './contract.ts';
import { commandShapes } from './running/command-shapes.ts';
import { runCommand } from './running/run-command.ts';

export const run: UseCases['run'] = (options, hooks) => runCommand(commandShapes.run, options, hooks);
