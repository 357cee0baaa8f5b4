/** The flags there are, with dbt's names where dbt has them. A command lists those it takes; what is not listed is refused. */
import { InvalidArgumentError } from 'commander';

export type FlagValue = string | number | boolean | Date | readonly string[] | undefined;

export interface Flag {
  /** commander's spelling: `-s, --select <selector...>`. */
  readonly spelling: string;
  readonly help: string;
  readonly group: 'Selection' | 'State' | 'Building' | 'Output' | 'Project' | 'Command';
  /** `TARGET`: read from DQL_TARGET, DBT_ENGINE_TARGET, DBT_TARGET when the flag is not given. */
  readonly env?: string;
  readonly choices?: readonly string[];
  readonly parse?: (text: string) => FlagValue;
  /** The option it is another spelling of; not in the help. */
  readonly alias?: string;
  readonly preset?: FlagValue;
}

const oneOf = (...choices: readonly string[]) => ({ choices });

export const wholeNumber = (text: string): number => {
  if (!/^-?\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
};
const positive = (text: string): number => {
  const value = wholeNumber(text);
  if (value < 1) throw new InvalidArgumentError('It must be 1 or more.');
  return value;
};
export const percent = (text: string): number => {
  const value = Number(text.replace(/%$/, ''));
  if (text === '' || !(value >= 0 && value <= 100))
    throw new InvalidArgumentError('It must be a percentage, 0 to 100.');
  return value;
};
const duration = (text: string): number => {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)\s*(s|m|h)?$/.exec(text.trim()) ?? [];
  if (amount === undefined) throw new InvalidArgumentError('It must be seconds, or like 30s, 5m, 1h.');
  return Number(amount) * (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1);
};
const instant = (text: string): Date => {
  // A time without a zone is UTC, as everything dql writes; a bare number is not a time.
  const zoned =
    /T.*(Z|[+-]\d\d:?\d\d)$/i.test(text) || /^\d{4}-\d\d-\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`;
  const at = new Date(zoned);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('It must be an ISO 8601 time, like 2001-07-02T06:00:00Z.');
  return at;
};

const instantText = (text: string): string => {
  instant(text);
  return text;
};

export const selection: readonly Flag[] = [
  {
    spelling: '-s, --select <selector...>',
    help: 'nodes to take: names, paths, tag:x, +parents, children+, a,b for both',
    group: 'Selection',
  },
  { spelling: '-m, --models <selector...>', help: '', group: 'Selection', alias: 'select' },
  { spelling: '--model <selector...>', help: '', group: 'Selection', alias: 'select' },
  { spelling: '--exclude <selector...>', help: 'nodes to leave out of these', group: 'Selection' },
  { spelling: '--selector <name>', help: 'a selection written down in selectors.yml', group: 'Selection' },
  {
    spelling: '--indirect-selection <mode>',
    help: 'which tests of selected nodes come along',
    group: 'Selection',
    env: 'INDIRECT_SELECTION',
    ...oneOf('eager', 'cautious', 'buildable', 'empty'),
    preset: 'eager',
  },
  {
    spelling: '--resource-type <type...>',
    help: 'only these: model, seed, snapshot, test, unit_test, source …',
    group: 'Selection',
    env: 'RESOURCE_TYPES',
  },
  { spelling: '--resource-types <type...>', help: '', group: 'Selection', alias: 'resourceType' },
  {
    spelling: '--exclude-resource-type <type...>',
    help: 'all but these',
    group: 'Selection',
    env: 'EXCLUDE_RESOURCE_TYPES',
  },
  { spelling: '--exclude-resource-types <type...>', help: '', group: 'Selection', alias: 'excludeResourceType' },
];

export const state: Flag = {
  spelling: '--state <path>',
  help: 'an earlier state to compare with: a folder with manifest.json, or a warehouse',
  group: 'State',
  env: 'STATE',
};
export const deferral: readonly Flag[] = [
  state,
  { spelling: '--defer', help: 'read what is not selected from that state', group: 'State', env: 'DEFER' },
  { spelling: '--no-defer', help: 'never do that', group: 'State' },
  {
    spelling: '--defer-state <path>',
    help: 'another state for --defer than for state: selectors',
    group: 'State',
    env: 'DEFER_STATE',
  },
  {
    spelling: '--favor-state',
    help: 'with --defer: prefer that state even to relations that exist here',
    group: 'State',
    env: 'FAVOR_STATE',
  },
  { spelling: '--no-favor-state', help: 'never do that', group: 'State' },
];

export const fullRefresh: Flag = {
  spelling: '-f, --full-refresh',
  help: 'rebuild incremental models and seeds from nothing',
  group: 'Building',
  env: 'FULL_REFRESH',
};
const eventTimes: readonly Flag[] = [
  {
    spelling: '--event-time-start <time>',
    help: 'restate intervals from here on',
    group: 'Building',
    env: 'EVENT_TIME_START',
    parse: instantText,
  },
  {
    spelling: '--event-time-end <time>',
    help: '… up to here',
    group: 'Building',
    env: 'EVENT_TIME_END',
    parse: instantText,
  },
];
export const storeFailures: readonly Flag[] = [
  { spelling: '--store-failures', help: 'keep failing rows as tables', group: 'Building', env: 'STORE_FAILURES' },
  { spelling: '--no-store-failures', help: 'never do that, whatever the tests say', group: 'Building' },
];
export const empty: readonly Flag[] = [
  { spelling: '--empty', help: 'build without rows, to see that everything binds', group: 'Building', env: 'EMPTY' },
  { spelling: '--no-empty', help: 'never do that', group: 'Building' },
];
export const failFast: readonly Flag[] = [
  {
    spelling: '-x, --fail-fast',
    help: 'start nothing more after the first failure',
    group: 'Building',
    env: 'FAIL_FAST',
  },
  { spelling: '--no-fail-fast', help: 'never do that', group: 'Building' },
];
export const adopt: Flag = {
  spelling: '--adopt',
  help: 'replace relations that dql did not make',
  group: 'Building',
  env: 'ADOPT',
};
export const reuse: readonly Flag[] = [
  { spelling: '--force', help: 'rebuild and test everything, reuse nothing', group: 'Building', env: 'FORCE' },
  adopt,
];
const sample: Flag = {
  spelling: '--sample <window>',
  help: 'read only this window of event time: "3 days"',
  group: 'Building',
  env: 'SAMPLE',
};

/** For commands that build. */
export const building: readonly Flag[] = [fullRefresh, ...failFast, ...reuse, ...empty, sample, ...eventTimes];

export const output: Flag = {
  spelling: '--output <format>',
  help: 'the answer on standard output',
  group: 'Output',
  ...oneOf('text', 'json'),
  preset: 'text',
};
export const limit = (preset: number, what: string): Flag => ({
  spelling: '--limit <n>',
  help: `${what}; -1 for all`,
  group: 'Command',
  parse: wholeNumber,
  preset,
});

/** Every command takes these. */
export const everywhere: readonly Flag[] = [
  { spelling: '-t, --target <name>', help: 'where to build: a target of project.yml', group: 'Project', env: 'TARGET' },
  { spelling: '--profile <name>', help: 'a profile of profiles.yml', group: 'Project', env: 'PROFILE' },
  { spelling: '--vars <yaml>', help: "values for var(): '{start: 2001-01-01}'", group: 'Project', env: 'VARS' },
  {
    spelling: '--threads <n>',
    help: 'how many nodes run at a time',
    group: 'Project',
    env: 'THREADS',
    parse: positive,
  },
  {
    spelling: '--project-dir <path>',
    help: 'the project; else this folder or the nearest above',
    group: 'Project',
    env: 'PROJECT_DIR',
  },
  { spelling: '--profiles-dir <path>', help: 'the folder of profiles.yml', group: 'Project', env: 'PROFILES_DIR' },
  { spelling: '--target-path <path>', help: 'where artifacts are written', group: 'Project', env: 'TARGET_PATH' },
  {
    spelling: '--lock-timeout <time>',
    help: 'how long to wait for a warehouse another process writes: 30s, 10m; else the target’s, else 60s',
    group: 'Project',
    env: 'LOCK_TIMEOUT',
    parse: duration,
  },
  {
    spelling: '--now <time>',
    help: 'the time it is, for tests, freshness and intervals',
    group: 'Project',
    env: 'NOW',
    parse: instant,
  },
  {
    spelling: '--no-partial-parse',
    help: 'read every file again, ignore the parse cache',
    group: 'Project',
    env: 'PARTIAL_PARSE',
  },
  { spelling: '--partial-parse', help: '', group: 'Project', alias: 'partialParse' },
  { spelling: '--no-write-json', help: 'write no artifacts', group: 'Project', env: 'WRITE_JSON' },
  { spelling: '--write-json', help: '', group: 'Project', alias: 'writeJson' },
  { spelling: '--warn-error', help: 'warnings are errors', group: 'Output', env: 'WARN_ERROR' },
  {
    spelling: '--warn-error-options <yaml>',
    help: "some of them: '{error: [..], warn: [..], silence: [..]}'",
    group: 'Output',
    env: 'WARN_ERROR_OPTIONS',
  },
  {
    spelling: '--report <kind[=file]>',
    help: 'tell others too, several at a time: text, json, junit, xunit, tap, sarif, github, github-summary, gitlab; or none',
    group: 'Output',
    env: 'REPORT',
    parse: (text) => text,
  },
  { spelling: '-q, --quiet', help: 'only the answer and what went wrong', group: 'Output', env: 'QUIET' },
  { spelling: '--no-quiet', help: '', group: 'Output', alias: 'quiet' },
  { spelling: '-d, --debug', help: 'the same as --log-level debug', group: 'Output', env: 'DEBUG' },
  {
    spelling: '--log-level <level>',
    help: 'how much is said',
    group: 'Output',
    env: 'LOG_LEVEL',
    ...oneOf('debug', 'info', 'warn', 'error', 'none'),
    preset: 'info',
  },
  {
    spelling: '--log-format <format>',
    help: 'json: one event a line on standard output',
    group: 'Output',
    env: 'LOG_FORMAT',
    ...oneOf('text', 'json'),
    preset: 'text',
  },
  {
    spelling: '--color',
    help: 'colours, also in a pipe (NO_COLOR and FORCE_COLOR are heard)',
    group: 'Output',
    env: 'USE_COLORS',
  },
  { spelling: '--no-color', help: 'no colours', group: 'Output' },
  { spelling: '--use-colors', help: '', group: 'Output', alias: 'color' },
  { spelling: '--no-use-colors', help: '', group: 'Output', alias: 'color' },
];

/** `fullRefresh` of `-f, --full-refresh`; `color` of `--no-color`. */
export function optionName(flag: Flag): string {
  const long = /--(?:no-)?([a-z-]+)/.exec(flag.spelling)?.[1] ?? flag.spelling;
  return long.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Flags of dbt's that dql has no use for, and what to do instead. They are refused, not ignored. */
export const NOT_OURS: Readonly<Record<string, string>> = {
  '--no-send-anonymous-usage-stats': 'dql never sends anything; leave it out',
  '--send-anonymous-usage-stats': 'dql never sends anything; leave it out',
  '--no-version-check': 'leave it out: dql only warns about require-dbt-version',
  '--version-check': 'leave it out: dql only warns about require-dbt-version',
  '--populate-cache': 'leave it out: dql keeps no relation cache',
  '--no-populate-cache': 'leave it out: dql keeps no relation cache',
  '--cache-selected-only': 'leave it out: dql keeps no relation cache',
  '--no-cache-selected-only': 'leave it out: dql keeps no relation cache',
  '--static-parser': 'leave it out: there is one parser',
  '--no-static-parser': 'leave it out: there is one parser',
  '--use-experimental-parser': 'leave it out: there is one parser',
  '--no-use-experimental-parser': 'leave it out: there is one parser',
  '--log-path': 'dql writes no log file; redirect --log-format json',
  '--log-format-file': 'dql writes no log file; redirect --log-format json',
  '--log-level-file': 'dql writes no log file; redirect --log-format json',
  '--printer-width': 'the width is the terminal’s; leave it out',
  '--record-timing-info': 'times stand in run_results.json; leave it out',
  '--upgrade': 'dql has no package manager; put packages below dbt_packages/',
};

/** Commands of dbt's that dql has not, and what to do instead. */
export const NOT_OUR_COMMANDS: Readonly<Record<string, string>> = {
  deps: 'dql installs no packages: put their folders below dbt_packages/, e.g. with `dbt deps`',
};
