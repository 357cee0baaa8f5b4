import { type AnyNode, type GraphNode, type Manifest, nodeOf } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { NodeId } from '../core/node-id.ts';
import { relationKey } from '../ledger/names.ts';
import {
  type LedgerState,
  publishedVersion,
  shownVersion,
  standingVersion,
  type VersionRecord,
} from '../ledger/records.ts';
import { type Batches, filledUntil, microbatchOf, planBatches, rangesText } from './batches.ts';
import { isAddedTo } from './build.ts';
import { type Decision, decide, type InputContent } from './decide.ts';
import { knownCode, type NodeFacts } from './fingerprint.ts';
import type { Range } from './intervals.ts';
import { refreshes } from './node-config.ts';
import type { BuildTask, Plan, Task, TestTask } from './plan.ts';

export interface PlanRequest {
  readonly manifest: Manifest;
  readonly selected: ReadonlySet<NodeId>;
  readonly facts: ReadonlyMap<NodeId, NodeFacts>;
  readonly state: LedgerState;
  /** Content of everything that no task of dql's makes: sources, and relations somebody else built. */
  readonly outside: ReadonlyMap<NodeId, { readonly contentId: string; readonly change?: string | undefined }>;
  readonly builds: boolean;
  readonly tests: boolean;
  readonly force: boolean;
  readonly fullRefresh: boolean;
  /** For microbatch models: the time of the run, the range that was asked for, and, for a retry, the batches that failed. */
  readonly now: Date;
  readonly eventTimes: Partial<Range>;
  readonly failedBatches?: ReadonlyMap<NodeId, readonly Range[]> | undefined;
  readonly publish: Plan['publish'];
  readonly notes: readonly Diagnostic[];
  /** True of a version whose exported file somebody removed: there is nothing left to reuse. */
  readonly isLost?: ((version: VersionRecord) => boolean) | undefined;
}

/** Manifest + Selection + what the ledger remembers → Plan. */
export function planRun(request: PlanRequest): Plan {
  const { manifest, selected } = request;
  const builds = new Set([...selected].filter((id) => request.builds && makesRelation(manifest, id)));
  const tests = [...selected].filter((id) => request.tests && isTest(manifest, id));
  const order = topological(manifest, new Set([...builds, ...tests]));
  const gates = request.builds ? testGates(manifest, builds, tests) : new Map<NodeId, readonly NodeId[]>();
  const contents = new Map<NodeId, string | undefined>();
  const tasks = order.map((id): Task => {
    const near = nearestTasks(manifest, id, (candidate) => builds.has(candidate));
    if (builds.has(id)) {
      const task = buildTask(request, id, [...near, ...(gates.get(id) ?? [])], contents);
      contents.set(id, settledContent(request, task));
      return task;
    }
    return testTask(request, id, near, builds, gates);
  });
  return {
    tasks,
    publish: request.publish,
    notes: request.publish === 'as_ready' ? [...request.notes, asReady] : request.notes,
  };
}

const asReady: Diagnostic = {
  code: 'plan/publish-as-ready',
  severity: 'warning',
  message:
    '`publish: as_ready` gives up promise 2: while this run goes on, and after one that did not end well, readers can see relations of two runs together',
  hint: 'leave it out, or write `publish: together`, to publish everything in one transaction at the end',
};

/** True for nodes that a run builds: ephemeral models and analyses live in other nodes' SQL only. */
export function makesRelation(manifest: Manifest, id: NodeId): boolean {
  const node = manifest.nodes[id];
  return (
    node !== undefined &&
    ['model', 'seed', 'snapshot'].includes(node.resource_type) &&
    node.config.materialized !== 'ephemeral'
  );
}

const isTest = (manifest: Manifest, id: NodeId): boolean =>
  manifest.nodes[id]?.resource_type === 'test' || id in manifest.unit_tests;

/** What a node reads: its parents, with ephemeral ones replaced by what they read. */
export function inputsOf(manifest: Manifest, id: NodeId): readonly NodeId[] {
  const found = new Set<NodeId>();
  const visit = (parent: NodeId): void => {
    const node = manifest.nodes[parent];
    if (node?.config.materialized === 'ephemeral') for (const next of parentsOf(manifest, parent)) visit(next);
    else found.add(parent);
  };
  for (const parent of parentsOf(manifest, id)) visit(parent);
  return [...found];
}

const parentsOf = (manifest: Manifest, id: NodeId): readonly NodeId[] => manifest.parent_map[id] ?? [];

export const relationOf = (node: GraphNode): string =>
  relationKey({ database: node.database, schema: node.schema, alias: node.alias });

export function publishedOf(state: LedgerState, node: GraphNode): VersionRecord | undefined {
  return publishedVersion(state, relationOf(node));
}

/**
 * Versions that may be published instead of building: what an interrupted or failed run left for the next one, and what was published
 * before. Rows that are added to rows are what they are by their past, so of those only what was never published.
 */
export function othersOf(state: LedgerState, node: GraphNode): readonly VersionRecord[] {
  const relation = relationOf(node);
  const isWhole = !['incremental', 'snapshot'].includes(node.config.materialized);
  const shown = publishedVersion(state, relation)?.version;
  return (state.versions.get(relation) ?? []).filter(
    (version) =>
      version.state === 'staged' ||
      (version.state === 'kept' && isWhole && version.physical.kind !== 'delta' && version.version !== shown),
  );
}

function buildTask(
  request: PlanRequest,
  id: NodeId,
  after: readonly NodeId[],
  contents: ReadonlyMap<NodeId, string | undefined>,
): BuildTask {
  const { manifest, state, facts } = request;
  const node = manifest.nodes[id];
  if (!node) throw new Error(`${id} is not a node`);
  const known = facts.get(id);
  const fingerprint = knownCode(node, known);
  const inputs = inputsOf(manifest, id).map((parent): InputContent => inputContent(request, parent, contents));
  const last = state.nodeRuns.get(id);
  const batches = batchesOf(request, node);
  const isLost = request.isLost ?? (() => false);
  const published = publishedOf(request.state, node);
  const shown = shownVersion(state, relationOf(node));
  const decision = decide({
    codeFingerprint: fingerprint,
    nondeterministic: known?.nondeterministic,
    inputs,
    published,
    others: othersOf(state, node).filter((version) => !isLost(version) && lacksNoBatch(state, node, version)),
    force: request.force,
    fullRefresh: request.fullRefresh && ['incremental', 'seed'].includes(node.config.materialized),
  });
  return {
    kind: 'build',
    node: id,
    after,
    materialized: node.config.materialized,
    codeFingerprint: fingerprint,
    ...(batches ? { batches } : {}),
    decision:
      published && isLost(published)
        ? { action: 'build', reason: 'its file is gone', cause: 'forced' }
        : shown?.state === 'lost' && decision.action === 'build'
          ? { ...decision, reason: `version ${shown.version} was dropped from the warehouse` }
          : withBatches(batches, decision),
    estimate: last && last.status === 'success' ? { seconds: last.seconds, rows: last.rows } : null,
  };
}

/** A microbatch model's batches; undefined for other models, and for those whose configuration is refused when they are built. */
function batchesOf(request: PlanRequest, node: GraphNode): Batches | undefined {
  const microbatch = microbatchOf(node);
  if (!microbatch || 'code' in microbatch) return undefined;
  const published = publishedOf(request.state, node);
  const anew = refreshes(node.config, request.fullRefresh);
  const isTable = isAddedTo(published);
  // What succeeded in a full refresh stays when the rest of it is tried again.
  const failed = isTable ? request.failedBatches?.get(node.unique_id) : undefined;
  const known = published && request.state.intervals.get(`${published.relation}@${published.version}`);
  const before = published ? filledUntil(microbatch, published.built_at) : [];
  return planBatches(microbatch, {
    now: request.now,
    ...request.eventTimes,
    filled: isTable && (failed || !anew) ? (known ?? before) : undefined,
    failed,
  });
}

/** False of a version that was built although some of its batches failed: it is not what building would give. */
function lacksNoBatch({ intervals }: LedgerState, node: GraphNode, version: VersionRecord): boolean {
  const microbatch = microbatchOf(node);
  if (!microbatch || 'code' in microbatch) return true;
  const filled = intervals.get(`${version.relation}@${version.version}`) ?? [];
  return planBatches(microbatch, { now: new Date(version.built_at), filled }).gaps.length === 0;
}

/** A range that was asked for, or a gap, is computed although nothing else changed. */
function withBatches(batches: Batches | undefined, decision: Decision): Decision {
  if (!batches) return decision;
  const count = `${batches.count} batch${batches.count === 1 ? '' : 'es'}`;
  if (batches.why === 'again')
    return { action: 'build', reason: `${count} failed before: ${rangesText(batches.ranges)}`, cause: 'forced' };
  if (batches.why === 'asked') {
    const range = batches.count === 0 ? 'the range ends before its beginning' : rangesText(batches.ranges);
    return { action: 'build', reason: `${count} asked for: ${range}`, cause: 'forced' };
  }
  if (decision.action === 'take-over') return decision;
  if (batches.gaps.length > 0)
    return { action: 'build', reason: `not filled yet: ${rangesText(batches.gaps)}`, cause: 'forced' };
  return decision.action === 'build' ? { ...decision, reason: `${decision.reason}; ${count}` } : decision;
}

function inputContent(
  request: PlanRequest,
  parent: NodeId,
  contents: ReadonlyMap<NodeId, string | undefined>,
): InputContent {
  const { manifest, state, outside } = request;
  const name = inputName(nodeOf(manifest, parent), parent);
  const given = outside.get(parent);
  if (given) return { node: parent, name, contentId: given.contentId, change: given.change };
  if (contents.has(parent)) return { node: parent, name, contentId: contents.get(parent) };
  const node = manifest.nodes[parent];
  return { node: parent, name, contentId: node ? standingVersion(state, relationOf(node))?.content_id : undefined };
}

/** `raw.flights` for a source, the plain name for everything else. */
export const inputName = (node: AnyNode | undefined, id: NodeId): string =>
  node === undefined ? id : node.resource_type === 'source' ? `${node.source_name}.${node.name}` : node.name;

function settledContent({ manifest, state }: PlanRequest, task: BuildTask): string | undefined {
  const { decision } = task;
  if (decision.action !== 'reuse' && decision.action !== 'take-over') return undefined;
  const node = manifest.nodes[task.node];
  return (
    node && state.versions.get(relationOf(node))?.find((version) => version.version === decision.version)?.content_id
  );
}

function testTask(
  { manifest, state }: PlanRequest,
  id: NodeId,
  after: readonly NodeId[],
  builds: ReadonlySet<NodeId>,
  gates: ReadonlyMap<NodeId, readonly NodeId[]>,
): TestTask {
  const node = manifest.nodes[id];
  const severity = String(node?.config['severity'] ?? 'error').toLowerCase() === 'warn' ? 'warn' : 'error';
  const last = state.tests.get(id);
  if (node === undefined) {
    // A unit test needs no parent built, so `dql test` asks for none. In a build it comes right before its model, as in dbt: what would
    // skip the model skips it too, and so does an earlier unit test of the model that failed.
    const guards = modelsOfUnitTest(manifest, id, builds);
    const [model] = manifest.unit_tests[id]?.depends_on.nodes.length === 0 ? [] : guards;
    const gating = model === undefined ? [] : (gates.get(model) ?? []);
    return {
      kind: 'unit_test',
      node: id,
      after:
        model === undefined
          ? []
          : [
              ...nearestTasks(manifest, model, (candidate) => builds.has(candidate)),
              ...gating.filter((gate) => !(gate in manifest.unit_tests) || gate < id),
            ],
      guards,
      severity: 'error',
      estimate: estimateOf(last),
    };
  }
  return {
    kind: 'test',
    node: id,
    after,
    guards: after.filter((parent) => builds.has(parent)),
    severity,
    estimate: estimateOf(last),
  };
}

const estimateOf = (last: { readonly seconds: number } | undefined) =>
  last ? { seconds: last.seconds, rows: null } : null;

/** The tasks a node waits for: its parents, or, past those without a task, their parents. */
function nearestTasks(manifest: Manifest, id: NodeId, isTask: (candidate: NodeId) => boolean): readonly NodeId[] {
  const found = new Set<NodeId>();
  const seen = new Set<NodeId>();
  const visit = (parent: NodeId): void => {
    if (seen.has(parent)) return;
    seen.add(parent);
    if (isTask(parent)) found.add(parent);
    else for (const next of parentsOf(manifest, parent)) visit(next);
  };
  for (const parent of parentsOf(manifest, id)) visit(parent);
  return [...found];
}

/**
 * Which tests a node must wait for: those with parents, all of which it descends from, as in `dbt build`. A unit test gates its own model.
 * For a test with one parent the parent's children are enough; everything further down waits through them.
 */
function testGates(
  manifest: Manifest,
  builds: ReadonlySet<NodeId>,
  tests: readonly NodeId[],
): ReadonlyMap<NodeId, readonly NodeId[]> {
  const gates = new Map<NodeId, NodeId[]>();
  const gate = (node: NodeId, test: NodeId) => gates.set(node, [...(gates.get(node) ?? []), test]);
  const below = childBuilds(manifest, builds);
  const ancestors = new Map<NodeId, ReadonlySet<NodeId>>();
  const ancestorsOf = (id: NodeId): ReadonlySet<NodeId> => {
    const known = ancestors.get(id);
    if (known) return known;
    const all = new Set<NodeId>(parentsOf(manifest, id).flatMap((parent) => [parent, ...ancestorsOf(parent)]));
    ancestors.set(id, all);
    return all;
  };
  for (const test of tests) {
    const unit = manifest.unit_tests[test];
    if (unit) {
      for (const model of modelsOfUnitTest(manifest, test, builds)) gate(model, test);
      continue;
    }
    const parents = parentsOf(manifest, test);
    const [only] = parents;
    // What reads nothing holds nothing up.
    if (only === undefined) continue;
    if (parents.length === 1) for (const child of below.get(only) ?? []) gate(child, test);
    // With several parents any descendant may be the first below all of them.
    else for (const child of builds) if (parents.every((parent) => ancestorsOf(child).has(parent))) gate(child, test);
  }
  return gates;
}

/** What is built only if the unit test passes: its model, or of a macro's test the models that call the macro. */
function modelsOfUnitTest(manifest: Manifest, id: NodeId, builds: ReadonlySet<NodeId>): readonly NodeId[] {
  const { nodes = [], macros = [] } = manifest.unit_tests[id]?.depends_on ?? {};
  if (nodes.length > 0) return nodes.slice(0, 1).filter((model) => builds.has(model));
  const calling = (macro: NodeId, seen: ReadonlySet<NodeId>): boolean =>
    macros.includes(macro) ||
    (manifest.macros[macro]?.depends_on.macros ?? []).some(
      (next) => !seen.has(next) && calling(next, new Set([...seen, next])),
    );
  return [...builds].filter((build) =>
    manifest.nodes[build]?.depends_on.macros.some((macro) => calling(macro, new Set([macro]))),
  );
}

/** The nearest built nodes below each node. */
function childBuilds(manifest: Manifest, builds: ReadonlySet<NodeId>): ReadonlyMap<NodeId, readonly NodeId[]> {
  const below = new Map<NodeId, NodeId[]>();
  for (const id of builds)
    for (const [parent] of withEphemeral(manifest, id)) below.set(parent, [...(below.get(parent) ?? []), id]);
  return below;
}

function withEphemeral(manifest: Manifest, id: NodeId): ReadonlyMap<NodeId, true> {
  const found = new Map<NodeId, true>();
  const visit = (parent: NodeId): void => {
    if (found.has(parent)) return;
    found.set(parent, true);
    if (!makesRelation(manifest, parent)) for (const next of parentsOf(manifest, parent)) visit(next);
  };
  for (const parent of parentsOf(manifest, id)) visit(parent);
  return found;
}

/** Parents before children, unit tests before their model, otherwise by name so that runs are alike. */
function topological(manifest: Manifest, wanted: ReadonlySet<NodeId>): readonly NodeId[] {
  const depth = new Map<NodeId, number>();
  const depthOf = (id: NodeId): number => {
    const known = depth.get(id);
    if (known !== undefined) return known;
    const deepest = parentsOf(manifest, id).reduce((most, parent) => Math.max(most, depthOf(parent) + 1), 0);
    const own = id in manifest.unit_tests ? deepest - 1.5 : deepest;
    depth.set(id, own);
    return own;
  };
  return [...wanted].sort((left, right) => depthOf(left) - depthOf(right) || (left < right ? -1 : 1));
}
