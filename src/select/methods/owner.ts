import type { Json } from '../../core/node-id.ts';
import { wildcard } from '../fnmatch.ts';
import { isRecord, type SelectableGraph, type SelectableNode } from '../graph.ts';
import { type SelectorMethod, valueText } from '../method.ts';
import { configuredGroup } from './group.ts';

/** Not in dbt: who answers for a node, by name or email, from `owner:`, `meta.owner` or the owner of its group. */
export const owner: SelectorMethod = {
  summary: 'by owner, name or email, of the exposure, in meta.owner or of the group: ada@example.com',
  ask: (criterion, { graph }) => {
    const matches = wildcard(valueText(criterion));
    const groupOwners = ownersOfGroups(graph);
    return (node) => ownersOf(node, groupOwners).some(matches);
  },
  *known(graph) {
    const groupOwners = ownersOfGroups(graph);
    for (const node of graph.nodes.values()) yield* ownersOf(node, groupOwners);
  },
};

function ownersOf(node: SelectableNode, groupOwners: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const meta = node.config.meta;
  return [
    ...named(node.owner),
    ...named(node.meta?.owner),
    ...(isRecord(meta) ? named(meta.owner) : []),
    ...(groupOwners.get(configuredGroup(node) ?? '') ?? []),
  ];
}

const ownersOfGroups = (graph: SelectableGraph): ReadonlyMap<string, readonly string[]> =>
  new Map(Object.values(graph.groups ?? {}).map((group) => [group.name, named(group.owner)]));

/** The texts of `ada`, `[ada, bob]`, `{name: Ada, email: [ada@example.com]}`. */
function named(owner: Json | undefined): readonly string[] {
  if (typeof owner === 'string') return [owner];
  if (Array.isArray(owner)) return owner.flatMap(named);
  return isRecord(owner) ? [...named(owner.name), ...named(owner.email)] : [];
}
