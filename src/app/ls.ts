/** `dql ls`: the selected nodes in dbt's order. Opens no warehouse. */
import { type AnyNode, type Manifest, nodeOf } from '../compile/manifest.ts';
import type { Json, NodeId } from '../core/node-id.ts';
import { selectableGraph } from '../select/select.ts';
import type { LsRow, UseCases } from './contract.ts';
import { chooseNodes } from './opening/choose-nodes.ts';
import { openProject } from './opening/open-project.ts';

export const ls: UseCases['ls'] = async (options, hooks) => {
  const opened = await openProject(options, 'list', hooks);
  const all = options.resourceTypes.includes('all');
  const resourceTypes = options.resourceTypes.filter((type) => type !== 'all' && type !== 'default');
  const kinds = all ? [...LISTED, 'analysis'] : LISTED;
  const chosen = chooseNodes(
    opened,
    { ...options, resourceTypes: all ? [] : resourceTypes },
    wanted(kinds, options),
    true,
  );
  return {
    rows: [...chosen.ids].sort(byId).flatMap((id) => {
      const node = nodeOf(opened.manifest, id);
      return node ? [lsRow(node)] : semanticRow(opened.manifest, id);
    }),
    warnings: [...opened.warnings, ...chosen.warnings],
  };
};

/** What dbt lists when no type is named; analyses only when they are asked for. */
const LISTED = [
  'model',
  'snapshot',
  'seed',
  'test',
  'source',
  'exposure',
  'unit_test',
  'metric',
  'semantic_model',
  'saved_query',
];

const wanted = (kinds: readonly string[], { resourceTypes }: { readonly resourceTypes: readonly string[] }) =>
  resourceTypes.includes('analysis') ? [...kinds, 'analysis'] : kinds;

const byId = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

function lsRow(node: AnyNode): LsRow {
  return {
    unique_id: node.unique_id,
    selector: selectorOf(node),
    name: searchName(node),
    path: node.original_file_path,
    node: node as unknown as Readonly<Record<string, Json>>, // a manifest entry is JSON
  };
}

/** A metric, a semantic model or a saved query: dql knows their places and keeps the rest as it was written. */
function semanticRow(manifest: Manifest, id: NodeId): readonly LsRow[] {
  const node = selectableGraph(manifest).nodes.get(id);
  const json = manifest.metrics[id] ?? manifest.semantic_models[id] ?? manifest.saved_queries[id];
  if (!node || typeof json !== 'object' || json === null || Array.isArray(json)) return [];
  const selector = `${node.resource_type}:${node.package_name}.${node.name}`;
  const { name, original_file_path: path } = node;
  // An array was ruled out.
  return [{ unique_id: id, selector, name, path, node: json as Readonly<Record<string, Json>> }];
}

/** What `--select` finds exactly this node by. */
function selectorOf(node: AnyNode): string {
  switch (node.resource_type) {
    case 'source':
      return `source:${node.package_name}.${node.source_name}.${node.name}`;
    case 'exposure':
      return `exposure:${node.package_name}.${node.name}`;
    case 'unit_test':
      return `unit_test:${node.package_name}.${searchName(node)}`;
    default:
      return node.fqn.join('.');
  }
}

function searchName(node: AnyNode): string {
  if (node.resource_type === 'source') return `${node.source_name}.${node.name}`;
  const version = 'version' in node ? node.version : null;
  return version === null || version === undefined ? node.name : `${node.name}.v${version}`;
}
