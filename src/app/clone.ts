import { resolve } from 'node:path';
import { type Diagnostic, DqlError } from '../core/diagnostic.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Warehouse } from '../engine/engine.ts';
import { publicName } from '../ledger/names.ts';
import { type LedgerState, nameOf, publishedVersion, type VersionRecord } from '../ledger/records.ts';
import { makesRelation, relationOf } from '../plan/plan-run.ts';
import type { Project } from '../project/project.ts';
import { objectName } from '../run/progress.ts';
import type { CloneAnswer, CommonOptions, Hooks, SpecificOptions, UseCases } from './contract.ts';
import { attachTarget, filesOf, projectFor } from './opening/attach-target.ts';
import { chooseNodes } from './opening/choose-nodes.ts';
import type { OpenedProject } from './opening/opened-project.ts';
import { readFactsCache } from './opening/parsed-sql.ts';
import { codesOf } from './running/node-facts.ts';
import { openedFor } from './running/opened-state.ts';
import { publicObject, type Taken, takeOver } from './running/take-over.ts';
import { openForBuild } from './running/target-plan.ts';
import { beginOpening, openToWrite, warehousePath } from './warehouse/open-target.ts';

type Cloned = CloneAnswer['cloned'][number];

/** Opens this target on another's published relations without copying a row: views of the same file, or of one that is attached. */
export const clone: UseCases['clone'] = async (options, hooks) => {
  const startedAt = performance.now();
  let letGo: (() => Promise<void>) | undefined;
  try {
    const opened = await openForBuild(options.target, options, hooks, async (project) => {
      letGo = await beginOpening(project);
    });
    const done = await cloneInto(opened, options, hooks);
    return { ...done, seconds: (performance.now() - startedAt) / 1000 };
  } finally {
    await letGo?.();
  }
};

async function cloneInto(
  opened: OpenedProject,
  options: CommonOptions & SpecificOptions<'clone'>,
  hooks: Hooks,
): Promise<Omit<CloneAnswer, 'seconds'>> {
  const { project } = opened;
  const fromName = options.from ?? project.target.defer;
  if (fromName === undefined)
    throw new DqlError([
      {
        code: 'clone/no-origin',
        severity: 'error',
        message: 'dql clone needs --from, the target whose tables are opened',
        hint: `e.g. dql clone --from ${project.targetNames.find((name) => name !== project.target.name) ?? 'prod'}`,
      },
    ]);
  const origin = projectFor(opened, fromName, options);
  if (fromName === project.target.name)
    throw new DqlError([
      {
        code: 'clone/onto-itself',
        severity: 'error',
        message: `target \`${fromName}\` cannot be cloned onto itself`,
        hint: 'name the new environment with -t',
      },
    ]);
  const isSameFile = warehousePath(origin) === warehousePath(project) && warehousePath(project) !== ':memory:';
  const attachment = project.target.attach.find(({ alias }) => alias === origin.target.database);
  if (!isSameFile && origin.target.database.toLowerCase() === project.target.database.toLowerCase())
    throw new DqlError([
      {
        code: 'clone/same-database-name',
        severity: 'error',
        message: `the files of \`${project.target.name}\` and \`${fromName}\` are both called \`${project.target.database}\`, and a clone reads the other by its file's name`,
        hint: 'give one of them another file name',
      },
    ]);
  const misnamed = project.target.attach.find(({ path }) => resolve(project.folder, path) === warehousePath(origin));
  if (!isSameFile && !attachment && misnamed)
    throw new DqlError([
      {
        code: 'clone/attached-by-another-name',
        severity: 'error',
        message: `target \`${project.target.name}\` attaches the file of \`${fromName}\` as \`${misnamed.alias}\`, and a clone reads it by its own name`,
        hint: `attach it with alias: ${origin.target.database}`,
      },
    ]);
  if (!isSameFile && !attachment)
    throw new DqlError([
      {
        code: 'clone/not-attached',
        severity: 'error',
        message: `target \`${fromName}\` is in another file, which target \`${project.target.name}\` does not attach`,
        hint: `add to the target: attach: [{ path: ${origin.target.path}, alias: ${origin.target.database}, read_only: true }]`,
      },
    ]);
  const warehouse = await openToWrite(project, options, hooks);
  const connection = await warehouse.connect();
  try {
    const chosen = chooseNodes(opened, options, ['model', 'seed', 'snapshot']).ids;
    const ids = [...chosen].filter((id) => makesRelation(opened.manifest, id));
    const { found: state } = await openedFor({ opened, warehouse, connection }, ids);
    const from = isSameFile ? state : (await attachTarget(opened, warehouse, connection, fromName, options)).state;
    const published = publishedBy(from, fromName);
    const cloned: Cloned[] = [];
    const taken: Taken[] = [];
    for (const id of ids) {
      const node = opened.manifest.nodes[id];
      if (!node) continue;
      const source = published.get(id);
      const told = (how: Cloned['how'], note: string | null) =>
        cloned.push({ node: id, name: node.name, relation: `${node.schema}.${node.alias}`, how, note });
      if (!source) told('skipped', `\`${fromName}\` has not published it`);
      else if (publishedVersion(state, relationOf(node)) && !options.fullRefresh)
        told('already there', 'replace it with --full-refresh');
      else {
        taken.push({ id, source, object: isSameFile ? objectName(source, true) : publicObject(source), how: 'share' });
        told(isSameFile ? 'view' : 'attached', null);
      }
    }
    const [own, theirs] = [filesOf(project), filesOf(origin)];
    const apart = [
      ...ids.flatMap((id) => opened.manifest.nodes[id]?.database ?? []),
      ...databasesOf(
        taken.map(({ source }) => source),
        from,
        [...theirs.keys()],
      ),
    ].find((name) => theirs.has(name) && own.get(name) !== theirs.get(name));
    if (apart !== undefined) throw new DqlError([anotherFile(apart, fromName, theirs.get(apart) ?? '')]);
    let codes: ReadonlyMap<NodeId, string> = new Map();
    const done =
      taken.length > 0
        ? await takeOver({
            opened,
            options,
            warehouse,
            connection,
            state,
            from,
            command: 'clone',
            args: { from: fromName },
            taken,
            codes: async () => {
              codes = await codesOfTaken({ opened, origin, options, hooks, warehouse, state, published, taken });
              return codes;
            },
            untested: true,
          })
        : undefined;
    return {
      from: fromName,
      to: project.target.name,
      cloned: byName(
        cloned.map((each) =>
          codes.get(each.node)?.startsWith(ANOTHER_CODE)
            ? { ...each, note: 'its code differs here: the next build builds it' }
            : each,
        ),
      ),
      unserved: done?.unserved ?? null,
    };
  } finally {
    connection.close();
    await warehouse.close();
  }
}

/** The databases that versions' rows lie in; those of a view lie where what it reads has its own. */
function databasesOf(
  versions: readonly VersionRecord[],
  state: LedgerState,
  known: readonly string[],
): ReadonlySet<string> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const visit = (version: VersionRecord): void => {
    found.add(version.database);
    if (version.physical.kind === 'view') for (const name of version.reads) visitNamed(name);
  };
  const visitNamed = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const [relation = '', number] = name.split('@');
    const version = state.versions.get(relation)?.find((each) => each.version === Number(number));
    if (version) visit(version);
    // A file that is not open here keeps the record to itself.
    else for (const database of known) if (relation.startsWith(`${database}.`)) found.add(database);
  };
  for (const version of versions) visit(version);
  return found;
}

const anotherFile = (name: string, from: string, path: string): Diagnostic => ({
  code: 'clone/another-file',
  severity: 'error',
  message: `\`${name}\` of target \`${from}\` is another file than here, and a clone copies no rows`,
  hint: `attach ${path} as \`${name}\`, leave out with --exclude what lies there and what reads it, or copy with \`dql promote\``,
});

const publishedBy = (state: LedgerState, target: string): ReadonlyMap<NodeId, VersionRecord> =>
  new Map(
    [...state.published.values()].flatMap((record) => {
      const version = record.target === target ? publishedVersion(state, record.relation) : undefined;
      return version ? [[version.node, version] as const] : [];
    }),
  );

interface AskedCodes {
  readonly opened: OpenedProject;
  /** The project as it is for the other target, not compiled. */
  readonly origin: Project;
  readonly options: CommonOptions;
  readonly hooks: Hooks;
  readonly warehouse: Warehouse;
  readonly state: LedgerState;
  /** All that the other target has published. */
  readonly published: ReadonlyMap<NodeId, VersionRecord>;
  readonly taken: readonly Taken[];
}

const ANOTHER_CODE = 'cloned:';

/** Fingerprints of this target where the code is still that of the cloned versions; where it is not, the next build builds it. */
async function codesOfTaken(request: AskedCodes): Promise<ReadonlyMap<NodeId, string>> {
  const { opened, options, warehouse, state, taken } = request;
  const connection = await warehouse.connect();
  try {
    const asked = { options, warehouse, connection, state, cache: readFactsCache(opened.targetFolder) };
    const here = await codesOf({ ...asked, opened, ids: taken.map(({ id }) => id) });
    const there = await codesThere(request, asked);
    return new Map(
      taken.map(({ id, source: { code_fingerprint: cloned } }) => [
        id,
        (there.get(id) === cloned ? here.get(id) : undefined) ?? `${ANOTHER_CODE}${cloned}`,
      ]),
    );
  } finally {
    connection.close();
  }
}

/**
 * What the code of the other target is. This target's code under the other's names is it, where that is what was published; only
 * where it is not, because the code changed or asks for the target, the other's project is compiled, which takes as long as everything else.
 */
async function codesThere(
  { opened, origin, options, hooks, published, taken }: AskedCodes,
  asked: Omit<Parameters<typeof codesOf>[0], 'opened' | 'ids'>,
): Promise<ReadonlyMap<NodeId, string | undefined>> {
  const nodes = Object.fromEntries(
    Object.entries(opened.manifest.nodes).map(([id, node]) => {
      const version = published.get(id);
      return [id, version ? { ...node, ...nameOf(version), relation_name: publicName(nameOf(version)) } : node];
    }),
  );
  const ids = taken.map(({ id }) => id);
  const codes = await codesOf({
    ...asked,
    opened: { ...opened, project: origin, manifest: { ...opened.manifest, nodes } },
    ids,
  });
  if (taken.every(({ id, source }) => codes.get(id) === source.code_fingerprint)) return codes;
  const there = await openForBuild(origin.target.name, options, hooks);
  return codesOf({ ...asked, opened: there, ids: ids.filter((id) => id in there.manifest.nodes) });
}

const byName = (cloned: readonly Cloned[]): readonly Cloned[] =>
  [...cloned].sort((left, right) => (left.name < right.name ? -1 : 1));
