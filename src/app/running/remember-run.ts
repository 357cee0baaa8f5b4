/** Keeps what a run that ended well would answer if it were called again, see last-run.ts. */
import { dirname, join } from 'node:path';
import type { GraphNode } from '../../compile/manifest.ts';
import { fileMark } from '../../disk/file-mark.ts';
import type { FileToWrite } from '../../disk/write-target.ts';
import type { Connection, Warehouse } from '../../engine/engine.ts';
import { readLedger } from '../../ledger/read-ledger.ts';
import { type LedgerState, publishedVersion } from '../../ledger/records.ts';
import { relationOf } from '../../plan/plan-run.ts';
import type { RunContext } from '../../run/context.ts';
import { type KeptAnswers, keptAnswers } from '../../run/kept-answers.ts';
import type { NodeResult, RunFacts } from '../../run/results.ts';
import type { CommonOptions } from '../contract.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import { environmentHash } from '../opening/project-hash.ts';
import { type OpenableProject, openable } from '../warehouse/open-target.ts';
import { servedPath } from '../warehouse/serve-copy.ts';
import type { CommandShape } from './command-shapes.ts';
import { isKept, type KeptAnswer, keepLastRun, lastsUntil, manifestHead, runKey } from './last-run.ts';
import type { PreparedRun } from './prepare-run.ts';

export interface EndedRun {
  readonly shape: CommandShape;
  readonly opened: OpenedProject;
  readonly options: CommonOptions;
  readonly prepared: PreparedRun;
  readonly context: RunContext;
  readonly results: readonly NodeResult[];
  readonly facts: RunFacts;
  /** Of the manifest in the ledger. */
  readonly manifestId: string;
  /** How results are told over what the ledger says. */
  readonly told: (result: NodeResult, state: LedgerState) => NodeResult;
}

export interface NextAnswer {
  readonly answer: Omit<KeptAnswer, 'manifestHead'>;
  /** Exported files that readers see; absolute. */
  readonly exported: readonly string[];
  readonly until: KeptAnswers['until'];
}

/**
 * The ledger as the next run will find it; undefined when there is something that only a whole run can find out: hooks, tests and models
 * that depend on the clock, sources that must be asked, another environment's state.
 */
export async function ledgerAfter(run: EndedRun, connection: Connection): Promise<LedgerState | undefined> {
  const { prepared, context } = run;
  if (!mayBeKept(run) || !(await areFiles(context.warehouse))) return undefined;
  if (!(await areTables(prepared.outside.watched.relations, connection))) return undefined;
  // A run that had nothing to do is its own answer.
  return hadNothingToDo(run) ? context.state : readLedger(connection, context.state.ledgers, context.run.target);
}

/** What the run would answer over `ledgerAfter`, found with the plan and the decisions of any run; undefined when it would not keep still. */
export function nextAnswer(run: EndedRun, state: LedgerState): NextAnswer | undefined {
  const { opened, prepared, context } = run;
  const isIdle = state === context.state;
  const plan = isIdle ? context.plan : prepared.planWith(state);
  const kept = keptAnswers({ ...context, state, plan });
  if (!kept) return undefined;
  const results = isIdle ? run.results : kept.results.map((result) => run.told(result, state));
  const codes = plan.tasks.flatMap((task) =>
    task.kind === 'build' && task.codeFingerprint !== undefined ? [[task.node, task.codeFingerprint] as const] : [],
  );
  const ids = results.map(({ unique_id: id }) => id);
  const named = new Set(ids.flatMap((id) => [id, ...(opened.manifest.parent_map[id] ?? [])]));
  const described = [...named].flatMap((id) => {
    const description = opened.describe(id);
    return description ? [[id, description] as const] : [];
  });
  return {
    answer: {
      results,
      codeFingerprints: Object.fromEntries(codes),
      described: Object.fromEntries(described),
      warnings: plan.notes,
      manifestId: run.manifestId,
    },
    until: kept.until,
    exported: plan.tasks.flatMap(({ node }) => exportedFiles(state, opened.manifest.nodes[node])),
  };
}

function hadNothingToDo({ context, results }: EndedRun): boolean {
  if (context.displaced.size > 0) return false;
  const kept = new Set(
    results.flatMap(({ unique_id, meta }) => (meta.dql.verdict_from === undefined ? [] : unique_id)),
  );
  return context.plan.tasks.every((task) =>
    task.kind === 'build' ? task.decision.action === 'reuse' && !task.batches : kept.has(task.node),
  );
}

/** Call it when the artifacts are written and the warehouse's file is up to date, before it is closed. */
export function rememberRun(
  run: EndedRun,
  { answer, exported, until }: NextAnswer,
  artifacts: readonly FileToWrite[],
): void {
  const { shape, opened, options, prepared, context } = run;
  const { project, files, targetFolder } = opened;
  const { metadata } = opened.manifest;
  const head = manifestHead(metadata);
  const manifest = artifacts.find(({ path }) => path === 'manifest.json');
  if (!String(manifest?.text).startsWith(head)) throw new Error('manifest.json begins with its metadata');
  const variables = [...opened.variables].sort();
  const { marks, patterns } = prepared.outside.watched;
  const served = servedPath(project);
  const paths = new Set([
    ...exported,
    ...(served === undefined ? [] : [served]),
    ...artifacts.flatMap(lasting).map((path) => join(targetFolder, path)),
  ]);
  const last = {
    key: runKey(shape, options, files),
    variables,
    environment: environmentHash(variables, files.environment),
    marks: Object.fromEntries(
      [...marks, ...[...paths].map((path) => [path, fileMark(path)] as const)].map(([path, mark]) => [
        path,
        mark ?? null,
      ]),
    ),
    patterns: Object.fromEntries(patterns),
    until: soonest(lastsUntil(options.now), until),
    program: options.version,
    asked: options.target ?? null,
    project: openable(project),
    sequence: context.run.sequence,
  };
  keepLastRun(targetFolder, last, { ...answer, manifestHead: { metadata, bytes: Buffer.byteLength(head) } });
}

/** Of compiled SQL the folder's mark says that no file is gone. */
const lasting = ({ path, isPlain }: FileToWrite): readonly string[] =>
  path === 'run_results.json' ? [] : [isPlain ? dirname(path) : path];

/** Selection methods that look at more than the project. */
const OUTSIDE_METHODS = /\b(?:state|result|source_status):|"method":"(?:state|result|source_status)"/;

function mayBeKept({ options, opened, prepared, context, facts }: EndedRun): boolean {
  const { select, exclude, selector } = options;
  const { manifest } = opened;
  return (
    isKept(options) &&
    facts.exit_code === 0 &&
    !facts.interrupted &&
    // What was met on the way is not in the plan.
    facts.warnings.length === context.plan.notes.length &&
    context.onRunStart.length + context.onRunEnd.length === 0 &&
    ![options.force, options.fullRefresh, options.empty, options.adopt, options.defer].includes(true) &&
    [options.sample, options.state, options.deferState, options.eventTimeStart, options.eventTimeEnd].every(
      (option) => option === undefined,
    ) &&
    !OUTSIDE_METHODS.test(JSON.stringify([select, exclude, selector ?? null, manifest.selectors])) &&
    prepared.outside.watched.isComplete &&
    isPlain(openable(opened.project), opened.project.secrets) &&
    context.plan.tasks.every(
      ({ kind, node }) => kind !== 'build' || manifest.nodes[node]?.database === context.warehouse.database,
    )
  );
}

/** What opens the warehouse is written down, in a folder that people hand on: nothing secret may be in it. */
const isPlain = ({ target }: OpenableProject, secrets: readonly string[]): boolean =>
  target.createSecrets.length === 0 &&
  ![
    ...Object.keys({ ...target.settings, ...target.configOptions }),
    ...target.attach.flatMap(({ options }) => Object.keys(options)),
  ].some((name) => /secret|token|password|key/i.test(name)) &&
  !secrets.some((secret) => JSON.stringify(target).includes(secret));

/** Of another engine's database a file's mark says nothing. */
const areFiles = async (warehouse: Warehouse): Promise<boolean> =>
  (await warehouse.databases()).every(({ engine }) => engine === 'duckdb');

/** Views may read what no mark tells of. */
async function areTables(relations: readonly string[], connection: Connection): Promise<boolean> {
  if (relations.length === 0) return true;
  const quoted = (column: string) => `'"' || replace(${column}, '"', '""') || '"'`;
  const { rows } = await connection.query(
    `select lower(concat_ws('.', ${['database_name', 'schema_name', 'table_name'].map(quoted).join(', ')})) from duckdb_tables()`,
  );
  const tables = new Set(rows.map(([name]) => String(name)));
  return relations.every((relation) => tables.has(relation.toLowerCase()));
}

function exportedFiles(state: LedgerState, node: GraphNode | undefined): readonly string[] {
  const physical = node && publishedVersion(state, relationOf(node))?.physical;
  return physical?.kind === 'external' ? [physical.file, physical.location] : [];
}

const soonest = (first: string, second: string | null): string => (second !== null && second < first ? second : first);
