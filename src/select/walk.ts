/** Steps along the graph's edges, breadth first. */
import type { NodeId } from '../core/node-id.ts';

type Edges = ReadonlyMap<NodeId, readonly NodeId[]>;

/**
 * Everything that is reached from `start` in one to `reach` steps. A start node is in the answer only when another start node, or
 * itself over a cycle, leads to it.
 */
export function reached(edges: Edges, start: ReadonlySet<NodeId>, reach: number): ReadonlySet<NodeId> {
  const found = new Set<NodeId>();
  let layer: Iterable<NodeId> = start;
  for (let step = 0; step < reach; step += 1) {
    const next: NodeId[] = [];
    for (const id of layer)
      for (const end of edges.get(id) ?? [])
        if (!found.has(end)) {
          found.add(end);
          next.push(end);
        }
    if (next.length === 0) break;
    layer = next;
  }
  return found;
}

/** `@x`: x, its descendants, and all ancestors of those. */
export function neighbourhood(parents: Edges, children: Edges, start: ReadonlySet<NodeId>): ReadonlySet<NodeId> {
  const below = new Set([...start, ...reached(children, start, Number.POSITIVE_INFINITY)]);
  return new Set([...below, ...reached(parents, below, Number.POSITIVE_INFINITY)]);
}
