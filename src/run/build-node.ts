/** Builds one node under a new version, out of everybody's sight. */

import type { GraphNode } from '../compile/manifest.ts';
import { type Diagnostic, DqlError } from '../core/diagnostic.ts';
import { EngineError } from '../core/engine-error.ts';
import { isFileError } from '../core/file-error.ts';
import type { Json } from '../core/node-id.ts';
import { quotedIdentifier, quotedString } from '../core/quote.ts';
import type { Column, Connection } from '../engine/engine.ts';
import { publicName, withinFile } from '../ledger/names.ts';
import { homeOf, ownContent, type VersionRecord } from '../ledger/records.ts';
import { forgetVersions, replaceVersions, writeIntervals, writeVersions } from '../ledger/write-ledger.ts';
import { filledWith, microbatchOf } from '../plan/batches.ts';
import { addsToExisting, type Build, type BuildRequest, keptWhole, type Step } from '../plan/build.ts';
import { contractBreaches, contractDiagnostic } from '../plan/columns.ts';
import { codeFingerprint, digest, noFacts } from '../plan/fingerprint.ts';
import { type Range, subtract } from '../plan/intervals.ts';
import { locationOf, materializationOf, seedOptions } from '../plan/materializations.ts';
import { isRealTable, refreshes } from '../plan/node-config.ts';
import { relationOf } from '../plan/plan-run.ts';
import { explainTypes, roundedColumns } from '../plan/schema-change.ts';
import type { BuildNodeRequest, BuiltNode, FailedBuild, GatheredBatches } from './built-node.ts';
import type { PostHook, RunContext } from './context.ts';
import { engineDiagnostic } from './engine-diagnostic.ts';
import { loadSeed } from './load-seed.ts';
import { forgetBatches, gatherBatches } from './microbatch.ts';
import { oneStatement } from './one-statement.ts';
import { seedProblem } from './seed-problem.ts';
import { toldError } from './told-error.ts';

export async function buildNode(
  context: RunContext,
  request: BuildNodeRequest,
): Promise<BuiltNode | FailedBuild | { readonly kind: 'unchanged' }> {
  const { node, connection } = request;
  const current = await withColumns(request);
  const fullRefresh = request.batches?.why !== 'again' && refreshes(node.config, context.fullRefresh);
  const isIncremental =
    ['incremental', 'snapshot'].includes(node.config.materialized) && addsToExisting({ current, fullRefresh });
  const publish = publishedAs(context, node);
  const home = publish === 'copy' ? context.warehouse.database : undefined;
  const name = { database: node.database, schema: node.schema, alias: node.alias, home };
  const whole = keptWhole(name, request.version, publish);
  const thisInHooks = whole.object;
  const refused = microbatchOf(node);
  if (refused && 'code' in refused) return { kind: 'failed', diagnostics: [refused], sql: null };
  const compile = (window?: Range) =>
    context.compiler.compile(node.unique_id, {
      objectOf: request.objectOf,
      thisInHooks,
      isIncremental,
      connection,
      ...(window && request.batches ? { batch: { window, size: request.batches.size } } : {}),
    });
  const gathered = request.batches
    ? await gatherBatches(context, request, request.batches, {
        compile,
        before: async (hooks) => void (await runPreHooks({ ...request, current }, hooks, thisInHooks, isIncremental)),
      })
    : undefined;
  if (gathered?.kind === 'failed') return gathered;
  const compiled = gathered?.compiled ?? (await compile());
  if (compiled.kind === 'failed') return { kind: 'failed', diagnostics: compiled.diagnostics, sql: null };
  if (request.isCurrent && compiled.varies === undefined && request.isCurrent(codeOf(context, node, compiled)))
    return { kind: 'unchanged' };
  let sql = compiled.sql;
  let given: readonly Column[] = [];
  try {
    sql = oneStatement(sql);
    const rowsBefore = await runPreHooks({ ...request, current }, compiled.preHooks, thisInHooks, isIncremental);
    const columns = await columnsNeeded(request, sql);
    if ('refused' in columns) return { kind: 'failed', diagnostics: [columns.refused], sql };
    given = columns.columns;
    if (isIncremental && current) roundedColumns(node, current.columns, given).forEach(context.warn);
    const materialization = materializationOf(node.config.materialized);
    if (!materialization) throw new Error(`no materialization named ${node.config.materialized}`);
    const build = materialization({
      node,
      name,
      version: request.version,
      sql,
      columns: columns.columns,
      current,
      fullRefresh,
      ranges: gathered?.done,
      publish,
      whole,
      hookWritesThis: compiled.postHooks.some((hook) => typeof hook !== 'string' || writesTo(hook, thisInHooks)),
      rowsBefore,
      location: locationOf(context.projectFolder, node),
      seedFile: seedFileOf(context, node),
      now: `${quotedString(context.now().toISOString().replace('T', ' ').replace('Z', ''))}::timestamp`,
    });
    if ('refused' in build) return { kind: 'failed', diagnostics: [build.refused], sql };
    return await carryOut(context, request, build, {
      sql,
      columns: columns.columns,
      postHooks: compiled.postHooks,
      answers: compiled.answers,
      gathered,
    });
  } catch (error) {
    if (error instanceof DqlError) return { kind: 'failed', diagnostics: error.diagnostics, sql };
    if (isFileError(error)) return { kind: 'failed', diagnostics: [notWritten(node, error)], sql };
    if (!(error instanceof EngineError)) throw error;
    const file = error.kind === 'interrupted' ? null : seedFileOf(context, node);
    const told = file === null ? error : await seedProblem(connection, file, seedOptions(node).delimiter, error);
    const shown = toldError(told, context.manifest, [node.unique_id]);
    const diagnostic = engineDiagnostic(shown, node, sentAs(told, node.database, sql), context.manifest);
    const isTypes = error.kind === 'conversion' && isIncremental && current;
    return {
      kind: 'failed',
      diagnostics: [isTypes ? explainTypes(diagnostic, node, current.columns, given) : diagnostic],
      sql,
      met: error.kind,
    };
  } finally {
    if (gathered) await connection.run(forgetBatches(request));
  }
}

const notWritten = (node: GraphNode, error: Error): Diagnostic => ({
  code: 'run/not-written',
  severity: 'error',
  message: `its file cannot be written: ${error.message}`,
  at: { file: node.original_file_path, start: 0, end: 0 },
  hint: 'give it a `location` in a folder that you may write to',
});

/** A view's query is sent as its file keeps it. */
const sentAs = ({ statement }: EngineError, database: string, sql: string): string =>
  statement.includes(sql.trim()) ? sql : withinFile(database, sql);

/** Nobody wrote down the columns of version 0, which a rollback may have made the current one. */
async function withColumns({ node, current, connection }: BuildNodeRequest): Promise<VersionRecord | undefined> {
  const isAdded = ['incremental', 'snapshot'].includes(node.config.materialized);
  if (!current || !isAdded || current.columns.length > 0) return current;
  return { ...current, columns: await connection.describe(`from ${publicName(current)}`) };
}

const seedFileOf = (context: RunContext, node: GraphNode): string | null =>
  node.resource_type === 'seed' ? `${node.root_path ?? context.projectFolder}/${node.original_file_path}` : null;

/** A database of another engine keeps no versions: they stay in the warehouse, and their rows are copied there. */
function publishedAs(context: RunContext, node: GraphNode): BuildRequest['publish'] {
  if (context.copied.has(node.database)) return 'copy';
  return isRealTable(node, context.publishAs) ? 'table' : 'view';
}

interface Query {
  readonly sql: string;
  readonly columns: readonly Column[];
  readonly postHooks: readonly PostHook[];
  readonly answers: Json;
  readonly gathered?: GatheredBatches | undefined;
}

async function carryOut(
  context: RunContext,
  request: BuildNodeRequest,
  build: Build,
  query: Query,
): Promise<BuiltNode | FailedBuild> {
  const { connection, batches } = request;
  const { gathered } = query;
  const now = new Date(context.run.started_at);
  const filled =
    batches &&
    gathered &&
    (context.empty ? subtract(batches.filled, gathered.done) : filledWith(batches.filled, gathered.done, now));
  let rows: number | null = null;
  let record: VersionRecord | undefined;
  const [only, ...others] = build.steps;
  const isOne = request.recordsLater && only?.kind === 'statement' && others.length === 0 && !filled;
  const hasHooks = query.postHooks.length > 0;
  const carryOutAll = async (): Promise<VersionRecord> => {
    for (const step of build.steps) {
      const changed = await carryOutStep(context, step, connection);
      if (changed !== null) rows = changed;
    }
    return versionRecord(context, request, build, query, rows);
  };
  try {
    record = isOne
      ? await carryOutAll()
      : await connection.transaction(async () => {
          const version = await carryOutAll();
          await connection.run(
            writeVersions(homeOf(version), [hasHooks ? { ...version, state: 'building' } : version]),
          );
          if (filled) await connection.run(writeIntervals(homeOf(version), version, filled));
          return version;
        });
    for (const hook of query.postHooks) await runPostHook(hook, connection);
    // Killed before this, the version is dropped by the next run, not taken over: its hooks may not have run.
    if (hasHooks && !isOne) await connection.run(replaceVersions(homeOf(record), [record]));
    return {
      kind: 'built',
      version: record,
      object: build.object,
      change: build.change,
      sql: gathered?.sql ?? query.sql,
      rows,
      drop: build.undo,
      batches: gathered,
      filled,
      isRecorded: !isOne,
    };
  } catch (error) {
    // A version whose post-hook failed must not be taken over by a later run.
    const forget = record && !isOne ? [forgetVersions(homeOf(record), [record])] : [];
    // Half a file of a full disk would be in the way of the next try.
    for (const step of build.steps) if (step.kind === 'export') removeWritten(context, step.file);
    for (const drop of [...build.undo, ...forget]) await connection.run(drop).catch(() => undefined); // the first error is the one to tell
    throw error;
  }
}

/** What cannot be removed was not written; the first error is the one to tell. */
function removeWritten({ files }: RunContext, file: string): void {
  try {
    files.remove(file);
  } catch (error) {
    if (!isFileError(error)) throw error;
  }
}

async function runPostHook(hook: PostHook, connection: Connection): Promise<void> {
  const text = typeof hook === 'string' ? hook : await hook();
  if (typeof text !== 'string') throw new DqlError(text.diagnostics);
  if (text.trim() !== '') await connection.run(text);
}

/** Pre-hooks see the current rows as `{{ this }}`; one that changes them changes a copy, on which the build then goes on. */
async function runPreHooks(
  { node, current, connection, objectOf }: BuildNodeRequest,
  hooks: readonly string[],
  thisInHooks: string,
  isIncremental: boolean,
): Promise<string | undefined> {
  const before = objectOf(node.unique_id);
  if (!isIncremental || !current || !before || !hooks.some((hook) => writesTo(hook, thisInHooks))) {
    for (const hook of hooks) await connection.run(before ? hook.replaceAll(thisInHooks, before) : hook);
    return undefined;
  }
  const copy = quotedIdentifier(`${node.alias}__dql_before`);
  await connection.run(`create or replace temp table ${copy} as\nselect *\nfrom ${before}`);
  for (const hook of hooks) await connection.run(hook.replaceAll(thisInHooks, copy));
  return copy;
}

async function carryOutStep(context: RunContext, step: Step, connection: Connection): Promise<number | null> {
  switch (step.kind) {
    case 'statement': {
      const changed = await connection.run(step.sql);
      return step.counts ? changed : null;
    }
    case 'load-seed':
      return loadSeed(connection, step.file, step.into, step.options);
    case 'export': {
      context.files.makeFolderFor(step.file);
      context.files.remove(step.file);
      const rows = await connection.run(step.sql);
      await connection.run(step.partitioned && rows === 0 ? step.readEmpty : step.read);
      return rows;
    }
    case 'refuse-when': {
      const answer = await connection.query(step.sql);
      const [row] = answer.rows;
      if (row) throw new EngineError(String(row[0]), 'constraint');
      return null;
    }
    case 'warn-when': {
      const [row] = (await connection.query(step.sql)).rows;
      if (row) context.warn({ ...step.warning, severity: 'warning', message: String(row[0]) });
      return null;
    }
    default:
      return step satisfies never;
  }
}

/** The query's columns, where the materialization or a contract must know them before it builds. */
async function columnsNeeded(
  { node, connection, current }: BuildNodeRequest,
  sql: string,
): Promise<{ readonly columns: readonly Column[] } | { readonly refused: Diagnostic }> {
  const needs =
    node.contract.enforced ||
    node.config.materialized === 'external' ||
    ['incremental', 'snapshot'].includes(node.config.materialized);
  if (node.resource_type === 'seed' || !(needs || current?.columns.length)) return { columns: [] };
  const columns = await connection.describe(sql);
  if (!node.contract.enforced) return { columns };
  const declared = Object.values(node.columns).flatMap((column) =>
    column.data_type === null ? [] : [column.data_type],
  );
  const spelled =
    declared.length === 0
      ? []
      : await connection.describe(`select ${declared.map((type, index) => `null::${type} as c${index}`).join(', ')}`);
  const canonical = new Map(declared.map((type, index) => [type, spelled[index]?.type ?? type]));
  const breaches = contractBreaches(node, columns, canonical);
  return breaches.length > 0 ? { refused: contractDiagnostic(node, breaches) } : { columns };
}

/** What the warehouse answered its template is part of the code of a node that had to wait for the answers. */
function codeOf(context: RunContext, node: GraphNode, query: Pick<Query, 'sql' | 'answers'>): string {
  const facts = context.facts.get(node.unique_id) ?? noFacts;
  return codeFingerprint(
    node,
    facts.canonicalSql === undefined && node.resource_type !== 'seed'
      ? { ...facts, canonicalSql: query.sql, extra: [facts.extra, query.answers] }
      : facts,
  );
}

function versionRecord(
  context: RunContext,
  request: BuildNodeRequest,
  build: Build,
  query: Query,
  rows: number | null,
): VersionRecord {
  const { node, version, inputs } = request;
  const facts = context.facts.get(node.unique_id) ?? noFacts;
  const code = codeOf(context, node, query);
  const relation = relationOf(node);
  const isView = build.physical.kind === 'view';
  return {
    target: context.run.target,
    node: node.unique_id,
    relation,
    database: node.database,
    schema: node.schema,
    alias: node.alias,
    version,
    run_id: context.run.run_id,
    materialized: node.config.materialized,
    physical: build.physical,
    code_fingerprint: code,
    inputs,
    reads: request.reads,
    // A view holds what its query makes of its inputs; a table holds what was computed this time.
    content_id:
      isView && !facts.nondeterministic
        ? digest([relation, code, inputs])
        : ownContent({ relation, version, run_id: context.run.run_id }),
    content_hash: null,
    rows,
    bytes: build.physical.kind === 'external' ? context.files.bytesOf(build.physical.file) : null,
    columns: query.columns,
    state: 'staged',
    built_at: context.now().toISOString(),
    git_sha: context.run.git_sha,
  };
}

/** A hook that changes the relation itself needs a relation of its own to change. */
const writesTo = (hook: string, object: string): boolean =>
  hook.includes(object) && /\b(insert|update|delete|alter|merge|truncate)\b/i.test(hook);
