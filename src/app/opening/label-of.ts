import { type Manifest, nodeOf } from '../../compile/manifest.ts';
import type { NodeId } from '../../core/node-id.ts';

/** `orders`, `raw.events`; a relation outside the project by its own name. */
export function labelOf(manifest: Manifest, id: NodeId): string {
  const node = nodeOf(manifest, id);
  if (!node) return id;
  return node.resource_type === 'source' ? `${node.source_name}.${node.name}` : node.name;
}
