import type { NodeId } from '../../core/node-id.ts';

/** A node's name as its id tells it, without the hash of a test or the version of a model. */
export function nameInId(id: NodeId): string {
  const [kind, , ...rest] = id.split('.');
  const name = kind === 'unit_test' ? rest.slice(1).join('.') : rest.join('.');
  return (kind === 'test' ? name.replace(/\.[0-9a-f]{10}$/, '') : name.replace(/\.v[^.]+$/, '')) || id;
}
