/** The graph that selection walks: small enough that the docs site can make one from what it has, without a Manifest. */
import type { Constraint, Manifest } from '../compile/manifest.ts';
import { allNodes } from '../compile/manifest.ts';
import type { Json, NodeId } from '../core/node-id.ts';

/** What the methods read of a node. Every node of a Manifest is one as it is; what is optional is read by few methods. */
export interface SelectableNode {
  readonly unique_id: NodeId;
  readonly resource_type: string;
  readonly name: string;
  readonly package_name: string;
  readonly fqn: readonly string[];
  readonly tags: readonly string[];
  readonly original_file_path: string;
  readonly patch_path?: string | null;
  readonly config: Readonly<Record<string, Json>>;
  readonly depends_on?: {
    readonly nodes: readonly NodeId[];
    readonly macros?: readonly NodeId[];
  };
  readonly access?: string;
  readonly group?: string | null;
  readonly version?: string | number | null;
  readonly latest_version?: string | number | null;
  readonly source_name?: string;
  readonly test_metadata?: { readonly name: string };
  readonly meta?: Readonly<Record<string, Json>>;
  readonly owner?: Readonly<Record<string, Json>>;
  /** Blank code: dbt leaves such nodes out of whatever it runs. */
  readonly raw_code?: string;
  // What only `state:` compares.
  readonly checksum?: string | { readonly name: string; readonly checksum: string };
  readonly unrendered_config?: Readonly<Record<string, Json>>;
  readonly description?: string;
  readonly columns?: Readonly<Record<string, SelectableColumn>>;
  readonly contract?: {
    readonly enforced: boolean;
    readonly checksum: string | null;
  };
  readonly constraints?: readonly Constraint[];
  readonly deprecation_date?: string | null;
  readonly database?: string;
  readonly schema?: string;
  readonly identifier?: string;
  readonly unrendered_database?: string | null;
  readonly unrendered_schema?: string | null;
  readonly quoting?: Readonly<Record<string, Json>>;
  readonly freshness?: unknown;
  readonly loaded_at_field?: string | null;
  readonly loaded_at_query?: string | null;
  readonly external?: Readonly<Record<string, Json>> | null;
  readonly type?: string;
  readonly label?: string | null;
  readonly maturity?: string | null;
  readonly url?: string | null;
}

export interface SelectableColumn {
  readonly name: string;
  readonly description: string;
  readonly data_type: string | null;
  readonly constraints: readonly Constraint[];
}

export interface SelectableMacro {
  readonly macro_sql: string;
  readonly depends_on: { readonly macros: readonly NodeId[] };
}

export interface SelectableGraph {
  /** What `package:this` means. */
  readonly projectName: string;
  readonly nodes: ReadonlyMap<NodeId, SelectableNode>;
  /** Direct parents; absent is none. Ids that are no nodes of the graph never occur. */
  readonly parents: ReadonlyMap<NodeId, readonly NodeId[]>;
  readonly children: ReadonlyMap<NodeId, readonly NodeId[]>;
  /** Read by `state:` and `owner:`. */
  readonly macros?: Readonly<Record<NodeId, SelectableMacro>>;
  readonly groups?: Readonly<Record<NodeId, { readonly name: string; readonly owner: Readonly<Record<string, Json>> }>>;
  /** Nodes that exist but are switched off, so that naming one can be explained. */
  readonly disabled?: ReadonlyMap<NodeId, SelectableNode>;
}

/** Families of nodes that manifests of older dbt versions, which `--state` may give, do not have. */
const LATER_FAMILIES = {
  exposures: {},
  unit_tests: {},
  groups: {},
  metrics: {},
  semantic_models: {},
  saved_queries: {},
  functions: {},
  disabled: {},
};

/** Of thousands of nodes the graph takes as long as what is asked of it, and several criteria ask for the same one. */
const GRAPHS = new WeakMap<Manifest, SelectableGraph>();

export function selectableGraph(manifest: Manifest): SelectableGraph {
  const graph = GRAPHS.get(manifest) ?? graphOf(manifest);
  GRAPHS.set(manifest, graph);
  return graph;
}

/** The one place that knows both a Manifest and a SelectableGraph. */
function graphOf(given: Manifest): SelectableGraph {
  const manifest: Manifest = { ...LATER_FAMILIES, ...given };
  const nodes = new Map<NodeId, SelectableNode>();
  for (const node of allNodes(manifest)) if (node.config.enabled !== false) nodes.set(node.unique_id, node);
  for (const family of [manifest.metrics, manifest.semantic_models, manifest.saved_queries, manifest.functions])
    for (const [id, json] of Object.entries(family)) nodes.set(id, nodeFromJson(id, json));
  const disabled = new Map<NodeId, SelectableNode>();
  for (const [id, [node]] of Object.entries(manifest.disabled)) if (node !== undefined) disabled.set(id, node);
  const projectName = manifest.metadata.project_name;
  return {
    projectName: typeof projectName === 'string' ? projectName : '',
    nodes,
    parents: edgesWithin(nodes, manifest.parent_map),
    children: edgesWithin(nodes, manifest.child_map),
    macros: manifest.macros,
    groups: manifest.groups,
    disabled,
  };
}

/** A graph from nodes that say what they depend on; for callers without dbt's parent_map and child_map. */
export function graphOfNodes(projectName: string, all: Iterable<SelectableNode>): SelectableGraph {
  const nodes = new Map([...all].map((node) => [node.unique_id, node]));
  const parents = new Map<NodeId, NodeId[]>();
  const children = new Map<NodeId, NodeId[]>();
  for (const [id, node] of nodes)
    for (const parent of node.depends_on?.nodes ?? []) {
      if (!nodes.has(parent)) continue;
      push(parents, id, parent);
      push(children, parent, id);
    }
  return { projectName, nodes, parents, children };
}

function push(lists: Map<NodeId, NodeId[]>, key: NodeId, value: NodeId): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function edgesWithin(
  nodes: ReadonlyMap<NodeId, SelectableNode>,
  map: Readonly<Record<NodeId, readonly NodeId[]>>,
): ReadonlyMap<NodeId, readonly NodeId[]> {
  const edges = new Map<NodeId, readonly NodeId[]>();
  for (const [id, ends] of Object.entries(map))
    if (nodes.has(id))
      edges.set(
        id,
        ends.filter((end) => nodes.has(end)),
      );
  return edges;
}

/** The semantic layer's nodes are kept as dbt's JSON; selection reads the fields that all nodes share. */
function nodeFromJson(id: NodeId, json: Json): SelectableNode {
  const fields = isRecord(json) ? json : {};
  const dependsOn = isRecord(fields.depends_on) ? fields.depends_on : {};
  const name = textOf(fields.name) ?? id.split('.').at(-1) ?? id;
  const fqn = textsOf(fields.fqn);
  return {
    unique_id: id,
    resource_type: textOf(fields.resource_type) ?? id.split('.')[0] ?? '',
    name,
    package_name: textOf(fields.package_name) ?? '',
    fqn: fqn.length > 0 ? fqn : [name],
    tags: textsOf(fields.tags),
    original_file_path: textOf(fields.original_file_path) ?? '',
    config: isRecord(fields.config) ? fields.config : {},
    depends_on: {
      nodes: textsOf(dependsOn.nodes),
      macros: textsOf(dependsOn.macros),
    },
  };
}

export const isRecord = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);
const textsOf = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
