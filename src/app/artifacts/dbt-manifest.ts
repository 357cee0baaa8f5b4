/** The manifest as dbt's v12 schema has it: each kind of node with its own keys and no others. Inside dql all nodes have one shape. */
import {
  type ExposureNode,
  type GraphNode,
  type MacroNode,
  type Manifest,
  type SourceNode,
  type UnitTestNode,
  withoutModelKeys,
} from '../../compile/manifest.ts';
import type { Json, NodeId } from '../../core/node-id.ts';

type Written = Readonly<Record<string, unknown>>;

/** @param nodes the manifest's nodes, with what this command compiled */
export const dbtManifest = (manifest: Manifest, nodes: Readonly<Record<NodeId, GraphNode>>): Written => ({
  ...manifest,
  nodes: each(nodes, graphNode),
  sources: each(manifest.sources, source),
  macros: each(manifest.macros, macro),
  exposures: each(manifest.exposures, exposure),
  unit_tests: each(manifest.unit_tests, unitTest),
  disabled: Object.fromEntries(
    Object.entries(manifest.disabled).map(([id, alternatives]) => [id, alternatives.map(anyNode)]),
  ),
});

function each<N>(nodes: Readonly<Record<NodeId, N>>, write: (node: N) => Written): Readonly<Record<NodeId, Written>> {
  const written: Record<NodeId, Written> = {};
  for (const id in nodes) {
    const node = nodes[id];
    if (node !== undefined) written[id] = write(node);
  }
  return written;
}

function graphNode(node: GraphNode): Written {
  switch (node.resource_type) {
    case 'model':
      return node as unknown as Written; // it has all keys there are
    case 'seed':
      return seed(node);
    default:
      return withoutModelKeys(node) as unknown as Written; // a node is JSON; interfaces have no index signature
  }
}

const SEED_KEYS = [
  'database',
  'schema',
  'name',
  'resource_type',
  'package_name',
  'path',
  'original_file_path',
  'unique_id',
  'fqn',
  'alias',
  'checksum',
  'config',
  'tags',
  'description',
  'columns',
  'meta',
  'group',
  'docs',
  'patch_path',
  'build_path',
  'unrendered_config',
  'created_at',
  'relation_name',
  'raw_code',
  'doc_blocks',
  'root_path',
] as const satisfies readonly (keyof GraphNode)[];

const seed = (node: GraphNode): Written => ({
  ...Object.fromEntries(SEED_KEYS.map((key) => [key, node[key] ?? null])),
  depends_on: { macros: node.depends_on.macros },
});

const source = (node: SourceNode): Written => ({
  ...node,
  doc_blocks: [],
  unrendered_database: null,
  unrendered_schema: null,
});

const macro = (node: MacroNode): Written => ({ ...node, config: { meta: node.meta, docs: node.docs } });

const exposure = (node: ExposureNode): Written => ({ unrendered_config: {}, metrics: [], ...node });

const unitTest = (node: UnitTestNode): Written => {
  const { meta, tags, ...written } = node;
  return { schema: null, versions: null, ...written, config: { ...node.config, meta, tags } as Json };
};

const anyNode = (node: Manifest['disabled'][NodeId][number]): Written => {
  switch (node.resource_type) {
    case 'source':
      return source(node);
    case 'exposure':
      return exposure(node);
    case 'unit_test':
      return unitTest(node);
    default:
      return graphNode(node);
  }
};
