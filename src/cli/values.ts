import { type Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { type Flag, type FlagValue, optionName } from './flags.ts';

/** What was given, by flag or environment, else the flag's preset. Asking for the wrong type is a bug and throws. */
export interface Values {
  text(name: string): string | undefined;
  list(name: string): readonly string[];
  number(name: string): number | undefined;
  time(name: string): Date | undefined;
  yes(name: string): boolean;
  /** Undefined when neither `--x` nor `--no-x` was given. */
  maybe(name: string): boolean | undefined;
  /** Names given by flag or environment. */
  readonly given: readonly string[];
}

/** Tells commander of the flags; several spellings of one option meet in `valuesOf`. */
export function addFlags(command: Command, flags: readonly Flag[]): void {
  for (const flag of flags) {
    const option = new Option(flag.spelling, helpOf(flag)).helpGroup(`${flag.group}:`);
    if (flag.choices) option.choices([...flag.choices]);
    else if (flag.parse) option.argParser(flag.spelling.includes('[=file]') ? gathered : flag.parse);
    if (flag.alias || flag.help === '') option.hideHelp();
    command.addOption(option);
  }
}

const gathered = (text: string, before: unknown): string[] => [...(Array.isArray(before) ? before : []), text];

function helpOf(flag: Flag): string {
  const facts = [
    flag.choices?.join(' | '),
    flag.preset !== undefined && `default: ${flag.preset}`,
    flag.env && `env: DQL_${flag.env}`,
  ].filter(Boolean);
  return facts.length > 0 ? `${flag.help} (${facts.join(', ')})` : flag.help;
}

/**
 * A flag that was typed counts most, then its environment variable, then `flags:` of project.yml, then its preset.
 * @throws CommanderError when an environment variable or the project holds what its flag would refuse
 */
export function valuesOf(
  command: Command,
  flags: readonly Flag[],
  outside: {
    readonly environment: Readonly<Record<string, string>>;
    readonly flags?: Readonly<Record<string, string>>;
  },
): Values {
  const values = new Map<string, FlagValue>();
  const given = new Set<string>();
  for (const flag of flags) {
    const own = optionName(flag);
    const name = flag.alias ?? own;
    // commander sets `--no-x` options to true by itself; only what was typed counts.
    const typed = command.getOptionValueSource(own) === 'cli' ? command.getOptionValue(own) : undefined;
    if (typed !== undefined) {
      const before = values.get(name);
      values.set(name, Array.isArray(before) && Array.isArray(typed) && name !== own ? [...before, ...typed] : typed);
      given.add(name);
    }
  }
  const fill = (read: (flag: Flag) => FlagValue) => {
    const before = new Set(given);
    for (const flag of flags) {
      const name = flag.alias ?? optionName(flag);
      const rival = RIVALS[name];
      if (given.has(name) || !flag.env || (rival !== undefined && before.has(rival))) continue;
      const value = read(flag);
      if (value === undefined || value === '') continue;
      values.set(name, value);
      given.add(name);
    }
  };
  fill((flag) => fromEnvironment(flag, outside.environment));
  fill((flag) => fromProject(flag, outside.flags ?? {}));
  for (const flag of flags) {
    const name = flag.alias ?? optionName(flag);
    if (flag.preset !== undefined && !values.has(name)) values.set(name, flag.preset);
  }
  return reading(values, [...given]);
}

/** Two ways to say one thing: the one that counts more replaces the other. */
const RIVALS: Readonly<Record<string, string>> = { warnError: 'warnErrorOptions', warnErrorOptions: 'warnError' };

function fromEnvironment(flag: Flag, environment: Readonly<Record<string, string>>): FlagValue {
  const key = flag.env ?? '';
  const variable = [`DQL_${key}`, `DBT_ENGINE_${key}`, `DBT_${key}`].find((name) => environment[name]);
  const text = variable === undefined ? undefined : environment[variable];
  return text === undefined ? undefined : written(flag, text, `environment variable ${variable}=${text}`);
}

function fromProject(flag: Flag, flags: Readonly<Record<string, string>>): FlagValue {
  const name = (flag.env ?? '').toLowerCase();
  const text = flags[name];
  return text === undefined ? undefined : written(flag, text, `\`${name}: ${text}\` under \`flags\` of project.yml`);
}

/** The value of a flag that is written somewhere else than on the command line. */
function written(flag: Flag, text: string, where: string): FlagValue {
  const refuse = (why: string) => {
    throw new CommanderError(2, 'dql.invalidEnvironment', `${where}: ${why}`);
  };
  if (!/[<[]/.test(flag.spelling)) return truth(text) ?? refuse('It must be true or false.');
  if (flag.choices && !flag.choices.includes(text)) refuse(`Allowed choices are ${flag.choices.join(', ')}.`);
  if (flag.spelling.includes('...') || flag.spelling.includes('[=file]')) return text.split(/[\s,]+/).filter(Boolean);
  try {
    return flag.parse ? flag.parse(text) : text;
  } catch (error) {
    if (error instanceof InvalidArgumentError) refuse(error.message);
    throw error;
  }
}

function truth(text: string): boolean | undefined {
  if (/^(1|true|t|yes|y|on)$/i.test(text)) return true;
  return /^(0|false|f|no|n|off)$/i.test(text) ? false : undefined;
}

function reading(values: ReadonlyMap<string, FlagValue>, given: readonly string[]): Values {
  const read = <T extends FlagValue>(name: string, is: (value: FlagValue) => value is T): T | undefined => {
    const value = values.get(name);
    if (value === undefined) return undefined;
    if (!is(value)) throw new Error(`option ${name} is ${typeof value}`);
    return value;
  };
  const maybe = (name: string) => read(name, (value) => typeof value === 'boolean');
  return {
    given,
    maybe,
    yes: (name) => maybe(name) ?? false,
    text: (name) => read(name, (value) => typeof value === 'string'),
    number: (name) => read(name, (value) => typeof value === 'number'),
    time: (name) => read(name, (value) => value instanceof Date),
    list: (name) => read(name, (value): value is readonly string[] => Array.isArray(value)) ?? [],
  };
}
