/** `dql ls`: the selected nodes in dbt's order. Opens no warehouse. */
import { type AnyNode, nodeOf } from '../compile/manifest.ts';
import type { Json } from '../core/node-id.ts';
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
      return node ? [lsRow(node)] : [];
    }),
    warnings: [...opened.warnings, ...chosen.warnings],
  };
};

/** What dbt lists when no type is named; analyses only when they are asked for. */
const LISTED = ['model', 'snapshot', 'seed', 'test', 'source', 'exposure', 'unit_test'];

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
