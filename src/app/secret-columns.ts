import type { Manifest } from '../compile/manifest.ts';
import type { NodeId } from '../core/node-id.ts';

/** Names of a node's columns that are `pii: true`: their values are never shown. */
export function secretColumns(manifest: Manifest, id: NodeId): readonly string[] {
  const columns = (manifest.nodes[id] ?? manifest.sources[id])?.columns ?? {};
  return Object.values(columns).flatMap((column) =>
    column.meta['pii'] === true || column.config['pii'] === true ? [column.name] : [],
  );
}
