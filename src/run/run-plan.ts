/** Walks a Plan against a warehouse: builds and tests out of sight, then publishes what passed, and tells. */

import type { Diagnostic } from '../core/diagnostic.ts';
import { EngineError } from '../core/engine-error.ts';
import { isFileError } from '../core/file-error.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Connection } from '../engine/engine.ts';
import type { NodeRunRecord, TestRunRecord, VersionRecord } from '../ledger/records.ts';
import { endRun, writeNodeRuns, writeTestRuns, writeVersions } from '../ledger/write-ledger.ts';
import type { BuildTask, Task, TestTask } from '../plan/plan.ts';
import { answeredTests } from './answered-tests.ts';
import type { RunContext, TestOutcome } from './context.ts';
import { copyOut, notWritten } from './copy-out.ts';
import { foreignFolders } from './foreign-folders.ts';
import { foreignRelations } from './foreign-relations.ts';
import { heldFacts, INTERRUPTED } from './held.ts';
import { runHooks } from './hooks.ts';
import { keptVerdict } from './kept-answers.ts';
import { messageOf, nodeResult } from './node-result.ts';
import { nodeRunRecord } from './node-run-record.ts';
import { newProgress, type Progress, testedNow } from './progress.ts';
import { readyPublisher } from './publish-ready.ts';
import { type Published, publishRun, schemasNeeded } from './publish-run.ts';
import type { NodeResult, RunFacts, RunResults } from './results.ts';
import { runBuild } from './run-build.ts';
import { type Job, schedule } from './schedule.ts';
import type { HeldNode } from './settle.ts';
import { toldMessage } from './told-error.ts';

export type RunOutcome = Pick<RunResults, 'results' | 'elapsed_time'> & { readonly facts: RunFacts };

export async function runPlan(context: RunContext): Promise<RunOutcome> {
  const startedAt = performance.now();
  const progress = newProgress();
  const main = await context.warehouse.connect();
  const workers = await Promise.all(Array.from({ length: context.threads }, () => context.warehouse.connect()));
  const interruptAll = () => {
    for (const connection of [main, ...workers]) connection.interrupt();
  };
  context.signal.addEventListener('abort', interruptAll);
  try {
    const schemas = schemasNeeded(context);
    if (schemas.length > 0)
      await main.run(schemas.map((schema) => `create schema if not exists ${schema};`).join('\n'));
    const building = context.plan.tasks.flatMap((task) =>
      task.kind === 'build' ? (context.manifest.nodes[task.node] ?? []) : [],
    );
    const { refused, adopted } = await foreignRelations(building, context, main);
    progress.foreign = { refused: new Map([...refused, ...foreignFolders(context)]), adopted };
    const hooksPassed = await runHooks(context, progress, context.onRunStart, 'on-run-start', main, workers);
    const publishReady =
      context.plan.publish === 'as_ready'
        ? readyPublisher(context, progress, main, (nodes) => showElsewhere(context, progress, main, nodes))
        : async () => {};
    if (hooksPassed) await runTasks(context, progress, workers, publishReady);
    skipTheRest(context, progress, hooksPassed || context.signal.aborted ? undefined : 'on-run-start failed');
    const facts = await finish(context, progress, main);
    if (!context.signal.aborted) await runHooks(context, progress, context.onRunEnd, 'on-run-end', main, []);
    const exitCode = context.signal.aborted ? 130 : [...progress.results.values()].some(isFailure) ? 1 : 0;
    if (exitCode !== facts.exit_code) await main.run(endRun(context.warehouse.database, ending(context, exitCode)));
    return {
      results: inPlanOrder(context, progress),
      elapsed_time: (performance.now() - startedAt) / 1000,
      facts: { ...facts, exit_code: exitCode, interrupted: exitCode === 130 },
    };
  } finally {
    context.signal.removeEventListener('abort', interruptAll);
    for (const connection of [main, ...workers]) connection.close();
  }
}

const hasFailed = (result: NodeResult): boolean =>
  ['error', 'fail', 'runtime error', 'partial success'].includes(result.status);

/** What the exit code is about: something failed, or was built and is not published. */
const isFailure = (result: NodeResult): boolean => hasFailed(result) || result.meta.dql.published === false;

/** Publishes, or, after Ctrl-C, only writes down what happened. */
async function finish(context: RunContext, progress: Progress, main: Connection): Promise<RunFacts> {
  const published = context.signal.aborted ? undefined : await publishAll(context, progress, main);
  for (const id of progress.published) markPublished(context, progress, id);
  if (!published) {
    for (const id of progress.built.keys())
      if (!progress.published.has(id)) markHeld(context, progress, id, { reason: INTERRUPTED, because: [] });
    const staged = writeVersions(context.warehouse.database, [...progress.unrecorded.values()]);
    await main.transaction(() => main.run(`${staged}\n${ledgerText(context, progress, 130)}`));
  }
  return {
    run_id: context.run.run_id,
    target: context.run.target,
    exit_code: published ? ([...progress.results.values()].some(isFailure) ? 1 : 0) : 130,
    interrupted: !published,
    published: progress.published.size,
    publish_seconds: progress.publishSeconds,
    warnings: context.plan.notes,
  };
}

/** undefined when Ctrl-C came in the middle: then none of it happened. */
async function publishAll(context: RunContext, progress: Progress, main: Connection): Promise<Published | undefined> {
  if (progress.built.size > 0) context.emit({ type: 'publishing', nodes: progress.built.size });
  try {
    const published = await publishRun(context, progress, main, (held, nodes) => {
      for (const id of [...progress.published, ...nodes]) markPublished(context, progress, id);
      for (const [id, why] of held) markHeld(context, progress, id, why);
      return ledgerText(context, progress, [...progress.results.values()].some(isFailure) ? 1 : 0);
    });
    if (progress.publishSeconds !== null)
      context.emit({
        type: 'published',
        nodes: progress.published.size,
        held: published.held.size,
        seconds: progress.publishSeconds,
      });
    await showElsewhere(context, progress, main, published.nodes);
    return published;
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'interrupted' && context.signal.aborted) return undefined;
    throw error;
  }
}

/**
 * What lies outside the transaction follows the commit: `location` of exported files by one rename each, relations in databases of
 * another engine by a copy each. What a crash leaves undone the next command finishes.
 */
async function showElsewhere(
  context: RunContext,
  progress: Progress,
  main: Connection,
  nodes: readonly NodeId[],
): Promise<void> {
  const versions = nodes.flatMap((id) => progress.built.get(id)?.version ?? []);
  const failed = new Map<VersionRecord, string>();
  for (const version of versions) {
    const { physical } = version;
    if (physical.kind !== 'external') continue;
    try {
      context.files.switchLocation(physical.file, physical.location, physical.partitioned);
    } catch (error) {
      if (!isFileError(error)) throw error;
      failed.set(version, error.message);
    }
  }
  for (const [version, why] of [...failed, ...(await copyOut(main, versions))]) {
    const result = progress.results.get(version.node);
    if (result)
      progress.results.set(version.node, {
        ...result,
        status: 'error',
        message: notWritten(version, toldMessage(why, context.manifest, [version.node])).message,
      });
  }
}

async function runTasks(
  context: RunContext,
  progress: Progress,
  workers: readonly Connection[],
  jobEnded: () => Promise<void>,
): Promise<void> {
  const { jobs, tasksOf } = jobsOf(context.plan.tasks);
  const total = context.plan.tasks.length;
  const index = new Map(context.plan.tasks.map((task, position) => [task.node, position + 1]));
  const tell = (result: NodeResult) => {
    progress.results.set(result.unique_id, result);
    progress.done += 1;
    if (hasFailed(result)) progress.failed = true;
    context.emit({
      type: 'node-finished',
      result,
      index: index.get(result.unique_id) ?? 0,
      done: progress.done,
      total,
    });
  };
  await schedule(
    jobs,
    workers.length,
    (job, worker) =>
      untilInterrupted(context, async () => {
        const connection = workers[worker];
        const tasks = tasksOf.get(job) ?? [];
        if (!connection) throw new Error(`no connection ${worker}`);
        for (const task of tasks)
          context.emit({
            type: 'node-started',
            node: task.node,
            index: index.get(task.node) ?? 0,
            at: context.now().toISOString(),
          });
        const [first] = tasks;
        if (first?.kind === 'build') tell(await runOrSkip(context, progress, first, connection, worker));
        else
          for (const result of await runTests(context, progress, tasks.filter(isTestTask), connection, worker))
            tell(result);
        await jobEnded();
      }),
    () => context.signal.aborted || (context.failFast && progress.failed),
  );
}

/** What Ctrl-C cut short is skipped with the rest. */
async function untilInterrupted({ signal }: RunContext, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(signal.aborted && error instanceof EngineError && error.kind === 'interrupted')) throw error;
  }
}

const isTestTask = (task: Task): task is TestTask => task.kind !== 'build';

/** Tests that wait for the same nodes are one job, so that they can be answered together. */
function jobsOf(tasks: readonly Task[]): {
  readonly jobs: readonly Job[];
  readonly tasksOf: ReadonlyMap<NodeId, readonly Task[]>;
} {
  const tasksOf = new Map<NodeId, Task[]>();
  const jobOf = new Map<NodeId, NodeId>();
  const batches = new Map<string, NodeId>();
  for (const task of tasks) {
    const key = task.kind === 'test' ? `after ${[...task.after].sort().join()}` : task.node;
    const job = batches.get(key) ?? task.node;
    batches.set(key, job);
    jobOf.set(task.node, job);
    tasksOf.set(job, [...(tasksOf.get(job) ?? []), task]);
  }
  const jobs = [...tasksOf].map(([id, members]) => ({
    id,
    after: [...new Set(members.flatMap((task) => task.after.map((before) => jobOf.get(before) ?? before)))],
  }));
  return { jobs, tasksOf };
}

async function runOrSkip(
  context: RunContext,
  progress: Progress,
  task: BuildTask,
  connection: Connection,
  worker: number,
): Promise<NodeResult> {
  const blocker = task.after.find((id) => progress.blocked.has(id));
  if (blocker !== undefined) return skipped(context, progress, task, becauseOf(context, progress, blocker), worker);
  const foreign = progress.foreign.refused.get(task.node);
  const result = foreign
    ? refused(context, task, foreign, worker)
    : await runBuild(context, progress, task, connection, worker);
  if (result.status === 'error' || result.status === 'partial success') progress.blocked.add(task.node);
  return result;
}

function refused(context: RunContext, task: BuildTask, why: Diagnostic, worker: number): NodeResult {
  const now = Date.now();
  return nodeResult({
    id: task.node,
    node: context.manifest.nodes[task.node],
    status: 'error',
    startedAt: now,
    endedAt: now,
    worker,
    message: messageOf([why]),
    facts: { materialized: task.materialized, diagnostics: [why], published: false },
  });
}

async function runTests(
  context: RunContext,
  progress: Progress,
  tasks: readonly TestTask[],
  connection: Connection,
  worker: number,
): Promise<readonly NodeResult[]> {
  const results: NodeResult[] = [];
  const due: TestTask[] = [];
  // The batches that were built are published all the same, so they are tested.
  const isPartly = (id: NodeId) => progress.results.get(id)?.status === 'partial success';
  for (const task of tasks) {
    const blocker = task.after.find((id) => progress.blocked.has(id) && !isPartly(id));
    const kept =
      blocker === undefined
        ? keptVerdict(context, progress, task, worker)
        : skipped(context, progress, task, becauseOf(context, progress, blocker), worker);
    if (kept) results.push(kept);
    else due.push(task);
  }
  if (due.length === 0) return results;
  const startedAt = Date.now();
  const ids = due.map((task) => task.node);
  const ask = (open: readonly NodeId[]) => context.tester.run(open, testedNow(context, progress), connection);
  for (const outcome of await answeredTests(context, ids, ask)) {
    progress.outcomes.set(outcome.id, outcome);
    if (outcome.blocks) progress.blocked.add(outcome.id);
    results.push(withTiming(outcome, startedAt, worker));
  }
  return results;
}

function withTiming(outcome: TestOutcome, startedAt: number, worker: number): NodeResult {
  const iso = (milliseconds: number) => new Date(milliseconds).toISOString();
  const endedAt = startedAt + outcome.seconds * 1000;
  return {
    ...outcome.result,
    timing: [
      { name: 'compile', started_at: iso(startedAt), completed_at: iso(startedAt) },
      { name: 'execute', started_at: iso(startedAt), completed_at: iso(endedAt) },
    ],
    thread_id: `Thread-${worker + 1}`,
    execution_time: outcome.seconds,
  };
}

function skipped(context: RunContext, progress: Progress, task: Task, reason: string, worker: number): NodeResult {
  progress.blocked.add(task.node);
  const now = Date.now();
  const node = context.manifest.nodes[task.node];
  const more =
    task.kind !== 'build'
      ? { verdict: 'skipped' as const }
      : node
        ? { held: heldFacts(context, node, { reason, because: [] }), published: false as const }
        : {};
  return nodeResult({
    id: task.node,
    node,
    status: 'skipped',
    startedAt: now,
    endedAt: now,
    worker,
    message: reason,
    facts: { reason, ...more },
  });
}

function becauseOf(context: RunContext, { results }: Progress, blocker: NodeId): string {
  const result = results.get(blocker);
  const name = context.manifest.nodes[blocker]?.name ?? context.manifest.unit_tests[blocker]?.name ?? blocker;
  const isTest = context.manifest.nodes[blocker]?.resource_type === 'test' || blocker in context.manifest.unit_tests;
  if (!isTest) return `\`${name}\` was not built`;
  return result?.status === 'skipped' && result.message !== null ? result.message : `test \`${name}\` failed`;
}

/** Whatever was never started: after Ctrl-C, with --fail-fast, or below a failed on-run-start. */
function skipTheRest(context: RunContext, progress: Progress, why: string | undefined): void {
  const reason = why ?? (context.signal.aborted ? INTERRUPTED : 'stopped after the first failure (--fail-fast)');
  for (const task of context.plan.tasks)
    if (!progress.results.has(task.node)) progress.results.set(task.node, skipped(context, progress, task, reason, 0));
}

function markPublished(context: RunContext, progress: Progress, id: NodeId): void {
  const result = progress.results.get(id);
  if (result)
    progress.results.set(id, {
      ...result,
      meta: { dql: { ...result.meta.dql, published: true, ...(context.tested ? {} : { untested: true }) } },
    });
}

function markHeld(context: RunContext, progress: Progress, id: NodeId, why: HeldNode): void {
  const result = progress.results.get(id);
  const node = context.manifest.nodes[id];
  if (result && node)
    progress.results.set(id, {
      ...result,
      meta: { dql: { ...result.meta.dql, published: false, held: heldFacts(context, node, why) } },
    });
}

const inPlanOrder = (context: RunContext, progress: Progress): readonly NodeResult[] => {
  const planned = new Set(context.plan.tasks.map((task) => task.node));
  const hooks = [...progress.results.values()].filter((result) => !planned.has(result.unique_id));
  const started = hooks.filter((result) => context.onRunStart.includes(result.unique_id));
  const tasks = context.plan.tasks.flatMap((task) => progress.results.get(task.node) ?? []);
  return [...started, ...tasks, ...hooks.filter((result) => !started.includes(result))];
};

const ending = (context: RunContext, exitCode: 0 | 1 | 130) => ({
  run_id: context.run.run_id,
  ended_at: context.now().toISOString(),
  exit_code: exitCode,
  status: exitCode === 0 ? ('success' as const) : exitCode === 130 ? ('interrupted' as const) : ('failed' as const),
});

function ledgerText(context: RunContext, progress: Progress, exitCode: 0 | 1 | 130): string {
  const { database } = context.warehouse;
  const { run_id, target } = context.run;
  const nodeRuns = context.plan.tasks.flatMap((task): readonly NodeRunRecord[] => {
    const result = progress.results.get(task.node);
    return task.kind === 'build' && result ? [nodeRunRecord(context.run, result, task.codeFingerprint)] : [];
  });
  const testRuns = [...progress.outcomes.values()].map(
    (outcome): TestRunRecord => ({
      run_id,
      target,
      test: outcome.id,
      node: context.manifest.nodes[outcome.id]?.attached_node ?? null,
      status: outcome.result.status,
      verdict: outcome.result.meta.dql.verdict ?? outcome.result.status,
      failures: outcome.result.failures,
      considered: outcome.result.meta.dql.considered ?? null,
      message: outcome.result.message,
      value: outcome.result.meta.dql.value ?? null,
      sample: outcome.result.meta.dql.sample ? JSON.parse(JSON.stringify(outcome.result.meta.dql.sample)) : null,
      fingerprint: outcome.fingerprint,
      holds_until: outcome.holdsUntil ?? null,
      executed_at: context.now().toISOString(),
      seconds: outcome.seconds,
    }),
  );
  return [
    writeNodeRuns(database, nodeRuns),
    writeTestRuns(database, testRuns),
    endRun(database, ending(context, exitCode)),
  ].join('\n');
}
