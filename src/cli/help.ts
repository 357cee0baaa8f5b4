import { Command as Commander } from 'commander';
import type { Command } from './command.ts';
import { commands } from './commands/index.ts';
import { everywhere, type Flag } from './flags.ts';
import { addFlags } from './values.ts';

const EXIT_CODES = `Exit codes
  0    all good; warnings too, unless --warn-error
  1    a node or a test failed
  2    called wrong, or could not start
  130  interrupted`;

/** What `dql --help` prints. */
export function helpPage(version: string): string {
  const widest = Math.max(...Object.keys(commands).map((name) => name.length));
  const groups = [...new Set(Object.values(commands).map(({ group }) => group))];
  const listed = groups.map((group) =>
    [
      group,
      ...Object.entries(commands)
        .filter(([, entry]) => entry.group === group && !entry.aliasOf)
        .map(([name, { summary }]) => `  ${name.padEnd(widest)}  ${summary}`),
    ].join('\n'),
  );
  return `dql ${version}: a folder of SQL becomes tested tables on DuckDB. Bad data is never published.

Usage
  dql COMMAND [flags]        flags may stand before or after the command

${listed.join('\n\n')}

Examples
  dql init shop && cd shop && npm install              a project to begin with; then dql build
  dql plan -s +orders                                  what would run for orders and its parents, and why
  dql build -s state:modified+ --defer --state prod/   only what changed, on production's tables
  dql build --report junit=target/junit.xml            tell a CI system too

${EXIT_CODES}

Answers go to standard output, talk to standard error. A flag with "env: DQL_NAME" on its
page can be set by that environment variable (DQL_TARGET=prod, DQL_FORCE=1; one that says
--no- by false: DQL_WRITE_JSON=false); dbt's DBT_NAME is heard, too.
More: dql COMMAND --help, and README.md of the package dql-cli.`;
}

/** commander's idea of a command, its page included. */
export function commanderFor(name: string, command: Command, flags: readonly Flag[], columns: number): Commander {
  const commander = new Commander(`dql ${name}`);
  if (command.takes) commander.arguments(command.takes);
  else commander.usage('[flags]');
  commander
    .description(asParagraphs(command.about))
    .helpOption('-h, --help', 'this page')
    .configureHelp({
      helpWidth: columns > 0 ? Math.min(columns, 110) : 110,
      optionTerm: (option) => option.flags.replace('<kind[=file]>', '<kind=file>'),
      // Choices, default and variable are in the text already, in fewer words.
      optionDescription: (option) => option.description,
    })
    .allowExcessArguments(false);
  addFlags(commander, flags);
  commander.addHelpText('after', `\n${afterwards(command)}`);
  return commander;
}

function afterwards(command: Command): string {
  const widest = Math.max(0, ...command.examples.map(([line]) => line.length));
  const examples = command.examples.map(([line, meaning]) => `  ${line.padEnd(widest)}   ${meaning}`);
  return [
    ...(examples.length > 0 ? [['Examples:', ...examples].join('\n')] : []),
    ...(command.notes ? [command.notes] : []),
    EXIT_CODES,
  ].join('\n\n');
}

export const flagsOf = (command: Command): readonly Flag[] => [...command.flags, ...everywhere];

/** Lines end where the terminal's do, paragraphs at an empty line. */
const asParagraphs = (text: string): string => text.replace(/(?<!\n)\n(?!\n)/g, ' ');
