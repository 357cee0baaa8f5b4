/** Decides who is published, runs the publishing transaction, and says what was held and why. */

import type { Diagnostic } from '../core/diagnostic.ts';
import { EngineError } from '../core/engine-error.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Connection } from '../engine/engine.ts';
import { homeOf, type VersionRecord } from '../ledger/records.ts';
import { writeInputs } from '../ledger/write-ledger.ts';
import { commitFiles, type FileText } from './commit-files.ts';
import type { RunContext } from './context.ts';
import { describeVersions } from './describe-versions.ts';
import { guiltyOf } from './find-guilty.ts';
import { madeAhead, publicationsOf } from './find-publications.ts';
import { keyOf } from './follow-views.ts';
import { type NewVersion, objectName, type Progress } from './progress.ts';
import { type Publication, publishingSql, schemasOf, showVersion } from './publish.ts';
import { recordNow } from './record-later.ts';
import { keptRecord, records } from './record-publications.ts';
import { refreshedComments } from './refresh-comments.ts';
import { renamedViews, tableRenames } from './rename-views.ts';
import type { HeldNode } from './settle.ts';
import { settled } from './settle-run.ts';
import { toldMessage } from './told-error.ts';

/** At the end of a run, when what is unchanged is looked after, too. */
const everything = () => true;

export interface Published {
  readonly nodes: readonly NodeId[];
  readonly held: ReadonlyMap<NodeId, HeldNode>;
}

/**
 * Publishes what passed, in one transaction together with `ledger` (SQL that is committed with the data; it is told who was held).
 * What can fail has failed before; if the transaction fails all the same, the guilty node is held and publishing is tried again.
 */
export async function publishRun(
  run: RunContext,
  progress: Progress,
  connection: Connection,
  ledger: (held: ReadonlyMap<NodeId, HeldNode>, published: readonly NodeId[]) => string,
  isDue: (id: NodeId) => boolean = everything,
): Promise<Published> {
  const context = progress.state ? { ...run, state: progress.state } : run;
  const broken = new Map<NodeId, HeldNode>();
  for (;;) {
    const everyHeld = await settled(context, progress, connection, broken);
    const held = new Map([...everyHeld].filter(([id]) => !progress.published.has(id)));
    const fresh = [...progress.built.values()].filter(
      ({ node: { unique_id: id } }) => !held.has(id) && !progress.published.has(id) && isDue(id),
    );
    const { columns, dropped } = await describeVersions(connection, fresh, progress.columns);
    if (dropped.length > 0) {
      for (const id of dropped) broken.set(id, { reason: 'a hook dropped what was built', because: [] });
      continue;
    }
    const described = fresh.map((version) => ({
      ...version,
      version: { ...version.version, columns: columns.get(version.object) ?? version.version.columns },
    }));
    const startedAt = performance.now();
    const unchanged = isDue === everything ? progress.refreshed : new Map<NodeId, VersionRecord>();
    const displaced = [...unchanged.values()].filter(({ relation }) => context.displaced.has(relation));
    const again = displaced.filter(
      ({ node, relation }) => context.displaced.get(relation) !== 'nothing' && !broken.has(node),
    );
    const found = await publicationsOf(context, progress, described, again, connection);
    // Over several files a crash can come before the first commits; what was built must then be known.
    if (found.some(({ version }) => homeOf(version) !== context.warehouse.database))
      await recordNow(context, progress, connection);
    const publications = await madeAhead(found, connection, context.warehouse.database);
    const renamed = renamedViews(tableRenames(publications), viewVersions(context, progress, publications));
    const gone = displaced.filter(({ relation }) => context.displaced.get(relation) === 'nothing');
    const commented = await refreshedComments(context, unchanged, described, connection);
    const shown: readonly FileText[] = [
      ...publishingSql(publications, renamed.sql),
      ...gone.map((version) => ({
        database: homeOf(version),
        sql: showVersion({ version, node: context.manifest.nodes[version.node] }),
      })),
      ...commented.texts,
    ];
    const recorded = async (): Promise<readonly FileText[]> => [
      ...records(context, progress, publications, renamed.versions),
      {
        database: context.warehouse.database,
        sql: [
          writeInputs(context.warehouse.database, commented.marks),
          ledger(
            held,
            described.map((version) => version.node.unique_id),
          ),
        ].join('\n'),
      },
    ];
    // What is recorded may be in other files than what is shown, but not where there is one.
    const isOneFile = context.state.ledgers.length < 2;
    try {
      const intent = { id: `${context.run.run_id}/${progress.publications.length}`, run_id: context.run.run_id };
      if (isOneFile) await commitFiles(context.warehouse, connection, shown, intent, recorded);
      else await commitFiles(context.warehouse, connection, [...shown, ...(await recorded())], intent);
      progress.unrecorded.clear();
      for (const message of [...gone.map(wasGone), ...publications.flatMap(wasReplaced)])
        context.emit({ type: 'log', level: 'info', message, node: null });
      note(progress, described, renamed.versions);
      progress.publications.push(...publications.filter(({ version }) => progress.built.has(version.node)));
      if (publications.length > again.length)
        progress.publishSeconds = (progress.publishSeconds ?? 0) + (performance.now() - startedAt) / 1000;
      return { nodes: described.map((version) => version.node.unique_id), held };
    } catch (error) {
      if (!(error instanceof EngineError) || error.kind === 'interrupted' || publications.length === 0) throw error;
      const guilty = await guiltyOf(connection, publications, renamed.sql);
      if (!guilty) throw error;
      const { node } = guilty;
      const [isHeld, isStaying] = [broken.has(node), progress.staying.has(node)];
      // Neither was enough: trying it again would go on for ever.
      if (isHeld && isStaying) throw error;
      const why = toldMessage(guilty.message, context.manifest, [node]);
      const isFollowing = publications.every(({ version }) => version.node !== node || !isDealtWith(progress, version));
      if (isHeld || (isFollowing && !isStaying)) {
        progress.staying.add(node);
        // What is built later in this run, with `publish: as_ready`, does not stay for long.
        if (!context.plan.tasks.some((task) => task.kind === 'build' && task.node === node))
          context.warn(cannotFollow(context, node, why));
      } else broken.set(node, { reason: `publishing it failed: ${why}`, because: [] });
    }
  }
}

/** True of what this run built or shows again: the rest are views that follow. */
const isDealtWith = ({ built, refreshed }: Progress, { node }: VersionRecord): boolean =>
  built.has(node) || refreshed.has(node);

function cannotFollow({ manifest }: RunContext, id: NodeId, why: string): Diagnostic {
  const node = manifest.nodes[id];
  return {
    code: 'run/view-stays',
    severity: 'warning',
    message: `view \`${node?.name ?? id}\`, which this run does not build, cannot read what is published now: ${why}`,
    ...(node ? { at: { file: node.original_file_path, start: 0, end: 0 } } : {}),
    hint: 'it goes on reading what it read before; build it, too, or `dql clean --orphans` where the project has it no more',
  };
}

/** What was published has a name and a record of its own now, and views over real tables new names to read. */
function note(progress: Progress, fresh: readonly NewVersion[], renamed: readonly VersionRecord[]): void {
  for (const view of renamed) {
    const known = progress.built.get(view.node);
    if (known?.version.version === view.version)
      progress.built.set(view.node, { ...known, version: { ...known.version, physical: view.physical } });
  }
  for (const { node, version } of fresh) {
    progress.published.add(node.unique_id);
    const known = progress.built.get(node.unique_id);
    if (!known) continue;
    const physical = known.version.physical.kind === 'view' ? known.version.physical : version.physical;
    const kept = keptRecord({ ...version, physical });
    progress.built.set(node.unique_id, { ...known, version: kept, object: objectName(kept, true) });
  }
}

const wasGone = ({ schema, alias }: VersionRecord): string => `\`${schema}.${alias}\` was gone and stands again`;

const wasReplaced = ({ version, before, standing, adopts }: Publication): readonly string[] =>
  before && adopts !== null
    ? [
        `\`${version.schema}.${version.alias}\` had been replaced by a ${standing} of somebody else, whose rows are kept as version ${adopts}`,
      ]
    : [];

/** Every version of every view but those that this publishing makes with their final names. */
function viewVersions(
  context: RunContext,
  progress: Progress,
  publications: readonly Publication[],
): readonly VersionRecord[] {
  const built = new Map([...progress.built.values()].map(({ version }) => [keyOf(version), version]));
  for (const { version } of publications) if (built.has(keyOf(version))) built.set(keyOf(version), version);
  const known = [...context.state.versions.values()].flat().filter((version) => !built.has(keyOf(version)));
  return [...known, ...built.values()].filter((version) => version.physical.kind === 'view');
}

export const schemasNeeded = (context: RunContext): readonly string[] =>
  schemasOf(
    context.plan.tasks
      .flatMap((task) => (task.kind === 'build' ? [context.manifest.nodes[task.node]] : []))
      .filter((node) => node !== undefined),
    context.copied,
  );
