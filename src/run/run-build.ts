/** One build task from its decision to its result. */

import { type GraphNode, nodeOf } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { EngineError, PASSING } from '../core/engine-error.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Column, Connection } from '../engine/engine.ts';
import { publicName, VERSION_COLUMN } from '../ledger/names.ts';
import { freeVersion, homeOf, type Physical, publishedVersion, type VersionRecord } from '../ledger/records.ts';
import { forgetIntervals, forgetVersions, writeIntervals } from '../ledger/write-ledger.ts';
import { batchesIn } from '../plan/batches.ts';
import { type Decision, decide, type InputContent, sameInput } from '../plan/decide.ts';
import { hasSameLayout, noFacts } from '../plan/fingerprint.ts';
import type { BuildTask } from '../plan/plan.ts';
import { inputName, inputsOf, othersOf, relationOf } from '../plan/plan-run.ts';
import { adoptedVersion } from './adopted-version.ts';
import { buildNode } from './build-node.ts';
import type { GatheredBatches } from './built-node.ts';
import { contentHash, orderedHash, shapeOf } from './content.ts';
import type { RunContext } from './context.ts';
import { columnsIfThere } from './describe-versions.ts';
import { heldFacts, INTERRUPTED } from './held.ts';
import { openSession } from './hooks.ts';
import { keptVersion } from './kept-answers.ts';
import { batchesMessage, batchResults } from './microbatch.ts';
import { messageOf, nodeResult } from './node-result.ts';
import { contentInUse, type NewVersion, objectInUse, objectName, type Progress, versionInUse } from './progress.ts';
import { recordLater } from './record-later.ts';
import type { NodeFacts, NodeResult } from './results.ts';
import { tryAgain } from './try-again.ts';

export async function runBuild(
  context: RunContext,
  progress: Progress,
  task: BuildTask,
  connection: Connection,
  worker: number,
): Promise<NodeResult> {
  const node = context.manifest.nodes[task.node];
  if (!node) throw new Error(`${task.node} is not in the manifest`);
  const startedAt = Date.now();
  const published = publishedVersion(context.state, relationOf(node));
  const { decision, inputs } = await decideNow(context, progress, task, published, connection);
  const finish = (
    status: NodeResult['status'],
    facts: NodeFacts,
    more: {
      message?: string;
      sql?: string | null;
      rows?: number | null;
      batches?: Pick<GatheredBatches, 'successful' | 'failed'> | undefined;
    } = {},
  ) =>
    nodeResult({
      id: task.node,
      node,
      status,
      startedAt,
      endedAt: Date.now(),
      worker,
      message: more.message,
      failures: more.batches && 0,
      batchResults: more.batches && batchResults(more.batches),
      compiledCode: more.sql ?? context.facts.get(task.node)?.publicSql,
      rows: more.rows,
      facts: { materialized: task.materialized, reason: decision.reason, ...facts },
    });

  if (decision.action === 'reuse' && published) {
    progress.refreshed.set(task.node, builtFrom({ ...published, node: task.node }, contentsOf(inputs)));
    return keptVersion(context, { ...task, decision }, node, published, worker);
  }
  if (decision.action === 'take-over') {
    const ready = context.state.versions.get(relationOf(node))?.find((version) => version.version === decision.version);
    if (ready) {
      progress.built.set(task.node, takenOver(ready, node));
      return finish('reused', { version: ready.version, published: false, ...rowsOf(ready.rows) });
    }
  }
  const version = freeVersion(context.state, relationOf(node));
  const cause = decision.action === 'build' ? decision.cause : 'input';
  const reads = inputs.flatMap((input) => readsOf(context, progress, input.node));
  const waits = task.codeFingerprint === undefined && !context.force && !context.fullRefresh && !task.batches;
  const isCurrent =
    published && waits && inputs.every((input) => sameInput(published, input))
      ? (code: string) => code === published.code_fingerprint
      : undefined;
  const adopted = published ? undefined : await addedToAdopted(context, progress, node, connection);
  const attempt = () =>
    buildNode(context, {
      node,
      version,
      current: published ?? adopted,
      inputs: contentsOf(inputs),
      objectOf: (id) => (id === task.node && adopted ? objectName(adopted, true) : objectInUse(context, progress, id)),
      reads,
      connection,
      openSession: () => openSession(context, progress),
      batches: task.batches,
      isCurrent,
      recordsLater: context.plan.publish !== 'as_ready' && node.database === context.warehouse.database,
    });
  const { outcome: built, attempts } = await tryAgain(context, context.retryPolicy(node), attempt, (outcome) =>
    outcome.kind === 'failed' && outcome.met !== undefined && PASSING.has(outcome.met)
      ? { node: task.node, what: `\`${node.name}\``, why: messageOf(outcome.diagnostics) }
      : undefined,
  );
  if (built.kind === 'unchanged' && published) {
    progress.refreshed.set(task.node, published);
    return finish('reused', {
      reason: 'unchanged',
      version: published.version,
      published: true,
      ...rowsOf(published.rows),
    });
  }
  if (built.kind === 'unchanged') throw new Error(`${task.node} is unchanged and was never published`);
  if (built.kind === 'failed' && built.met === 'interrupted' && context.signal.aborted)
    return finish(
      'skipped',
      { published: false, held: heldFacts(context, node, { reason: INTERRUPTED, because: [] }) },
      { message: INTERRUPTED, sql: built.sql, batches: stillFailed(task) },
    );
  if (built.kind === 'failed')
    return finish(
      'error',
      {
        diagnostics: afterAttempts(built.diagnostics, attempts),
        attempts,
        published: false,
        held: heldFacts(context, node, {
          reason: built.diagnostics[0]?.message ?? 'it could not be built',
          because: [],
        }),
      },
      { message: messageOf(built.diagnostics), sql: built.sql, batches: stillFailed(task) },
    );
  const { batches } = built;
  const isWhole = !batches || batches.failed.length === 0;
  const status = isWhole ? 'success' : 'partial success';
  const told = {
    sql: built.sql,
    rows: built.rows,
    batches,
    ...(batches && !isWhole ? { message: batchesMessage(batches) } : {}),
  };
  const fresh: NewVersion = {
    node,
    version: built.version,
    object: built.object,
    change: built.change,
    drop: built.drop,
    cause,
  };
  const isSame = published !== undefined && (await holdsSameRows(context, published, fresh, connection));
  const isKept =
    isSame &&
    isSameFile(context, published.physical, built.version.physical) &&
    hasSameLayout(published.code_fingerprint, built.version.code_fingerprint);
  if (isKept) {
    for (const drop of built.drop) await connection.run(drop);
    const database = homeOf(built.version);
    await connection.run(
      [
        ...(built.isRecorded ? [forgetVersions(database, [built.version])] : []),
        forgetIntervals(database, [built.version]),
        ...(built.filled ? [writeIntervals(database, published, built.filled)] : []),
      ].join('\n'),
    );
    progress.refreshed.set(
      task.node,
      builtFrom(
        { ...published, node: task.node, code_fingerprint: built.version.code_fingerprint },
        contentsOf(inputs),
      ),
    );
    const reason = `${decision.reason}; same rows as before, so nothing below it is rebuilt`;
    return finish(
      status,
      { reason, version: published.version, published: true, attempts, ...rowsOf(built.rows) },
      told,
    );
  }
  // Another file, other indexes, the same rows: it is published, and nothing below it is rebuilt.
  const shown = isSame ? { ...built.version, content_id: published.content_id } : built.version;
  progress.built.set(task.node, { ...fresh, version: shown });
  if (!built.isRecorded) await recordLater(context, progress, shown, connection);
  const goesOn = adopted ? { reason: `${decision.reason}, on the rows that stand there` } : {};
  return finish(status, { ...goesOn, version, published: false, attempts, ...rowsOf(built.rows) }, told);
}

const afterAttempts = (diagnostics: readonly Diagnostic[], attempts: number): readonly Diagnostic[] =>
  attempts === 1
    ? diagnostics
    : diagnostics.map((each) => ({ ...each, notes: [...(each.notes ?? []), `tried ${attempts} times`] }));

/** A table of dbt's, say, that an incremental model or a snapshot goes on from: what is in it may be nowhere else. */
async function addedToAdopted(
  context: RunContext,
  progress: Progress,
  node: GraphNode,
  connection: Connection,
): Promise<VersionRecord | undefined> {
  if (!progress.foreign.adopted.has(node.unique_id)) return undefined;
  if (!['incremental', 'snapshot'].includes(node.config.materialized)) return undefined;
  const first = adoptedVersion({
    target: context.run.target,
    node: node.unique_id,
    relation: relationOf(node),
    database: node.database,
    schema: node.schema,
    alias: node.alias,
    run_id: context.run.run_id,
    built_at: context.run.started_at,
  });
  const columns = await connection.describe(`from ${publicName(node)}`);
  return { ...first, physical: { kind: 'real-table' }, columns };
}

/** The batches of a retry that came to nothing are what the next one is about. */
const stillFailed = ({ batches }: BuildTask) =>
  batches?.why === 'again' ? { successful: [], failed: [...batchesIn(batches.ranges, batches.size)] } : undefined;

/** The plan's decision, or, where that waited for the parents, the decision now that they are known. */
async function decideNow(
  context: RunContext,
  progress: Progress,
  task: BuildTask,
  published: VersionRecord | undefined,
  connection: Connection,
): Promise<{ readonly decision: Decision; readonly inputs: readonly InputContent[] }> {
  const node = context.manifest.nodes[task.node];
  const inputs = inputsOf(context.manifest, task.node).map((parent): InputContent => {
    const change = context.outside.get(parent)?.change;
    return {
      node: parent,
      name: inputName(nodeOf(context.manifest, parent), parent),
      contentId: contentInUse(context, progress, parent) ?? `unknown:${context.run.run_id}`,
      change,
    };
  });
  if (task.decision.action === 'reuse' || task.decision.action === 'take-over' || !node)
    return { decision: task.decision, inputs };
  if (task.decision.action === 'build' && task.decision.cause !== 'input') return { decision: task.decision, inputs };
  const compared =
    published && task.codeFingerprint === published.code_fingerprint && !context.force
      ? await compareUsedColumns(context, progress, task, published, inputs, connection)
      : inputs;
  const decision = decide({
    codeFingerprint: task.codeFingerprint,
    nondeterministic: context.facts.get(task.node)?.nondeterministic,
    inputs: compared,
    published,
    others: othersOf(context.state, node).filter(
      ({ physical }) => physical.kind !== 'external' || context.files.exists(physical.file),
    ),
    force: context.force,
    fullRefresh: false,
  });
  // A node rendered at its turn cannot be compared before it was rendered.
  return {
    decision:
      decision.action === 'decide' ? { action: 'build', reason: task.decision.reason, cause: 'input' } : decision,
    inputs: compared,
  };
}

/**
 * When rebuilt parents hold the same values in every column this node uses, the node need not be rebuilt. Other columns beside those can
 * give a name in its SQL another meaning, so what it uses is asked of what they were and of what they are.
 */
async function compareUsedColumns(
  context: RunContext,
  progress: Progress,
  task: BuildTask,
  published: VersionRecord,
  inputs: readonly InputContent[],
  connection: Connection,
): Promise<readonly InputContent[]> {
  const rebuilt: Rebuilt[] = [];
  for (const input of inputs.filter((each) => !sameInput(published, each))) {
    const one = await rebuiltInput(context, progress, published, input, connection);
    if (!one) return inputs;
    rebuilt.push(one);
  }
  if (rebuilt.length === 0) return inputs;
  const { usedColumns } = context.facts.get(task.node) ?? noFacts;
  const columnsIn = (when: 'before' | 'now') => new Map(rebuilt.map((each) => [each.id, each[when].columns]));
  const [before, now] = await Promise.all([usedColumns(columnsIn('before')), usedColumns(columnsIn('now'))]);
  const same = new Map<NodeId, ReadonlySet<string>>();
  for (const one of rebuilt) {
    const [used, usedNow] = [before?.get(one.id), now?.get(one.id)].map((names) => names && [...names].sort());
    if (!used || JSON.stringify(used) !== JSON.stringify(usedNow)) return inputs;
    const [old, fresh] = [columnsNamed(used, one.before.columns), columnsNamed(used, one.now.columns)];
    if (!old || !fresh || shapeOf(old) !== shapeOf(fresh)) return inputs;
    const hashed = one.isOrdered ? orderedHash : contentHash;
    const [left, right] = await Promise.all([
      hashed(connection, one.before.object, old).catch(unreadable),
      hashed(connection, one.now.object, fresh).catch(unreadable),
    ]);
    if (left === undefined || left !== right) return inputs;
    same.set(one.id, new Set([one.contentId]));
  }
  return inputs.map((input) => ({ ...input, sameAs: same.get(input.node) }));
}

/** What a version reads may be gone: a file that was removed. */
function unreadable(error: unknown): undefined {
  if (!(error instanceof EngineError) || error.kind === 'interrupted') throw error;
}

interface Rebuilt {
  readonly id: NodeId;
  readonly before: { readonly object: string; readonly columns: readonly Column[] };
  readonly now: { readonly object: string; readonly columns: readonly Column[] };
  /** Of what it was before. */
  readonly contentId: string;
  readonly isOrdered: boolean;
}

/** What a node was built from, where it is still there, and what this run made of it; undefined when comparing them is of no use. */
async function rebuiltInput(
  context: RunContext,
  progress: Progress,
  published: VersionRecord,
  { node: id }: InputContent,
  connection: Connection,
): Promise<Rebuilt | undefined> {
  const fresh = progress.built.get(id);
  const contentId = published.inputs[id];
  if (!fresh || contentId === undefined) return undefined;
  // New data usually means other values: comparing a view would cost two scans of it for nothing.
  if (fresh.version.physical.kind === 'view' && fresh.cause === 'input') return undefined;
  const old = (context.state.versions.get(fresh.version.relation) ?? []).find(
    (version) => version.content_id === contentId,
  );
  if (!old || (old.rows !== null && fresh.version.rows !== null && old.rows !== fresh.version.rows)) return undefined;
  // A real table's name says whether it is published, which this run may have changed.
  const isPublished = (progress.state ?? context.state).published.get(old.relation)?.version === old.version;
  const object = objectName(old, isPublished);
  const [before, now] = await Promise.all(
    [object, fresh.object].map((each) => columnsIfThere(connection, each).catch(unreadable)),
  );
  if (!before || !now) return undefined;
  const isOrdered = keepsOrder(context, old, fresh);
  return { id, before: { object, columns: before }, now: { object: fresh.object, columns: now }, contentId, isOrdered };
}

/** True where rows stand as their query, or their file, orders them, and not in a file, a view or among rows that were there before. */
function keepsOrder({ facts }: RunContext, before: VersionRecord, { node, version }: NewVersion): boolean {
  const isTable = [before, version].every(({ physical }) => ['table', 'real-table', 'copied'].includes(physical.kind));
  const isWhole = !['incremental', 'snapshot'].includes(node.config.materialized);
  return isTable && isWhole && (facts.get(node.unique_id) ?? noFacts).isOrdered;
}

/** False where what stands outside the warehouse is not the same file. */
function isSameFile({ files }: RunContext, before: Physical, now: Physical): boolean {
  if (before.kind !== now.kind) return false;
  return before.kind !== 'external' || now.kind !== 'external' || files.areSame(before.file, now.file);
}

/** In one order, however often the relation's own changes; undefined when one is missing. */
function columnsNamed(names: readonly string[], columns: readonly Column[]): readonly Column[] | undefined {
  const found = names.flatMap((name) => columns.find((column) => column.name.toLowerCase() === name) ?? []);
  return found.length === names.length ? found : undefined;
}

/** A rebuild with identical rows stops there: the published version stays, and with it everything below. */
async function holdsSameRows(
  context: RunContext,
  published: VersionRecord,
  fresh: NewVersion,
  connection: Connection,
): Promise<boolean> {
  if (context.force || published.materialized !== fresh.version.materialized || fresh.version.physical.kind === 'view')
    return false;
  // Somebody removed the file: the new one is needed.
  if (published.physical.kind === 'external' && !context.files.exists(published.physical.file)) return false;
  if (fresh.change) {
    const { base, slice, replaces, columns: names } = fresh.change;
    if (
      fresh.version.physical.kind === 'delta' &&
      published.physical.kind === 'delta' &&
      published.physical.base !== base
    )
      return false;
    const columns = (await connection.describe(`from ${slice}`)).filter(({ name }) => names.includes(name));
    const added = await contentHash(connection, slice, columns);
    if (replaces === null) return added.startsWith('0:');
    const replaced = await contentHash(
      connection,
      `(select * exclude (${VERSION_COLUMN}) from ${base} as DBT_INTERNAL_DEST where ${replaces})`,
      columns,
    );
    return added === replaced;
  }
  if (published.rows !== null && fresh.version.rows !== null && published.rows !== fresh.version.rows) return false;
  const shown = objectName(published, true);
  const columns = await connection.describe(`from ${shown}`);
  if (JSON.stringify(columns) !== JSON.stringify(await columnsIfThere(connection, fresh.object))) return false;
  const hashed = keepsOrder(context, published, fresh) ? orderedHash : contentHash;
  return (await hashed(connection, shown, columns)) === (await hashed(connection, fresh.object, columns));
}

/** A change waiting in a staged delta is written down again from its names. */
function takenOver(ready: VersionRecord, node: NewVersion['node']): NewVersion {
  const object = objectName(ready, false);
  return {
    node,
    version: { ...ready, node: node.unique_id },
    object,
    change: ready.physical.kind === 'delta' ? (ready.physical.pending ?? null) : null,
    drop: [],
    cause: 'input',
  };
}

/** How many earlier contents are remembered. */
const FORMER = 10;

/** A version that is right for these inputs as it was for those before: going back to those, it still is. */
function builtFrom(version: VersionRecord, inputs: VersionRecord['inputs']): VersionRecord {
  const isSame = (other: VersionRecord['inputs']) =>
    Object.keys({ ...other, ...inputs }).every((id) => other[id] === inputs[id]);
  const { inputs: before, former_inputs: former = [] } = version;
  if (isSame(before)) return { ...version, inputs };
  return { ...version, inputs, former_inputs: [before, ...former.filter((each) => !isSame(each))].slice(0, FORMER) };
}

const contentsOf = (inputs: readonly InputContent[]): Readonly<Record<NodeId, string>> =>
  Object.fromEntries(inputs.map((input) => [input.node, input.contentId ?? '']));

const rowsOf = (rows: number | null): { readonly rows?: number } => (rows === null ? {} : { rows });

function readsOf(context: RunContext, progress: Progress, id: NodeId): readonly string[] {
  const version = versionInUse(context, progress, id);
  return version ? [`${version.relation}@${version.version}`] : [];
}
