import type { Json, NodeId } from '../../core/node-id.ts';
import { DBT_VERSION } from '../context/context-members.ts';
import { metadataEnvironment } from '../context/settings-values.ts';
import { childrenOf } from '../graph.ts';
import { checkCycle } from '../links/checks.ts';
import { parentsIn } from '../links/link-semantics.ts';
import type { GraphNode, Manifest } from '../manifest.ts';
import { declaredKey, inferredKey, keyTests } from '../primary-key.ts';
import { sha256 } from '../templates/parse-sql.ts';
import type { Draft } from './draft.ts';

/** The draft as dbt's manifest v12. Reports a cycle, if there is one. */
export function assembleManifest(draft: Draft): Manifest {
  const parents = parentMap(draft);
  checkCycle(draft, parents);
  completeModels(draft);
  const nodes: Record<NodeId, GraphNode> = {};
  for (const [id, { node }] of draft.nodes) nodes[id] = node;
  return {
    metadata: metadata(draft),
    nodes,
    sources: byId(draft.sources),
    macros: Object.fromEntries(draft.macros),
    docs: Object.fromEntries(draft.docs),
    exposures: byId(draft.exposures),
    metrics: draft.passedThrough.metrics,
    groups: Object.fromEntries(draft.groups),
    selectors: selectors(draft),
    disabled: Object.fromEntries(draft.disabled),
    parent_map: parents,
    child_map: childrenOf(parents),
    group_map: groupMap(draft),
    saved_queries: draft.passedThrough.saved_queries,
    semantic_models: draft.passedThrough.semantic_models,
    unit_tests: byId(draft.unitTests),
    functions: draft.passedThrough.functions,
  };
}

function byId<N>(drafts: ReadonlyMap<NodeId, { readonly node: N }>): Readonly<Record<NodeId, N>> {
  const nodes: Record<NodeId, N> = {};
  for (const [id, { node }] of drafts) nodes[id] = node;
  return nodes;
}

function parentMap(draft: Draft): Readonly<Record<NodeId, readonly NodeId[]>> {
  const parents: Record<NodeId, readonly NodeId[]> = {};
  for (const [id, { node }] of draft.nodes) parents[id] = sorted(node.depends_on.nodes);
  for (const id of draft.sources.keys()) parents[id] = [];
  for (const [id, { node }] of draft.exposures) parents[id] = sorted(node.depends_on.nodes);
  for (const [id, { node }] of draft.unitTests) parents[id] = sorted(node.depends_on.nodes);
  const { metrics, semantic_models: models, saved_queries: queries } = draft.passedThrough;
  for (const family of [metrics, models, queries])
    for (const [id, entry] of Object.entries(family)) parents[id] = sorted(parentsIn(entry));
  return parents;
}

const sorted = (ids: readonly NodeId[]): readonly NodeId[] => (ids.length < 2 ? ids : ids.toSorted());

function metadata(draft: Draft): Manifest['metadata'] {
  const { options, project } = draft.world;
  return {
    dbt_schema_version: 'https://schemas.getdbt.com/dbt/manifest/v12.json',
    dbt_version: DBT_VERSION,
    dql_version: options.version ?? '0.0.0',
    generated_at: options.generatedAt.toISOString(),
    invocation_id: options.invocationId,
    invocation_started_at: options.runStartedAt.toISOString(),
    run_started_at: options.runStartedAt.toISOString(),
    env: metadataEnvironment(project.environment),
    project_name: project.root.name,
    project_id: null,
    user_id: null,
    send_anonymous_usage_stats: false,
    adapter_type: project.target.type,
    quoting: { database: true, schema: true, identifier: true, column: null, ...project.root.settings.quoting },
  };
}

function selectors(draft: Draft): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    Object.entries(draft.world.project.selectors).map(([name, { value }]) => [
      name,
      { name, description: value.description, default: value.isDefault, definition: value.definition },
    ]),
  );
}

function groupMap(draft: Draft): Readonly<Record<string, readonly NodeId[]>> {
  const members: Record<string, NodeId[]> = {};
  for (const { name } of draft.groups.values()) members[name] = [];
  for (const [id, { node }] of draft.nodes) if (node.group !== null) members[node.group]?.push(id);
  return members;
}

/** Contracts' checksums, and the columns that name a row. */
function completeModels(draft: Draft): void {
  const nodes = [...draft.nodes.values()].map(({ node }) => node);
  const tests = keyTests(nodes);
  for (const node of nodes) {
    if (node.resource_type !== 'model') continue;
    if (node.contract.enforced) node.contract = { ...node.contract, checksum: contractChecksum(node) };
    const declared = declaredKey(node);
    const tested = tests.get(node.unique_id);
    node.primary_key = declared.length > 0 || tested === undefined ? declared : inferredKey(tested);
  }
}

/** Changes when a column's name, type or constraints do, in whatever order they stand. */
function contractChecksum(node: GraphNode): string {
  const columns = Object.values(node.columns)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, data_type: type, constraints }) => [name, type, constraints]);
  return sha256(JSON.stringify([columns, node.config.materialized, node.constraints]));
}
