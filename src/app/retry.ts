/** `dql retry`: the last command once more, with what failed, was skipped or was held back, and the tests that guard it. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { DqlError } from '../core/diagnostic.ts';
import { nearestName } from '../core/nearest.ts';
import type { Json, NodeId } from '../core/node-id.ts';
import { readArtifact } from '../disk/read-artifact.ts';
import { readRuns } from '../ledger/read-ledger.ts';
import { moment } from '../plan/batches.ts';
import type { Range } from '../plan/intervals.ts';
import type { NodeResult, RunResults } from '../run/results.ts';
import type { CommonOptions, Hooks, IndirectSelection, UseCases, WarnErrorOptions } from './contract.ts';
import type { OpenedProject } from './opening/opened-project.ts';
import { readSettings } from './opening/read-settings.ts';
import { warningsOfTestsFail } from './opening/warning-policy.ts';
import { operate } from './run-operation.ts';
import { type CommandShape, commandShapes } from './running/command-shapes.ts';
import { lookBack } from './running/open-past.ts';
import { runCommand } from './running/run-command.ts';
import { warehousePath } from './warehouse/open-target.ts';

export const retry: UseCases['retry'] = async (options, hooks) => {
  const crashed = options.state === undefined ? await crashedRun(options, hooks) : undefined;
  if (crashed) {
    const message = `The last command, \`${crashed.command}\` of ${crashed.started_at}, ended before it could say how: all of it is run again.`;
    hooks.onEvent({ type: 'log', level: 'info', message, node: null });
    return runCommand(crashed.shape, asBefore(crashed.args, options), hooks);
  }
  const previous = await previousResults(options);
  const { args } = previous;
  const which = String(args['which'] ?? '');
  const again = previous.results.filter((result) => isUnfinished(result, warningsOfTestsFail(options)));
  if (again.length === 0) {
    hooks.onEvent({
      type: 'log',
      level: 'info',
      message: 'Nothing to retry: every node of the last command succeeded.',
      node: null,
    });
    const nothing = { exit_code: 0, interrupted: false, published: 0, publish_seconds: null, warnings: [] } as const;
    return { ...previous, results: [], elapsed_time: 0, meta: { dql: { ...previous.meta.dql, ...nothing } } };
  }
  const same = asBefore(args, options);
  if (which === 'run-operation')
    return operate(
      { ...same, macro: textAt(args, 'macro'), sql: textAt(args, 'sql'), args: recordAt(args, 'args') },
      hooks,
    );
  const shape = shapeOf(which);
  if (!shape) throw new DqlError([cannotRetry(which)]);
  return runCommand(shape, same, hooks, (opened) => chosenAgain(opened, same, previous, again));
};

const shapeOf = (command: string): CommandShape | undefined =>
  Object.values(commandShapes).find((shape) => shape.command === command);

/** The last run of the target where nobody wrote down its end: it was killed, or the machine stopped. What it had built is taken over. */
async function crashedRun(options: CommonOptions, hooks: Hooks) {
  const before = resultsIn(await targetFolder(options));
  const { value: project } = await readSettings(
    before ? { ...options, target: asBefore(before.args, options).target } : options,
  );
  if (!existsSync(warehousePath(project))) return undefined;
  const last = await lookBack(project, options, hooks, async ({ warehouse: { database }, connection, hasLedger }) =>
    hasLedger
      ? (await readRuns(connection, database, Number.MAX_SAFE_INTEGER)).find(
          ({ target }) => target === project.target.name,
        )
      : undefined,
  );
  const shape = last?.ended_at === null ? shapeOf(last.command) : undefined;
  return last && shape ? { ...last, shape } : undefined;
}

/** Statuses of dbt's retry, and nodes that were built but held. */
const UNFINISHED = ['error', 'fail', 'skipped', 'runtime error', 'partial success'];

const isUnfinished = ({ status, meta }: NodeResult, warnError: boolean): boolean =>
  UNFINISHED.includes(status) || (warnError && status === 'warn') || publishedOf(meta) === false;

/** dbt's own run_results.json has no `meta`. */
const publishedOf = (meta: NodeResult['meta'] | undefined): boolean | undefined => meta?.dql.published;

function chosenAgain(
  { manifest }: OpenedProject,
  options: CommonOptions,
  previous: RunResults,
  again: readonly NodeResult[],
) {
  const wanted = new Set(again.map((result) => result.unique_id));
  // A node may only be published when all its blocking tests passed on it, not only those that failed last time.
  for (const { unique_id: id } of previous.results)
    if (
      (manifest.nodes[id]?.resource_type === 'test' || id in manifest.unit_tests) &&
      (manifest.parent_map[id] ?? []).some((parent) => wanted.has(parent))
    )
      wanted.add(id);
  const known = (id: NodeId): boolean => id in manifest.nodes || id in manifest.unit_tests;
  const ids = [...wanted].filter(known);
  return {
    ids: new Set(ids),
    again: { now: timeOf(previous, options), batches: failedBatches(again) },
    warnings: [...wanted].filter((id) => !known(id) && !id.startsWith('operation.')).map(gone),
  };
}

/** dbt retries batches as of the first command, unless `--now` says otherwise. */
const timeOf = ({ metadata }: RunResults, { now, given }: CommonOptions): Date =>
  given.includes('now') ? now : new Date(String(metadata['invocation_started_at'] ?? metadata.generated_at));

/** Of models that were published with the batches that succeeded, then or before an earlier retry. What was held back is computed from what is published, as a whole. */
const failedBatches = (again: readonly NodeResult[]): ReadonlyMap<NodeId, readonly Range[]> =>
  new Map(
    again.flatMap(({ unique_id: id, batch_results: batches, meta }) => {
      if (!batches || (batches.successful.length > 0 && publishedOf(meta) === false)) return [];
      const failed = batches.failed.flatMap(([from, to]) => {
        const [start, end] = [moment(from), moment(to)];
        return start === undefined || end === undefined ? [] : [{ start, end }];
      });
      return [[id, failed] as const];
    }),
  );

const gone = (id: NodeId) =>
  ({
    code: 'retry/gone',
    severity: 'warning',
    message: `${id} is not in the project any more, so it is not retried`,
  }) as const;

async function previousResults(options: CommonOptions): Promise<RunResults> {
  const folder = options.state ?? (await targetFolder(options));
  const found = resultsIn(folder);
  if (found) return found;
  throw new DqlError([
    {
      code: 'retry/no-results',
      severity: 'error',
      message: `there is no run_results.json in ${folder}, so nobody knows what to retry`,
      hint: 'run `dql build` first, or name the folder of an earlier run: --state FOLDER',
    },
  ]);
}

const resultsIn = (folder: string): RunResults | undefined =>
  existsSync(folder) ? readArtifact<RunResults>(folder, 'run_results.json') : undefined;

/** The first command's variables are not known yet, so what is wrong with the project is not judged here. */
async function targetFolder(options: CommonOptions): Promise<string> {
  const { value: project } = await readSettings(options);
  return resolve(project.folder, options.targetPath ?? project.root.settings.targetPath);
}

function cannotRetry(which: string) {
  const names = [...Object.keys(commandShapes), 'run-operation'];
  const near = nearestName(which, names);
  return {
    code: 'retry/not-retryable',
    severity: 'error',
    message: which === '' ? 'run_results.json does not say which command it is of' : `\`${which}\` cannot be retried`,
    hint: near === undefined ? `these can: ${names.join(', ')}` : undefined,
  } as const;
}

/** What the first command was told; a flag of retry itself wins. */
function asBefore(args: RunResults['args'], options: CommonOptions): CommonOptions {
  const said = <Key extends keyof CommonOptions>(
    key: Key,
    value: CommonOptions[Key] | undefined,
  ): CommonOptions[Key] => (options.given.includes(key) || value === undefined ? options[key] : value);
  return {
    ...options,
    select: listAt(args, 'select'),
    exclude: listAt(args, 'exclude'),
    selector: textAt(args, 'selector'),
    resourceTypes: listAt(args, 'resource_types'),
    excludeResourceTypes: listAt(args, 'exclude_resource_types'),
    indirectSelection: MODES.find((mode) => mode === args['indirect_selection']) ?? options.indirectSelection,
    target: said('target', textAt(args, 'target')),
    vars: said('vars', recordAt(args, 'vars')),
    threads: said('threads', typeof args['threads'] === 'number' ? args['threads'] : undefined),
    fullRefresh: said('fullRefresh', flagAt(args, 'full_refresh')),
    failFast: said('failFast', flagAt(args, 'fail_fast')),
    warnError: said('warnError', flagAt(args, 'warn_error')),
    warnErrorOptions: said('warnErrorOptions', warnErrorOptionsAt(args)),
    force: said('force', flagAt(args, 'force')),
    empty: said('empty', flagAt(args, 'empty')),
    sample: said('sample', textAt(args, 'sample')),
    defer: said('defer', flagAt(args, 'defer')),
    favorState: said('favorState', flagAt(args, 'favor_state')),
    state: textAt(args, 'state'),
    deferState: textAt(args, 'defer_state'),
    storeFailures: said('storeFailures', flagAt(args, 'store_failures')),
    eventTimeStart: said('eventTimeStart', textAt(args, 'event_time_start')),
    eventTimeEnd: said('eventTimeEnd', textAt(args, 'event_time_end')),
  };
}

const MODES: readonly IndirectSelection[] = ['eager', 'cautious', 'buildable', 'empty'];

type Arguments = Readonly<Record<string, Json>>;

const textAt = (args: Arguments, key: string): string | undefined => {
  const value = args[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

const flagAt = (args: Arguments, key: string): boolean | undefined => {
  const value = args[key];
  return typeof value === 'boolean' ? value : undefined;
};

/** dbt's spelling of the option, or an older one, in the results of the first command. */
function warnErrorOptionsAt(args: Arguments): WarnErrorOptions | undefined {
  if (args['warn_error_options'] === undefined) return undefined;
  const lists = recordAt(args, 'warn_error_options');
  const error = lists['error'] ?? lists['include'];
  return {
    error: error === 'all' || error === '*' ? 'all' : listAt({ error: error ?? [] }, 'error'),
    warn: [...listAt(lists, 'warn'), ...listAt(lists, 'exclude')],
    silence: listAt(lists, 'silence'),
  };
}

const listAt = (args: Arguments, key: string): readonly string[] => {
  const value = args[key];
  return Array.isArray(value) ? value.map(String) : [];
};

const recordAt = (args: Arguments, key: string): Arguments => {
  const value = args[key];
  // Neither a list nor a scalar, so a mapping.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Arguments) : {};
};
