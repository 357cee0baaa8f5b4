/** What commands that only look need of the warehouse, opened when it is asked for and not before. */

import type { Asked, NodeRelation } from '../../compile/compile.ts';
import type { Need } from '../../compile/needs.ts';
import { DqlError } from '../../core/diagnostic.ts';
import type { NodeId } from '../../core/node-id.ts';
import type { Connection, Warehouse } from '../../engine/engine.ts';
import { emptyState, type LedgerState } from '../../ledger/records.ts';
import { samplingOf } from '../columns/sampling.ts';
import type { CommonOptions, Hooks } from '../contract.ts';
import type { Chosen } from '../opening/choose-nodes.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import { answerNeed } from '../warehouse/answer-needs.ts';
import { liveWarehouse } from '../warehouse/live-warehouse.ts';
import { openForLooking } from '../warehouse/open-target.ts';
import { noObjects, type Relations, relationsOf } from '../warehouse/relations.ts';
import type { Sampling } from '../warehouse/sampled-rows.ts';
import { introspectionRefused } from '../warehouse/warehouse-compiler.ts';
import { deferredRelations } from './deferred-relations.ts';
import { openedState } from './opened-state.ts';

export interface Looked {
  readonly warehouse: Warehouse;
  readonly connection: Connection;
  readonly state: LedgerState;
  readonly relations: Relations;
}

export interface Looking {
  /** Opens the warehouse for reading; the same one each time. */
  look(): Promise<Looked>;
  /** Where every node is by its public name, without opening anything. */
  readonly publicName: (id: NodeId) => NodeRelation | undefined;
  /** Calls a stage of the compiler until nothing is left to ask. Rejects with DqlError when it may not ask. */
  answering<Outcome extends { readonly kind: string }>(
    what: string,
    stage: (
      answers: readonly Asked[],
      relationOf: Looking['publicName'],
    ) => Outcome | { readonly kind: 'needs'; readonly request: Need },
  ): Promise<Exclude<Outcome, { readonly kind: 'needs' }>>;
}

/** Does `work`, then closes what it opened. Ctrl-C interrupts the running query. */
export async function whileLooking<T>(
  opened: OpenedProject,
  options: CommonOptions,
  hooks: Hooks,
  chosen: Pick<Chosen, 'ids'>,
  work: (looking: Looking) => Promise<T>,
): Promise<T> {
  const sampling = await samplingOf(opened, options, liveWarehouse(opened.project, options, hooks));
  let looked: Promise<Looked> | undefined;
  const look = (): Promise<Looked> => {
    looked ??= open(opened, options, hooks, chosen, sampling);
    return looked;
  };
  const nowhere = relationsFor(opened, options, emptyState, new Map(), sampling);
  const publicName = (relations: Relations) => (id: NodeId) =>
    relations.relation(
      id,
      // Deferred relations and files of sources stand for themselves; everything else goes by its name.
      () => undefined,
    );
  try {
    return await work({
      look,
      publicName: publicName(nowhere),
      async answering(what, stage) {
        const answers: Asked[] = [];
        // Which relations another environment stands in for is known only when one has looked.
        const names = publicName(options.defer ? (await look()).relations : nowhere);
        for (;;) {
          const outcome = stage(answers, names);
          if (!isNeeds(outcome)) return outcome as Exclude<typeof outcome, { readonly kind: 'needs' }>; // the kind says so
          if (!options.introspect) throw new DqlError([introspectionRefused(what)], 1);
          const { connection, relations } = await look();
          answers.push({
            request: outcome.request,
            answer: await answerNeed(outcome.request, connection, relations.known(noObjects)),
          });
        }
      },
    });
  } finally {
    await looked?.then(
      ({ connection, warehouse }) => {
        connection.close();
        return warehouse.close();
      },
      () => undefined, // opening failed: whoever asked was told
    );
  }
}

const isNeeds = (outcome: { readonly kind: string }): outcome is { readonly kind: 'needs'; readonly request: Need } =>
  outcome.kind === 'needs';

async function open(
  opened: OpenedProject,
  options: CommonOptions,
  hooks: Hooks,
  { ids }: Pick<Chosen, 'ids'>,
  sampling: Sampling | undefined,
): Promise<Looked> {
  const warehouse = await openForLooking(opened.project, options, hooks);
  try {
    const connection = await warehouse.connect();
    hooks.signal.addEventListener('abort', () => connection.interrupt(), { once: true });
    const state = await openedState(warehouse, connection, opened.project.target.name);
    const deferred = await deferredRelations({ opened, options, selected: ids, connection }, state);
    return { warehouse, connection, state, relations: relationsFor(opened, options, state, deferred, sampling) };
  } catch (error) {
    await warehouse.close();
    throw error;
  }
}

const relationsFor = (
  { manifest, project }: OpenedProject,
  options: CommonOptions,
  state: LedgerState,
  deferred: ReadonlyMap<NodeId, string>,
  sampling: Sampling | undefined,
): Relations =>
  relationsOf({
    manifest,
    folder: project.folder,
    state,
    empty: options.empty,
    sampling,
    deferred,
  });
