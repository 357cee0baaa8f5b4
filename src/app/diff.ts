import { DqlError } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Connection, Warehouse } from '../engine/engine.ts';
import { readPublications, readRuns } from '../ledger/read-ledger.ts';
import {
  type LedgerState,
  type PublicationRecord,
  publishedVersion,
  type RunRecord,
  type VersionRecord,
} from '../ledger/records.ts';
import { shownAfter } from '../plan/rollback.ts';
import { objectName } from '../run/progress.ts';
import { columnLineage } from './columns/column-lineage.ts';
import { secretColumns } from './columns/secret-columns.ts';
import type { CommonOptions, DiffAnswer, DiffOptions, DiffRelation, Hooks, UseCases } from './contract.ts';
import { attachTarget } from './opening/attach-target.ts';
import { chooseNodes } from './opening/choose-nodes.ts';
import { nameInId } from './opening/name-in-id.ts';
import { openProject } from './opening/open-project.ts';
import type { OpenedProject } from './opening/opened-project.ts';
import { compareRelation, keyOf, noLongerKept, onlyOn, sameVersion } from './running/diff-relation.ts';
import { findRun } from './running/find-run.ts';
import { lookBack } from './running/open-past.ts';
import { readToday } from './running/read-today.ts';
import { liveWarehouse } from './warehouse/live-warehouse.ts';

/** One side of a comparison: a version of each node. */
interface Side {
  readonly label: string;
  readonly versions: ReadonlyMap<NodeId, VersionRecord>;
  /** Shown then, and no longer kept. */
  readonly lost?: ReadonlySet<NodeId> | undefined;
  readonly state: LedgerState;
  /** Another target's; its file may be attached by another name. */
  readonly objectOf?: (version: VersionRecord) => string;
  /** One model only: it is compared with whatever the other side's one model is. */
  readonly single: boolean;
}

interface Looking {
  readonly opened: OpenedProject;
  readonly options: CommonOptions & DiffOptions;
  readonly warehouse: Warehouse;
  readonly connection: Connection;
  readonly state: LedgerState;
  readonly runs: readonly RunRecord[];
  /** Of this target, oldest first. */
  readonly publications: readonly PublicationRecord[];
}

/** Compares runs, targets or versions of models: schema, rows by key, columns, examples. Opens everything READ_ONLY. */
export const diff: UseCases['diff'] = async (options, hooks) => {
  const opened = await openProject(options, 'diff', hooks);
  const { ids } = chooseNodes(opened, options, ['model', 'seed', 'snapshot']);
  const chosen = options.select.length + options.exclude.length > 0 || options.selector !== undefined ? ids : undefined;
  return lookBack(opened.project, options, hooks, async ({ warehouse, connection, state, hasLedger }) => {
    const target = opened.project.target.name;
    const looking: Looking = {
      opened,
      options,
      warehouse,
      connection,
      state,
      runs: hasLedger ? await readRuns(connection, warehouse.database, Number.MAX_SAFE_INTEGER) : [],
      publications: hasLedger
        ? (await readPublications(connection, state.ledgers)).filter((record) => record.target === target)
        : [],
    };
    const [left, right] = await sidesOf(looking);
    return compareSides(looking, left, right, chosen, hooks);
  });
};

async function sidesOf(looking: Looking): Promise<readonly [Side, Side]> {
  const { left, right } = looking.options;
  if (left !== undefined && right !== undefined) return [await sideOf(looking, left), await sideOf(looking, right)];
  const now = publishedNow(looking);
  const named = left ?? right;
  if (named === undefined) {
    const staged = new Map(
      [...looking.state.versions.values()].flatMap((versions) => {
        const [newest] = versions;
        const shown = newest && publishedVersion(looking.state, newest.relation);
        return newest?.state === 'staged' && newest.version > (shown?.version ?? 0) ? [[newest.node, newest]] : [];
      }),
    );
    const before = new Map([...now.versions].filter(([id]) => staged.has(id)));
    if (staged.size > 0)
      return [
        { ...now, versions: before },
        { ...now, label: 'built and held', versions: staged },
      ];
    return [beforeLast(looking), now];
  }
  const side = await sideOf(looking, named);
  if (!side.single) return [side, now];
  const [only] = side.versions.values();
  if (!only) return [side, now];
  const shown = now.versions.get(only.node);
  // What is held is what would come.
  if (shown && only.state === 'staged') return [singleSide(looking, shown), side];
  if (shown && shown.version !== only.version) return [side, singleSide(looking, shown)];
  const last = looking.publications
    .filter((record) => record.relation === only.relation && record.version !== only.version)
    .at(-1);
  const earlier = keptVersion(looking.state, only.relation, last?.version ?? null);
  if (earlier) return [singleSide(looking, earlier), side];
  throw new DqlError([
    {
      code: 'diff/no-earlier-version',
      severity: 'error',
      message: `\`${named}\` has no earlier version to compare with`,
      hint: earlierHint(looking, only, named.replace(/@\d+$/, '')),
    },
  ]);
}

function earlierHint({ state }: Looking, only: VersionRecord, name: string): string {
  const held = state.versions.get(only.relation)?.find((version) => version.state === 'staged');
  return held && held !== only
    ? `\`dql diff ${name}@${held.version}\` compares it with what was built and held`
    : `\`dql versions ${name}\` lists what is kept`;
}

const publishedNow = ({ state, opened }: Looking): Side => {
  const target = opened.project.target.name;
  return { label: `${target}, as published`, versions: publishedOf(state, target), state, single: false };
};

function beforeLast({ state, runs, publications, opened }: Looking): Side {
  const last = publications.reduce((most, { sequence }) => Math.max(most, sequence), 0);
  const run = runs.find(({ sequence }) => sequence === last);
  if (!run)
    throw new DqlError([
      {
        code: 'diff/nothing-published',
        severity: 'error',
        message: `no run has published anything in target \`${opened.project.target.name}\` yet`,
        hint: 'run `dql build` first',
      },
    ]);
  return {
    label: `before run ${run.run_id}`,
    ...versionsAt(state, publications, last - 1),
    state,
    single: false,
  };
}

/** A target, a model, a model's version, or a run, in that order. */
async function sideOf(looking: Looking, text: string): Promise<Side> {
  const { opened, options, warehouse, connection, state, runs, publications } = looking;
  const { project } = opened;
  if (text === project.target.name) return publishedNow(looking);
  if (project.targetNames.includes(text)) {
    const other = await attachTarget(opened, warehouse, connection, text, options);
    return {
      label: text,
      versions: publishedOf(other.state, text),
      state: other.state,
      objectOf: other.objectOf,
      single: false,
    };
  }
  const [, name = text, number] = /^(.+)@(\d+)$/.exec(text) ?? [];
  const version = versionNamed(looking, name, number);
  if (version) return singleSide(looking, version);
  if (number === undefined && runs.some(({ run_id }) => run_id.startsWith(text.toLowerCase()))) {
    const run = findRun(runs, text);
    if (run.target === project.target.name)
      return {
        label: `run ${run.run_id}`,
        ...versionsAt(state, publications, run.sequence),
        state,
        single: false,
      };
    throw new DqlError([
      {
        code: 'diff/other-target',
        severity: 'error',
        message: `run ${run.run_id} built target \`${run.target}\`, not \`${project.target.name}\``,
        hint: `add -t ${run.target}`,
      },
    ]);
  }
  const names = [...project.targetNames, ...Object.values(opened.manifest.nodes).map((node) => node.name)];
  throw new DqlError([
    {
      code: 'diff/unknown-side',
      severity: 'error',
      message: `\`${text}\` is no target, no run and no model with a kept version`,
      hint: didYouMean(name, names) ?? '`dql history` lists runs, `dql versions` what is kept',
    },
  ]);
}

function versionNamed({ state, opened }: Looking, name: string, number: string | undefined): VersionRecord | undefined {
  const target = opened.project.target.name;
  const own = [...state.versions.values()]
    .flat()
    .filter(
      ({ node, schema, alias, target: of }) =>
        of === target && [node, node.split('.').slice(2).join('.'), `${schema}.${alias}`].includes(name),
    );
  const [any] = own;
  if (!any) return undefined;
  if (number === undefined) return publishedVersion(state, any.relation) ?? any;
  const kept = own.find(({ version }) => version === Number(number));
  if (kept) return kept;
  throw new DqlError([
    {
      code: 'diff/no-longer-kept',
      severity: 'error',
      message: `version ${number} of \`${name}\` is not kept`,
      hint: `there are ${own.map(({ version }) => version).join(', ')}`,
    },
  ]);
}

const singleSide = ({ state, opened }: Looking, version: VersionRecord): Side => ({
  label: `${opened.manifest.nodes[version.node]?.name ?? version.alias}@${version.version}`,
  versions: new Map([[version.node, version]]),
  state,
  single: true,
});

async function compareSides(
  { opened, options, connection }: Looking,
  left: Side,
  right: Side,
  chosen: ReadonlySet<NodeId> | undefined,
  hooks: Hooks,
): Promise<DiffAnswer> {
  const { manifest } = opened;
  const secrets = secretColumns(manifest, () =>
    columnLineage(opened, options, liveWarehouse(opened.project, options, hooks)),
  );
  const nameOf = (id: NodeId) => manifest.nodes[id]?.name ?? nameInId(id);
  const pairs: (readonly [NodeId, VersionRecord | undefined, VersionRecord | undefined])[] =
    left.single && right.single
      ? [[[...right.versions.keys()][0] ?? '', [...left.versions.values()][0], [...right.versions.values()][0]]]
      : [...new Set([...left.versions.keys(), ...right.versions.keys()])]
          .filter((id) => (!left.single || left.versions.has(id)) && (!right.single || right.versions.has(id)))
          .map((id) => [id, left.versions.get(id), right.versions.get(id)] as const);
  const interrupt = () => connection.interrupt();
  hooks.signal.addEventListener('abort', interrupt);
  const relations: DiffRelation[] = [];
  for (const [id, before, after] of pairs.filter(([id]) => chosen === undefined || chosen.has(id))) {
    const pair = { name: nameOf(id), left: left.label, right: right.label };
    const lost = left.lost?.has(id) ? left : right.lost?.has(id) ? right : undefined;
    if (lost) relations.push(noLongerKept(pair, lost.label));
    else if (!before || !after) relations.push(onlyOn(pair, before ? left.label : right.label));
    else if (before.content_id === after.content_id && left.state === right.state)
      relations.push(sameVersion(pair, after.rows));
    else {
      const today = readToday({ version: before, state: left.state }, { version: after, state: right.state });
      relations.push(
        await compareRelation(connection, {
          ...pair,
          leftObject: objectOf(left, before),
          rightObject: objectOf(right, after),
          key: options.key.length > 0 ? options.key : keyOf(manifest, id),
          keyIsAsked: options.key.length > 0,
          limit: options.limit,
          secret: (columns) => secrets.ofNode(id, columns),
          notes: today.map(
            (source) => `both sides show what \`${nameOf(source)}\` holds today, which has changed between them`,
          ),
        }),
      );
    }
  }
  hooks.signal.removeEventListener('abort', interrupt);
  return {
    left: left.label,
    right: right.label,
    relations: relations.sort((one, other) => (one.name < other.name ? -1 : 1)),
  };
}

const objectOf = ({ state, objectOf: own }: Side, version: VersionRecord): string =>
  own?.(version) ?? objectName(version, state.published.get(version.relation)?.version === version.version);

const publishedOf = (state: LedgerState, target: string): ReadonlyMap<NodeId, VersionRecord> =>
  new Map(
    [...state.published.values()].flatMap((record) => {
      const version = record.target === target ? publishedVersion(state, record.relation) : undefined;
      return version ? [[version.node, version] as const] : [];
    }),
  );

/** What readers saw after a run, as far as it is still kept. */
function versionsAt(
  state: LedgerState,
  publications: readonly PublicationRecord[],
  sequence: number,
): Pick<Side, 'versions' | 'lost'> {
  const versions = new Map<NodeId, VersionRecord>();
  const lost = new Set<NodeId>();
  for (const [relation, { version, node }] of shownAfter(publications, sequence)) {
    const kept = keptVersion(state, relation, version);
    if (kept) versions.set(node, kept);
    else if (version !== null) lost.add(node);
  }
  return { versions, lost };
}

const keptVersion = (state: LedgerState, relation: string, version: number | null): VersionRecord | undefined =>
  version === null ? undefined : state.versions.get(relation)?.find((record) => record.version === version);
