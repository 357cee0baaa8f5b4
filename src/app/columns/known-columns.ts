/** Which columns the relations of a project have, as far as is known, and the double of the warehouse they are drawn in. */
import { statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { GraphNode, SourceNode } from '../../compile/manifest.ts';
import { EngineError } from '../../core/engine-error.ts';
import type { NodeId } from '../../core/node-id.ts';
import { quotedIdentifier, quotedString } from '../../core/quote.ts';
import type { Column } from '../../engine/engine.ts';
import { type RelationName, relationKey } from '../../lineage/lineage.ts';
import { flagAt, recordAt, textAt } from '../../plan/node-config.ts';
import { loadSeed } from '../../run/load-seed.ts';
import type { OpenedProject } from '../opening/opened-project.ts';
import { hashOf } from '../opening/parsed-sql.ts';
import type { LiveWarehouse } from '../warehouse/live-warehouse.ts';
import { filesOf } from '../warehouse/outside.ts';
import type { Sketch } from '../warehouse/sketch-warehouse.ts';
import { externalRelation } from '../warehouse/source-relations.ts';
import type { LineageCache } from './lineage-cache.ts';

export class KnownColumns {
  readonly byId = new Map<NodeId, readonly Column[]>();
  readonly #ids = new Map<string, NodeId>();
  readonly #drawn = new Set<NodeId>();
  readonly #opened: OpenedProject;
  readonly #live: LiveWarehouse;
  readonly #cache: LineageCache;
  readonly #sketched: () => Promise<Sketch>;

  constructor(opened: OpenedProject, live: LiveWarehouse, cache: LineageCache, sketched: () => Promise<Sketch>) {
    this.#opened = opened;
    this.#live = live;
    this.#cache = cache;
    this.#sketched = sketched;
    // A source that is a relation of the project itself is the node that makes it.
    for (const node of [...Object.values(opened.manifest.sources), ...Object.values(opened.manifest.nodes)])
      if (node.resource_type === 'source' || ['model', 'seed', 'snapshot'].includes(node.resource_type))
        this.#ids.set(relationKey(nameOf(node)), node.unique_id);
  }

  idOf(relation: RelationName): NodeId | undefined {
    const { database, schema } = this.#opened.project.target;
    const full = { database: relation.database ?? database, schema: relation.schema ?? schema, name: relation.name };
    return this.#ids.get(relationKey(relation)) ?? this.#ids.get(relationKey(full));
  }

  columnsOf(relation: RelationName): readonly Column[] | undefined {
    const id = this.idOf(relation);
    return id === undefined ? undefined : this.byId.get(id);
  }

  /** What a model that reads `id` depends on, for the key of its analysis. */
  inputs(id: NodeId): readonly { readonly relation: RelationName; readonly columns: readonly Column[] | undefined }[] {
    const node = this.#opened.manifest.nodes[id] ?? this.#opened.manifest.sources[id];
    return node ? [{ relation: nameOf(node), columns: this.byId.get(id) }] : [];
  }

  learn(node: GraphNode, columns: readonly Column[]): void {
    this.byId.set(node.unique_id, columns);
  }

  /** Draws the relations with these ids in the double, unless they are there. */
  async drawn(ids: readonly NodeId[]): Promise<void> {
    const { nodes, sources } = this.#opened.manifest;
    const missing = ids.flatMap((id) => {
      const node = nodes[id] ?? sources[id];
      const columns = this.byId.get(id);
      if (!node || !columns || this.#drawn.has(id)) return [];
      this.#drawn.add(id);
      return [{ relation: relationText(nameOf(node)), columns }];
    });
    if (missing.length > 0) await (await this.#sketched()).add(missing);
  }

  /** Reads a source's columns: of its files, of its table in the warehouse, or as its YAML says. */
  async source(id: NodeId): Promise<void> {
    const source = this.#opened.manifest.sources[id];
    if (!source) return;
    const columns = (await this.#described(source)) ?? declared(source);
    if (columns.length > 0) this.byId.set(id, columns);
  }

  async #described(source: SourceNode): Promise<readonly Column[] | undefined> {
    const { folder } = this.#opened.project;
    const call = externalRelation(source, folder);
    if (call === undefined) return this.#standing(source.relation_name);
    const files = filesOf(source, folder) ?? [];
    const marks = files.map((file) => {
      const facts = statSync(file, { throwIfNoEntry: false });
      return facts ? `${file}:${facts.size}:${facts.mtimeMs}:${facts.ctimeMs}` : `${file}:missing`;
    });
    const key = `source ${hashOf([call, ...marks].join('\n'))}`;
    const known = this.#cache.columns(key);
    if (known) return known;
    const columns = await (await this.#sketched()).columnsOf(`from ${call}`);
    if ('problem' in columns) return undefined;
    if (files.length > 0) this.#cache.keep(key, { columns });
    return columns;
  }

  async seed(node: GraphNode): Promise<void> {
    const file = join(node.root_path ?? this.#opened.project.folder, node.original_file_path);
    const path = isAbsolute(file) ? file : join(this.#opened.project.folder, file);
    const options = {
      delimiter: textAt(node.config, 'delimiter') ?? ',',
      columnTypes: Object.fromEntries(
        Object.entries(recordAt(node.config, 'column_types')).map(([column, type]) => [column, String(type)]),
      ),
      quoteColumns: flagAt(node.config, 'quote_columns') ?? false,
    };
    const facts = statSync(path, { throwIfNoEntry: false });
    const key = `seed ${hashOf(JSON.stringify([node.checksum.checksum, path, facts?.size, facts?.mtimeMs, facts?.ctimeMs, options]))}`;
    const known = this.#cache.columns(key);
    if (known) {
      this.byId.set(node.unique_id, known);
      return;
    }
    const { connection } = await this.#sketched();
    const relation = relationText(nameOf(node));
    try {
      await loadSeed(connection, path, relation, options);
      const columns = await connection.describe(`from ${relation}`);
      this.#drawn.add(node.unique_id);
      this.byId.set(node.unique_id, columns);
      this.#cache.keep(key, { columns });
    } catch (error) {
      if (!(error instanceof EngineError) || error.kind === 'interrupted') throw error;
      // The seed itself will say what is wrong with its file; what reads it says that its columns are not known.
    }
  }

  /** Columns of a model as it stands in the warehouse. */
  standing(node: GraphNode): Promise<readonly Column[] | undefined> {
    return node.relation_name === null ? Promise.resolve(undefined) : this.#standing(node.relation_name);
  }

  /** The columns of a query over what stands in the warehouse; undefined where something it reads is not built. */
  async described(sql: string): Promise<readonly Column[] | undefined> {
    const connection = await this.#live.connection();
    if (!connection) return undefined;
    try {
      return await connection.describe(sql);
    } catch (error) {
      if (!(error instanceof EngineError) || error.kind === 'interrupted') throw error;
      return undefined;
    }
  }

  /** A file, or a table of nobody's in the project. */
  async outside(relation: RelationName): Promise<readonly Column[] | undefined> {
    if (relation.schema === undefined && /[./\\]/.test(relation.name)) {
      const columns = await (await this.#sketched()).columnsOf(`from ${quotedString(relation.name)}`);
      return 'problem' in columns ? undefined : columns;
    }
    return this.#standing(relationText(relation));
  }

  #standing(relation: string): Promise<readonly Column[] | undefined> {
    return this.described(`from ${relation}`);
  }
}

/** How a node is named where it is read. */
function nameOf(node: GraphNode | SourceNode): RelationName {
  const { database, schema } = node;
  if (node.resource_type === 'source') return { database, schema, name: node.identifier };
  return node.config.materialized === 'ephemeral'
    ? { name: `__dbt__cte__${node.alias}` }
    : { database, schema, name: node.alias };
}

const relationText = ({ database, schema, name }: RelationName): string =>
  [database, schema, name].flatMap((part) => (part === undefined ? [] : [quotedIdentifier(part)])).join('.');

/** Columns that the YAML lists, where there is nothing to look at. */
const declared = (source: SourceNode): readonly Column[] =>
  Object.values(source.columns).map(({ name, data_type }) => ({ name, type: data_type ?? 'VARCHAR' }));
