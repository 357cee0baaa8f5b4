/**
 * The Manifest: what a project means. It is dbt's manifest v12 in dbt's spelling, so that target/manifest.json is this value;
 * whatever dql knows beyond dbt stands under `meta.dql` or in `DqlFacts`, which is not written.
 */
import type { Json, NodeId } from '../core/node-id.ts';

export type ResourceType =
  | 'model'
  | 'seed'
  | 'snapshot'
  | 'test'
  | 'unit_test'
  | 'analysis'
  | 'operation'
  | 'source'
  | 'exposure'
  | 'macro'
  | 'doc'
  | 'group'
  | 'metric'
  | 'semantic_model'
  | 'saved_query'
  | 'function';

export interface ManifestColumn {
  readonly name: string;
  readonly description: string;
  readonly data_type: string | null;
  readonly meta: Readonly<Record<string, Json>>;
  readonly tags: readonly string[];
  readonly constraints: readonly Constraint[];
  readonly quote: boolean | null;
  readonly config: Readonly<Record<string, Json>>;
}

export interface Constraint {
  readonly type: 'check' | 'not_null' | 'unique' | 'primary_key' | 'foreign_key' | 'custom';
  readonly name: string | null;
  readonly expression: string | null;
  readonly columns: readonly string[];
  readonly to: string | null;
  readonly to_columns: readonly string[];
  readonly warn_unenforced: boolean;
  readonly warn_unsupported: boolean;
}

/** A node's config after all levels were merged. Known keys are typed by `project/`'s zod schemas; unknown user keys live in `meta`. */
export type NodeConfig = Readonly<Record<string, Json>> & {
  readonly enabled: boolean;
  readonly materialized: string;
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, Json>>;
};

interface NodeBase {
  readonly unique_id: NodeId;
  readonly name: string;
  readonly package_name: string;
  /** Relative to the resource folder (`staging/stg_orders.sql`). */
  readonly path: string;
  /** Relative to the package's root (`models/staging/stg_orders.sql`). */
  readonly original_file_path: string;
  readonly fqn: readonly string[];
  readonly description: string;
  readonly meta: Readonly<Record<string, Json>>;
  readonly tags: readonly string[];
}

/** A node with a relation or a query of its own. */
export interface GraphNode extends NodeBase {
  readonly resource_type: 'model' | 'seed' | 'snapshot' | 'test' | 'analysis' | 'operation';
  readonly alias: string;
  readonly database: string;
  readonly schema: string;
  /** Quoted public name, `"db"."schema"."alias"`; null for tests that store nothing, ephemeral models, analyses, operations. */
  readonly relation_name: string | null;
  readonly checksum: { readonly name: string; readonly checksum: string };
  readonly config: NodeConfig;
  readonly unrendered_config: Readonly<Record<string, Json>>;
  readonly columns: Readonly<Record<string, ManifestColumn>>;
  readonly raw_code: string;
  readonly language: 'sql';
  readonly refs: readonly {
    readonly name: string;
    readonly package: string | null;
    readonly version: string | number | null;
  }[];
  readonly sources: readonly (readonly [string, string])[];
  readonly metrics: readonly (readonly string[])[];
  readonly depends_on: {
    readonly nodes: readonly NodeId[];
    readonly macros: readonly NodeId[];
  };
  readonly compiled: boolean;
  readonly compiled_code?: string | null;
  readonly compiled_path: string | null;
  readonly build_path: string | null;
  readonly extra_ctes: readonly { readonly id: NodeId; readonly sql: string }[];
  readonly extra_ctes_injected: boolean;
  readonly contract: {
    readonly enforced: boolean;
    readonly alias_types: boolean;
    readonly checksum: string | null;
  };
  readonly constraints: readonly Constraint[];
  readonly primary_key: readonly string[];
  readonly access: 'private' | 'protected' | 'public';
  readonly group: string | null;
  readonly version: string | number | null;
  readonly latest_version: string | number | null;
  /** Of models: for the semantic layer, as written; null where nothing is. */
  readonly time_spine?: Json;
  readonly deprecation_date: string | null;
  readonly docs: { readonly show: boolean; readonly node_color: string | null };
  readonly doc_blocks: readonly NodeId[];
  /** `package://models/staging.yml`, or null. */
  readonly patch_path: string | null;
  readonly created_at: number;
  /** Tests only. */
  readonly test_metadata?: {
    readonly name: string;
    readonly namespace: string | null;
    readonly kwargs: Readonly<Record<string, Json>>;
  };
  readonly column_name?: string | null;
  readonly attached_node?: NodeId | null;
  readonly file_key_name?: string | null;
  /** Seeds only: the folder `path` is in. */
  readonly root_path?: string | null;
}

export interface FreshnessThreshold {
  readonly count: number | null;
  readonly period: 'minute' | 'hour' | 'day' | null;
}

export interface SourceNode extends NodeBase {
  readonly resource_type: 'source';
  readonly source_name: string;
  readonly source_description: string;
  readonly loader: string;
  readonly identifier: string;
  readonly database: string;
  readonly schema: string;
  readonly relation_name: string;
  readonly quoting: Readonly<Record<string, Json>>;
  readonly loaded_at_field: string | null;
  readonly loaded_at_query: string | null;
  readonly freshness: {
    readonly warn_after: FreshnessThreshold;
    readonly error_after: FreshnessThreshold;
    readonly filter: string | null;
  } | null;
  /** dbt's `external:` block; dql reads `location` (a file, a glob or a DuckDB table function call) and `format`. */
  readonly external: Readonly<Record<string, Json>> | null;
  readonly columns: Readonly<Record<string, ManifestColumn>>;
  readonly source_meta: Readonly<Record<string, Json>>;
  readonly config: Readonly<Record<string, Json>>;
  readonly unrendered_config: Readonly<Record<string, Json>>;
  readonly patch_path: string | null;
  readonly created_at: number;
}

export interface ExposureNode extends NodeBase {
  readonly resource_type: 'exposure';
  readonly type: 'dashboard' | 'notebook' | 'analysis' | 'ml' | 'application';
  readonly owner: Readonly<Record<string, Json>>;
  readonly label: string | null;
  readonly maturity: 'low' | 'medium' | 'high' | null;
  readonly url: string | null;
  readonly depends_on: {
    readonly nodes: readonly NodeId[];
    readonly macros: readonly NodeId[];
  };
  readonly refs: GraphNode['refs'];
  readonly sources: GraphNode['sources'];
  readonly config: Readonly<Record<string, Json>>;
  readonly created_at: number;
}

/** A unit test, dbt's YAML kept as it is in `given`, `expect` and `overrides`. */
export interface UnitTestNode extends NodeBase {
  readonly resource_type: 'unit_test';
  /** The tested model's name; of a macro's test the macro's. */
  readonly model: string;
  /** Of a macro's test: what the macro, `depends_on.macros[0]`, is called with. */
  readonly args?: Readonly<Record<string, Json>>;
  readonly given: readonly {
    readonly input: string;
    readonly rows: Json;
    readonly format: 'dict' | 'csv' | 'sql';
    readonly fixture: string | null;
  }[];
  readonly expect: {
    readonly rows: Json;
    readonly format: 'dict' | 'csv' | 'sql';
    readonly fixture: string | null;
  };
  readonly overrides: Readonly<Record<string, Json>> | null;
  readonly depends_on: {
    readonly nodes: readonly NodeId[];
    readonly macros: readonly NodeId[];
  };
  readonly config: Readonly<Record<string, Json>>;
  readonly version: string | number | null;
  readonly checksum: string;
  readonly created_at: number;
}

export interface MacroNode {
  readonly unique_id: NodeId;
  readonly resource_type: 'macro';
  readonly name: string;
  readonly package_name: string;
  readonly path: string;
  readonly original_file_path: string;
  readonly macro_sql: string;
  readonly depends_on: { readonly macros: readonly NodeId[] };
  readonly description: string;
  readonly meta: Readonly<Record<string, Json>>;
  readonly docs: { readonly show: boolean; readonly node_color: string | null };
  readonly patch_path: string | null;
  readonly arguments: readonly {
    readonly name: string;
    readonly type: string | null;
    readonly description: string;
  }[];
  readonly created_at: number;
  readonly supported_languages: readonly string[] | null;
}

export interface DocNode {
  readonly unique_id: NodeId;
  readonly resource_type: 'doc';
  readonly name: string;
  readonly package_name: string;
  readonly path: string;
  readonly original_file_path: string;
  readonly block_contents: string;
}

export interface GroupNode {
  readonly unique_id: NodeId;
  readonly resource_type: 'group';
  readonly name: string;
  readonly package_name: string;
  readonly path: string;
  readonly original_file_path: string;
  readonly owner: Readonly<Record<string, Json>>;
  readonly description: string | null;
  readonly config: Readonly<Record<string, Json>>;
}

/** Every node that has a place in the DAG. */
export type AnyNode = GraphNode | SourceNode | ExposureNode | UnitTestNode;

export interface Manifest {
  readonly metadata: Readonly<Record<string, Json>>;
  readonly nodes: Readonly<Record<NodeId, GraphNode>>;
  readonly sources: Readonly<Record<NodeId, SourceNode>>;
  readonly exposures: Readonly<Record<NodeId, ExposureNode>>;
  readonly unit_tests: Readonly<Record<NodeId, UnitTestNode>>;
  readonly macros: Readonly<Record<NodeId, MacroNode>>;
  readonly docs: Readonly<Record<NodeId, DocNode>>;
  readonly groups: Readonly<Record<NodeId, GroupNode>>;
  readonly metrics: Readonly<Record<NodeId, Json>>;
  readonly semantic_models: Readonly<Record<NodeId, Json>>;
  readonly saved_queries: Readonly<Record<NodeId, Json>>;
  readonly functions: Readonly<Record<NodeId, Json>>;
  /** YAML selectors as dbt writes them: name → definition. */
  readonly selectors: Readonly<Record<string, Json>>;
  readonly disabled: Readonly<Record<NodeId, readonly AnyNode[]>>;
  readonly parent_map: Readonly<Record<NodeId, readonly NodeId[]>>;
  readonly child_map: Readonly<Record<NodeId, readonly NodeId[]>>;
  readonly group_map: Readonly<Record<string, readonly NodeId[]>>;
}

/** The node of that id wherever it is kept. */
export function nodeOf(manifest: Manifest, id: NodeId): AnyNode | undefined {
  return manifest.nodes[id] ?? manifest.sources[id] ?? manifest.exposures[id] ?? manifest.unit_tests[id];
}

/** Every node with a place in the DAG, in no particular order. */
export function* allNodes(manifest: Manifest): Generator<AnyNode> {
  yield* Object.values(manifest.nodes);
  yield* Object.values(manifest.sources);
  yield* Object.values(manifest.exposures);
  yield* Object.values(manifest.unit_tests);
}

/** A usage example of the node it is attached to: a query that must run, whatever it answers. Other tests of SQL are attached to nothing. */
export const isExample = (node: GraphNode): boolean =>
  node.resource_type === 'test' && node.test_metadata === undefined && typeof node.attached_node === 'string';

/** Whether a column is marked as personal data: `pii: true` (or its kind) beside it, in its config or its meta, or the tag `pii`. */
export function isPersonalColumn({ tags, meta, config }: ManifestColumn): boolean {
  const inner = config['meta'];
  const marks = [config['pii'], meta['pii'], isRecord(inner) ? inner['pii'] : undefined];
  return marks.some((mark) => mark !== undefined && mark !== null && mark !== false) || isTagged(tags, config['tags']);
}

/** Whether a column says `pii: false`: shown although what it is made from is personal data. */
export const isSaidNotPersonal = ({ meta, config }: ManifestColumn): boolean => {
  const inner = config['meta'];
  return (config['pii'] ?? meta['pii'] ?? (isRecord(inner) ? inner['pii'] : undefined)) === false;
};

/** Whether everything in a node is. */
export const isPersonalNode = ({
  tags,
  meta,
}: Pick<NodeBase, 'meta'> & { readonly tags: readonly string[] }): boolean =>
  isTagged(tags) || (meta['pii'] !== undefined && meta['pii'] !== null && meta['pii'] !== false);

/** Whether a column is marked, and nothing takes that back. */
export const isMarkedPersonal = (column: ManifestColumn): boolean =>
  isPersonalColumn(column) && !isSaidNotPersonal(column);

/** Whether anything that the nodes are made from, or that is made from it, is marked. */
export function isNearPersonal(manifest: Manifest, ids: readonly NodeId[]): boolean {
  const same = sameRelations(manifest);
  const near = (next: Readonly<Record<NodeId, readonly NodeId[]>>, starts: Iterable<NodeId>) => {
    const seen = new Set(starts);
    for (const id of seen) for (const other of [...(next[id] ?? []), ...(same.get(id) ?? [])]) seen.add(other);
    return seen;
  };
  for (const id of near(manifest.child_map, near(manifest.parent_map, ids))) {
    const node = manifest.nodes[id] ?? manifest.sources[id];
    if (node && (isPersonalNode(node) || Object.values(node.columns).some(isMarkedPersonal))) return true;
  }
  return false;
}

/** Of sources that are relations of the project itself, and of sources of the same relation: the node that stands for both. */
export function homesOf({ nodes, sources }: Manifest): ReadonlyMap<NodeId, NodeId> {
  const homes = new Map<NodeId, NodeId>();
  const first = new Map<string, NodeId>();
  const all = Object.values(sources);
  if (all.length > 0)
    for (const node of Object.values(nodes))
      if (node.relation_name !== null) first.set(node.relation_name.toLowerCase(), node.unique_id);
  for (const { relation_name: name, unique_id: id, external } of all) {
    if (name === null || external?.['location'] !== undefined) continue;
    const home = first.get(name.toLowerCase());
    if (home === undefined) first.set(name.toLowerCase(), id);
    else homes.set(id, home);
  }
  return homes;
}

/** Asked of every test that fails. */
const SAME = new WeakMap<Manifest, ReadonlyMap<NodeId, readonly NodeId[]>>();

function sameRelations(manifest: Manifest): ReadonlyMap<NodeId, readonly NodeId[]> {
  const known = SAME.get(manifest);
  if (known) return known;
  const same = new Map<NodeId, readonly NodeId[]>();
  for (const [source, home] of homesOf(manifest)) {
    same.set(source, [home]);
    same.set(home, [...(same.get(home) ?? []), source]);
  }
  SAME.set(manifest, same);
  return same;
}

const isTagged = (...tags: readonly (Json | undefined)[]): boolean =>
  tags.some((tag) => (Array.isArray(tag) ? tag.some(saysPii) : saysPii(tag)));

const saysPii = (tag: Json | undefined): boolean => typeof tag === 'string' && tag.toLowerCase() === 'pii';

const isRecord = (value: Json | undefined): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type ModelKey = 'access' | 'constraints' | 'primary_key' | 'version' | 'latest_version' | 'deprecation_date';

/** A node that is no model, as dbt has it: without the keys that are about models. */
export function withoutModelKeys(node: GraphNode): Omit<GraphNode, ModelKey> {
  const { access, constraints, primary_key, version, latest_version, deprecation_date, ...others } = node;
  return others;
}
