/** `dql impact`: which models changed in meaning since an earlier state, and what and whom that reaches. */
import { type GraphNode, type Manifest, nodeOf } from '../compile/manifest.ts';
import { DqlError } from '../core/diagnostic.ts';
import type { NodeId } from '../core/node-id.ts';
import {
  describeChange,
  type Impact,
  impact as impactOf,
  type ModelChange,
  type ModelState,
} from '../lineage/impact.ts';
import { branchesOf } from './branches.ts';
import { chooseNodes } from './choose-nodes.ts';
import { type ModelTexts, type ProjectLineage, withColumnLineage } from './column-lineage.ts';
import type { CommonOptions, Hooks, ImpactAnswer, UseCases } from './contract.ts';
import { labelOf } from './lineage.ts';
import { liveWarehouse } from './live-warehouse.ts';
import { type OpenedProject, openProject } from './open-project.ts';
import { nothingBuilt } from './open-target.ts';
import { exposureOwner, ownerOf } from './owner-of.ts';
import { sourceName, sourceNames } from './source-names.ts';
import { type EarlierState, stateAt, stateInLedger } from './state-manifest.ts';

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
  return withColumnLineage(opened, options, hooks, async (lineage) => {
    const { manifest } = opened;
    const states = await modelStates(opened, before.manifest, lineage);
    const mine = (state: ModelState) => chosen === undefined || chosen.has(state.id);
    const found = impactOf({
      before: states.before.filter(mine),
      after: states.after.filter(mine),
      graph: lineage.graph,
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
    return stateAt(options.state, opened.project.folder);
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
}

/** Models of both sides, their SQL over the same names. A model whose SQL is the same, to the letter, is left out: it means the same. */
async function modelStates(opened: OpenedProject, earlier: Manifest, lineage: ProjectLineage): Promise<BothStates> {
  const { manifest, project } = opened;
  const renamed = todaysNames(earlier, manifest);
  const files = sourceNames(manifest, project.folder);
  const filesThen = sourceNames(earlier, project.folder);
  const named = (sql: string): string => renamed(files(filesThen(sql))).trim();
  const before: ModelState[] = [];
  const after: ModelState[] = [];
  const stateOf = async (id: NodeId, texts: ModelTexts): Promise<ModelState> => {
    const { fingerprints, canonical } = await lineage.analyse(id, texts);
    return { id, fingerprints, canonicalSql: canonical === '' ? `${texts.full}\n${texts.incremental}` : canonical };
  };
  const isModel = (id: NodeId) => id.startsWith('model.') || id.startsWith('snapshot.');
  for (const id of new Set([...Object.keys(earlier.nodes), ...lineage.models.keys()].filter(isModel))) {
    const then = earlier.nodes[id];
    const now = lineage.models.get(id)?.texts;
    const isAsWritten = then?.raw_code === manifest.nodes[id]?.raw_code;
    const texts = then && textsOf(then, isAsWritten ? now : undefined, named);
    if (texts && now && texts.full === now.full.trim() && texts.incremental === now.incremental?.trim()) continue;
    // Where only one side has a second query, the other side's first one stands for it.
    const isIncremental = texts?.incremental !== undefined || now?.incremental !== undefined;
    const paired = (one: ModelTexts): ModelTexts =>
      isIncremental ? { full: one.full, incremental: one.incremental ?? one.full } : one;
    if (texts) before.push(await stateOf(id, paired(texts)));
    if (now) after.push(await stateOf(id, paired(now)));
  }
  return { before, after };
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
      ...found.affected.map(({ id, because, columns }) => ({
        node: id,
        name: nameOf(id),
        kind: nodeOf(manifest, id)?.resource_type ?? 'model',
        // Empty: all of its rows.
        columns: because.length > 0 ? [] : columns.map(({ column }) => column),
        owner: ownerOf(manifest, id) ?? null,
        reason: [...new Set(because.length > 0 ? because : columns.map((column) => column.because))].join('; '),
      })),
      ...found.exposures.map(({ id, owner, because }) => ({
        node: id,
        name: nameOf(id),
        kind: 'exposure',
        columns: [],
        owner: owner ?? null,
        reason:
          because.length > 2 ? `${because.slice(0, 2).join('; ')}; and ${because.length - 2} more` : because.join('; '),
      })),
    ],
  };
}

const columnsOf = (change: ModelChange): ImpactAnswer['changes'][number]['columns'] => [
  ...change.changed.map((column) => ({ column, change: 'changed', reason: 'its expression is another' })),
  ...change.removed.map((column) => ({ column, change: 'removed', reason: 'it is not selected any more' })),
  ...(change.kind === 'changed'
    ? change.added.map((column) => ({ column, change: 'added', reason: 'it is new' }))
    : []),
];
