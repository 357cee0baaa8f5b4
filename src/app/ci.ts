/** `dql ci`: builds and tests what a change touches, compares its data with production, and says whether it may go in. */

import { COVERED_KINDS, coverage as coverageOf } from '../checks/coverage.ts';
import type { GraphNode, Manifest } from '../compile/manifest.ts';
import { DqlError } from '../core/diagnostic.ts';
import { EngineError } from '../core/engine-error.ts';
import type { NodeId } from '../core/node-id.ts';
import { readArtifact } from '../disk/read-artifact.ts';
import type { Connection } from '../engine/engine.ts';
import type { LedgerState } from '../ledger/records.ts';
import { relationOf } from '../plan/plan-run.ts';
import { objectName } from '../run/progress.ts';
import type { NodeResult, RunResults } from '../run/results.ts';
import { columnLineage } from './columns/column-lineage.ts';
import { type SecretColumns, secretColumns } from './columns/secret-columns.ts';
import type { CiAnswer, CiOptions, CiPolicy, CommonOptions, DiffRelation, Hooks, UseCases } from './contract.ts';
import { impactSince } from './impact.ts';
import { chooseNodes } from './opening/choose-nodes.ts';
import { labelOf } from './opening/label-of.ts';
import { openProject } from './opening/open-project.ts';
import type { EarlierState, OpenedProject } from './opening/opened-project.ts';
import { stateAt } from './opening/state-manifest.ts';
import { compareRelation, keyOf, onlyOn } from './running/diff-relation.ts';
import { openedState } from './running/opened-state.ts';
import { runCommand } from './running/run-command.ts';
import { liveWarehouse } from './warehouse/live-warehouse.ts';
import { openToRead } from './warehouse/open-target.ts';

export const ci: UseCases['ci'] = async (options, hooks) => {
  if (options.state === undefined) throw new DqlError([stateMissing]);
  const chosen = options.select.length > 0 || options.selector !== undefined;
  // What is not part of the change is read where production has it.
  const running = { ...options, select: chosen ? options.select : ['state:modified+'], defer: true };
  const results = await runCommand(
    { command: 'build', kinds: ['model', 'seed', 'snapshot', 'test', 'unit_test'], builds: true, tests: true },
    running,
    hooks,
  );
  const opened = await openProject(running, 'ci', { ...hooks, onProject: () => {} });
  const before =
    opened.earlier ?? (await stateAt(options.state, opened.project, { ...hooks, lockTimeout: options.lockTimeout }));
  const impact = await impactSince(opened, running, hooks, before);
  const relations = await dataDiff(opened, running, hooks, before, concerned(opened, running, results, impact));
  const answer: Omit<CiAnswer, 'violations'> = {
    results,
    diff: { left: before.label, right: `this change in target ${opened.project.target.name}`, relations },
    impact,
    newly_failing: newlyFailing(opened.manifest, results, await failedBefore(opened, options, before)),
  };
  return {
    ...answer,
    violations: [
      ...(options.failOn.includes('tests') ? [] : unbuilt(answer, opened.manifest)),
      ...options.failOn.flatMap((policy) => violation(policy, answer, opened.manifest, before)),
    ],
  };
};

const stateMissing = {
  code: 'ci/needs-state',
  severity: 'error',
  message: 'dql ci compares with production, and nobody said where that is',
  hint: 'give --state: the folder of production’s artifacts, or production’s warehouse file',
} as const;

/** What this run built that the change may have changed: what it touches, and what is below that and affected by it. */
function concerned(
  opened: OpenedProject,
  options: CommonOptions,
  results: RunResults,
  { changes, affected }: CiAnswer['impact'],
): Built {
  const { manifest } = opened;
  // A hook or a setting changes rows without changing what the SQL means.
  const modified = chooseNodes(opened, { ...options, select: ['state:modified'], exclude: [], selector: undefined }, [
    'model',
  ]);
  const touched = new Set([...modified.ids, ...[...changes, ...affected].map(({ node }) => node)]);
  const nodes = results.results.flatMap((result) => {
    const node = manifest.nodes[result.unique_id];
    if (!node || node.relation_name === null || !STANDING.includes(result.status) || node.resource_type === 'test')
      return [];
    // What changes in a seed or snapshot is data, which no analysis of SQL tells.
    return touched.has(node.unique_id) || node.resource_type !== 'model' ? [node] : [];
  });
  return { nodes, results };
}

/** A second review of the same change reuses what the first one built. */
const STANDING = ['success', 'reused'];

interface Built {
  readonly nodes: readonly GraphNode[];
  readonly results: RunResults;
}

/** Those relations, as they would be published, against the ones production shows. */
async function dataDiff(
  opened: OpenedProject,
  options: CommonOptions & CiOptions,
  hooks: Hooks,
  before: EarlierState,
  { nodes: built, results }: Built,
): Promise<readonly DiffRelation[]> {
  const { manifest, project } = opened;
  if (built.length === 0) return [];
  // Comparing makes temporary tables only.
  const warehouse = await openToRead(project, options, hooks);
  try {
    const connection = await warehouse.connect();
    hooks.signal.addEventListener('abort', () => connection.interrupt(), { once: true });
    const state = await openedState(warehouse, connection, project.target.name);
    const secrets = secretColumns(manifest, () =>
      columnLineage(opened, options, liveWarehouse(opened.project, options, hooks)),
    );
    const relations: DiffRelation[] = [];
    for (const node of built)
      relations.push(await compared(node, { connection, state, options, before, manifest, results, secrets }));
    connection.close();
    return relations;
  } finally {
    await warehouse.close();
  }
}

interface Comparing {
  readonly connection: Connection;
  readonly state: LedgerState;
  readonly options: CiOptions;
  readonly before: EarlierState;
  readonly manifest: Manifest;
  readonly results: RunResults;
  readonly secrets: SecretColumns;
}

async function compared(
  node: GraphNode,
  { connection, state, options, before, manifest, results, secrets }: Comparing,
): Promise<DiffRelation> {
  const was = before.manifest.nodes[node.unique_id]?.relation_name ?? undefined;
  const version = state.versions.get(relationOf(node))?.find((each) => each.run_id === results.meta.dql.run_id);
  const is = version ? objectName(version, version.state === 'kept') : (node.relation_name ?? '');
  const pair = { name: node.name, left: was ?? 'not there', right: node.relation_name ?? is };
  if (was === undefined)
    return { ...onlyOn(pair, 'this change'), right_rows: version?.rows ?? null, note: 'it is new' };
  if (was === node.relation_name)
    return {
      ...onlyOn(pair, 'this change'),
      note: 'this target is production itself, so there is nothing to compare with: run ci in a target of its own',
    };
  try {
    return await compareRelation(connection, {
      ...pair,
      leftObject: was,
      rightObject: is,
      key: options.key.length > 0 ? options.key : keyOf(manifest, node.unique_id),
      // One key for many relations: where it does not fit, rows are compared as wholes.
      keyIsAsked: false,
      limit: options.limit,
      secret: (columns) => secrets.ofNode(node.unique_id, columns),
    });
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind === 'interrupted') throw error;
    return { ...onlyOn(pair, 'this change'), note: `its rows cannot be compared: ${error.message.split('\n')[0]}` };
  }
}

const FAILING = ['fail', 'error', 'runtime error'];

function newlyFailing(manifest: Manifest, results: RunResults, before: ReadonlySet<NodeId>): readonly NodeId[] {
  return results.results
    .filter(
      ({ unique_id, status }) => isTest(manifest, unique_id) && FAILING.includes(status) && !before.has(unique_id),
    )
    .map(({ unique_id }) => unique_id);
}

const isTest = (manifest: Manifest, id: NodeId): boolean =>
  manifest.nodes[id]?.resource_type === 'test' || id in manifest.unit_tests;

/** Tests that production knows to fail: from its run_results.json, or from its ledger. */
async function failedBefore(
  opened: OpenedProject,
  options: CommonOptions,
  before: EarlierState,
): Promise<ReadonlySet<NodeId>> {
  if (before.failing) return before.failing;
  const results =
    options.state === undefined
      ? undefined
      : readArtifact<{ readonly results: readonly Pick<NodeResult, 'unique_id' | 'status'>[] }>(
          options.state,
          'run_results.json',
        );
  const failed = (results?.results ?? []).filter(({ status }) => FAILING.includes(status));
  return new Set(failed.map(({ unique_id }) => unique_id).filter((id) => isTest(opened.manifest, id)));
}

/** What could not be built cannot be compared, so no policy can say that it is as it should be. */
function unbuilt({ results }: Pick<CiAnswer, 'results'>, manifest: Manifest): readonly string[] {
  const failed = results.results.filter(
    ({ unique_id, status }) => FAILING.includes(status) && !isTest(manifest, unique_id),
  );
  if (failed.length > 0)
    return [`could not be built: ${namesOf(failed.map(({ unique_id }) => labelOf(manifest, unique_id)))}`];
  return results.meta.dql.interrupted ? ['the run did not finish'] : [];
}

/** One sentence when the policy is violated. */
function violation(
  policy: CiPolicy,
  { results, diff, impact }: Omit<CiAnswer, 'violations'>,
  manifest: Manifest,
  before: EarlierState,
): readonly string[] {
  switch (policy) {
    case 'tests': {
      const failed = results.results.filter(({ status }) => FAILING.includes(status));
      if (failed.length === 0) return results.meta.dql.exit_code === 0 ? [] : ['the run did not finish'];
      return [
        `${failed.length} ${failed.length === 1 ? 'node or test fails' : 'nodes or tests fail'}: ${namesOf(failed.map(({ unique_id }) => labelOf(manifest, unique_id)))}`,
      ];
    }
    case 'breaking': {
      const breaking = impact.changes.filter(({ verdict }) => verdict === 'breaking');
      return breaking.length === 0
        ? []
        : [`breaking changes: ${namesOf(breaking.map(({ name, reason }) => `${name} (${reason})`))}`];
    }
    case 'schema': {
      const changed = diff.relations.filter(({ schema }) => schema.some(({ change }) => change !== 'added'));
      return changed.length === 0
        ? []
        : [`columns were removed or retyped in ${namesOf(changed.map(({ name }) => name))}`];
    }
    case 'rows': {
      const changed = diff.relations.filter(
        ({ equal, added, removed, changed: rows }) =>
          !equal && ((added ?? 0) > 0 || (removed ?? 0) > 0 || (rows ?? 0) > 0),
      );
      return changed.length === 0 ? [] : [`rows differ from production in ${namesOf(changed.map(({ name }) => name))}`];
    }
    case 'coverage': {
      const [was, is] = [coverageOf(before.manifest), coverageOf(manifest)];
      return is.percent >= was.percent
        ? []
        : [`test coverage fell from ${was.percent}% to ${is.percent}% (${COVERED_KINDS.join(', ')} of exposed models)`];
    }
    default:
      return policy satisfies never;
  }
}

const namesOf = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
