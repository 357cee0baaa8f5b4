/** What a build of a whole target would do, asked READ_ONLY: how promote and clone know what is up to date, and by which fingerprints. */
import type { Manifest } from '../../compile/manifest.ts';
import type { LedgerState, PublicationRecord } from '../../ledger/records.ts';
import type { BuildTask } from '../../plan/plan.ts';
import type { Project } from '../../project/project.ts';
import type { CommonOptions, Hooks } from '../contract.ts';
import { chooseNodes } from '../opening/choose-nodes.ts';
import { openProject } from '../opening/open-project.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import { readFactsCache } from '../opening/parsed-sql.ts';
import { type IdentityOf, testIdentities } from '../tests/test-identity.ts';
import { openForLooking } from '../warehouse/open-target.ts';
import type { Relations } from '../warehouse/relations.ts';
import { type PreparedRun, prepareRun } from './prepare-run.ts';

export interface TargetPlan {
  readonly opened: OpenedProject;
  readonly manifest: Manifest;
  readonly state: LedgerState;
  /** The selected nodes that make relations, parents first. */
  readonly tasks: readonly BuildTask[];
  /** What the target publishes, by relation. */
  readonly published: ReadonlyMap<string, PublicationRecord>;
  /** What its templates print. */
  readonly relations: Relations;
  /** Of the data tests of the selected nodes. */
  readonly identityOf: IdentityOf;
  /** Content of what its nodes read from outside. */
  readonly outside: PreparedRun['outside']['contents'];
}

/**
 * The project as a build of a whole target sees it.
 * @param onParsed what is to begin when the target is known, before the project is compiled
 */
export const openForBuild = (
  target: string | undefined,
  options: CommonOptions,
  hooks: Hooks,
  onParsed?: (project: Project) => Promise<void>,
): Promise<OpenedProject> => openProject(forBuild(target, options), 'build', hooks, undefined, onParsed);

const forBuild = (target: string | undefined, options: CommonOptions): CommonOptions => ({
  ...options,
  target,
  defer: false,
  force: false,
  fullRefresh: false,
});

/** Opens the target's warehouse READ_ONLY for it. */
export async function planOfTarget(target: string, options: CommonOptions, hooks: Hooks): Promise<TargetPlan> {
  const opened = await openForBuild(target, options, hooks);
  const warehouse = await openForLooking(opened.project, options, hooks);
  const connection = await warehouse.connect();
  try {
    const own = forBuild(target, options);
    const cache = readFactsCache(opened.targetFolder);
    const { manifest } = opened;
    const { plan, state, relations, outside } = await prepareRun({
      opened,
      options: own,
      warehouse,
      connection,
      selected: chooseNodes(opened, own, ['model', 'seed', 'snapshot']).ids,
      builds: true,
      tests: false,
      cache,
      notes: [],
      signal: hooks.signal,
    });
    const tasks = plan.tasks.filter((task): task is BuildTask => task.kind === 'build');
    const tests = tasks
      .flatMap(({ node }) => manifest.child_map[node] ?? [])
      .filter((id) => manifest.nodes[id]?.resource_type === 'test');
    return {
      opened,
      manifest,
      state,
      tasks,
      identityOf: await testIdentities(opened, [...new Set(tests)], { cache, connection }),
      published: state.published,
      relations,
      outside: outside.contents,
    };
  } finally {
    connection.close();
    await warehouse.close();
  }
}
