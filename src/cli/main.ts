import { resolve } from 'node:path';
import { CommanderError } from 'commander';
import type { Diagnostic } from '../core/diagnostic.ts';
import { maskSecrets, secretsIn } from '../report/secrets.ts';
import { splitArguments } from './argv.ts';
import { commands } from './commands/index.ts';
import { building, deferral, everywhere, NOT_OUR_COMMANDS, selection } from './flags.ts';
import type { ExitCode, World } from './world.ts';

/** dql, from words to an exit code. Never throws: a bug prints its trace and answers 2. */
export async function main(argv: readonly string[], world: World): Promise<ExitCode> {
  try {
    return await perform(argv, world);
  } catch (error) {
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    world.stderr.write(
      maskSecrets(
        `${trace}\n\nthis is a bug in dql ${world.version} (node ${process.version}). Please report it with the lines above.\n`,
        secretsIn(world.environment),
      ),
    );
    return 2;
  }
}

async function perform(argv: readonly string[], world: World): Promise<ExitCode> {
  const asksHelp = argv[0] === 'help';
  const words = asksHelp ? argv.slice(1) : argv;
  const names = Object.keys(commands);
  const split = splitArguments(words, names, [...everywhere, ...selection, ...deferral, ...building]);
  if (split.command === undefined) {
    if (split.unknown !== undefined) return refuse(world, await unknownCommand(split.unknown, names));
    const lone = split.rest;
    if (lone.some((word) => word === '--version' || word === '-V' || word === '-v')) {
      world.stdout.write(`dql ${world.version}\n`);
      return 0;
    }
    const { helpPage } = await import('./help.ts');
    const asked = asksHelp || lone.includes('--help') || lone.includes('-h');
    (asked ? world.stdout : world.stderr).write(`${helpPage(world.version)}\n`);
    return asked ? 0 : 2;
  }
  return await callByName(split.command, asksHelp ? ['--help'] : split.rest, argv, world);
}

async function callByName(
  name: string,
  rest: readonly string[],
  argv: readonly string[],
  world: World,
): Promise<ExitCode> {
  const entry = commands[name];
  if (!entry) throw new Error(`no command ${name}`);
  const [command, { commanderFor, flagsOf }, { valuesOf }] = await Promise.all([
    entry.load(),
    import('./help.ts'),
    import('./values.ts'),
  ]);
  const flags = flagsOf(command);
  const commander = commanderFor(entry.aliasOf ?? name, command, flags, world.stdout.columns);
  commander.exitOverride().configureOutput({ writeOut: (text) => world.stdout.write(text), writeErr: () => {} });
  try {
    commander.parse(rest, { from: 'user' });
    const { commonOptions, projectFolder } = await import('./common-options.ts');
    const { projectFlags } = await import('../app/project-flags.ts');
    const folder = projectFolder(valuesOf(commander, flags, world), world);
    const outside = await projectFlags(world.environment, (name) => world.readFile(resolve(folder, name)));
    const values = valuesOf(commander, flags, outside);
    const { callCommand } = await import('./calling.ts');
    const options = await commonOptions(values, world, argv);
    return await callCommand(entry.aliasOf ?? name, command, commander.args, values, options, world);
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      const { usageError } = await import('./usage-error.ts');
      return refuse(world, usageError(name, error, rest, flags));
    }
    const { DqlError } = await import('../core/diagnostic.ts');
    if (error instanceof DqlError) return refuse(world, ...error.diagnostics);
    const { troubleOutside } = await import('./trouble-outside.ts');
    const trouble = troubleOutside(error);
    if (trouble) return refuse(world, trouble);
    throw error;
  }
}

async function unknownCommand(name: string, names: readonly string[]): Promise<Diagnostic> {
  const { didYouMean } = await import('../core/nearest.ts');
  const words = name.split(' ').filter((word) => !word.startsWith('-'));
  const family = names.filter((known) => known.includes(' ') && known.split(' ').includes(words[0] ?? ''));
  return {
    code: 'cli/unknown-command',
    severity: 'error',
    message: family.length > 0 ? `\`${words.join(' ')}\` is not a whole command` : `there is no command \`${name}\``,
    hint:
      family.length > 0
        ? `there ${family.length > 1 ? 'are' : 'is'} ${family.map((known) => `\`dql ${known}\``).join(' and ')}`
        : (NOT_OUR_COMMANDS[name] ?? didYouMean(name, names) ?? 'dql --help lists them'),
  };
}

/** Called wrong: said on standard error, exit 2. */
async function refuse(world: World, ...diagnostics: readonly Diagnostic[]): Promise<ExitCode> {
  const [{ frames }, { wantsColour }] = await Promise.all([
    import('../report/frame.ts'),
    import('./stream-terminal.ts'),
  ]);
  const colour = wantsColour(world.stderr, world.environment, undefined);
  const text = frames(diagnostics, { readSource: () => undefined, colour });
  world.stderr.write(`${maskSecrets(text, secretsIn(world.environment))}\n`);
  return 2;
}
