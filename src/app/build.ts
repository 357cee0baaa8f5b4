import { commandShapes } from './command-shapes.ts';
import type { UseCases } from './contract.ts';
import { runCommand } from './run-command.ts';

export const build: UseCases['build'] = (options, hooks) => runCommand(commandShapes.build, options, hooks);
