import { isPersonalColumn, type Manifest } from '../compile/manifest.ts';
import type { NodeId } from '../core/node-id.ts';

/** Names of a node's columns that are marked as personal data: their values are never shown. */
export function secretColumns(manifest: Manifest, id: NodeId): readonly string[] {
  const columns = (manifest.nodes[id] ?? manifest.sources[id])?.columns ?? {};
  return Object.values(columns).flatMap((column) => (isPersonalColumn(column) ? [column.name] : []));
}
