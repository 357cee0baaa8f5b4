/** What a build of a whole target would do, asked READ_ONLY: how promote and clone know what is up to date, and by which fingerprints. */
import type { Manifest } from '../compile/manifest.ts';
import type { LedgerState, PublicationRecord } from '../ledger/records.ts';
import type { BuildTask } from '../plan/plan.ts';
import { chooseNodes } from './choose-nodes.ts';
import type { CommonOptions, Hooks } from './contract.ts';
import { type OpenedProject, openProject } from './open-project.ts';
import { openForLooking } from './open-target.ts';
import { prepareRun, readFactsCache } from './prepare-run.ts';

export interface TargetPlan {
  readonly opened: OpenedProject;
  readonly manifest: Manifest;
  readonly state: LedgerState;
  /** The selected nodes that make relations, parents first. */
  readonly tasks: readonly BuildTask[];
  /** What the target publishes, by relation. */
  readonly published: ReadonlyMap<string, PublicationRecord>;
}

export async function planOfTarget(target: string, options: CommonOptions, hooks: Hooks): Promise<TargetPlan> {
  const own = { ...options, target, force: false, fullRefresh: false };
  const opened = await openProject(own, 'build', hooks);
  const chosen = chooseNodes(opened, own, ['model', 'seed', 'snapshot']);
  const warehouse = await openForLooking(opened.project, {
    lockTimeout: options.lockTimeout,
    onEvent: hooks.onEvent,
    signal: hooks.signal,
  });
  const connection = await warehouse.connect();
  try {
    const { plan, state } = await prepareRun({
      opened,
      options: own,
      warehouse,
      connection,
      selected: chosen.ids,
      builds: true,
      tests: false,
      previous: undefined,
      cache: readFactsCache(opened.targetFolder),
      notes: [],
    });
    return {
      opened,
      manifest: opened.manifest,
      state,
      tasks: plan.tasks.filter((task): task is BuildTask => task.kind === 'build'),
      published: state.published,
    };
  } finally {
    connection.close();
    await warehouse.close();
  }
}
