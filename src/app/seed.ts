import { commandShapes } from './command-shapes.ts';
import type { UseCases } from './contract.ts';
import { runCommand } from './run-command.ts';

export const seed: UseCases['seed'] = (options, hooks) => runCommand(commandShapes.seed, options, hooks);
