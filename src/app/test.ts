import { commandShapes } from './command-shapes.ts';
import type { UseCases } from './contract.ts';
import { runCommand } from './run-command.ts';

export const test: UseCases['test'] = (options, hooks) => runCommand(commandShapes.test, options, hooks);
