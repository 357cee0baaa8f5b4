/** From a selection to a plan and everything a run needs: the steps that `dql plan` and `dql build` share to the letter. */

import { randomUUID } from 'node:crypto';
import { type Manifest, nodeOf } from '../../compile/manifest.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { NodeId } from '../../core/node-id.ts';
import { fileStore } from '../../disk/file-store.ts';
import type { Connection, Warehouse } from '../../engine/engine.ts';
import { lostVersions, withLost } from '../../ledger/lost.ts';
import {
  homeOf,
  type InputRecord,
  type LedgerState,
  publishedVersion,
  shownVersion,
  standingVersion,
  type VersionRecord,
} from '../../ledger/records.ts';
import { replaceVersions } from '../../ledger/write-ledger.ts';
import { copiedDatabases } from '../../plan/databases.ts';
import type { NodeFacts } from '../../plan/fingerprint.ts';
import type { Range } from '../../plan/intervals.ts';
import type { Plan } from '../../plan/plan.ts';
import { inputsOf, makesRelation, planRun, relationOf } from '../../plan/plan-run.ts';
import type { Standing } from '../../run/publish.ts';
import { displacedRelations } from '../../run/show-again.ts';
import { sampledApart, samplingOf } from '../columns/sampling.ts';
import type { CommonOptions } from '../contract.ts';
import { eventTimes } from '../opening/event-times.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import type { FactsCache } from '../opening/parsed-sql.ts';
import { sampleWindow } from '../opening/sample-window.ts';
import { heeded } from '../opening/warning-policy.ts';
import { checkSpace } from '../warehouse/check-space.ts';
import { interruptible } from '../warehouse/interruptible.ts';
import { liveViews } from '../warehouse/live-views.ts';
import { openWarehouseOf } from '../warehouse/live-warehouse.ts';
import { lookOutside, type Outside } from '../warehouse/outside.ts';
import { type Relations, relationsOf } from '../warehouse/relations.ts';
import { deferredRelations } from './deferred-relations.ts';
import { isTouched } from './last-run.ts';
import { factsOfNodes } from './node-facts.ts';
import { openedFor } from './opened-state.ts';
import { orphans, orphansStand } from './orphans.ts';
import { ownExports } from './own-exports.ts';
import { batchesReadEverything } from './rows-outside.ts';

export interface PreparedRun {
  readonly plan: Plan;
  /** The plan, were the past another. */
  readonly planWith: (state: LedgerState) => Plan;
  readonly facts: ReadonlyMap<NodeId, NodeFacts>;
  readonly state: LedgerState;
  /** What stands under the names of published relations where somebody replaced or dropped them; by relation. */
  readonly displaced: ReadonlyMap<string, Standing>;
  /** Attached databases that are written node by node. */
  readonly copied: ReadonlySet<string>;
  readonly outside: Outside;
  readonly relations: Relations;
  readonly runId: string;
  readonly seen: readonly InputRecord[];
}

/** What a retry takes from the command it repeats. */
export interface Again {
  /** When that was: batches are those of then. */
  readonly now: Date;
  /** The batches that failed of models whose others were published. */
  readonly batches: ReadonlyMap<NodeId, readonly Range[]>;
}

export interface PrepareRequest {
  readonly opened: OpenedProject;
  readonly options: CommonOptions;
  readonly warehouse: Warehouse;
  readonly connection: Connection;
  readonly selected: ReadonlySet<NodeId>;
  readonly builds: boolean;
  readonly tests: boolean;
  readonly cache: FactsCache;
  readonly notes: readonly Diagnostic[];
  /** Ctrl-C. */
  readonly signal: AbortSignal;
  readonly again?: Again | undefined;
  /** Finishes what a crash left and drops what nobody needs, before anything is planned; answers what then is remembered. */
  readonly tidyUp?: ((state: LedgerState) => Promise<LedgerState>) | undefined;
}

/** Of a file on this machine; of one that is far away nobody can tell. */
const isGone = (file: string): boolean => !file.includes('://') && !fileStore.exists(file);

/** Rejects when the command is interrupted meanwhile. */
export const prepareRun = (request: PrepareRequest): Promise<PreparedRun> =>
  interruptible(request.connection, request.signal, () => prepared(request));

async function prepared(request: PrepareRequest): Promise<PreparedRun> {
  const { opened, options, warehouse, connection, selected } = request;
  const { manifest, project } = opened;
  const building = [...selected].filter((id) => request.builds && makesRelation(manifest, id));
  const { copied, found: before } = await openedFor(request, building);
  const touched = request.builds && isTouched(options, project);
  const whole = touched ? await withoutLost(request, before) : before;
  const state = request.tidyUp ? await request.tidyUp(whole) : whole;
  const displaced = touched ? await displacedRelations(shownOf(manifest, state, building), connection) : new Map();
  const sample = sampleWindow(options);
  const deferred = await deferredRelations(request, state);
  const sampling = await samplingOf(opened, options, openWarehouseOf(warehouse));
  const relations = relationsOf({
    manifest,
    folder: project.folder,
    state,
    empty: options.empty,
    sample,
    sampling,
    deferred,
  });
  const facts = await factsOfNodes(request, building, relations, state);
  const read = new Set([...selected].flatMap((id) => inputsOf(manifest, id)));
  const runId = randomUUID();
  const builds = new Set(building);
  const live = liveViews(
    manifest,
    state,
    [...read].filter((id) => !builds.has(id) && !deferred.has(id)),
    `unknown:${runId}`,
  );
  const looked = new Set([...read, ...live.shown]);
  const sources = new Set([...looked].filter((id) => id in manifest.sources));
  const unmanaged = new Map(
    [...looked].flatMap((id): readonly (readonly [NodeId, string])[] => {
      const node = manifest.nodes[id];
      const isKnown = !deferred.has(id) && node && standingVersion(state, relationOf(node));
      if (!node || selected.has(id) || !makesRelation(manifest, id) || isKnown) return [];
      const relation = relations.relation(id, () => undefined);
      return relation ? [[id, relation.rendered]] : [];
    }),
  );
  const isElsewhere = [...sources].some((id) => manifest.sources[id]?.database !== warehouse.database);
  const found = await lookOutside(
    manifest,
    sources,
    unmanaged,
    state,
    project.folder,
    connection,
    options.now,
    isElsewhere ? copiedDatabases(await warehouse.databases()) : undefined,
  );
  const outside = live.seenWith(found);
  const isOwn = ownExports(opened);
  const planWith = (known: LedgerState): Plan =>
    planRun({
      manifest,
      selected,
      facts,
      state: known,
      outside: outside.contents,
      builds: request.builds,
      tests: request.tests,
      force: options.force,
      fullRefresh: options.fullRefresh,
      now: request.again?.now ?? options.now,
      eventTimes: eventTimes(options),
      failedBatches: request.again?.batches,
      publish: project.root.settings.publish,
      isLost: ({ physical }) => physical.kind === 'external' && (isGone(physical.file) || !isOwn(physical.file)),
      notes: heeded(
        [
          ...request.notes,
          ...batchesReadEverything(manifest, building),
          ...(sample ? nothingSampled(manifest, building) : []),
          ...(request.builds ? orphansStand(orphans(opened, known)) : []),
          ...(sampling && request.tests ? sampledApart(manifest, sampling, selected) : []),
        ],
        options,
      ),
    });
  const planned = toldDisplaced(planWith(state), manifest, displaced);
  const space = await checkSpace({
    connection,
    plan: planned,
    publishedOf: ({ node }) => {
      const found = manifest.nodes[node];
      return found && publishedVersion(state, relationOf(found));
    },
    fullRefresh: options.fullRefresh,
  });
  // Who only looks is told; who would build does not begin.
  const told = warehouse.readOnly ? space.map((each) => ({ ...each, severity: 'warning' as const })) : space;
  const plan = { ...planned, notes: [...planned.notes, ...heeded(told, options)] };
  return {
    plan,
    planWith,
    facts,
    state,
    displaced,
    copied,
    outside,
    relations,
    runId,
    seen: outside.seen,
  };
}

/** What somebody dropped is written down, so that nothing returns to it. */
async function withoutLost(
  { warehouse, connection }: Pick<PrepareRequest, 'warehouse' | 'connection'>,
  state: LedgerState,
): Promise<LedgerState> {
  const lost = await lostVersions(connection, state);
  if (!warehouse.readOnly)
    for (const database of new Set([...lost].map(homeOf))) {
      const here = [...lost].filter((version) => homeOf(version) === database);
      await connection.run(
        replaceVersions(
          database,
          here.map((version) => ({ ...version, state: 'lost' })),
        ),
      );
    }
  return withLost(state, lost);
}

const shownOf = (manifest: Manifest, state: LedgerState, ids: readonly NodeId[]): readonly VersionRecord[] =>
  ids.flatMap((id) => {
    const node = manifest.nodes[id];
    return (node && shownVersion(state, relationOf(node))) ?? [];
  });

/** What is reused and stands no more under its name is shown again, and the plan says so. */
const toldDisplaced = (plan: Plan, manifest: Manifest, displaced: PreparedRun['displaced']): Plan => ({
  ...plan,
  tasks: plan.tasks.map((task) => {
    const node = manifest.nodes[task.node];
    const there = node && displaced.get(relationOf(node));
    if (task.kind !== 'build' || task.decision.action !== 'reuse' || there === undefined) return task;
    const what = there === 'nothing' ? 'it was dropped' : `a ${there} was put in its place`;
    return { ...task, decision: { ...task.decision, reason: `unchanged; ${what}, it is shown again` } };
  }),
});

/** dbt's words for a window that changes nothing: no input of what is built says when its rows happened. */
function nothingSampled(manifest: Manifest, building: readonly NodeId[]): readonly Diagnostic[] {
  const hasTime = (id: NodeId) => typeof nodeOf(manifest, id)?.config['event_time'] === 'string';
  if (building.length === 0 || building.some((id) => inputsOf(manifest, id).some(hasTime))) return [];
  return [
    {
      code: 'app/nothing-sampled',
      severity: 'warning',
      message: '--sample changes nothing: no input of what is built has an `event_time`',
      hint: 'name the column that says when a row happened in the source’s or model’s config: `event_time: ordered_at`',
    },
  ];
}
