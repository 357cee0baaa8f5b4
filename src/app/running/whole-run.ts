/** A run from the project's files to the artifacts it leaves: open, plan, do, write down, tell. */

import type { GraphNode, Manifest } from '../../compile/manifest.ts';
import { type Diagnostic, hasErrors } from '../../core/diagnostic.ts';
import { isFileError } from '../../core/file-error.ts';
import type { NodeId } from '../../core/node-id.ts';
import { fileStore } from '../../disk/file-store.ts';
import { checkWritable } from '../../disk/write-target.ts';
import type { Connection, Warehouse } from '../../engine/engine.ts';
import type { LedgerState, RunRecord, VersionRecord } from '../../ledger/records.ts';
import { dropStrays } from '../../ledger/strays.ts';
import { endedWith, startRun, writeInputs } from '../../ledger/write-ledger.ts';
import { inputsOf } from '../../plan/plan-run.ts';
import { seconds } from '../../project/duration.ts';
import type { Project, ProjectFiles } from '../../project/project.ts';
import type { RunContext } from '../../run/context.ts';
import { copyOut, dropCopies, notTakenAway, notWritten, overdueCopies, overdueRemovals } from '../../run/copy-out.ts';
import type { NodeResult, RunFacts, RunResults } from '../../run/results.ts';
import { runPlan } from '../../run/run-plan.ts';
import { toldMessage } from '../../run/told-error.ts';
import { runResults } from '../artifacts/run-results.ts';
import { writeRunArtifacts } from '../artifacts/write-artifacts.ts';
import { columnLineage } from '../columns/column-lineage.ts';
import { secretColumns } from '../columns/secret-columns.ts';
import type { CommonOptions, Hooks } from '../contract.ts';
import { type Chosen, chooseNodes } from '../opening/choose-nodes.ts';
import { gitFacts } from '../opening/git-facts.ts';
import { openProject } from '../opening/open-project.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import { type FactsCache, readFactsCache } from '../opening/parsed-sql.ts';
import { keepState } from '../opening/state-manifest.ts';
import { judged, warningsOfTestsAreSilent, warningsOfTestsFail } from '../opening/warning-policy.ts';
import { warehouseTester } from '../tests/answer-tests.ts';
import { compileTest } from '../tests/compile-test.ts';
import { runUnitTest } from '../tests/run-unit-test.ts';
import { type IdentityOf, testIdentities } from '../tests/test-identity.ts';
import { withKeptSql } from '../tests/test-sql.ts';
import { vacuousTests } from '../tests/vacuous-tests.ts';
import { collectVersions } from '../warehouse/collect-versions.ts';
import { openWarehouseOf } from '../warehouse/live-warehouse.ts';
import { openToWrite } from '../warehouse/open-target.ts';
import { serveCopy } from '../warehouse/serve-copy.ts';
import { whileSettling } from '../warehouse/while-settling.ts';
import type { CommandShape } from './command-shapes.ts';
import { knownRelations } from './known-relations.ts';
import { newRun } from './new-run.ts';
import { ownExports } from './own-exports.ts';
import { type Again, type PreparedRun, prepareRun } from './prepare-run.ts';
import { ledgerAfter, nextAnswer, rememberRun } from './remember-run.ts';
import { rowsOutside } from './rows-outside.ts';
import { runArguments } from './run-arguments.ts';
import { runCompiler } from './run-compiler.ts';

/** The nodes to run, and, for a retry, what is taken from the command it repeats. */
export type ToRun = Pick<Chosen, 'ids' | 'warnings'> & { readonly again?: Again };

/** What the command did already. */
export interface Begun {
  readonly files: ProjectFiles;
  /** Called as soon as it is known which warehouse is needed. */
  readonly onParsed: (project: Project) => Promise<void>;
}

/** @param choose the nodes to run; `--select` and its companions when absent */
export async function wholeRun(
  shape: CommandShape,
  options: CommonOptions,
  hooks: Hooks,
  { files, onParsed }: Begun,
  choose: (opened: OpenedProject) => ToRun = (opened) => chooseNodes(opened, options, shape.kinds),
): Promise<RunResults> {
  const opened = await openProject(options, shape.command, hooks, files, onParsed);
  const chosen = choose(opened);
  if (options.writeJson) checkWritable(opened.targetFolder);
  const warehouse = await openToWrite(opened.project, options, hooks);
  try {
    const ids = shape.tests && !shape.kinds.includes('test') ? withOwnTests(opened.manifest, chosen.ids) : chosen.ids;
    const connection = await warehouse.connect();
    try {
      return await runIn(warehouse, connection, shape, opened, options, hooks, { ...chosen, ids });
    } finally {
      connection.close();
    }
  } finally {
    await warehouse.close();
  }
}

/** `seed` and `snapshot` publish what passed the tests that read nothing else. */
function withOwnTests(manifest: Manifest, ids: ReadonlySet<NodeId>): ReadonlySet<NodeId> {
  const own = Object.values(manifest.nodes).filter(
    (node) =>
      node.resource_type === 'test' &&
      inputsOf(manifest, node.unique_id).length > 0 &&
      inputsOf(manifest, node.unique_id).every((id) => ids.has(id)),
  );
  return new Set([...ids, ...own.map((node) => node.unique_id)]);
}

async function runIn(
  warehouse: Warehouse,
  connection: Connection,
  shape: CommandShape,
  opened: OpenedProject,
  options: CommonOptions,
  hooks: Hooks,
  { ids: selected, warnings, again }: ToRun,
): Promise<RunResults> {
  const { project } = opened;
  const cache = readFactsCache(opened.targetFolder);
  const known = cache.size;
  const git = gitFacts(project.folder);
  const unwritten = new Map<VersionRecord, Diagnostic>();
  const prepared = await prepareRun({
    opened,
    options,
    warehouse,
    connection,
    selected,
    builds: shape.builds,
    tests: shape.tests,
    again,
    cache,
    notes: [
      ...opened.warnings,
      ...warnings,
      ...(shape.tests || shape.command === 'test' ? vacuousTests(opened, selected) : []),
    ],
    tidyUp: (state) => tidyUp(connection, state, opened, options, unwritten),
    signal: hooks.signal,
  });
  const run = await newRun({
    command: shape.command,
    args: runArguments(options),
    project,
    warehouse,
    state: prepared.state,
    options,
    runId: prepared.runId,
    git,
  });
  const state = await keepState(opened, connection, warehouse.database, run);
  await connection.run(
    [startRun(warehouse.database, run), state.sql, writeInputs(warehouse.database, prepared.seen)].join('\n'),
  );
  const threads = options.threads ?? project.target.threads;
  hooks.onEvent({
    type: 'run-started',
    run_id: run.run_id,
    command: shape.command,
    target: project.target.name,
    threads,
    total: prepared.plan.tasks.length,
    at: run.started_at,
  });
  const met: Diagnostic[] = [];
  const tests = prepared.plan.tasks.flatMap(({ kind, node }) => (kind === 'build' ? [] : node));
  const identityOf = await testIdentities(opened, tests, { cache, connection });
  const context = contextOf({
    identityOf,
    cache,
    warnings: met,
    shape,
    opened,
    options,
    hooks,
    warehouse,
    prepared,
    run,
    threads,
  });
  const outcome = await runPlan(context);
  met.push(...stillUnwritten(unwritten, outcome.results));
  const unserved = await serveCopy(project, warehouse, connection);
  if (unserved) met.push(unserved);
  const facts = withWarnings(outcome.facts, judged(met, options));
  if (facts.exit_code !== outcome.facts.exit_code)
    await connection.run(endedWith(warehouse.database, run.run_id, facts.exit_code));
  const withSql = withKeptSql(opened, identityOf, options.now);
  const told = (result: NodeResult, ledger: LedgerState) =>
    options.writeJson ? withSql(heard(result, options, opened), ledger) : heard(result, options, opened);
  const results = outcome.results.map((result) => told(result, prepared.state));
  const answer = runResults({
    invocationId: opened.invocationId,
    options,
    run,
    results,
    elapsed: outcome.elapsed_time,
    facts,
  });
  const { manifestId } = state;
  const ended = { shape, opened, options, prepared, context, results, facts, manifestId, told };
  try {
    const ledger = again ? undefined : await ledgerAfter(ended, connection);
    const { next, artifacts } = await whileSettling(connection, () => {
      const grown = cache.size > known ? cache : undefined;
      const written = { opened, results: answer, facts: prepared.facts, cache: grown };
      return {
        next: ledger && nextAnswer(ended, ledger),
        artifacts: options.writeJson ? writeRunArtifacts(written) : [],
      };
    });
    if (next) rememberRun(ended, next, artifacts);
  } finally {
    hooks.onEvent({ type: 'run-finished', results: answer });
  }
  return answer;
}

/**
 * The start of the next run, under the lock: finishes what a crash left undone and drops what nobody needs.
 * @param unwritten receives what is published and could not be written where it belongs, and why
 */
async function tidyUp(
  connection: Connection,
  state: LedgerState,
  opened: OpenedProject,
  options: CommonOptions,
  unwritten: Map<VersionRecord, Diagnostic>,
): Promise<LedgerState> {
  const isOwn = ownExports(opened);
  for (const [relation, publication] of state.published) {
    const version = state.versions.get(relation)?.find((record) => record.version === publication.version);
    if (version?.physical.kind !== 'external') continue;
    const { file, location, partitioned } = version.physical;
    if (!isOwn(file) || !fileStore.exists(file) || fileStore.shows(file, location)) continue;
    try {
      fileStore.switchLocation(file, location, partitioned);
    } catch (error) {
      if (!isFileError(error)) throw error;
      unwritten.set(version, notWritten(version, error.message));
    }
  }
  const told = (why: string, { node }: VersionRecord) => toldMessage(why, opened.manifest, [node]);
  for (const [version, why] of await copyOut(connection, overdueCopies(state)))
    unwritten.set(version, notWritten(version, told(why, version)));
  for (const [version, why] of await dropCopies(connection, overdueRemovals(state)))
    unwritten.set(version, notTakenAway(version, told(why, version)));
  const strays = await dropStrays(connection, state);
  if (strays !== '') await connection.run(strays);
  return (await collectVersions(connection, state, opened.project, options.now, isOwn)).state;
}

/** Of what was published before and could not be written, what this run has not replaced: it tells of the rest where it tells of the node. */
const stillUnwritten = (
  unwritten: ReadonlyMap<VersionRecord, Diagnostic>,
  results: readonly NodeResult[],
): readonly Diagnostic[] =>
  [...unwritten].flatMap(([version, problem]) => {
    const now = results.find(({ unique_id }) => unique_id === version.node)?.meta.dql;
    return now?.published === true && now.version !== version.version ? [] : [problem];
  });

interface ContextParts {
  /** What the run is to warn of when it is over. */
  readonly warnings: Diagnostic[];
  readonly shape: CommandShape;
  readonly opened: OpenedProject;
  readonly options: CommonOptions;
  readonly hooks: Hooks;
  readonly warehouse: Warehouse;
  readonly prepared: PreparedRun;
  readonly run: RunRecord;
  readonly threads: number;
  readonly cache: FactsCache;
  readonly identityOf: IdentityOf;
}

function contextOf(parts: ContextParts): RunContext {
  // By the run, not by the process: a program that calls dql for hours must not write times of the future.
  const started = performance.now();
  const { shape, options, hooks, warehouse, prepared, run, threads } = parts;
  const opened = { ...parts.opened, compiler: parts.opened.compiler.remembering() };
  const { manifest, project } = opened;
  const isOwn = ownExports(opened);
  const operations = Object.values(manifest.nodes).filter((node) => node.resource_type === 'operation');
  const hooksNamed = (kind: string) =>
    operations
      .filter((node) => node.tags.includes(kind))
      .sort((left, right) => hookIndex(left) - hookIndex(right))
      .map((node) => node.unique_id);
  const warn = (warning: Diagnostic) => void parts.warnings.push(warning);
  const secrets = secretColumns(manifest, () => columnLineage(opened, options, openWarehouseOf(warehouse)));
  return {
    warehouse,
    displaced: prepared.displaced,
    copied: prepared.copied,
    manifest,
    plan: prepared.plan,
    facts: prepared.facts,
    state: prepared.state,
    outside: prepared.outside.contents,
    compiler: runCompiler({ ...parts, opened }),
    tester: warehouseTester({
      manifest,
      state: prepared.state,
      target: project.target.name,
      compile: (id, objectOf, connection) => compileTest(opened, prepared.relations, id, objectOf, connection),
      sqlOf: (id) => prepared.facts.get(id)?.publicSql ?? manifest.nodes[id]?.raw_code,
      secretColumns: secrets,
      storeFailures: options.storeFailures,
      runId: run.run_id,
      warnError: warningsOfTestsFail(options),
      placeOf: opened.compiler.placeOf,
      warn,
      identityOf: parts.identityOf,
      runUnitTest: (id, objectOf, connection) => runUnitTest(opened, prepared.relations, id, objectOf, connection),
      now: options.now,
    }),
    files: { ...fileStore, exists: (path) => fileStore.exists(path) && isOwn(path) },
    run,
    threads,
    force: options.force,
    empty: options.empty,
    fullRefresh: options.fullRefresh,
    failFast: options.failFast,
    warnError: warningsOfTestsFail(options),
    tested: shape.tests,
    adopt: options.adopt,
    publishAs: project.target.publish,
    known: () => knownRelations(opened),
    projectFolder: project.folder,
    retryPolicy: ({ config: { retries, retry_delay } }) => ({
      retries: typeof retries === 'number' ? retries : project.target.retries,
      delaySeconds:
        (typeof retry_delay === 'number' || typeof retry_delay === 'string' ? seconds(retry_delay) : undefined) ??
        project.target.retryDelay,
    }),
    onRunStart: hooksNamed('on-run-start'),
    onRunEnd: hooksNamed('on-run-end'),
    now: () => new Date(options.now.getTime() + (performance.now() - started)),
    emit: (event) =>
      hooks.onEvent(
        event.type === 'node-finished' ? { ...event, result: heard(event.result, options, opened) } : event,
      ),
    warn,
    onRowsOutside: async (node, rows) => warn(await rowsOutside(node, rows, secrets)),
    signal: hooks.signal,
  };
}

/** A warning of the run itself that is to be an error fails the run; what it is about is published by then. */
const withWarnings = (facts: RunFacts, met: readonly Diagnostic[]): RunFacts => ({
  ...facts,
  warnings: [...facts.warnings, ...met],
  exit_code: hasErrors(met) && facts.exit_code === 0 ? 1 : facts.exit_code,
});

/**
 * A result as it is told. A test at `warn` says nothing where the user wants to hear nothing of it; its status is what it is. Files
 * of packages, which the manifest names from the package's folder, are named from the project's.
 */
function heard(result: NodeResult, options: CommonOptions, { manifest, project }: OpenedProject): NodeResult {
  const { diagnostics, ...facts } = result.meta.dql;
  const node = manifest.nodes[result.unique_id];
  const folder = project.packages.find(({ name }) => name === node?.package_name)?.folder ?? '';
  const silenced = result.status === 'warn' && warningsOfTestsAreSilent(options);
  if (!silenced && (folder === '' || diagnostics === undefined)) return result;
  const placed = diagnostics?.map((each) =>
    folder !== '' && each.at?.file === node?.original_file_path && each.at
      ? { ...each, at: { ...each.at, file: `${folder}/${each.at.file}` } }
      : each,
  );
  return {
    ...result,
    meta: { dql: { ...facts, ...(placed ? { diagnostics: placed } : {}), ...(silenced ? { silenced } : {}) } },
  };
}

const hookIndex = (node: GraphNode): number => Number(/(\d+)$/.exec(node.unique_id)?.[1] ?? 0);
