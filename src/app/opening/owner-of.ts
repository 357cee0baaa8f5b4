/** Who is to be told about a node. */
import type { ExposureNode, Manifest } from '../../compile/manifest.ts';
import type { Json, NodeId } from '../../core/node-id.ts';

/** A model's `meta: {owner: …}`, or its group's owner. */
export function ownerOf(manifest: Manifest, id: NodeId): string | undefined {
  const node = manifest.nodes[id];
  const group = Object.values(manifest.groups).find(({ name }) => name === node?.group);
  return textOf(node?.config.meta['owner']) ?? textOf(node?.meta['owner']) ?? (group && nameIn(group.owner));
}

export const exposureOwner = ({ owner }: Pick<ExposureNode, 'owner'>): string | undefined => nameIn(owner);

const nameIn = (owner: Readonly<Record<string, Json>>): string | undefined =>
  textOf(owner['name']) ?? textOf(owner['email']);

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
