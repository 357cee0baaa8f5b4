// The one file of this room that knows the graph library.
import { DirectedGraph } from 'graphology';
import { topologicalGenerations } from 'graphology-dag';
import type { NodeId } from '../core/node-id.ts';

/** Who reads whom. Ids that are not in the graph have no parents and no children. */
export interface Graph {
  has(id: NodeId): boolean;
  parents(id: NodeId): readonly NodeId[];
  children(id: NodeId): readonly NodeId[];
  /** All ancestors; the node itself is not among them. At most `depth` edges away; default: all. */
  ancestors(id: NodeId, depth?: number): ReadonlySet<NodeId>;
  descendants(id: NodeId, depth?: number): ReadonlySet<NodeId>;
  /** Parents before children; ties by id. */
  topologicalOrder(): readonly NodeId[];
  /** Groups of nodes whose parents are all in earlier groups. */
  generations(): readonly (readonly NodeId[])[];
  /** A shortest chain from one node down to another, both included; undefined when none leads there. */
  pathBetween(from: NodeId, to: NodeId): readonly NodeId[] | undefined;
}

/** @param parentMap each node's parents; parents that are no keys are left out. Must have no cycle: see `findCycle`. */
export function graphOf(
  parentMap: Readonly<Record<NodeId, readonly NodeId[]>>,
  childMap: Readonly<Record<NodeId, readonly NodeId[]>> = childrenOf(parentMap),
): Graph {
  let library: DirectedGraph | undefined;
  // Selection and planning often need neighbours only, so the library's graph is built when an order is asked for.
  const graph = (): DirectedGraph => {
    if (library !== undefined) return library;
    library = new DirectedGraph({ allowSelfLoops: false });
    for (const id of Object.keys(parentMap).sort()) library.addNode(id);
    for (const [id, parents] of Object.entries(parentMap))
      for (const parent of parents) if (library.hasNode(parent)) library.mergeDirectedEdge(parent, id);
    return library;
  };
  let generations: readonly (readonly NodeId[])[] | undefined;
  const levels = () => {
    generations ??= topologicalGenerations(graph()).map((level) => level.sort());
    return generations;
  };
  const parents = (id: NodeId) => parentMap[id] ?? [];
  const children = (id: NodeId) => childMap[id] ?? [];
  return {
    has: (id) => Object.hasOwn(parentMap, id),
    parents,
    children,
    ancestors: (id, depth) => reachable(id, parents, depth),
    descendants: (id, depth) => reachable(id, children, depth),
    topologicalOrder: () => levels().flat(),
    generations: levels,
    pathBetween: (from, to) => shortestPath(from, to, children),
  };
}

/** Each node's children, sorted by id; every node is a key. A node must name each parent once. */
export function childrenOf(
  parentMap: Readonly<Record<NodeId, readonly NodeId[]>>,
): Readonly<Record<NodeId, readonly NodeId[]>> {
  const children = new Map<NodeId, NodeId[]>();
  const ids = Object.keys(parentMap);
  for (const id of ids)
    for (const parent of parentMap[id] ?? []) {
      const list = children.get(parent);
      if (list === undefined) children.set(parent, [id]);
      else list.push(id);
    }
  const childMap: Record<NodeId, readonly NodeId[]> = {};
  for (const id of ids) childMap[id] = children.get(id)?.sort() ?? NONE;
  return childMap;
}

const NONE: readonly NodeId[] = [];

/** The nodes of a cycle in reading order, the first repeated at the end; undefined when there is none. */
export function findCycle(parentMap: Readonly<Record<NodeId, readonly NodeId[]>>): readonly NodeId[] | undefined {
  const done = new Set<NodeId>();
  // Depth first without recursion: a chain of ten thousand models must not overflow the stack.
  const path: NodeId[] = [];
  const onPath = new Map<NodeId, number>();
  const next: number[] = [];
  for (const start of Object.keys(parentMap)) {
    if (done.has(start)) continue;
    path.push(start);
    onPath.set(start, 0);
    next.push(0);
    while (path.length > 0) {
      const id = path[path.length - 1] ?? start;
      const turn = next[next.length - 1] ?? 0;
      const parent = (parentMap[id] ?? [])[turn];
      if (parent === undefined) {
        done.add(id);
        onPath.delete(id);
        path.pop();
        next.pop();
        continue;
      }
      next[next.length - 1] = turn + 1;
      const seen = onPath.get(parent);
      if (seen !== undefined) return [...path.slice(seen), parent];
      if (done.has(parent) || !Object.hasOwn(parentMap, parent)) continue;
      onPath.set(parent, path.length);
      path.push(parent);
      next.push(0);
    }
  }
  return undefined;
}

function reachable(
  from: NodeId,
  neighbours: (id: NodeId) => readonly NodeId[],
  depth = Number.POSITIVE_INFINITY,
): ReadonlySet<NodeId> {
  const found = new Set<NodeId>();
  let frontier: readonly NodeId[] = [from];
  for (let distance = 0; distance < depth && frontier.length > 0; distance++) {
    const further: NodeId[] = [];
    for (const id of frontier)
      for (const neighbour of neighbours(id)) {
        if (found.has(neighbour)) continue;
        found.add(neighbour);
        further.push(neighbour);
      }
    frontier = further;
  }
  found.delete(from);
  return found;
}

function shortestPath(
  from: NodeId,
  to: NodeId,
  children: (id: NodeId) => readonly NodeId[],
): readonly NodeId[] | undefined {
  const cameFrom = new Map<NodeId, NodeId | undefined>([[from, undefined]]);
  const queue = [from];
  for (const id of queue) {
    if (id === to) {
      const path: NodeId[] = [];
      for (let step: NodeId | undefined = to; step !== undefined; step = cameFrom.get(step)) path.unshift(step);
      return path;
    }
    for (const child of children(id)) {
      if (cameFrom.has(child)) continue;
      cameFrom.set(child, id);
      queue.push(child);
    }
  }
  return undefined;
}
