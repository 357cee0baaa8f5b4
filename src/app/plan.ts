/** `dql plan`: what `dql build` with the same flags would do, and why. Reads the warehouse, or nothing where there is none yet. */
import type { Manifest } from '../compile/manifest.ts';
import type { NodeId } from '../core/node-id.ts';
import { publishedVersion } from '../ledger/records.ts';
import type { BuildTask, Plan, Task, TestTask } from '../plan/plan.ts';
import { relationOf } from '../plan/plan-run.ts';
import { verdictHolds } from '../run/kept-answers.ts';
import type { CommonOptions, PlanRow, UseCases } from './contract.ts';
import { chooseNodes } from './opening/choose-nodes.ts';
import { relationText } from './opening/describe-nodes.ts';
import { openProject } from './opening/open-project.ts';
import type { OpenedProject } from './opening/opened-project.ts';
import { readFactsCache } from './opening/parsed-sql.ts';
import { warningsOfTestsFail } from './opening/warning-policy.ts';
import { hookNotes, nodeNotes, operationRows } from './running/plan-notes.ts';
import { type PreparedRun, prepareRun } from './running/prepare-run.ts';
import { warehouseTester } from './tests/answer-tests.ts';
import { type IdentityOf, testIdentities } from './tests/test-identity.ts';
import { vacuousTests } from './tests/vacuous-tests.ts';
import { withoutOldVersions } from './warehouse/collect-versions.ts';
import { openForLooking } from './warehouse/open-target.ts';

export const plan: UseCases['plan'] = async (options, hooks) => {
  const opened = await openProject(options, 'build', hooks);
  const chosen = chooseNodes(opened, options, ['model', 'seed', 'snapshot', 'test', 'unit_test']);
  const warehouse = await openForLooking(opened.project, options, hooks);
  try {
    const connection = await warehouse.connect();
    const cache = readFactsCache(opened.targetFolder);
    const prepared = await prepareRun({
      opened,
      options,
      warehouse,
      connection,
      selected: chosen.ids,
      builds: true,
      tests: true,
      cache,
      notes: [...opened.warnings, ...chosen.warnings, ...vacuousTests(opened, chosen.ids)],
      tidyUp: async (state) => (await withoutOldVersions(connection, state, opened.project, options.now)).state,
      signal: hooks.signal,
    });
    const tests = prepared.plan.tasks.flatMap(({ kind, node }) => (kind === 'build' ? [] : node));
    const identityOf = await testIdentities(opened, tests, { cache, connection });
    connection.close();
    const { manifest, project } = opened;
    const tasks = rowsOf(opened, prepared, options, identityOf);
    const threads = options.threads ?? project.target.threads;
    const [before, after] = [operationRows(manifest, 'on-run-start'), operationRows(manifest, 'on-run-end')];
    return {
      command: 'build',
      target: project.target.name,
      rows: [...before, ...tasks, ...after],
      project_nodes: Object.keys(manifest.unit_tests).length + countOfNodes(manifest),
      estimated_seconds: estimatedSeconds(prepared.plan, new Map(tasks.map((row) => [row.node, row])), threads),
      warnings: prepared.plan.notes,
    };
  } finally {
    await warehouse.close();
  }
};

const countOfNodes = (manifest: Manifest): number =>
  Object.values(manifest.nodes).filter((node) => ['model', 'seed', 'snapshot', 'test'].includes(node.resource_type))
    .length;

function rowsOf(
  opened: OpenedProject,
  prepared: PreparedRun,
  options: CommonOptions,
  identityOf: IdentityOf,
): readonly PlanRow[] {
  const contents = settledContents(opened.manifest, prepared);
  const kept = keptVerdicts(opened, prepared, options, identityOf, (id) => contents.get(id));
  return prepared.plan.tasks.map((task) =>
    task.kind === 'build' ? buildRow(opened, prepared, options, task) : testRow(opened.manifest, task, kept),
  );
}

function buildRow(
  { manifest, project }: OpenedProject,
  prepared: PreparedRun,
  options: CommonOptions,
  { node: id, decision, materialized, estimate }: BuildTask,
): PlanRow {
  const node = manifest.nodes[id];
  if (!node) throw new Error(`${id} is not in the manifest`);
  const reused = decision.action === 'reuse';
  // What an earlier run built needs no building; it is tested and published by this one.
  const taken = decision.action === 'take-over';
  return {
    node: id,
    name: node.name,
    kind: node.resource_type,
    materialized,
    relation: relationText(node, project.target.database),
    action: reused || taken ? 'reuse' : 'build',
    reason: decision.reason,
    estimated_seconds: reused || taken ? 0 : (estimate?.seconds ?? null),
    estimated_rows: reused ? null : (estimate?.rows ?? null),
    publishes: !reused,
    notes: reused ? [] : [...nodeNotes(node, prepared.facts.get(id), options, prepared.copied), ...hookNotes(node)],
  };
}

function testRow(
  manifest: Manifest,
  { node: id, kind, estimate, severity, guards }: TestTask,
  kept: KeptVerdicts,
): PlanRow {
  const node = manifest.nodes[id];
  const since = kept.get(id);
  const guarded = guards.map((each) => manifest.nodes[each]?.name ?? each);
  const reason =
    since !== undefined
      ? `unchanged: it passed at ${since}`
      : guarded.length === 0
        ? `tests ${testedOutside(manifest, id)}`
        : severity === 'warn'
          ? `warns about ${guarded.join(', ')}`
          : `guards ${guarded.join(', ')}`;
  return {
    node: id,
    name: node?.name ?? manifest.unit_tests[id]?.name ?? id,
    kind,
    materialized: null,
    relation: null,
    action: since === undefined ? 'test' : 'reuse',
    reason,
    estimated_seconds: since === undefined ? (estimate?.seconds ?? null) : 0,
    estimated_rows: null,
    publishes: false,
    notes: [],
  };
}

/** What a test without a node to guard is about: sources, and relations that this run does not build. */
function testedOutside(manifest: Manifest, id: NodeId): string {
  const names = (manifest.parent_map[id] ?? manifest.unit_tests[id]?.depends_on.nodes ?? []).map((parent) => {
    const source = manifest.sources[parent];
    return source ? `${source.source_name}.${source.name}` : (manifest.nodes[parent]?.name ?? parent);
  });
  return names.length === 0 ? 'by a query of its own' : names.join(', ');
}

/** Content ids that are sure before anything runs. */
function settledContents(
  manifest: Manifest,
  { plan: { tasks }, state, outside }: PreparedRun,
): ReadonlyMap<NodeId, string> {
  const contents = new Map<NodeId, string>();
  for (const node of Object.values(manifest.nodes)) {
    const version = node.relation_name === null ? undefined : publishedVersion(state, relationOf(node));
    if (version) contents.set(node.unique_id, version.content_id);
  }
  for (const task of tasks) {
    if (task.kind !== 'build' || task.decision.action === 'reuse') continue;
    contents.delete(task.node);
    const { decision } = task;
    const node = manifest.nodes[task.node];
    const ready =
      node && decision.action === 'take-over'
        ? state.versions.get(relationOf(node))?.find((version) => version.version === decision.version)
        : undefined;
    if (ready) contents.set(task.node, ready.content_id);
  }
  for (const [id, { contentId }] of outside.contents) contents.set(id, contentId);
  return contents;
}

/** When each test passed whose verdict will be kept: the same question a run asks. */
type KeptVerdicts = ReadonlyMap<NodeId, string>;

function keptVerdicts(
  opened: OpenedProject,
  { plan: { tasks }, state }: PreparedRun,
  options: CommonOptions,
  identityOf: IdentityOf,
  contentOf: (id: NodeId) => string | undefined,
): KeptVerdicts {
  if (options.force) return new Map();
  const unused = async (): Promise<never> => {
    throw new Error('a plan runs no test');
  };
  const { fingerprint } = warehouseTester({
    manifest: opened.manifest,
    state,
    target: opened.project.target.name,
    compile: unused,
    sqlOf: () => undefined,
    storeFailures: options.storeFailures,
    runId: '',
    warnError: warningsOfTestsFail(options),
    placeOf: opened.compiler.placeOf,
    warn: () => {},
    identityOf,
    runUnitTest: unused,
    now: options.now,
  });
  return new Map(
    tasks.flatMap((task): readonly (readonly [NodeId, string])[] => {
      const last = task.kind === 'build' ? undefined : state.tests.get(task.node);
      return verdictHolds(last, last && fingerprint(task.node, contentOf), {
        force: options.force,
        warnError: warningsOfTestsFail(options),
        now: () => options.now,
      })
        ? [[task.node, last.executed_at]]
        : [];
    }),
  );
}

/** How long the tasks take on so many threads, each as soon as it may start; null when the cost of none is known. */
function estimatedSeconds({ tasks }: Plan, rows: ReadonlyMap<NodeId, PlanRow>, threads: number): number | null {
  const cost = (task: Task): number | null => rows.get(task.node)?.estimated_seconds ?? null;
  if (tasks.length > 0 && tasks.every((task) => cost(task) === null)) return null;
  const free: number[] = Array.from({ length: threads }, () => 0);
  const ended = new Map<NodeId, number>();
  for (const task of tasks) {
    const worker = free.indexOf(Math.min(...free));
    const starts = Math.max(free[worker] ?? 0, ...task.after.map((before) => ended.get(before) ?? 0));
    const end = starts + (cost(task) ?? 0);
    free[worker] = end;
    ended.set(task.node, end);
  }
  return Math.max(0, ...ended.values());
}
