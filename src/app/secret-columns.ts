import { isPersonalColumn, type Manifest } from '../compile/manifest.ts';
import type { NodeId } from '../core/node-id.ts';
import type { ColumnGraph } from '../lineage/column-graph.ts';

/**
 * Names of a node's columns whose values are never shown: those marked as personal data, and those called as such a column of anything the node is built from;
 * with lineage also those that such values go into under another name. `pii: false` on a column shows it all the same.
 */
export function secretColumns(manifest: Manifest, id: NodeId, graph?: ColumnGraph): readonly string[] {
  const above = new Set<NodeId>();
  const visit = (node: NodeId): void => {
    if (above.has(node)) return;
    above.add(node);
    for (const parent of manifest.parent_map[node] ?? []) visit(parent);
  };
  visit(id);
  const named = [...above].flatMap((node) => declared(manifest, node, true));
  if (named.length === 0) return [];
  const shown = new Set(declared(manifest, id, false));
  const followed = graph === undefined ? [] : reached(manifest, graph, id);
  return [...new Set([...named, ...followed])].filter((name) => !shown.has(name.toLowerCase()));
}

/** Columns that say they are secret, or that they are not; in lower case. */
function declared(manifest: Manifest, id: NodeId, isSecret: boolean): readonly string[] {
  const columns = (manifest.nodes[id] ?? manifest.sources[id])?.columns ?? {};
  return Object.values(columns).flatMap((column) => {
    const isSaid = isSecret ? isPersonalColumn(column) : (column.config['pii'] ?? column.meta['pii']) === false;
    return isSaid ? [column.name.toLowerCase()] : [];
  });
}

/** Columns of a node that values of secret columns go into. */
function reached(manifest: Manifest, { nodes, edges }: ColumnGraph, id: NodeId): readonly string[] {
  const key = (node: NodeId, column: string): string => `${node} ${column.toLowerCase()}`;
  const all = (isSecret: boolean) =>
    new Set(nodes.flatMap((node) => declared(manifest, node.id, isSecret).map((name) => key(node.id, name))));
  const [secret, shown] = [all(true), all(false)];
  for (let before = -1; before !== secret.size; ) {
    before = secret.size;
    for (const { kind, from, to } of edges) {
      const target = key(to.id, to.column);
      if (kind === 'value' && secret.has(key(from.id, from.column)) && !shown.has(target)) secret.add(target);
    }
  }
  const columns = nodes.find((node) => node.id === id)?.columns ?? [];
  return columns.filter((column) => secret.has(key(id, column))).map((column) => column.toLowerCase());
}
