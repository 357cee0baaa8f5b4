/** `dql lineage MODEL[.COLUMN]`: what a node or a column is made from, and what is made from it. */

import { type Manifest, nodeOf } from '../compile/manifest.ts';
import { DqlError } from '../core/diagnostic.ts';
import type { NodeId } from '../core/node-id.ts';
import {
  type ColumnGraph,
  type ColumnRef,
  downstreamColumns,
  findColumn,
  upstreamColumns,
} from '../lineage/column-graph.ts';
import { withColumnLineage } from './columns/column-lineage.ts';
import type { LineageAnswer, LineageEdge, LineageNode, LineageOptions, UseCases } from './contract.ts';
import { findNode } from './opening/find-node.ts';
import { labelOf } from './opening/label-of.ts';
import { openProject } from './opening/open-project.ts';
import { liveWarehouse } from './warehouse/live-warehouse.ts';

const KINDS = ['model', 'seed', 'snapshot', 'source', 'exposure', 'test', 'unit_test', 'analysis'];

export const lineage: UseCases['lineage'] = async (options, hooks) => {
  const opened = await openProject(options, 'lineage', hooks);
  const { manifest } = opened;
  const { id, column } = findNode(manifest, options.of, KINDS, 'node');
  if (column === undefined) return nodeLineage(manifest, id, options);
  return withColumnLineage(opened, options, liveWarehouse(opened.project, options, hooks), async ({ graph }) => {
    const found = findColumn(graph, id, column);
    if ('code' in found)
      throw new DqlError([{ ...found, message: `\`${labelOf(manifest, id)}\` has no column \`${column}\`` }]);
    return columnLineage(manifest, graph, found, options);
  });
};

/** A growing answer: nodes in the order in which they were met, each once. */
class Growing {
  readonly nodes = new Map<string, LineageNode>();
  readonly #edges = new Map<string, LineageEdge>();
  meet(node: LineageNode): void {
    const known = this.nodes.get(node.id);
    if (!known || Math.abs(known.distance) > Math.abs(node.distance)) this.nodes.set(node.id, node);
  }
  connect(edge: LineageEdge): void {
    this.#edges.set(JSON.stringify([edge.from, edge.to, edge.transformation]), edge);
  }
  get edges(): readonly LineageEdge[] {
    return [...this.#edges.values()];
  }
}

/** By ref() and source(): the graph that runs follow, with tests and exposures at its ends. */
export function nodeLineage(
  manifest: Manifest,
  root: NodeId,
  { upstream, downstream, depth }: LineageOptions,
): LineageAnswer {
  const growing = new Growing();
  const describe = (id: NodeId, distance: number): LineageNode => ({
    id,
    label: labelOf(manifest, id),
    kind: nodeOf(manifest, id)?.resource_type ?? 'node',
    distance,
  });
  growing.meet(describe(root, 0));
  const walk = (map: Readonly<Record<NodeId, readonly NodeId[]>>, sign: 1 | -1) => {
    let front: readonly NodeId[] = [root];
    const seen = new Set(front);
    for (let step = 1; step <= (depth ?? Number.POSITIVE_INFINITY) && front.length > 0; step++) {
      const further: NodeId[] = [];
      for (const id of front)
        for (const next of map[id] ?? []) {
          const kind = nodeOf(manifest, next)?.resource_type;
          if (kind === undefined || (sign === 1 && (kind === 'test' || kind === 'unit_test'))) continue;
          growing.meet(describe(next, sign * step));
          const [from, to] = sign === 1 ? [id, next] : [next, id];
          growing.connect({ from, to, use: null, transformation: null });
          if (!seen.has(next)) further.push(next);
          seen.add(next);
        }
      front = further;
    }
  };
  if (upstream) walk(manifest.parent_map, -1);
  if (downstream) walk(manifest.child_map, 1);
  return { root, nodes: [...growing.nodes.values()], edges: growing.edges, unresolved: [] };
}

/**
 * Values are followed all the way. What only steers which rows there are (filters, joins, grouping) is named once, where it meets a
 * column on the way, and not followed further: nearly everything would be reached.
 */
function columnLineage(
  manifest: Manifest,
  graph: ColumnGraph,
  root: ColumnRef,
  { upstream, downstream, depth }: LineageOptions,
): LineageAnswer {
  const growing = new Growing();
  const idOf = ({ id, column }: ColumnRef) => `${id}#${column}`;
  const describe = (ref: ColumnRef, distance: number): LineageNode => ({
    id: idOf(ref),
    label: `${labelOf(manifest, ref.id)}.${ref.column}`,
    kind: nodeOf(manifest, ref.id)?.resource_type ?? 'relation',
    distance,
  });
  growing.meet(describe(root, 0));
  const limit = depth ?? Number.POSITIVE_INFINITY;
  const uses = steering(graph);
  if (upstream) {
    const ways = [{ column: root, depth: 0 }, ...upstreamColumns(graph, root, { depth: limit })];
    for (const { column, depth: steps } of ways) growing.meet(describe(column, -steps));
    for (const { from, to, how } of valueEdges(graph))
      if (growing.nodes.has(idOf(from)) && growing.nodes.has(idOf(to)))
        growing.connect({ from: idOf(from), to: idOf(to), use: 'direct', transformation: how });
    for (const { column, depth: steps } of ways) {
      if (steps >= limit) continue;
      for (const { from, use } of [
        ...(uses.intoColumn.get(key(column)) ?? []),
        ...(uses.intoRows.get(column.id) ?? []),
      ]) {
        growing.meet(describe(from, -steps - 1));
        growing.connect({ from: idOf(from), to: idOf(column), use: 'indirect', transformation: use });
      }
    }
  }
  if (downstream) {
    const ways = [{ column: root, depth: 0 }, ...downstreamColumns(graph, root, { depth: limit })];
    const met = new Set(ways.map(({ column }) => key(column)));
    for (const { column, depth: steps } of ways) growing.meet(describe(column, steps));
    for (const { from, to, how } of valueEdges(graph))
      if (met.has(key(from)) && met.has(key(to)))
        growing.connect({ from: idOf(from), to: idOf(to), use: 'direct', transformation: how });
    for (const { column, depth: steps } of ways) {
      if (steps >= limit) continue;
      for (const { to, use } of uses.outOf.get(key(column)) ?? []) {
        const whole = typeof to === 'string';
        const node = whole
          ? {
              id: to,
              label: labelOf(manifest, to),
              kind: `rows of ${nodeOf(manifest, to)?.resource_type ?? 'relation'}`,
              distance: steps + 1,
            }
          : describe(to, steps + 1);
        growing.meet(node);
        growing.connect({ from: idOf(column), to: node.id, use: 'indirect', transformation: use });
      }
    }
  }
  const touched = new Set([...growing.nodes.keys()].map((id) => id.split('#')[0] ?? id));
  return {
    root: idOf(root),
    nodes: [...growing.nodes.values()],
    edges: growing.edges,
    unresolved: graph.nodes.flatMap(({ id, unresolved }) =>
      touched.has(id) ? unresolved.map((reason) => ({ node: labelOf(manifest, id), reason })) : [],
    ),
  };
}

const key = ({ id, column }: ColumnRef): string => `${id}#${column.toLowerCase()}`;

const valueEdges = (graph: ColumnGraph) =>
  graph.edges.flatMap((edge) =>
    edge.kind === 'value' ? [{ from: edge.from, to: edge.to, how: edge.transformation }] : [],
  );

interface Steering {
  readonly intoColumn: ReadonlyMap<string, readonly { readonly from: ColumnRef; readonly use: string }[]>;
  readonly intoRows: ReadonlyMap<NodeId, readonly { readonly from: ColumnRef; readonly use: string }[]>;
  readonly outOf: ReadonlyMap<string, readonly { readonly to: ColumnRef | NodeId; readonly use: string }[]>;
}

function steering(graph: ColumnGraph): Steering {
  const intoColumn = new Map<string, { from: ColumnRef; use: string }[]>();
  const intoRows = new Map<NodeId, { from: ColumnRef; use: string }[]>();
  const outOf = new Map<string, { to: ColumnRef | NodeId; use: string }[]>();
  const add = <T>(map: Map<string, T[]>, at: string, value: T) => {
    const list = map.get(at);
    if (list) list.push(value);
    else map.set(at, [value]);
  };
  for (const edge of graph.edges) {
    if (edge.kind !== 'indirect') continue;
    add(intoColumn, key(edge.to), edge);
    add(outOf, key(edge.from), { to: edge.to, use: edge.use });
  }
  for (const edge of graph.rows) {
    add(intoRows, edge.to, edge);
    add(outOf, key(edge.from), { to: edge.to, use: edge.use });
  }
  return { intoColumn, intoRows, outOf };
}
