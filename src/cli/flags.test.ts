import { expect, test } from 'vitest';
import { invoke } from '../testing/fake-world.ts';
import { splitArguments } from './argv.ts';
import { commands } from './commands/index.ts';
import { building, deferral, everywhere, type Flag, optionName, selection } from './flags.ts';

const optionsOf = async (argv: readonly string[], environment: Record<string, string> = {}) =>
  (await invoke(argv, { environment })).asked[0]?.options;

test.each([
  [['build', '-s', 'a', 'b', '--exclude', 'c'], { select: ['a', 'b'], exclude: ['c'] }],
  [['build', '--select', 'a b', '-s', 'c'], { select: ['a b', 'c'] }],
  [['build', '--select=+orders,tag:nightly'], { select: ['+orders,tag:nightly'] }],
  [['build', '-m', 'a', '--models', 'b'], { select: ['a', 'b'] }],
  [['-s', 'a', 'b', 'build', '-x'], { select: ['a', 'b'], failFast: true }],
  [['-t', 'prod', '--vars', '{day: 2001-01-01, n: 3}', 'build'], { target: 'prod', vars: { day: '2001-01-01', n: 3 } }],
  [['--vars={"list": [1, null, true]}', 'build'], { vars: { list: [1, null, true] } }],
  [['build', '-fx'], { fullRefresh: true, failFast: true }],
  [['build', '--full-refresh', '--threads', '8'], { fullRefresh: true, threads: 8 }],
  [['build', '--resource-types', 'model', 'seed'], { resourceTypes: ['model', 'seed'] }],
  [['build', '--defer', '--no-defer'], { defer: false }],
  [['build', '--state', 'prod'], { state: '/home/shop/prod' }],
  [['build', '--no-store-failures'], { storeFailures: false }],
  [['build'], { storeFailures: undefined, indirectSelection: 'eager', lockTimeout: undefined, given: [] }],
  [['build', '--lock-timeout', '2m'], { lockTimeout: 120 }],
  [['build', '--now', '2001-07-02 06:30'], { now: new Date('2001-07-02T06:30:00Z') }],
  [['build', '--now', '2001-07-02T06:30:00+02:00'], { now: new Date('2001-07-02T04:30:00Z') }],
  [
    ['build', '--warn-error-options', '{error: all, warn: [x]}'],
    { warnErrorOptions: { error: 'all', warn: ['x'], silence: [] } },
  ],
  [['build', '--project-dir', '../other'], { projectDir: '/home/other' }],
  [
    ['build', '--vars', "{name: 'O''Neil'}"],
    { invocationCommand: "dql build --vars '{name: '\\''O'\\'''\\''Neil'\\''}'" },
  ],
])('%j', async (argv, expected) => {
  expect(await optionsOf(argv)).toMatchObject(expected);
});

test.each([
  [
    { DQL_TARGET: 'prod', DBT_TARGET: 'dev' },
    { target: 'prod', given: ['target'] },
  ],
  [{ DBT_ENGINE_TARGET: 'prod', DBT_TARGET: 'dev' }, { target: 'prod' }],
  [{ DBT_TARGET: 'dev' }, { target: 'dev' }],
  [{ DQL_FORCE: '1' }, { force: true }],
  [{ DQL_FORCE: 'false' }, { force: false }],
  [
    { DBT_FULL_REFRESH: 'True', DBT_DEFER: '1' },
    { fullRefresh: true, defer: true },
  ],
  [
    { DBT_PARTIAL_PARSE: '0', DBT_WRITE_JSON: 'false' },
    { partialParse: false, writeJson: false },
  ],
  [{ DBT_RESOURCE_TYPES: 'model, seed' }, { resourceTypes: ['model', 'seed'] }],
])('the environment %j is heard', async (environment, expected) => {
  expect(await optionsOf(['build'], environment)).toMatchObject(expected);
});

test('a flag is stronger than the environment', async () => {
  expect(
    await optionsOf(['build', '-t', 'dev', '--no-fail-fast'], { DQL_TARGET: 'prod', DQL_FAIL_FAST: '1' }),
  ).toMatchObject({
    target: 'dev',
    failFast: false,
  });
});

const VALUES: Readonly<Record<string, string>> = {
  eventTimeStart: '2001-07-01',
  eventTimeEnd: '2001-07-02',
  threads: '7',
  limit: '7',
  depth: '7',
  intervals: '7',
  seed: '7',
  port: '7',
  lockTimeout: '7',
  failUnder: '40',
  now: '1999-01-01',
  vars: '{a: 1}',
  args: '{a: 1}',
  warnErrorOptions: '{error: all}',
  failOn: 'breaking',
  indirectSelection: 'cautious',
  ci: 'github',
};
/** Flags that change what is shown, not what is asked; main.test.ts and the tests of report/ look at those. */
const SHOWN = [
  'report',
  'quiet',
  'debug',
  'logLevel',
  'logFormat',
  'color',
  'output',
  'outputKeys',
  'markdown',
  'explain',
  'show',
];
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  lineage: ['orders'],
  inspect: ['not_null_orders'],
  'run-operation': ['vacuum_all'],
  promote: ['--from', 'staging', '--to', 'prod'],
};
const without = (argv: readonly string[], flag: string): string[] => {
  const at = argv.indexOf(flag);
  return at === -1 ? [...argv] : argv.filter((_, index) => index !== at && index !== at + 1);
};

test.each(Object.keys(commands))('every flag of `dql %s` that parses changes what is asked', async (name) => {
  const command = await commands[name]?.load();
  const flags: readonly Flag[] = [...(command?.flags ?? []), ...everywhere];
  for (const flag of flags) {
    const option = flag.alias ?? optionName(flag);
    if (SHOWN.includes(option) && !(name === 'source freshness' && option === 'output')) continue;
    const long = /--[a-z-]+/.exec(flag.spelling)?.[0] ?? '';
    const takesValue = /[<[]/.test(flag.spelling);
    const base = [...name.split(' '), ...without(NEEDED[name] ?? [], long)];
    const argv = [...base, long, ...(takesValue ? [VALUES[option] ?? 'something'] : [])];
    // `--no-x` is seen against `--x`, as an environment variable may have set it.
    const positive = flags.some(
      (other) => other !== flag && optionName(other) === optionName(flag) && !other.spelling.includes('--no-'),
    );
    const against =
      long.startsWith('--no-') && positive && !flag.alias ? [...base, long.replace('--no-', '--')] : undefined;
    if (name === 'run-operation' && option === 'sql') argv.splice(1, 1);
    if (
      long.startsWith('--') &&
      !long.startsWith('--no-') &&
      flags.some((other) => other.spelling === `--no-${long.slice(2)}`) &&
      flag.alias === option
    )
      continue; // `--partial-parse` only takes back what the environment said.
    const asked = await optionsOf(argv);
    if (asked === undefined) throw new Error(`dql ${argv.join(' ')} asked nothing`);
    const plain = await optionsOf(against ?? [...name.split(' '), ...(NEEDED[name] ?? [])]);
    const bare = (options: typeof asked | undefined) => ({
      ...options,
      invocationCommand: '',
      given: [],
      onListening: '',
    });
    expect(bare(asked), `dql ${argv.join(' ')}`).not.toEqual(bare(plain));
  }
});

test('the command is found among flags, their values and its own two words', () => {
  const split = (...argv: string[]) =>
    splitArguments(
      argv,
      ['build', 'docs generate', 'docs serve', 'run'],
      [...everywhere, ...selection, ...deferral, ...building],
    );
  expect(split('-t', 'run', 'build')).toEqual({ command: 'build', unknown: undefined, rest: ['-t', 'run'] });
  expect(split('--target=run', 'build')).toMatchObject({ command: 'build' });
  expect(split('-qt', 'run', 'build')).toMatchObject({ command: 'build', rest: ['-qt', 'run'] });
  expect(split('-q', 'docs', 'serve', '--port', '1')).toEqual({
    command: 'docs serve',
    unknown: undefined,
    rest: ['-q', '--port', '1'],
  });
  expect(split('docs')).toMatchObject({ command: undefined, unknown: 'docs' });
  expect(split('--nonsense', 'build')).toMatchObject({ command: 'build', rest: ['--nonsense'] });
});
