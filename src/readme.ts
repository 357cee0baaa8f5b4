/** The parts of README.md that are made from the code: `npm run readme` writes them, `readme.test.ts` sees that they are true. */
import { readFileSync, writeFileSync } from 'node:fs';
import { catalogue } from './checks/catalogue.ts';
import { commonOptions } from './checks/check-config.ts';
import { argumentNames, type Check } from './checks/define-check.ts';
import { commands } from './cli/commands/index.ts';
import { settingsReference } from './project/json-schema.ts';

export const README = new URL('../README.md', import.meta.url);

const PARTS: Readonly<Record<string, () => string>> = {
  tests: () => testTable(),
  'test options': () => optionTable(),
  commands: () => commandTable(),
  // Its sections stand one step below the README's own.
  'project.yml': () => settingsReference().replace(/^#(?=#+ )/gm, '##'),
};

/** The same text with every generated part made anew. Throws when the README has lost the markers of one. */
export function withGeneratedParts(readme: string): string {
  return Object.entries(PARTS).reduce((text, [name, write]) => {
    const [begin, end] = [`<!-- generated: ${name} -->`, `<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`README.md lacks the markers \`${begin}\` and \`${end}\``);
    return `${text.slice(0, from + begin.length)}\n\n${write()}\n\n${text.slice(to)}`;
  }, readme);
}

function testTable(): string {
  return table(
    ['test', 'of', 'arguments', 'it passes when'],
    Object.values(catalogue).map((check) => [
      `\`${check.name}\``,
      OF[check.column],
      argumentsOf(check),
      check.description,
    ]),
  );
}

const OF: Readonly<Record<Check['column'], string>> = { required: 'a column', optional: 'either', never: 'a relation' };

/** The ones that must be given first; the others in brackets. */
function argumentsOf({ arguments: schema }: Check): string {
  const missing = schema.safeParse({}).error?.issues ?? [];
  const isNeeded = (name: string) => missing.some(({ path }) => path[0] === name);
  const names = argumentNames(schema);
  const [needed, others] = [names.filter(isNeeded), names.filter((name) => !isNeeded(name))];
  return [...needed.map((name) => `**\`${name}\`**`), ...others.map((name) => `\`${name}\``)].join(' ');
}

const optionTable = (): string =>
  table(
    ['option', 'meaning'],
    Object.entries(commonOptions.shape).map(([name, { description = '' }]) => [`\`${name}\``, description]),
  );

const commandTable = (): string =>
  table(
    ['command', 'what it does'],
    Object.entries(commands)
      .filter(([, { aliasOf }]) => aliasOf === undefined)
      .map(([name, { summary }]) => [`\`dql ${name}\``, summary]),
  );

const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
  [titles, titles.map(() => '---'), ...rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');

if (process.argv[1] === import.meta.filename) writeFileSync(README, withGeneratedParts(readFileSync(README, 'utf8')));
