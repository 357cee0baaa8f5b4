import type { UseCases } from './contract.ts';
import { commandShapes } from './running/command-shapes.ts';
import { runCommand } from './running/run-command.ts';

export const build: UseCases['build'] = (options, hooks) => runCommand(commandShapes.build, options, hooks);
