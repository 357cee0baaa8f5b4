/**
 * Column lineage of a whole project: every model's SQL with public names, bound by DuckDB over an empty double of the warehouse, so
 * that nothing has to be built and no row is read. What is known already, by content, is not asked again.
 */
import type { Asked, CompileOutcome, NodeRelation } from '../compile/compile.ts';
import { isExample, type Manifest } from '../compile/manifest.ts';
import type { NodeId } from '../core/node-id.ts';
import { quotedIdentifier } from '../core/quote.ts';
import type { Column, Connection } from '../engine/engine.ts';
import { emptyState } from '../ledger/records.ts';
import { type ColumnGraph, columnGraph } from '../lineage/column-graph.ts';
import type { Catalog, RelationName, SyntaxTree } from '../lineage/lineage.ts';
import { analyseModel, analysisKey, type ModelAnalysis } from '../lineage/model-analysis.ts';
import { answerNeed } from './answer-needs.ts';
import type { CommonOptions, Hooks } from './contract.ts';
import { KnownColumns } from './known-columns.ts';
import { LineageCache } from './lineage-cache.ts';
import { liveWarehouse } from './live-warehouse.ts';
import type { OpenedProject } from './open-project.ts';
import { noObjects } from './prepare-run.ts';
import { relationsOf } from './relations.ts';
import { type Sketch, sketchWarehouse } from './sketch-warehouse.ts';
import { snapshotColumns } from './snapshot-columns.ts';
import { sourceNames } from './source-names.ts';
import { hashOf, parsed } from './sql-facts.ts';

export interface AnalysedModel {
  readonly id: NodeId;
  /** With public names; ephemeral models are named as `__dbt__cte__…`. */
  readonly sql: string;
  /** The same with ephemeral models written out: what `compiled_code` of a manifest holds. */
  readonly fullSql: string;
  /** As it would be run, the files of sources in their places; undefined when it could not be compiled. */
  readonly compiledCode: string | undefined;
  readonly analysis: ModelAnalysis;
  readonly columns: readonly Column[];
}

export interface ProjectLineage {
  readonly graph: ColumnGraph;
  readonly models: ReadonlyMap<NodeId, AnalysedModel>;
  /** SQL of usage examples as a reader of the warehouse would write it. */
  readonly examples: ReadonlyMap<NodeId, string>;
  /** Columns of everything that has some, sources and seeds too. */
  readonly columns: ReadonlyMap<NodeId, readonly Column[]>;
  /** Analyses other SQL over the same relations, e.g. that of an earlier commit. */
  analyse(sql: string): Promise<ModelAnalysis>;
}

/** Analyses the project and hands the result to `work`; what was opened for it is closed afterwards. */
export async function withColumnLineage<T>(
  opened: OpenedProject,
  options: CommonOptions,
  hooks: Hooks,
  work: (lineage: ProjectLineage) => Promise<T>,
): Promise<T> {
  const live = liveWarehouse(opened.project, options, hooks);
  const cache = new LineageCache(opened.targetFolder);
  let sketch: Promise<Sketch> | undefined;
  const sketched = () => (sketch ??= sketchWarehouse(opened.project, opened.manifest));
  try {
    const known = new KnownColumns(opened, live, cache, sketched);
    const lineage = await projectLineage(opened, options, known, cache, sketched, live.connection);
    cache.write();
    return await work(lineage);
  } finally {
    await sketch?.then(
      (made) => made.close(),
      () => undefined, // whoever asked for it was told
    );
    await live.close();
  }
}

type Live = () => Promise<Connection | undefined>;

async function projectLineage(
  opened: OpenedProject,
  options: CommonOptions,
  known: KnownColumns,
  cache: LineageCache,
  sketched: () => Promise<Sketch>,
  live: Live,
): Promise<ProjectLineage> {
  const { manifest } = opened;
  const order = inOrder(manifest);
  const examples = Object.values(manifest.nodes).filter(isExample);
  const shown = [...order, ...examples.map(({ unique_id }) => unique_id)];
  const compiled = await compiledModels(opened, options, shown, live);
  const trees = new Map<string, SyntaxTree>();
  const unread = order.flatMap((id) => {
    const sql = compiled.get(id)?.sql;
    return sql !== undefined && !cache.knows(hashOf(sql)) ? [sql] : [];
  });
  const read = unread.length === 0 ? [] : await parsed(unread, (await sketched()).connection);
  for (const [index, tree] of read.entries()) trees.set(unread[index] ?? '', tree);
  const treeOf = async (sql: string): Promise<SyntaxTree> => {
    const tree = trees.get(sql) ?? (await parsed([sql], (await sketched()).connection))[0];
    return tree ?? { statements: [], error: 'it gives no syntax tree' };
  };

  const models = new Map<NodeId, AnalysedModel>();
  for (const id of order) {
    const node = manifest.nodes[id];
    if (!node) {
      await known.source(id);
      continue;
    }
    if (node.resource_type === 'seed') {
      await known.seed(node);
      continue;
    }
    const text = compiled.get(id);
    const sql = text?.sql ?? '';
    const inputs = node.depends_on.nodes.flatMap((parent) => known.inputs(parent));
    const key = `${hashOf(sql)} ${analysisKey(sql, inputs)}`;
    let found = text?.problem === undefined ? cache.model(key) : undefined;
    if (!found) {
      await known.drawn(node.depends_on.nodes);
      const learnt =
        text?.problem === undefined
          ? await analysed(sql, await treeOf(sql), known, sketched)
          : failedAnalysis(text.problem);
      const columns =
        learnt.columns ?? (await known.standing(node)) ?? learnt.analysis.lineage.columns.map(unknownType);
      found = { analysis: learnt.analysis, columns };
      // What reads files or tables outside the project may change without its SQL changing.
      if (learnt.columns && !learnt.looksOutside) cache.keep(key, found);
    }
    const withMeta = node.resource_type === 'snapshot' ? snapshotColumns(node, found) : found;
    known.learn(node, withMeta.columns);
    models.set(id, { id, sql, fullSql: text?.fullSql ?? sql, compiledCode: text?.compiledCode, ...withMeta });
  }
  const leaves = [
    ...Object.keys(manifest.sources),
    ...order.filter((id) => manifest.nodes[id]?.resource_type === 'seed'),
  ];
  return {
    models,
    examples: new Map(
      examples.flatMap(({ unique_id: id }) => {
        const sql = compiled.get(id)?.fullSql;
        return sql ? [[id, sql] as const] : [];
      }),
    ),
    columns: known.byId,
    graph: columnGraph(
      [...models.values()].map(({ id, analysis }) => ({ id, lineage: analysis.lineage })),
      (relation) => known.idOf(relation),
      leaves.map((id) => ({ id, columns: (known.byId.get(id) ?? []).map(({ name }) => name) })),
    ),
    async analyse(sql) {
      await known.drawn([...known.byId.keys()]);
      return (await analysed(sql, await treeOf(sql), known, sketched)).analysis;
    },
  };
}

const unknownType = ({ name }: { readonly name: string }): Column => ({ name, type: 'VARCHAR' });

interface Learnt {
  readonly analysis: ModelAnalysis;
  /** Undefined when DuckDB cannot bind it. */
  readonly columns: readonly Column[] | undefined;
  readonly looksOutside: boolean;
}

/** Files and table functions that the SQL names are described when the analysis first asks for them; then it is made again. */
async function analysed(
  sql: string,
  tree: SyntaxTree,
  known: KnownColumns,
  sketched: () => Promise<Sketch>,
): Promise<Learnt> {
  const sketch = await sketched();
  const described = await sketch.columnsOf(sql);
  const outside = new Map<string, readonly Column[] | undefined>();
  for (;;) {
    const asked = new Map<string, () => Promise<readonly Column[] | undefined>>();
    const lookUp = (key: string, ask: () => Promise<readonly Column[] | undefined>) => {
      if (!outside.has(key)) asked.set(key, ask);
      return outside.get(key);
    };
    const catalog: Catalog = {
      columnsOf: (relation) =>
        known.columnsOf(relation) ?? lookUp(`relation ${relationText(relation)}`, () => known.outside(relation)),
      columnsOfCall: (call) =>
        lookUp(`call ${call}`, async () => {
          const columns = await sketch.columnsOf(`from ${call}`);
          return 'problem' in columns ? undefined : columns;
        }),
    };
    const analysis = analyseModel(tree, catalog, 'problem' in described ? {} : { describedColumns: described });
    if (asked.size === 0) {
      const looksOutside = outside.size > 0;
      if (!('problem' in described)) return { analysis, columns: described, looksOutside };
      return {
        analysis: withProblem(analysis, `DuckDB cannot bind it: ${described.problem}`),
        columns: undefined,
        looksOutside,
      };
    }
    for (const [key, ask] of asked) outside.set(key, await ask());
  }
}

const relationText = ({ database, schema, name }: RelationName): string =>
  [database, schema, name].flatMap((part) => (part === undefined ? [] : [quotedIdentifier(part)])).join('.');

const withProblem = (analysis: ModelAnalysis, reason: string): ModelAnalysis => ({
  ...analysis,
  lineage: { ...analysis.lineage, unresolved: [...analysis.lineage.unresolved, { reason }] },
});

/** Of a model whose SQL is not known. */
const failedAnalysis = (problem: string): Learnt => ({
  analysis: withProblem(analyseModel({ statements: [], error: problem }, { columnsOf: () => undefined }), problem),
  columns: undefined,
  looksOutside: true,
});

interface CompiledModel {
  readonly sql: string | undefined;
  readonly fullSql: string;
  readonly compiledCode?: string;
  readonly problem?: string;
}

async function compiledModels(
  opened: OpenedProject,
  options: CommonOptions,
  order: readonly NodeId[],
  live: Live,
): Promise<ReadonlyMap<NodeId, CompiledModel>> {
  const { manifest, project, compiler } = opened;
  const relations = relationsOf({
    manifest,
    folder: project.folder,
    state: emptyState,
    empty: false,
    samplePercent: undefined,
    deferred: new Map(),
  });
  const publicName = (id: NodeId): NodeRelation | undefined =>
    relations.relation(id, (each) => manifest.nodes[each]?.relation_name ?? undefined);
  const named = sourceNames(manifest, project.folder);
  const compile = async (id: NodeId): Promise<Exclude<CompileOutcome, { kind: 'needs' }> | { kind: 'unasked' }> => {
    const answers: Asked[] = [];
    for (;;) {
      const outcome = compiler.compileNode(id, { relationOf: publicName, answers });
      if (outcome.kind !== 'needs') return outcome;
      const connection = options.introspect ? await live() : undefined;
      if (!connection) return { kind: 'unasked' };
      answers.push({
        request: outcome.request,
        answer: await answerNeed(outcome.request, connection, relations.known(noObjects)),
      });
    }
  };
  const compiled = new Map<NodeId, CompiledModel>();
  for (const id of order) {
    const node = manifest.nodes[id];
    if (!node || node.resource_type === 'seed') continue;
    const outcome = await compile(id);
    compiled.set(
      id,
      outcome.kind === 'compiled'
        ? { sql: named(outcome.code), fullSql: named(outcome.sql), compiledCode: outcome.sql }
        : { sql: undefined, fullSql: '', problem: problemOf(outcome) },
    );
  }
  return compiled;
}

const problemOf = (outcome: Exclude<CompileOutcome, { kind: 'needs' }> | { kind: 'unasked' }): string =>
  outcome.kind === 'failed'
    ? (outcome.diagnostics[0]?.message ?? 'it cannot be compiled')
    : 'its template asks the warehouse, and there is none to ask';

/** Models, snapshots, seeds and sources, what is read before what reads it. */
function inOrder(manifest: Manifest): readonly NodeId[] {
  const wanted = (id: NodeId) =>
    id in manifest.sources || ['model', 'seed', 'snapshot'].includes(manifest.nodes[id]?.resource_type ?? '');
  const ordered: NodeId[] = [];
  const visited = new Set<NodeId>();
  for (const start of [...Object.keys(manifest.sources), ...Object.keys(manifest.nodes)].filter(wanted)) {
    const stack = [{ id: start, done: false }];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      if (top.done) ordered.push(top.id);
      else if (!visited.has(top.id)) {
        visited.add(top.id);
        stack.push({ id: top.id, done: true });
        for (const parent of manifest.nodes[top.id]?.depends_on.nodes ?? [])
          if (wanted(parent) && !visited.has(parent)) stack.push({ id: parent, done: false });
      }
    }
  }
  return ordered;
}
