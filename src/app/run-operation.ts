/** `dql run-operation`: calls a macro, or runs a template as statements, on the warehouse. Its writes take effect at once. */
import type { Manifest } from '../compile/manifest.ts';
import { type Diagnostic, DqlError } from '../core/diagnostic.ts';
import { EngineError } from '../core/engine-error.ts';
import type { Json, NodeId } from '../core/node-id.ts';
import { writeTarget } from '../disk/write-target.ts';
import type { Connection, Warehouse } from '../engine/engine.ts';
import { endRun, startRun } from '../ledger/write-ledger.ts';
import type { Project } from '../project/project.ts';
import { engineDiagnostic } from '../run/engine-diagnostic.ts';
import { messageOf, nodeResult } from '../run/node-result.ts';
import type { RunResults } from '../run/results.ts';
import { runMetadata } from './artifacts/run-metadata.ts';
import type { CommonOptions, Hooks, OperationOptions, UseCases } from './contract.ts';
import { openProject } from './opening/open-project.ts';
import type { OpenedProject } from './opening/opened-project.ts';
import { newRun } from './running/new-run.ts';
import { openedState } from './running/opened-state.ts';
import { tellLogs } from './running/tell-logs.ts';
import { openToWrite } from './warehouse/open-target.ts';
import { noObjects, type Relations, relationsOf } from './warehouse/relations.ts';
import { answering } from './warehouse/warehouse-compiler.ts';

export const runOperation: UseCases['runOperation'] = async (options, hooks) => {
  const results = await operate(options, hooks);
  const [result] = results.results;
  return {
    macro: nameOf(options),
    ok: result?.status === 'success',
    value: result?.meta.dql.value ?? null,
    message: result?.message ?? null,
    seconds: result?.execution_time ?? 0,
  };
};

/** The operation as a run with one result, which is what `dql retry` and target/run_results.json deal in. */
export async function operate(options: CommonOptions & OperationOptions, hooks: Hooks): Promise<RunResults> {
  const opened = await openProject(options, 'run-operation', hooks);
  const id = operationId(opened, options);
  const warehouse = await openToWrite(opened.project, options, hooks);
  try {
    const connection = await warehouse.connect();
    const interrupt = () => connection.interrupt();
    hooks.signal.addEventListener('abort', interrupt);
    try {
      return await operateIn(warehouse, connection, opened, id, options, hooks);
    } finally {
      hooks.signal.removeEventListener('abort', interrupt);
      connection.close();
    }
  } finally {
    await warehouse.close();
  }
}

async function operateIn(
  warehouse: Warehouse,
  connection: Connection,
  opened: OpenedProject,
  id: NodeId,
  options: CommonOptions & OperationOptions,
  hooks: Hooks,
): Promise<RunResults> {
  const { project } = opened;
  const state = await openedState(warehouse, connection, project.target.name);
  const run = await newRun({
    command: 'run-operation',
    args: {
      macro: options.macro ?? null,
      args: options.args,
      sql: options.sql ?? null,
      target: options.target ?? null,
      vars: options.vars,
    },
    project,
    warehouse,
    state,
    options,
  });
  await connection.run(startRun(warehouse.database, run));
  const relations = relationsOf({
    manifest: opened.manifest,
    folder: project.folder,
    state,
    empty: false,
    sampling: undefined,
    deferred: new Map(),
  });
  const startedAt = Date.now();
  const outcome = await perform(opened, relations, connection, options, hooks);
  const endedAt = Date.now();
  const failed = outcome.diagnostics.length > 0;
  const interrupted = hooks.signal.aborted;
  const exitCode = interrupted ? 130 : failed ? 1 : 0;
  await connection.run(
    endRun(warehouse.database, {
      ...run,
      ended_at: new Date(options.now.getTime() + endedAt - startedAt).toISOString(),
      exit_code: exitCode,
      status: interrupted ? 'interrupted' : failed ? 'failed' : 'success',
    }),
  );
  const result = nodeResult({
    id,
    node: undefined,
    status: failed ? 'error' : 'success',
    startedAt,
    endedAt,
    worker: 0,
    message: failed ? messageOf(outcome.diagnostics) : null,
    failures: 0,
    facts: failed ? { diagnostics: outcome.diagnostics } : { value: outcome.value },
  });
  const results: RunResults = {
    metadata: runMetadata(opened, options, run.started_at),
    results: [result],
    elapsed_time: (endedAt - startedAt) / 1000,
    args: run.args,
    meta: {
      dql: {
        run_id: run.run_id,
        target: run.target,
        exit_code: exitCode,
        interrupted,
        published: 0,
        publish_seconds: null,
        warnings: opened.warnings,
      },
    },
  };
  if (options.writeJson)
    writeTarget(opened.targetFolder, [{ path: 'run_results.json', text: JSON.stringify(results, null, 1) }]);
  return results;
}

interface Performed {
  readonly value: Json;
  readonly diagnostics: readonly Diagnostic[];
}

async function perform(
  opened: OpenedProject,
  relations: Relations,
  connection: Connection,
  options: CommonOptions & OperationOptions,
  hooks: Hooks,
): Promise<Performed> {
  const { compiler } = opened;
  const known = relations.known(noObjects);
  const relationOf = (id: NodeId) => relations.relation(id, noObjects);
  const { macro, sql } = options;
  if (macro !== undefined) {
    // Each question is asked once: a statement that a macro runs is not repeated when its next one is answered.
    const called = await answering(
      (answers) => compiler.callMacro(macro, options.args, { relationOf, answers }),
      connection,
      known,
    );
    if (called.kind === 'failed') return { value: null, diagnostics: called.diagnostics };
    tellLogs(called.logs, null, hooks, options);
    return { value: called.value === '' ? null : called.value, diagnostics: [] };
  }
  const rendered = await answering(
    (answers) => compiler.compileInline(sql ?? '', { relationOf, answers }),
    connection,
    known,
  );
  if (rendered.kind === 'failed') return { value: null, diagnostics: rendered.diagnostics };
  if (rendered.kind === 'check') throw new Error('an inline template is never a check');
  tellLogs(rendered.logs, null, hooks, options);
  if (rendered.sql.trim() === '') return { value: null, diagnostics: [] };
  try {
    await connection.run(rendered.sql);
    return { value: null, diagnostics: [] };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const { at: _, ...diagnostic } = engineDiagnostic(error, inlineNode, rendered.sql);
    return { value: null, diagnostics: [diagnostic] };
  }
}

/** What an error of a text without a file is placed on. */
const inlineNode = { resource_type: 'operation', name: 'inline', original_file_path: '<sql>', raw_code: '' } as const;

const nameOf = ({ macro }: OperationOptions): string => macro ?? '--sql';

/** Rejects with DqlError (exit code 2) when there is no such macro, before the warehouse is opened. */
function operationId({ manifest, project, compiler }: OpenedProject, { macro, args }: OperationOptions): NodeId {
  if (macro === undefined) return `operation.${project.root.name}.sql`;
  // Calling is pure: the first question stops it before anything was done.
  const tried = compiler.callMacro(macro, args);
  if (tried.kind === 'failed' && tried.diagnostics.some(({ code }) => code === 'compile/unknown-macro'))
    throw new DqlError(tried.diagnostics.map((each) => ({ ...each, hint: each.hint ?? ownMacros(manifest, project) })));
  const dot = macro.indexOf('.');
  const owners = dot < 0 ? [project.root.name, ...project.packages.map((each) => each.name)] : [macro.slice(0, dot)];
  const name = dot < 0 ? macro : macro.slice(dot + 1);
  const ids = owners.map((owner) => `macro.${owner}.${name}`);
  return ids.find((id) => id in manifest.macros) ?? `macro.${project.root.name}.${name}`;
}

function ownMacros(manifest: Manifest, project: Project): string {
  const names = Object.values(manifest.macros)
    .filter(({ package_name, name }) => package_name === project.root.name && !name.startsWith('test_'))
    .map(({ name }) => `\`${name}\``)
    .sort();
  if (names.length === 0) return 'the project has no macros: write one in macros/';
  return `the project has ${names.slice(0, 12).join(', ')}${names.length > 12 ? ' …' : ''}`;
}
