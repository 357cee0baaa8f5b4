import type { UseCases } from './contract.ts';
import { commandShapes } from './running/command-shapes.ts';
import { runCommand } from './running/run-command.ts';

export const seed: UseCases['seed'] = (options, hooks) => runCommand(commandShapes.seed, options, hooks);
