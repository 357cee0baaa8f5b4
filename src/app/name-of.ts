import type { Manifest } from '../compile/manifest.ts';
import type { NodeId } from '../core/node-id.ts';

/** What people call a node; of one that the manifest does not have, e.g. since it was removed, what its id says. */
export function nameIn(manifest: Pick<Manifest, 'nodes' | 'unit_tests'> | undefined, id: NodeId): string {
  const known = manifest?.nodes[id]?.name ?? manifest?.unit_tests[id]?.name;
  if (known !== undefined) return known;
  const name = id.split('.').slice(2).join('.');
  // A generic test's id ends in a hash of its arguments.
  return (id.startsWith('test.') ? name.replace(/\.[0-9a-f]{10}$/, '') : name) || id;
}
