/** `dql impact`: which models changed in meaning since an earlier state, and what and whom that reaches. */
import { type GraphNode, type Manifest, nodeOf } from '../compile/manifest.ts';
import { DqlError } from '../core/diagnostic.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Column } from '../engine/engine.ts';
import { type ColumnGraph, columnGraph, type GraphModel } from '../lineage/column-graph.ts';
import {
  describeChange,
  type Impact,
  impact as impactOf,
  type ModelChange,
  type ModelState,
  queryState,
} from '../lineage/impact.ts';
import { inOrder, type ModelTexts, type ProjectLineage, withColumnLineage } from './columns/column-lineage.ts';
import type { CommonOptions, Hooks, ImpactAnswer, UseCases } from './contract.ts';
import { branchesOf } from './opening/branches.ts';
import { chooseNodes } from './opening/choose-nodes.ts';
import { labelOf } from './opening/label-of.ts';
import { openProject } from './opening/open-project.ts';
import type { EarlierState, OpenedProject } from './opening/opened-project.ts';
import { exposureOwner, ownerOf } from './opening/owner-of.ts';
import { stateAt, stateInLedger } from './opening/state-manifest.ts';
import { liveWarehouse } from './warehouse/live-warehouse.ts';
import { nothingBuilt } from './warehouse/open-target.ts';
import { snapshotColumns } from './warehouse/snapshot-columns.ts';
import { sourceName, sourceNames } from './warehouse/source-names.ts';

export const impact: UseCases['impact'] = async (options, hooks) => {
  const opened = await openProject(options, 'impact', hooks);
  const before = await earlierState(opened, options, hooks);
  const narrowed = options.select.length + options.exclude.length > 0 || options.selector !== undefined;
  const chosen = narrowed ? chooseNodes(opened, options, ['model', 'snapshot']).ids : undefined;
  return impactSince(opened, options, hooks, before, chosen);
};

/** @param chosen changes of these nodes only; all when undefined */
export async function impactSince(
  opened: OpenedProject,
  options: CommonOptions,
  hooks: Hooks,
  before: EarlierState,
  chosen?: ReadonlySet<NodeId>,
): Promise<ImpactAnswer> {
  return withColumnLineage(opened, options, liveWarehouse(opened.project, options, hooks), async (lineage) => {
    const { manifest } = opened;
    const states = await modelStates(opened, before.manifest, lineage);
    const mine = (state: ModelState) => chosen === undefined || chosen.has(state.id);
    const found = impactOf({
      before: states.before.filter(mine),
      after: states.after.filter(mine),
      graph: lineage.graph,
      graphBefore: states.graphBefore,
      exposures: Object.values(manifest.exposures).map((exposure) => ({
        id: exposure.unique_id,
        dependsOn: exposure.depends_on.nodes,
        owner: exposureOwner(exposure),
      })),
      ownerOf: (id) => ownerOf(manifest, id),
      nameOf: (id) => labelOf(manifest, id),
    });
    return answerOf(manifest, before.manifest, before.label, found);
  });
}

async function earlierState(
  opened: OpenedProject,
  options: CommonOptions & { readonly against?: string | undefined },
  hooks: Hooks,
): Promise<EarlierState> {
  if (options.against === undefined && options.state !== undefined)
    return opened.earlier ?? stateAt(options.state, opened.project, { ...hooks, lockTimeout: options.lockTimeout });
  const live = liveWarehouse(opened.project, options, hooks);
  try {
    const [connection, warehouse] = [await live.connection(), await live.warehouse()];
    if (!connection || !warehouse) throw new DqlError([nothingBuilt(opened.project)]);
    const { name } = opened.project.target;
    const state = await stateInLedger(connection, warehouse.database, { target: name, run: options.against });
    if (state) return state;
    throw new DqlError([
      {
        code: 'impact/no-such-state',
        severity: 'error',
        message:
          options.against === undefined
            ? `nothing was published in target \`${name}\` yet, so there is nothing to compare with`
            : `the ledger of target \`${name}\` keeps no run \`${options.against}\``,
        hint: 'see `dql history`, or give --state',
      },
    ]);
  } finally {
    await live.close();
  }
}

interface BothStates {
  readonly before: readonly ModelState[];
  readonly after: readonly ModelState[];
  readonly graphBefore: ColumnGraph;
}

/**
 * Models of both sides, their SQL over the same names. What has the same SQL, to the letter, over the same columns, means the same and
 * is left out; over other columns it is a consequence of somebody else's change.
 */
async function modelStates(opened: OpenedProject, earlier: Manifest, lineage: ProjectLineage): Promise<BothStates> {
  const { manifest, project } = opened;
  const renamed = todaysNames(earlier, manifest);
  const files = sourceNames(manifest, project.folder);
  const filesThen = sourceNames(earlier, project.folder);
  const named = (sql: string): string => renamed(files(filesThen(sql))).trim();
  const before: ModelState[] = [];
  const after: ModelState[] = [];
  const graphed: GraphModel[] = [];
  const columnsThen = new Map<NodeId, readonly Column[]>();
  const moved = new Set<NodeId>();
  const isModel = (id: NodeId) => id.startsWith('model.') || id.startsWith('snapshot.');
  for (const id of [...inOrder(earlier), ...lineage.models.keys()].filter(isModel)) {
    if (before.some((state) => state.id === id) || graphed.some((model) => model.id === id)) continue;
    const then = earlier.nodes[id];
    const model = lineage.models.get(id);
    const now = model?.texts;
    const isAsWritten = then?.raw_code === manifest.nodes[id]?.raw_code;
    const texts = then && textsOf(then, isAsWritten ? now : undefined, named);
    const isSame = texts && now && texts.full === now.full.trim() && texts.incremental === now.incremental?.trim();
    if (isSame && model && !then.depends_on.nodes.some((parent) => moved.has(parent))) {
      graphed.push({ id, lineage: model.lineage });
      continue;
    }
    // Where only one side has a second query, the other side's first one stands for it.
    const isIncremental = texts?.incremental !== undefined || now?.incremental !== undefined;
    const state = async (one: ModelTexts, columnsOf?: (node: NodeId) => readonly Column[] | undefined) => {
      const [full, incremental] = [await lineage.analyse(one.full, columnsOf), one.incremental];
      const second = incremental === undefined ? undefined : await lineage.analyse(incremental, columnsOf);
      return {
        id,
        full: queryState(full, one.full),
        incremental: isIncremental ? queryState(second ?? full, incremental ?? one.full) : undefined,
        isEdited: !isSame,
        lineage: lineage.whole(id, full.lineage, second?.lineage),
      };
    };
    if (texts) {
      // Its own columns too: its second query may read its own table.
      const types = new Map(model?.columns.map(({ name, type }) => [name.toLowerCase(), type]));
      const known = (columns: readonly { readonly name: string }[]): readonly Column[] =>
        columns.map(({ name }) => ({ name, type: types.get(name.toLowerCase()) ?? 'VARCHAR' }));
      const { lineage: first } = await lineage.analyse(texts.full, (node) => columnsThen.get(node));
      const own = { lineage: first, columns: known(first.columns) };
      const whole = then.resource_type === 'snapshot' ? snapshotColumns(then, own) : own;
      columnsThen.set(id, whole.columns);
      const found = await state(texts, (node) => columnsThen.get(node));
      before.push(found);
      graphed.push({ id, lineage: found.lineage });
      const names = (columns: readonly { readonly name: string }[] = []) => columns.map(({ name }) => name).join('\n');
      if (names(whole.columns) !== names(model?.columns)) moved.add(id);
    }
    if (now) after.push(await state(now));
  }
  const leaves = lineage.graph.nodes.filter(({ id }) => !isModel(id));
  return { before, after, graphBefore: columnGraph(graphed, (relation) => lineage.idOf(relation), leaves) };
}

/**
 * A model's SQL in an earlier manifest. One that was only parsed has none: then the same template means what it means today, and another
 * stands for itself, which can be told apart but not understood. So does one of which the manifest keeps a single query.
 * @param same what the model's template comes to today, when the template is the same
 */
function textsOf(then: GraphNode, same: ModelTexts | undefined, named: (sql: string) => string): ModelTexts {
  const branches = branchesOf(then);
  if (branches) return { full: named(branches.full), incremental: named(branches.incremental) };
  const { compiled_code: compiled, raw_code: raw } = then;
  if (typeof compiled !== 'string' || compiled === '') return same ?? { full: raw };
  const isWhole = then.config.materialized !== 'incremental' || !/\bis_incremental\b/.test(raw);
  if (isWhole) return { full: named(compiled) };
  if (!same) return { full: named(compiled), incremental: raw };
  // dbt writes down whichever of the two it ran.
  const isEither = [same.full, same.incremental].some((sql) => sql?.trim() === named(compiled));
  return isEither ? same : { full: named(compiled), incremental: same.incremental };
}

/** Relations of an earlier state, of another target perhaps, under the names they have now. */
function todaysNames(earlier: Manifest, manifest: Manifest): (sql: string) => string {
  const names = new Map<string, string>();
  for (const node of [...Object.values(earlier.nodes), ...Object.values(earlier.sources)]) {
    const current = nodeOf(manifest, node.unique_id);
    if (!current || !('database' in current)) continue;
    const [was, is] = [node, current].map((each) =>
      each.resource_type === 'source' ? sourceName(each) : 'relation_name' in each ? each.relation_name : null,
    );
    if (was && is && was !== is) names.set(was, is);
  }
  if (names.size === 0) return (sql) => sql;
  // All at once: one node may have the name another had.
  const pattern = new RegExp(
    [...names.keys()].map((name) => name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'),
    'g',
  );
  return (sql) => sql.replace(pattern, (name) => names.get(name) ?? name);
}

function answerOf(manifest: Manifest, earlier: Manifest, against: string, found: Impact): ImpactAnswer {
  const nameOf = (id: NodeId) => labelOf(nodeOf(manifest, id) ? manifest : earlier, id);
  return {
    against,
    verdict: found.severity,
    changes: found.changes.map((change) => ({
      node: change.id,
      name: nameOf(change.id),
      verdict: change.severity,
      columns: columnsOf(change),
      reason: describeChange(change),
    })),
    affected: [
      ...found.affected.map(({ id, severity, because, columns }) => ({
        node: id,
        name: nameOf(id),
        kind: nodeOf(manifest, id)?.resource_type ?? 'model',
        verdict: severity,
        // Empty: all of its rows.
        columns: because.length > 0 ? [] : columns.map(({ column }) => column),
        owner: ownerOf(manifest, id) ?? null,
        reason: [...new Set(because.length > 0 ? because : columns.map((column) => column.because))].join('; '),
      })),
      ...found.exposures.map(({ id, owner, severity, because }) => ({
        node: id,
        name: nameOf(id),
        kind: 'exposure',
        verdict: severity,
        columns: [],
        owner: owner ?? null,
        reason:
          because.length > 2 ? `${because.slice(0, 2).join('; ')}; and ${because.length - 2} more` : because.join('; '),
      })),
    ],
    owners: found.owners.map(({ owner, ids }) => ({ owner, nodes: ids.map(nameOf) })),
  };
}

const columnsOf = (change: ModelChange): ImpactAnswer['changes'][number]['columns'] => [
  ...change.changed.map((column) => ({ column, change: 'changed', reason: 'its expression is another' })),
  ...change.renamed.map(({ from, to }) => ({ column: from, change: 'renamed', reason: `it is called ${to} now` })),
  ...change.removed.map((column) => ({ column, change: 'removed', reason: 'it is not selected any more' })),
  ...(change.kind === 'changed'
    ? change.added.map((column) => ({ column, change: 'added', reason: 'it is new' }))
    : []),
];
