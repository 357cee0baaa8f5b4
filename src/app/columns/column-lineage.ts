/**
 * Column lineage of a whole project: every model's SQL with public names, bound by DuckDB over an empty double of the warehouse, so
 * that nothing has to be built and no row is read. What is known already, by content, is not asked again.
 */
import { setImmediate } from 'node:timers/promises';
import type { Manifest } from '../../compile/manifest.ts';
import type { NodeId } from '../../core/node-id.ts';
import { quotedIdentifier } from '../../core/quote.ts';
import { writeTarget } from '../../disk/write-target.ts';
import type { Column } from '../../engine/engine.ts';
import { type ColumnGraph, columnGraph } from '../../lineage/column-graph.ts';
import { withAnyValue } from '../../lineage/dynamic-pivot.ts';
import {
  analyseQuery,
  type Catalog,
  type LineageOptions,
  type QueryLineage,
  type RelationName,
  readSyntaxTree,
  type SyntaxTree,
} from '../../lineage/lineage.ts';
import { analyseModel, analysisKey, type ModelAnalysis } from '../../lineage/model-analysis.ts';
import { ofBothBranches } from '../../lineage/two-branches.ts';
import type { CommonOptions } from '../contract.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import { hashOf, treeTexts } from '../opening/parsed-sql.ts';
import type { LiveWarehouse } from '../warehouse/live-warehouse.ts';
import { type Described, type Sketch, sketchWarehouse } from '../warehouse/sketch-warehouse.ts';
import { snapshotColumns } from '../warehouse/snapshot-columns.ts';
import type { BuiltColumns } from './built-columns.ts';
import { type CompiledModel, compiledModels } from './compiled-models.ts';
import { KnownColumns } from './known-columns.ts';
import { type KnownModel, LineageCache } from './lineage-cache.ts';

export interface AnalysedModel extends KnownModel {
  readonly id: NodeId;
  /** Its SQL; of one that cannot be compiled, empty. */
  readonly texts: ModelTexts;
  /** As it would be run, the files of sources in their places; undefined when it could not be compiled. */
  readonly compiledCode: string | undefined;
}

/** A model's SQL with public names, ephemeral models written out: what `compiled_code` of a manifest holds. */
export interface ModelTexts {
  readonly full: string;
  /** Where `is_incremental()` makes a difference: what runs when the table stands already. */
  readonly incremental?: string | undefined;
}

export interface ProjectLineage {
  readonly graph: ColumnGraph;
  readonly models: ReadonlyMap<NodeId, AnalysedModel>;
  /** Columns of everything that has some, sources and seeds too. */
  readonly columns: ReadonlyMap<NodeId, readonly Column[]>;
  /** Which node a relation is. */
  idOf(relation: RelationName): NodeId | undefined;
  /**
   * Analyses SQL without binding it, over the columns that nodes have now or, where `columnsOf` answers, had earlier: a model's SQL of an
   * earlier commit.
   */
  analyse(sql: string, columnsOf?: (id: NodeId) => readonly Column[] | undefined): Promise<ModelAnalysis>;
  /** The lineage of a model from those of its texts. */
  whole(id: NodeId, full: QueryLineage, incremental: QueryLineage | undefined): QueryLineage;
}

/**
 * Analyses the project and hands the result to `work`; what was opened for it, `live` too, is closed afterwards.
 * @param onCompiled called when no template asks the warehouse anything any more; may tell the columns of what is built
 */
export async function withColumnLineage<T>(
  opened: OpenedProject,
  options: CommonOptions,
  live: LiveWarehouse,
  work: (lineage: ProjectLineage) => Promise<T>,
  onCompiled: (compiled: ReadonlyMap<NodeId, CompiledModel>) => Promise<BuiltColumns> | undefined = () => undefined,
): Promise<T> {
  let sketch: Promise<Sketch> | undefined;
  const sketched = () => (sketch ??= sketchWarehouse(opened.project, opened.manifest));
  try {
    const order = inOrder(opened.manifest);
    const compiled = await compiledModels(opened, options, order, live.connection);
    const built = onCompiled(compiled);
    built?.catch(() => undefined); // told where it is waited for, which is where nothing is kept of a model
    await setImmediate();
    const cache = new LineageCache(opened.targetFolder);
    const known = new KnownColumns(opened, live, cache, sketched);
    const lineage = await new Analyst(opened, known, cache, sketched, built).project(order, compiled);
    writeTarget(opened.targetFolder, [...cache.written(), ...opened.learnt()]);
    return await work(lineage);
  } finally {
    await sketch?.then(
      (made) => made.close(),
      () => undefined, // whoever asked for it was told
    );
    await live.close();
  }
}

/** What stays true when everything is closed again. */
export const columnLineage = (
  opened: OpenedProject,
  options: CommonOptions,
  live: LiveWarehouse,
): Promise<Pick<ProjectLineage, 'graph' | 'idOf'>> =>
  withColumnLineage(opened, options, live, async ({ graph, idOf }) => ({ graph, idOf }));

class Analyst {
  readonly #opened: OpenedProject;
  readonly #known: KnownColumns;
  readonly #cache: LineageCache;
  readonly #sketched: () => Promise<Sketch>;
  readonly #built: Promise<BuiltColumns> | undefined;
  /** By SQL, as text: each is read when it is analysed, and forgotten with it. */
  readonly #trees = new Map<string, string>();
  /** SQL whose columns only the data tell. */
  readonly #pivoting = new Set<string>();
  #walking: Promise<void> = Promise.resolve();

  constructor(
    opened: OpenedProject,
    known: KnownColumns,
    cache: LineageCache,
    sketched: () => Promise<Sketch>,
    built: Promise<BuiltColumns> | undefined,
  ) {
    this.#opened = opened;
    this.#known = known;
    this.#cache = cache;
    this.#sketched = sketched;
    this.#built = built;
  }

  async project(order: readonly NodeId[], compiled: ReadonlyMap<NodeId, CompiledModel>): Promise<ProjectLineage> {
    const { manifest } = this.#opened;
    const known = this.#known;
    const bound: { readonly id: NodeId; readonly full: Bound; readonly incremental: Bound | undefined }[] = [];
    // What stands at the same depth reads only what is above it, so DuckDB is asked about all of it at once.
    for (const layer of layers(manifest, order)) {
      const wanted: Wanted[] = [];
      for (const id of layer) {
        const node = manifest.nodes[id];
        if (!node) await known.source(id);
        else if (node.resource_type === 'seed') await known.seed(node);
        else wanted.push({ id, sql: compiled.get(id)?.sql, problem: compiled.get(id)?.problem });
      }
      const behind = this.#walking;
      const found = await this.#bound(wanted);
      for (const [id, { columns, model }] of found) {
        const node = manifest.nodes[id];
        if (node?.resource_type === 'snapshot') known.learn(node, snapshotColumns(node, await model).columns);
        else if (node) known.learn(node, columns);
      }
      // The second query of an incremental model may read its own table, whose columns are known by now.
      const others = await this.#bound(
        layer.flatMap((id) => {
          const sql = compiled.get(id)?.incremental?.sql;
          return sql === undefined ? [] : [{ id, sql, own: true }];
        }),
      );
      for (const [id, full] of found) bound.push({ id, full, incremental: others.get(id) });
      // Of thousands of models the trees would be half of what is in memory.
      await behind;
    }
    const models = new Map<NodeId, AnalysedModel>();
    for (const { id, full, incremental } of bound) {
      const node = manifest.nodes[id];
      const first = await full.model;
      const whole = node?.resource_type === 'snapshot' ? snapshotColumns(node, first) : first;
      const text = compiled.get(id);
      const lineage = this.#both(id, whole.lineage, (await incremental?.model)?.lineage);
      models.set(id, {
        id,
        ...whole,
        lineage: text?.sql !== undefined && text.problem !== undefined ? withProblem(lineage, text.problem) : lineage,
        texts: { full: text?.fullSql ?? '', incremental: text?.incremental?.fullSql },
        compiledCode: text?.compiledCode,
      });
    }
    const leaves = [
      ...Object.keys(manifest.sources),
      ...order.filter((id) => manifest.nodes[id]?.resource_type === 'seed'),
    ];
    return {
      models,
      columns: known.byId,
      graph: columnGraph(
        [...models.values()],
        (relation) => known.idOf(relation),
        leaves.map((id) => ({ id, columns: (known.byId.get(id) ?? []).map(({ name }) => name) })),
      ),
      idOf: (relation) => known.idOf(relation),
      analyse: (sql, columnsOf) => this.#unbound(sql, columnsOf),
      whole: (id, full, incremental) => this.#both(id, full, incremental),
    };
  }

  #both(id: NodeId, full: QueryLineage, incremental: QueryLineage | undefined): QueryLineage {
    const itself = (relation: RelationName) => this.#known.idOf(relation) === id;
    return incremental ? ofBothBranches(full, incremental, itself) : full;
  }

  /** Of each, what is kept or what is found out: its columns now, what its SQL tells while DuckDB is asked about the next. */
  async #bound(wanted: readonly Wanted[]): Promise<ReadonlyMap<NodeId, Bound>> {
    const found = new Map<NodeId, Bound>();
    const add = (id: NodeId, model: KnownModel) =>
      found.set(id, { columns: model.columns, model: Promise.resolve(model) });
    const unknown: Unknown[] = [];
    const built: (readonly [Unknown, readonly Column[]])[] = [];
    const alike = new Map<string, NodeId[]>();
    const { nodes } = this.#opened.manifest;
    for (const { id, sql, problem, own } of wanted) {
      const node = nodes[id];
      const reads = [...(node?.depends_on.nodes ?? []), ...(own ? [id] : [])];
      if (sql === undefined) {
        const lineage = unknownLineage(problem ?? 'it cannot be compiled');
        add(id, { lineage, columns: (node && (await this.#known.standing(node))) ?? [] });
        continue;
      }
      const key = `${hashOf(sql)} ${analysisKey(
        sql,
        reads.flatMap((parent) => this.#known.inputs(parent)),
      )}`;
      const kept = this.#cache.model(key);
      const others = alike.get(key);
      if (kept) add(id, kept);
      else if (others) others.push(id);
      else {
        const ids = [id];
        alike.set(key, ids);
        const columns = own ? undefined : (await this.#built)?.(id, this.#known.byId);
        if (columns) built.push([{ ids, sql, key, reads }, columns]);
        else unknown.push({ ids, sql, key, reads });
      }
    }
    const asked = [...built.map(([each]) => each), ...unknown];
    if (asked.length === 0) return found;
    await this.#parse(asked.flatMap(({ sql }) => (this.#trees.has(sql) ? [] : [sql])));
    const learn = async (id: NodeId, { sql, key }: Unknown, described: Described, isPlain: boolean): Promise<Bound> => {
      const model = this.#meanwhile(async (): Promise<KnownModel> => {
        const learnt = await this.#learnt(sql, described);
        this.#trees.delete(sql);
        const node = nodes[id];
        const columns =
          learnt.columns ?? (node && (await this.#known.standing(node))) ?? learnt.lineage.columns.map(unknownType);
        // What reads files or tables outside the project may change without its SQL changing.
        if (learnt.columns && !learnt.looksOutside) this.#cache.keep(key, { lineage: learnt.lineage, columns });
        return { lineage: learnt.lineage, columns };
      });
      return { columns: isPlain && !('problem' in described) ? described : (await model).columns, model };
    };
    const learnAll = async (each: Unknown, described: Described) => {
      const isPlain = !('problem' in described) && !this.#pivoting.has(each.sql);
      let last: Bound | undefined;
      for (const id of each.ids) {
        // Of what cannot be bound each has the columns that it has in the warehouse.
        last = isPlain && last ? last : await learn(id, each, described, isPlain);
        found.set(id, last);
      }
    };
    for (const [each, columns] of built) await learnAll(each, columns);
    if (unknown.length === 0) return found;
    await this.#known.drawn(unknown.flatMap(({ reads }) => reads));
    for await (const [each, described] of (await this.#sketched()).columnsOfEach(unknown))
      await learnAll(each, described);
    return found;
  }

  /** One after another, each when the program has nothing more urgent to do. */
  #meanwhile<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#walking.then(() => setImmediate()).then(work);
    this.#walking = done.then(
      () => undefined,
      () => undefined, // told where it is waited for
    );
    return done;
  }

  async #parse(queries: readonly string[]): Promise<void> {
    if (queries.length === 0) return;
    const { connection } = await this.#sketched();
    const again: { readonly sql: string; readonly valued: string }[] = [];
    for (const [index, text] of (await treeTexts(queries, connection)).entries()) {
      const sql = queries[index] ?? '';
      this.#trees.set(sql, text);
      const valued = /pivot/i.test(sql) && isEmpty(text) ? withAnyValue(sql) : undefined;
      if (valued !== undefined) again.push({ sql, valued });
    }
    const texts = await treeTexts(
      again.map(({ valued }) => valued),
      connection,
    );
    for (const [index, text] of texts.entries()) {
      const sql = again[index]?.sql;
      if (sql === undefined || isEmpty(text)) continue;
      this.#trees.set(sql, text);
      this.#pivoting.add(sql);
    }
  }

  async #learnt(sql: string, described: Described): Promise<Learnt> {
    if (!this.#trees.has(sql)) await this.#parse([sql]);
    if (this.#pivoting.has(sql)) {
      const columns = await this.#known.described(sql);
      const { found } = await this.#walked(sql, analyseQuery, columns ? { describedColumns: columns } : {});
      const isOpen = !columns && found.unresolved.length > 0;
      return {
        // Everything else that is not known follows from this.
        lineage: isOpen ? { ...found, unresolved: [{ reason: PIVOTED }] } : found,
        columns: columns ?? (isOpen ? undefined : found.columns.map(unknownType)),
        looksOutside: true,
      };
    }
    if ('problem' in described) {
      const { found, looksOutside } = await this.#walked(sql, analyseQuery, {});
      const lineage = withProblem(found, `DuckDB cannot bind it: ${described.problem}`);
      return { lineage, columns: undefined, looksOutside };
    }
    const { found, looksOutside } = await this.#walked(sql, analyseQuery, { describedColumns: described });
    return { lineage: found, columns: described, looksOutside };
  }

  async #unbound(sql: string, columnsOf?: (id: NodeId) => readonly Column[] | undefined): Promise<ModelAnalysis> {
    return (await this.#walked(sql, analyseModel, {}, columnsOf)).found;
  }

  /** Files and table functions that the SQL names are described when the analysis first asks for them; then it is made again. */
  async #walked<T>(
    sql: string,
    analyse: (tree: SyntaxTree, catalog: Catalog, options: LineageOptions) => T,
    options: LineageOptions,
    columnsOf: (id: NodeId) => readonly Column[] | undefined = () => undefined,
  ): Promise<{ readonly found: T; readonly looksOutside: boolean }> {
    if (!this.#trees.has(sql)) await this.#parse([sql]);
    const text = this.#trees.get(sql);
    const tree = text === undefined ? { statements: [], error: 'it gives no syntax tree' } : readSyntaxTree(text).value;
    const outside = new Map<string, readonly Column[] | undefined>();
    for (;;) {
      const asked = new Map<string, () => Promise<readonly Column[] | undefined>>();
      const lookUp = (key: string, ask: () => Promise<readonly Column[] | undefined>) => {
        if (!outside.has(key)) asked.set(key, ask);
        return outside.get(key);
      };
      const catalog: Catalog = {
        columnsOf: (relation) => {
          const id = this.#known.idOf(relation);
          return (
            (id === undefined ? undefined : (columnsOf(id) ?? this.#known.byId.get(id))) ??
            lookUp(`relation ${relationText(relation)}`, () => this.#known.outside(relation))
          );
        },
        columnsOfCall: (call) =>
          lookUp(`call ${call}`, async () => {
            const columns = await (await this.#sketched()).columnsOf(`from ${call}`);
            return 'problem' in columns ? undefined : columns;
          }),
      };
      const found = analyse(tree, catalog, options);
      if (asked.size === 0) return { found, looksOutside: outside.size > 0 };
      for (const [key, ask] of asked) outside.set(key, await ask());
    }
  }
}

interface Wanted {
  readonly id: NodeId;
  readonly sql: string | undefined;
  readonly problem?: string | undefined;
  /** Whether it may read its own table. */
  readonly own?: boolean;
}

/** A query that nothing is kept of. */
interface Unknown {
  /** Whose it is: mostly of one. */
  readonly ids: readonly NodeId[];
  readonly sql: string;
  readonly key: string;
  readonly reads: readonly NodeId[];
}

interface Bound {
  readonly columns: readonly Column[];
  readonly model: Promise<KnownModel>;
}

interface Learnt {
  readonly lineage: QueryLineage;
  /** Undefined when DuckDB cannot bind it. */
  readonly columns: readonly Column[] | undefined;
  readonly looksOutside: boolean;
}

const PIVOTED = 'the values it pivots by are in the data: write them behind IN, or build what it reads first';

const isEmpty = (treeText: string): boolean => readSyntaxTree(treeText).value.statements.length === 0;

const unknownType = ({ name }: { readonly name: string }): Column => ({ name, type: 'VARCHAR' });

const relationText = ({ database, schema, name }: RelationName): string =>
  [database, schema, name].flatMap((part) => (part === undefined ? [] : [quotedIdentifier(part)])).join('.');

const withProblem = (lineage: QueryLineage, reason: string): QueryLineage => ({
  ...lineage,
  unresolved: [...lineage.unresolved, { reason }],
});

/** Of a model whose SQL is not known. */
const unknownLineage = (problem: string): QueryLineage =>
  withProblem(analyseQuery({ statements: [], error: problem }, { columnsOf: () => undefined }), problem);

/** Models, snapshots, seeds and sources, what is read before what reads it. */
export function inOrder(manifest: Manifest): readonly NodeId[] {
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

/** The same, what reads nothing first, then what reads only that, and so on. */
function layers(manifest: Manifest, order: readonly NodeId[]): readonly (readonly NodeId[])[] {
  const depths = new Map<NodeId, number>();
  const found: NodeId[][] = [];
  for (const id of order) {
    const parents = manifest.nodes[id]?.depends_on.nodes ?? [];
    const depth = Math.max(-1, ...parents.map((parent) => depths.get(parent) ?? -1)) + 1;
    depths.set(id, depth);
    const layer = found[depth];
    if (layer) layer.push(id);
    else found[depth] = [id];
  }
  return found;
}
