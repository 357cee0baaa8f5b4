/** `dql compile`: SQL of the selected nodes by their public names. The warehouse is opened only when a template asks it something. */
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import type { CompileOutcome } from '../compile/compile.ts';
import type { GraphNode } from '../compile/manifest.ts';
import { type Diagnostic, DqlError, hasErrors } from '../core/diagnostic.ts';
import { EngineError } from '../core/engine-error.ts';
import type { NodeId } from '../core/node-id.ts';
import { writeTarget } from '../disk/write-target.ts';
import type { Column } from '../engine/engine.ts';
import { publishedVersion } from '../ledger/records.ts';
import { refreshes } from '../plan/node-config.ts';
import { relationOf } from '../plan/plan-run.ts';
import { compiledFiles, manifestFile } from './artifacts/write-artifacts.ts';
import type { CommonOptions, CompileAnswer, CompiledNode, Hooks, UseCases } from './contract.ts';
import { chooseNodes, withoutTheirTests } from './opening/choose-nodes.ts';
import { compiledFile } from './opening/describe-nodes.ts';
import { openProject } from './opening/open-project.ts';
import type { OpenedProject } from './opening/opened-project.ts';
import { type Looking, whileLooking } from './running/looking.ts';
import { tellLogs } from './running/tell-logs.ts';
import { asTest } from './tests/compile-test.ts';
import { testSql } from './tests/test-sql.ts';
import { warehousePath } from './warehouse/open-target.ts';

export const compile: UseCases['compile'] = async (options, hooks) => {
  const startedAt = performance.now();
  const opened = await openProject(options, 'compile', hooks);
  const seconds = () => (performance.now() - startedAt) / 1000;
  if (options.inline !== undefined)
    return { ...(await inline(options.inline, opened, options, hooks)), seconds: seconds() };
  const chosen = chooseNodes(opened, withoutTheirTests(options), COMPILED);
  const wrong: Diagnostic[] = [];
  const sqlOf = new Map<NodeId, string>();
  await whileLooking(opened, options, hooks, chosen, async (looking) => {
    for (const id of opened.compiler.graph.topologicalOrder()) {
      const node = opened.manifest.nodes[id];
      if (!node || !chosen.ids.has(id) || hooks.signal.aborted) continue;
      const outcome = await compiledSql(opened, options, looking, node, hooks);
      if (typeof outcome === 'string') sqlOf.set(id, outcome);
      else wrong.push(...outcome);
    }
  });
  if (options.writeJson)
    writeTarget(opened.targetFolder, [
      ...compiledFiles(opened, sqlOf),
      manifestFile(opened, sqlOf),
      ...opened.learnt(),
    ]);
  // Where other things were asked for as well, what cannot be written yet is left out.
  const said = sqlOf.size === 0 ? wrong : wrong.filter((each) => !isOfColumns(each));
  if (hasErrors(said)) throw new DqlError(said, 1);
  const nodes = [...sqlOf].flatMap(([id, sql]): readonly CompiledNode[] => {
    const node = opened.manifest.nodes[id];
    return node ? [compiledNode(opened, node, sql, options.writeJson)] : [];
  });
  return { nodes, seconds: seconds(), warnings: [...opened.warnings, ...chosen.warnings] };
};

const COMPILED = ['model', 'snapshot', 'test', 'analysis'];

/** A node's SQL by public names, as it would be built now; diagnostics when it cannot be rendered. */
export async function compiledSql(
  opened: OpenedProject,
  options: CommonOptions,
  looking: Looking,
  node: GraphNode,
  hooks: Hooks,
): Promise<string | readonly Diagnostic[]> {
  const isIncremental = await buildsOnItself(node, options, looking);
  let relationOf = looking.publicName;
  const outcome = await looking.answering<CompileOutcome>(node.name, (answers, names) => {
    relationOf = names;
    return opened.compiler.compileNode(node.unique_id, { answers, relationOf, isIncremental });
  });
  if (outcome.kind === 'failed') return outcome.diagnostics;
  tellLogs(outcome.logs, node.unique_id, hooks, options);
  if (node.resource_type !== 'test') return outcome.kind === 'compiled' ? outcome.sql : '';
  const test = asTest(outcome, node, relationOf);
  const about = { manifest: opened.manifest, columns: undefined, now: options.now };
  const { value, diagnostics } = testSql(test, node, about);
  if (value !== undefined || !diagnostics.some(isOfColumns) || test.kind !== 'check') return value ?? diagnostics;
  const columns = await standingColumns(test.relation, opened, options, looking);
  return testSql(test, node, { ...about, columns }).value ?? diagnostics;
}

/** A test of the columns themselves is made of them: it has no SQL before its relation stands. */
const isOfColumns = ({ code }: Diagnostic): boolean => code === 'checks/unknown-columns';

async function standingColumns(
  relation: string,
  { project }: OpenedProject,
  { introspect }: CommonOptions,
  looking: Looking,
): Promise<readonly Column[] | undefined> {
  if (!introspect || !existsSync(warehousePath(project))) return undefined;
  const { connection } = await looking.look();
  try {
    return await connection.describe(`from ${relation}`);
  } catch (error) {
    if (error instanceof EngineError && error.kind !== 'interrupted') return undefined;
    throw error;
  }
}

/** Whether `is_incremental()` holds: the ledger knows a version of it to go on from. */
async function buildsOnItself(node: GraphNode, options: CommonOptions, looking: Looking): Promise<boolean> {
  if (node.config.materialized !== 'incremental' || refreshes(node.config, options.fullRefresh) || !options.introspect)
    return false;
  const { state } = await looking.look();
  return publishedVersion(state, relationOf(node)) !== undefined;
}

async function inline(
  template: string,
  opened: OpenedProject,
  options: CommonOptions,
  hooks: Hooks,
): Promise<Omit<CompileAnswer, 'seconds'>> {
  const chosen = { ids: new Set<NodeId>() };
  const sql = await whileLooking(opened, options, hooks, chosen, (looking) =>
    inlineSql(template, opened, options, looking, hooks),
  );
  return {
    nodes: [{ node: null, name: 'inline', path: null, compiled_path: null, compiled_code: sql }],
    warnings: opened.warnings,
  };
}

/** SQL of a template that is in no file. Rejects with DqlError (exit code 2) when it cannot be rendered. */
export async function inlineSql(
  template: string,
  { compiler }: OpenedProject,
  options: CommonOptions,
  looking: Looking,
  hooks: Hooks,
): Promise<string> {
  const outcome = await looking.answering<CompileOutcome>('--inline', (answers, names) =>
    compiler.compileInline(template, { answers, relationOf: names }),
  );
  if (outcome.kind === 'failed') throw new DqlError(outcome.diagnostics);
  tellLogs(outcome.logs, null, hooks, options);
  return outcome.kind === 'compiled' ? outcome.sql.trim() : '';
}

function compiledNode(
  { project, targetFolder }: OpenedProject,
  node: GraphNode,
  sql: string,
  written: boolean,
): CompiledNode {
  const file = compiledFile(node);
  return {
    node: node.unique_id,
    name: node.name,
    path: node.original_file_path,
    compiled_path: written ? `${relative(project.folder, targetFolder)}/compiled/${node.package_name}/${file}` : null,
    compiled_code: sql,
  };
}
