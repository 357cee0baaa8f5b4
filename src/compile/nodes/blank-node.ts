import type { GraphNode, NodeConfig } from '../manifest.ts';
import type { Mutable } from './draft.ts';

type Given = Pick<
  GraphNode,
  | 'resource_type'
  | 'unique_id'
  | 'name'
  | 'package_name'
  | 'path'
  | 'original_file_path'
  | 'fqn'
  | 'raw_code'
  | 'checksum'
  | 'config'
  | 'unrendered_config'
  | 'created_at'
>;

/** A node with every key of the manifest present, in one order, so that all nodes have the same shape. */
export function blankNode(given: Given): Mutable<GraphNode> {
  const { config } = given;
  const { docs, contract } = partsOf(config);
  return {
    database: '',
    schema: '',
    name: given.name,
    resource_type: given.resource_type,
    package_name: given.package_name,
    path: given.path,
    original_file_path: given.original_file_path,
    unique_id: given.unique_id,
    fqn: given.fqn,
    alias: given.name,
    checksum: given.checksum,
    config,
    tags: config.tags,
    description: '',
    columns: NO_ENTRIES,
    meta: config.meta,
    group: textOrNull(config, 'group'),
    docs,
    patch_path: null,
    build_path: null,
    unrendered_config: given.unrendered_config,
    created_at: given.created_at,
    relation_name: null,
    raw_code: given.raw_code,
    doc_blocks: NO_ITEMS,
    language: 'sql',
    refs: NO_ITEMS,
    sources: NO_ITEMS,
    metrics: NO_ITEMS,
    depends_on: NO_DEPENDENCIES,
    compiled_path: null,
    compiled: false,
    extra_ctes_injected: false,
    extra_ctes: NO_ITEMS,
    contract,
    access: accessOf(config),
    constraints: NO_ITEMS,
    version: null,
    latest_version: null,
    deprecation_date: null,
    primary_key: NO_ITEMS,
  };
}

// Nodes are many and most of these stay empty, so they are shared; a node's lists are replaced, never changed.
const NO_ITEMS: readonly never[] = [];
const NO_ENTRIES: Readonly<Record<string, never>> = {};
const NO_DEPENDENCIES = { macros: NO_ITEMS, nodes: NO_ITEMS } as const;

/** What nodes with one configuration have in common. */
const parts = new WeakMap<NodeConfig, Pick<GraphNode, 'docs' | 'contract'>>();

function partsOf(config: NodeConfig): Pick<GraphNode, 'docs' | 'contract'> {
  let known = parts.get(config);
  if (known === undefined) {
    known = { docs: docsOf(config), contract: contractOf(config) };
    parts.set(config, known);
  }
  return known;
}

const textOrNull = (config: NodeConfig, key: string): string | null => {
  const value = config[key];
  return typeof value === 'string' ? value : null;
};

function docsOf(config: NodeConfig): GraphNode['docs'] {
  const docs = config['docs'];
  if (typeof docs !== 'object' || docs === null || Array.isArray(docs)) return { show: true, node_color: null };
  const { show, node_color: color } = docs as { readonly show?: unknown; readonly node_color?: unknown }; // Array.isArray keeps readonly arrays
  return { show: show !== false, node_color: typeof color === 'string' ? color : null };
}

function contractOf(config: NodeConfig): GraphNode['contract'] {
  const contract = config['contract'];
  if (typeof contract !== 'object' || contract === null || Array.isArray(contract))
    return { enforced: false, alias_types: true, checksum: null };
  const { enforced, alias_types: aliases } = contract as {
    readonly enforced?: unknown;
    readonly alias_types?: unknown;
  }; // as above
  return { enforced: enforced === true, alias_types: aliases !== false, checksum: null };
}

function accessOf(config: NodeConfig): GraphNode['access'] {
  const access = config['access'];
  return access === 'private' || access === 'public' ? access : 'protected';
}
