import type { Manifest } from '../compile/manifest.ts';
import { DqlError } from '../core/diagnostic.ts';
import type { NodeId } from '../core/node-id.ts';
import { quotedIdentifier } from '../core/quote.ts';
import type { Connection } from '../engine/engine.ts';
import { type LedgerState, publishedVersion, type VersionRecord, versionsRead } from '../ledger/records.ts';
import { isAddedTo } from '../plan/build.ts';
import { locationOf } from '../plan/materializations.ts';
import { isRealTable, recordAt } from '../plan/node-config.ts';
import { inputsOf, makesRelation, relationOf } from '../plan/plan-run.ts';
import { count } from '../report/amounts.ts';
import type { ObjectOf } from '../run/context.ts';
import { objectName } from '../run/progress.ts';
import type { PromoteAnswer, UseCases } from './contract.ts';
import { attachTarget } from './opening/attach-target.ts';
import { foreignInputs, relationsBeside } from './running/beside.ts';
import { openedState } from './running/opened-state.ts';
import { type Taken, takeOver } from './running/take-over.ts';
import { planOfTarget, type TargetPlan } from './running/target-plan.ts';
import { type Ready, readBeside, whyNot, whyNotBeside } from './running/why-not-promoted.ts';
import { compileTest } from './tests/compile-test.ts';
import { openToWrite } from './warehouse/open-target.ts';
import { serveCopy } from './warehouse/serve-copy.ts';

/**
 * Publishes in `to` what `from` has built, tested and published, without computing it again. Refuses everything, and changes nothing,
 * when a selected node is not what building `from` now would give, when its tests did not decide, or a parent would be missing.
 * What `to` has already is left as it is. Rejects with DqlError where both are one target.
 */
export const promote: UseCases['promote'] = async (options, hooks) => {
  const startedAt = performance.now();
  if (options.from === options.to)
    throw new DqlError([
      {
        code: 'promote/same-target',
        severity: 'error',
        message: `--from and --to are both \`${options.to}\``,
        hint: 'what a target has published is already in it; name two targets',
      },
    ]);
  const from = await planOfTarget(options.from, options, hooks);
  const to = await planOfTarget(options.to, options, hooks);
  const [sampled, wanted] = [from, to].map(({ opened }) => opened.project.target.sample ?? 100);
  if (sampled !== wanted)
    throw new DqlError([
      {
        code: 'promote/sampled',
        severity: 'error',
        message: `target \`${options.from}\` reads ${sampled}% of its sources' rows and \`${options.to}\` ${wanted}%, so it has other rows than building it there would give`,
        hint: 'build in a target that reads the same rows, and promote from there',
      },
    ]);
  const fingerprints = new Map(to.tasks.map((task) => [task.node, task.codeFingerprint]));
  const refused: PromoteAnswer['refused'][number][] = [];
  const ready: Ready[] = [];
  const nameOf = (id: NodeId) => from.manifest.nodes[id]?.name ?? id;
  for (const task of from.tasks) {
    const node = from.manifest.nodes[task.node];
    const source = node && publishedVersion(from.state, relationOf(node));
    const codeFingerprint = fingerprints.get(task.node);
    const reason =
      whyNot(task, source, from, refused) ??
      (codeFingerprint === undefined ? `it is not in target \`${options.to}\`` : undefined) ??
      sharedFile(source, to);
    if (reason !== undefined) refused.push({ node: task.node, name: nameOf(task.node), reason });
    else if (source && codeFingerprint !== undefined) ready.push({ id: task.node, source, task, codeFingerprint });
  }
  const answer = (more: Partial<PromoteAnswer>): PromoteAnswer => ({
    from: options.from,
    to: options.to,
    run_id: null,
    promoted: [],
    already_there: 0,
    refused,
    unserved: null,
    ...more,
    seconds: (performance.now() - startedAt) / 1000,
  });
  if (refused.length > 0) return answer({});
  const { opened } = to;
  const warehouse = await openToWrite(opened.project, options, hooks);
  const connection = await warehouse.connect();
  try {
    const state = await openedState(warehouse, connection, opened.project.target.name);
    const { going, left } = whatDiffers(ready, from, to, state);
    if (ready.length > 0 && going.length === 0) {
      const unserved = await serveCopy(opened.project, warehouse, connection);
      return answer({ already_there: left.length, unserved: unserved?.message ?? null });
    }
    const other = await attachTarget(opened, warehouse, connection, options.from, options);
    const beside = await relationsBeside(readBeside(going, from), to, state, connection);
    const asked = { from, to, beside, going, options, warehouse, connection };
    for (const each of going) {
      const { id, source } = each;
      const apart = await whyNotBeside(each, asked);
      if (apart !== undefined) refused.push({ node: id, name: nameOf(id), reason: apart });
      const lost = await lostHistory(connection, to.manifest.nodes[id], state, other.objectOf(source));
      if (lost === 0) continue;
      const reason = `${count(lost, 'row')} of its history in \`${options.to}\` would be lost: build it there, and leave it out here with --exclude ${nameOf(id)}`;
      refused.push({ node: id, name: nameOf(id), reason });
    }
    const promoted = new Set(ready.map(({ source }) => source.node));
    const isTableHere = (id: NodeId): boolean => {
      const node = to.manifest.nodes[id];
      return node !== undefined && isRealTable(node, opened.project.target.publish);
    };
    const standing = parentsThere(going, promoted, from, to, state);
    const overThem = new Set([...promoted, ...standing.map(({ source }) => source.node)]);
    const taken: Taken[] = [];
    for (const { id, source } of going) {
      const object = other.objectOf(source);
      const inputs = inputsOf(to.manifest, id).filter((input) => makesRelation(to.manifest, input));
      const isOfOthers = isClone(source, from) || foreignInputs(from.manifest, source).length > 0;
      if (isView(source) && isOfOthers && inputs.every((input) => promoted.has(input) || beside.has(input))) {
        // It shows what a third target has; here it is what its template makes of this target's relations.
        taken.push({ id, source, object, how: 'restate', sqlOf: (objectOf) => viewSql(to, id, objectOf, connection) });
        continue;
      }
      const restated = isView(source) && !isClone(source, from);
      const missing = restated ? unpromotedParent(source, overThem, from.state) : undefined;
      if (missing !== undefined) {
        refused.push({
          node: id,
          name: nameOf(id),
          reason: `it is a view of \`${nameOf(missing)}\`, which is not promoted with it`,
        });
        continue;
      }
      const isOwn =
        (isAddedTo(source) && ['delta', 'real-table', 'external', 'view'].includes(source.physical.kind)) ||
        isTableHere(id);
      taken.push({
        id,
        source,
        object,
        how: restated ? 'restate' : other.isElsewhere(source) || isOwn ? 'copy' : 'share',
      });
    }
    if (refused.length > 0) return answer({});
    const { runId, unserved, versions } = await takeOver({
      opened,
      options,
      warehouse,
      connection,
      state,
      from: other.state,
      command: 'promote',
      args: { from: options.from, to: options.to },
      taken,
      left: [...left.map(({ source, there }) => ({ source, there })), ...standing],
      beside,
      codes: async () => new Map(ready.map(({ id, codeFingerprint }) => [id, codeFingerprint])),
      untested: false,
    });
    return answer({
      run_id: runId,
      unserved,
      already_there: left.length,
      promoted: [...versions].map(([node, version]) => ({ node, name: nameOf(node), version })),
    });
  } finally {
    connection.close();
    await warehouse.close();
  }
};

/** A view of the same node in another target, not of its own parents; of another file's, no version is written down. */
function isClone({ node, reads }: VersionRecord, { manifest, state }: TargetPlan): boolean {
  const parents = (manifest.nodes[node]?.depends_on.nodes ?? []).filter((id) => makesRelation(manifest, id));
  return reads.length === 0
    ? parents.length > 0
    : reads.some((read) => state.versions.get(read.slice(0, read.lastIndexOf('@')))?.[0]?.node === node);
}

/** A view in its own right: what was cloned of a table is a view as well. */
const isView = ({ physical, materialized }: VersionRecord): boolean =>
  physical.kind === 'view' && materialized === 'view';

/** Parents first: what has to be published, and what is there already. A view goes with what it reads. */
function whatDiffers(
  ready: readonly Ready[],
  from: TargetPlan,
  to: TargetPlan,
  state: LedgerState,
): { readonly going: readonly Ready[]; readonly left: readonly (Ready & { readonly there: VersionRecord })[] } {
  const going = new Map<NodeId, Ready>();
  const left: (Ready & { readonly there: VersionRecord })[] = [];
  for (const each of ready) {
    const there =
      isView(each.source) && inputsOf(from.manifest, each.id).some((input) => going.has(input))
        ? undefined
        : whatIsThere(each, to, state);
    if (there) left.push({ ...each, there });
    else going.set(each.id, each);
  }
  return { going: [...going.values()], left };
}

/** What is to be published, where it is published there already, tested, and of the code it has there. */
function whatIsThere(
  { id, source, codeFingerprint }: Ready,
  { manifest }: TargetPlan,
  state: LedgerState,
): VersionRecord | undefined {
  const node = manifest.nodes[id];
  const there = node && publishedVersion(state, relationOf(node));
  return there?.content_id === source.content_id &&
    there.code_fingerprint === codeFingerprint &&
    state.published.get(there.relation)?.untested === false
    ? there
    : undefined;
}

async function viewSql(
  { opened, relations }: TargetPlan,
  id: NodeId,
  objectOf: ObjectOf,
  connection: Connection,
): Promise<string> {
  const compiled = await compileTest(opened, relations, id, objectOf, connection);
  if (compiled.kind === 'failed') throw new DqlError(compiled.diagnostics);
  if (compiled.kind !== 'sql') throw new Error(`${id} is no view`);
  return compiled.sql;
}

/** How many rows of a snapshot that is published already are not in the one that would replace it: nothing could compute them again. */
async function lostHistory(
  connection: Connection,
  node: Manifest['nodes'][NodeId] | undefined,
  state: LedgerState,
  object: string,
): Promise<number> {
  const there = node?.resource_type === 'snapshot' ? publishedVersion(state, relationOf(node)) : undefined;
  if (!node || !there) return 0;
  const renamed = recordAt(node.config, 'snapshot_meta_column_names')['dbt_scd_id'];
  const id = quotedIdentifier(typeof renamed === 'string' ? renamed : 'dbt_scd_id');
  const { rows } = await connection.query(
    `select count(*)\nfrom ${objectName(there, true)}\nwhere ${id} not in (\n  select ${id}\n  from ${object}\n)`,
  );
  return Number(rows[0]?.[0] ?? 0);
}

/** Both targets would switch the one file, each to its own versions. */
function sharedFile(source: VersionRecord | undefined, to: TargetPlan): string | undefined {
  const node = source && to.manifest.nodes[source.node];
  if (source?.physical.kind !== 'external' || !node) return undefined;
  return locationOf(to.opened.project.folder, node) === source.physical.location
    ? 'it is exported to the same `location` in both targets: put `{{ target.name }}` into it'
    : undefined;
}

/** What views that go read and that is not promoted with them, where its rows are there already. */
function parentsThere(
  going: readonly Ready[],
  promoted: ReadonlySet<NodeId>,
  from: TargetPlan,
  { manifest }: TargetPlan,
  state: LedgerState,
): readonly { readonly source: VersionRecord; readonly there: VersionRecord }[] {
  const read = going.flatMap(({ source }) => (isView(source) ? versionsRead(from.state, source) : []));
  return read.flatMap((source) => {
    const node = promoted.has(source.node) ? undefined : manifest.nodes[source.node];
    const there = node && publishedVersion(state, relationOf(node));
    return there?.content_id === source.content_id ? [{ source, there }] : [];
  });
}

/** A view's parent whose version would stay behind. */
const unpromotedParent = (view: VersionRecord, promoted: ReadonlySet<NodeId>, state: LedgerState): NodeId | undefined =>
  view.reads
    .flatMap((read) => {
      const [relation = ''] = read.split('@');
      return state.versions.get(relation)?.[0]?.node ?? [];
    })
    .find((node) => !promoted.has(node));
