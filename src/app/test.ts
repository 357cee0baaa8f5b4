import type { UseCases } from './contract.ts';
import { commandShapes } from './running/command-shapes.ts';
import { runCommand } from './running/run-command.ts';

export const test: UseCases['test'] = (options, hooks) => runCommand(commandShapes.test, options, hooks);
