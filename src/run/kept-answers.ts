/** What is not done again: a version that building would only repeat, a verdict on what is as it was. */
import type { GraphNode } from '../compile/manifest.ts';
import { publishedVersion, type TestRunRecord, type VersionRecord } from '../ledger/records.ts';
import type { BuildTask, TestTask } from '../plan/plan.ts';
import { relationOf } from '../plan/plan-run.ts';
import type { RunContext } from './context.ts';
import { nodeResult } from './node-result.ts';
import { contentInUse, newProgress, type Progress } from './progress.ts';
import type { NodeResult, RowSample } from './results.ts';

/**
 * Whether what a test said last still holds for what it would read now: passes, and warnings with their rows. Failures are looked at
 * again, and so is a test that considered no row or has no history yet. `dql plan` and the run itself ask this same question.
 */
export function verdictHolds(
  last: TestRunRecord | undefined,
  fingerprint: string | undefined,
  flags: { readonly force: boolean; readonly warnError: boolean; readonly now: () => Date },
): last is TestRunRecord {
  if (!last || flags.force || fingerprint === undefined) return false;
  if (last.verdict === 'vacuous' || last.verdict === 'learning') return false;
  if (last.holds_until !== null && flags.now().toISOString() >= last.holds_until) return false;
  const settled = last.status === 'pass' || (last.status === 'warn' && !flags.warnError);
  return settled && fingerprint === last.fingerprint;
}

/** A test's last verdict where it still holds, a warning with its rows. */
export function keptVerdict(
  context: RunContext,
  progress: Progress,
  task: TestTask,
  worker: number,
): NodeResult | undefined {
  const last = context.state.tests.get(task.node);
  const fingerprint = last && context.tester.fingerprint(task.node, (id) => contentInUse(context, progress, id));
  if (!verdictHolds(last, fingerprint, context)) return undefined;
  const now = Date.now();
  return nodeResult({
    id: task.node,
    node: context.manifest.nodes[task.node],
    status: last.status === 'warn' ? 'warn' : 'pass',
    startedAt: now,
    endedAt: now,
    worker,
    message: last.message,
    failures: last.failures,
    facts: {
      reason: 'unchanged',
      verdict: last.status === 'warn' ? 'warn' : 'pass',
      verdict_from: last.executed_at,
      ...(last.considered === null ? {} : { considered: last.considered }),
      ...(last.sample === null ? {} : { sample: last.sample as unknown as RowSample }), // written by this room
    },
  });
}

/** A published version that stands for what building it again would give. */
export function keptVersion(
  context: RunContext,
  task: BuildTask,
  node: GraphNode,
  { version, rows }: VersionRecord,
  worker: number,
): NodeResult {
  const now = Date.now();
  return nodeResult({
    id: task.node,
    node,
    status: 'reused',
    startedAt: now,
    endedAt: now,
    worker,
    compiledCode: context.facts.get(task.node)?.publicSql,
    facts: {
      materialized: task.materialized,
      reason: task.decision.reason,
      version,
      published: true,
      ...(rows === null ? {} : { rows }),
    },
  });
}

export interface KeptAnswers {
  readonly results: readonly NodeResult[];
  /** ISO 8601: from then on the clock may have ended one of them; null: as long as nothing else changes. */
  readonly until: string | null;
}

/** What a run would tell in which there is nothing to build and nothing to test; undefined when there is something to do. */
export function keptAnswers(context: RunContext): KeptAnswers | undefined {
  const results: NodeResult[] = [];
  const ends: string[] = [];
  const untouched = newProgress();
  for (const task of context.plan.tasks) {
    const result = task.kind === 'build' ? keptBuild(context, task) : keptVerdict(context, untouched, task, 0);
    if (!result) return undefined;
    results.push(result);
    const until = task.kind === 'build' ? undefined : context.state.tests.get(task.node)?.holds_until;
    if (until) ends.push(until);
  }
  return { results, until: ends.sort()[0] ?? null };
}

function keptBuild(context: RunContext, task: BuildTask): NodeResult | undefined {
  const node = context.manifest.nodes[task.node];
  const published = node && publishedVersion(context.state, relationOf(node));
  // The clock alone can make a batch due.
  if (task.decision.action !== 'reuse' || task.batches || !published) return undefined;
  return keptVersion(context, task, node, published, 0);
}
