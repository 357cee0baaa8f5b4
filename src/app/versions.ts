import type { NodeId } from '../core/node-id.ts';
import { readPublications } from '../ledger/read-ledger.ts';
import type { PublicationRecord, VersionRecord } from '../ledger/records.ts';
import type { Hooks, UseCases, VersionRow, VersionsAnswer } from './contract.ts';
import { chooseNodes } from './opening/choose-nodes.ts';
import { nameInId } from './opening/name-in-id.ts';
import { openProject } from './opening/open-project.ts';
import { settingsOfTarget } from './opening/read-settings.ts';
import { lookBack } from './running/open-past.ts';
import { versionSizes } from './warehouse/version-sizes.ts';

/** Versions whose size is asked of the engine, at most; of more only what the ledger knows is told. */
const MEASURED = 300;

/** The kept versions of the selected nodes' data, newest first. Opens the warehouse READ_ONLY. */
export const versions: UseCases['versions'] = async (options, hooks) => {
  const { select, exclude, selector, resourceTypes, excludeResourceTypes } = options;
  const isNames = exclude.length + resourceTypes.length + excludeResourceTypes.length === 0 && selector === undefined;
  if (!isNames) return versionsOf(options, hooks, await selected(options, hooks));
  if (select.length === 0) return versionsOf(options, hooks, () => true);
  // What was removed from the project is still in the warehouse: names are looked up there first, which needs no models that compile.
  const { versions } = await versionsOf(options, hooks, () => true);
  const names = new Set(select.flatMap((words) => words.split(/\s+/)));
  const found = versions.filter(({ node, name }) => names.has(name) || names.has(node));
  const known = new Set(found.flatMap(({ node, name }) => [node, name]));
  if ([...names].every((name) => known.has(name))) return { versions: found };
  return versionsOf(options, hooks, await selected(options, hooks));
};

type Options = Parameters<UseCases['versions']>[0];

async function selected(options: Options, hooks: Hooks): Promise<(id: NodeId) => boolean> {
  const opened = await openProject(options, 'versions', hooks);
  const { ids } = chooseNodes(opened, options, ['model', 'seed', 'snapshot']);
  return (id) => ids.has(id);
}

async function versionsOf(options: Options, hooks: Hooks, isChosen: (id: NodeId) => boolean): Promise<VersionsAnswer> {
  const project = await settingsOfTarget(options, hooks);
  return lookBack(project, options, hooks, async ({ connection, state, hasLedger }) => {
    const publications = hasLedger ? await readPublications(connection, state.ledgers) : [];
    const latest = new Map(publications.map((record) => [`${record.relation}@${record.version}`, record]));
    const chosen = [...state.versions.values()]
      .flat()
      .filter(({ target, node, state }) => target === project.target.name && isChosen(node) && state !== 'building');
    const sizes = chosen.length > MEASURED ? new Map() : await versionSizes(connection, state, chosen);
    const rows = chosen.map((version): VersionRow => {
      const isPublished = state.published.get(version.relation)?.version === version.version;
      const shown = latest.get(`${version.relation}@${version.version}`);
      const held = state.nodeRuns.get(version.node)?.held_reason ?? null;
      return { ...versionRow(version, isPublished, shown, held), bytes: sizes.get(version) ?? version.bytes };
    });
    return { versions: rows.sort((left, right) => compare(left, right)) };
  });
}

function versionRow(
  version: VersionRecord,
  isPublished: boolean,
  shown: PublicationRecord | undefined,
  heldReason: string | null,
): VersionRow {
  return {
    node: version.node,
    name: nameInId(version.node),
    relation: `${version.schema}.${version.alias}`,
    version: version.version,
    state:
      version.state === 'lost'
        ? 'lost'
        : isPublished
          ? 'published'
          : version.state === 'kept'
            ? 'kept'
            : heldReason === null
              ? 'staged'
              : 'held',
    untested: shown?.untested ?? false,
    run_id: version.run_id,
    built_at: version.built_at,
    published_at: shown?.published_at ?? null,
    git_sha: version.git_sha,
    rows: version.rows,
    bytes: version.bytes,
  };
}

const compare = (left: VersionRow, right: VersionRow): number => {
  const [one, other] = [`${left.name} ${left.relation}`, `${right.name} ${right.relation}`];
  return one === other ? right.version - left.version : one < other ? -1 : 1;
};
