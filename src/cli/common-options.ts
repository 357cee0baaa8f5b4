import { dirname, resolve } from 'node:path';
import type { CommonOptions, IndirectSelection, WarnErrorOptions } from '../app/contract.ts';
import { DqlError } from '../core/diagnostic.ts';
import type { Json } from '../core/node-id.ts';
import type { Values } from './values.ts';
import type { World } from './world.ts';

/** What of the world the options depend on. */
export type Outside = Pick<World, 'cwd' | 'environment' | 'now' | 'readFile' | 'version'>;

const PROJECT_FILES = ['project.yml', 'dbt_project.yml'];
const MODES: readonly IndirectSelection[] = ['eager', 'cautious', 'buildable', 'empty'];

/** Every flag that is not about what is shown, as the use cases want it. */
export async function commonOptions(values: Values, world: Outside, argv: readonly string[]): Promise<CommonOptions> {
  refuseBoth(values);
  const path = (name: string) => {
    const given = values.text(name);
    return given === undefined ? undefined : resolve(world.cwd, given);
  };
  return {
    projectDir: projectFolder(values, world),
    profilesDir: path('profilesDir'),
    target: values.text('target'),
    profile: values.text('profile'),
    vars: await mapping(values, 'vars', '--vars'),
    targetPath: values.text('targetPath'),
    threads: values.number('threads'),
    select: values.list('select'),
    exclude: values.list('exclude'),
    selector: values.text('selector'),
    indirectSelection: MODES.find((mode) => mode === values.text('indirectSelection')) ?? 'eager',
    resourceTypes: values.list('resourceType'),
    excludeResourceTypes: values.list('excludeResourceType'),
    state: path('state'),
    defer: values.yes('defer'),
    favorState: values.yes('favorState'),
    deferState: path('deferState'),
    fullRefresh: values.yes('fullRefresh'),
    failFast: values.yes('failFast'),
    warnError: values.yes('warnError'),
    warnErrorOptions: warnErrorOptions(await mapping(values, 'warnErrorOptions', '--warn-error-options')),
    empty: values.yes('empty'),
    sample: values.text('sample'),
    storeFailures: values.maybe('storeFailures'),
    eventTimeStart: values.text('eventTimeStart'),
    eventTimeEnd: values.text('eventTimeEnd'),
    force: values.yes('force'),
    adopt: values.yes('adopt'),
    lockTimeout: values.number('lockTimeout'),
    now: values.time('now') ?? world.now(),
    introspect: values.maybe('introspect') ?? true,
    partialParse: values.maybe('partialParse') ?? true,
    writeJson: values.maybe('writeJson') ?? true,
    invocationCommand: ['dql', ...argv].map(quoted).join(' '),
    environment: world.environment,
    given: values.given,
    version: world.version,
  };
}

/** The folder of the project, as the command line or its environment says, else where one is found. */
export const projectFolder = (values: Values, world: Outside): string => {
  const given = values.text('projectDir');
  return given === undefined ? projectAbove(world) : resolve(world.cwd, given);
};

/** The nearest folder above (or this one) that holds a project; this one when none does, so that the message names it. */
function projectAbove(world: Outside): string {
  for (let folder = world.cwd; ; folder = dirname(folder)) {
    if (PROJECT_FILES.some((name) => world.readFile(resolve(folder, name)) !== undefined)) return folder;
    if (folder === dirname(folder)) return world.cwd;
  }
}

async function mapping(values: Values, name: string, flag: string): Promise<Readonly<Record<string, Json>>> {
  const text = values.text(name);
  if (text === undefined || text.trim() === '') return {};
  const { yamlFlag } = await import('./yaml-flag.ts');
  return yamlFlag(flag, text);
}

/** As in dbt: one of them, not both. */
function refuseBoth(values: Values): void {
  if (values.yes('warnError') && values.text('warnErrorOptions') !== undefined)
    throw new DqlError([
      {
        code: 'cli/bad-flag',
        severity: 'error',
        message: '--warn-error and --warn-error-options contradict each other',
        hint: "--warn-error alone makes every warning an error; with exceptions: --warn-error-options '{error: all, warn: [name]}'",
      },
    ]);
}

function warnErrorOptions(given: Readonly<Record<string, Json>>): WarnErrorOptions {
  const known = ['error', 'include', 'warn', 'exclude', 'silence'];
  const wrong = (message: string) =>
    new DqlError([
      {
        code: 'cli/bad-flag',
        severity: 'error',
        message,
        hint: "write it like --warn-error-options '{error: all, warn: [name], silence: [name]}'",
      },
    ]);
  for (const key of Object.keys(given))
    if (!known.includes(key)) throw wrong(`--warn-error-options has no key \`${key}\``);
  const names = (key: string, older?: string): readonly string[] => {
    const value = given[key] ?? (older === undefined ? undefined : given[older]) ?? [];
    if (!Array.isArray(value)) throw wrong(`--warn-error-options: \`${key}\` must be a list of names`);
    return value.map(String);
  };
  const error = given.error ?? given.include;
  return {
    error: error === 'all' || error === '*' ? 'all' : names('error', 'include'),
    warn: names('warn', 'exclude'),
    silence: names('silence'),
  };
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
