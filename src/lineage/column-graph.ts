/** The columns of a whole project and how they hang together. Plain JSON, made from the lineage of every model. */
import type { Diagnostic } from '../core/diagnostic.ts';
import { nearestName } from '../core/nearest.ts';
import type { NodeId } from '../core/node-id.ts';
import type { QueryLineage, Transformation } from './lineage.ts';
import { type RelationName, relationKey } from './literal-tables.ts';
import type { IndirectKind } from './meaning.ts';

/** One column of a node (model, source, seed …). */
export interface ColumnRef {
  readonly id: NodeId;
  readonly column: string;
}

export type ColumnEdge =
  | {
      readonly kind: 'value';
      readonly from: ColumnRef;
      readonly to: ColumnRef;
      readonly transformation: Transformation;
    }
  | { readonly kind: 'indirect'; readonly from: ColumnRef; readonly to: ColumnRef; readonly use: IndirectKind };

/** A column that decides which rows a node has, hence influences all its columns. */
export interface RowsEdge {
  readonly from: ColumnRef;
  readonly to: NodeId;
  readonly use: IndirectKind;
}

export interface GraphedNode {
  readonly id: NodeId;
  readonly columns: readonly string[];
  /** Nodes it reads, with the columns it names in them. */
  readonly reads: readonly { readonly id: NodeId; readonly columns: readonly string[]; readonly star: boolean }[];
  /** Its query has a LIMIT. */
  readonly limited: boolean;
  /** Reasons why edges may be missing. */
  readonly unresolved: readonly string[];
}

export interface ColumnGraph {
  /** In dependency order: a node stands after what it reads. */
  readonly nodes: readonly GraphedNode[];
  readonly edges: readonly ColumnEdge[];
  readonly rows: readonly RowsEdge[];
}

export interface GraphModel {
  readonly id: NodeId;
  readonly lineage: QueryLineage;
}

/**
 * The graph of all models. `idOf` tells which node a relation is; a relation that is none (a file, a table outside the project)
 * becomes a node under its own name. `leaves` are nodes without SQL, such as sources and seeds, with their columns.
 */
export function columnGraph(
  models: readonly GraphModel[],
  idOf: (relation: RelationName) => NodeId | undefined,
  leaves: readonly { readonly id: NodeId; readonly columns: readonly string[] }[] = [],
): ColumnGraph {
  const ids = new Map<string, NodeId>();
  const nodeOf = (relation: RelationName): NodeId => {
    // As it is written: there are thousands of uses of few relations.
    const written = `${relation.database}\u0000${relation.schema}\u0000${relation.name}`;
    const known = ids.get(written) ?? idOf(relation) ?? relationKey(relation);
    ids.set(written, known);
    return known;
  };
  // One spelling for a column, its own node's: edges meet though queries write names in any case.
  const spelled = new Map<NodeId, Map<string, ColumnRef>>();
  const spell = (id: NodeId, column: string): ColumnRef => {
    const known = spelled.get(id) ?? new Map<string, ColumnRef>();
    spelled.set(id, known);
    const ref = known.get(column) ?? known.get(column.toLowerCase()) ?? { id, column };
    known.set(column, ref);
    return ref;
  };
  for (const { id, columns } of [
    ...leaves,
    ...models.map((model) => ({ id: model.id, columns: model.lineage.columns.map((column) => column.name) })),
  ])
    spelled.set(id, new Map(columns.map((column) => [column.toLowerCase(), { id, column }])));

  const edges: ColumnEdge[] = [];
  const rows: RowsEdge[] = [];
  const nodes = new Map<NodeId, GraphedNode>();
  const foreign = new Map<NodeId, Map<string, string>>();
  for (const { id, columns } of leaves) nodes.set(id, { id, columns, reads: [], limited: false, unresolved: [] });
  for (const { id, lineage } of models) {
    const from = (use: { readonly relation: RelationName; readonly column: string }) =>
      spell(nodeOf(use.relation), use.column);
    for (const column of lineage.columns) {
      const to = { id, column: column.name };
      for (const source of column.sources)
        edges.push({ kind: 'value', from: from(source), to, transformation: source.transformation });
      for (const use of column.indirect) edges.push({ kind: 'indirect', from: from(use), to, use: use.use });
    }
    for (const use of lineage.rowset) rows.push({ from: from(use), to: id, use: use.use });
    const reads = lineage.reads.map((read) => {
      const readId = nodeOf(read.relation);
      const columns = read.columns.map((column) => spell(readId, column).column);
      const known = foreign.get(readId) ?? new Map<string, string>();
      for (const column of columns) known.set(column.toLowerCase(), column);
      foreign.set(readId, known);
      return { id: readId, columns, star: read.star };
    });
    nodes.set(id, {
      id,
      columns: lineage.columns.map((column) => column.name),
      reads,
      limited: lineage.limited,
      unresolved: lineage.unresolved.map((one) => one.reason),
    });
  }
  for (const [id, columns] of foreign)
    if (!nodes.has(id))
      nodes.set(id, { id, columns: [...columns.values()], reads: [], limited: false, unresolved: [] });
  return { nodes: inOrder(nodes), edges, rows };
}

const refKey = ({ id, column }: ColumnRef): string => `${id} ${column.toLowerCase()}`;

function inOrder(nodes: ReadonlyMap<NodeId, GraphedNode>): readonly GraphedNode[] {
  const ordered: GraphedNode[] = [];
  const visited = new Set<NodeId>();
  // Written as a loop with an own stack: chains of thousands of models must not exhaust the call stack.
  for (const start of nodes.keys()) {
    const stack: { readonly id: NodeId; readonly done: boolean }[] = [{ id: start, done: false }];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const node = nodes.get(top.id);
      if (node === undefined) continue;
      if (top.done) ordered.push(node);
      else if (!visited.has(top.id)) {
        visited.add(top.id);
        stack.push({ id: top.id, done: true });
        for (const read of node.reads) if (!visited.has(read.id)) stack.push({ id: read.id, done: false });
      }
    }
  }
  return ordered;
}

/** A column met while walking, and the edge it was met by. */
export interface Reached {
  readonly column: ColumnRef;
  /** Steps from the start; 1 for its direct neighbours. */
  readonly depth: number;
  /** The column one step nearer to the start. */
  readonly by: ColumnRef;
  readonly how: Transformation | IndirectKind;
}

export interface WalkOptions {
  /** Steps to go; default: all. */
  readonly depth?: number;
  /** Follow filters, joins, grouping and the like, too; default false. */
  readonly indirect?: boolean;
}

/** The columns a column comes from. Breadth first, each once, by its shortest way. */
export const upstreamColumns = (graph: ColumnGraph, start: ColumnRef, options: WalkOptions = {}): readonly Reached[] =>
  walk(start, neighbours(graph).up, options);

/** The columns a column goes into. */
export const downstreamColumns = (
  graph: ColumnGraph,
  start: ColumnRef,
  options: WalkOptions = {},
): readonly Reached[] => walk(start, neighbours(graph).down, options);

interface Neighbour {
  readonly column: ColumnRef;
  readonly how: Transformation | IndirectKind;
  readonly indirect: boolean;
}
interface Neighbours {
  readonly up: ReadonlyMap<string, readonly Neighbour[]>;
  readonly down: ReadonlyMap<string, readonly Neighbour[]>;
}

const NEIGHBOURS = new WeakMap<ColumnGraph, Neighbours>();

function neighbours(graph: ColumnGraph): Neighbours {
  const known = NEIGHBOURS.get(graph);
  if (known !== undefined) return known;
  const up = new Map<string, Neighbour[]>();
  const down = new Map<string, Neighbour[]>();
  const connect = (from: ColumnRef, to: ColumnRef, how: Transformation | IndirectKind, indirect: boolean) => {
    push(up, refKey(to), { column: from, how, indirect });
    push(down, refKey(from), { column: to, how, indirect });
  };
  for (const edge of graph.edges)
    connect(edge.from, edge.to, edge.kind === 'value' ? edge.transformation : edge.use, edge.kind === 'indirect');
  const columns = new Map(graph.nodes.map((node) => [node.id, node.columns]));
  for (const { from, to, use } of graph.rows)
    for (const column of columns.get(to) ?? []) connect(from, { id: to, column }, use, true);
  const made = { up, down };
  NEIGHBOURS.set(graph, made);
  return made;
}

function push<T>(map: Map<string, T[]>, key: string, entry: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [entry]);
  else list.push(entry);
}

function walk(
  start: ColumnRef,
  next: Neighbours['up'],
  { depth = Number.POSITIVE_INFINITY, indirect = false }: WalkOptions,
): readonly Reached[] {
  const reached: Reached[] = [];
  const seen = new Set([refKey(start)]);
  let front: readonly ColumnRef[] = [start];
  for (let steps = 1; steps <= depth && front.length > 0; steps++) {
    const further: ColumnRef[] = [];
    for (const by of front)
      for (const neighbour of next.get(refKey(by)) ?? []) {
        if ((neighbour.indirect && !indirect) || seen.has(refKey(neighbour.column))) continue;
        seen.add(refKey(neighbour.column));
        reached.push({ column: neighbour.column, depth: steps, by, how: neighbour.how });
        further.push(neighbour.column);
      }
    front = further;
  }
  return reached;
}

/** The column of a node by its name, whatever its case; a diagnostic with a did-you-mean when there is none. */
export function findColumn(graph: ColumnGraph, id: NodeId, column: string): ColumnRef | Diagnostic {
  const node = graph.nodes.find((one) => one.id === id);
  const found = node?.columns.find((one) => one.toLowerCase() === column.toLowerCase());
  if (found !== undefined) return { id, column: found };
  const nearest = nearestName(column, node?.columns ?? []);
  return {
    code: 'lineage/unknown-column',
    severity: 'error',
    message: node === undefined ? `${id} is not in the lineage` : `${id} has no column \`${column}\``,
    hint:
      nearest !== undefined
        ? `did you mean \`${nearest}\`?`
        : node === undefined || node.columns.length === 0
          ? undefined
          : `its columns are ${node.columns.join(', ')}`,
  };
}

export interface Inherited<T> {
  readonly column: ColumnRef;
  readonly from: ColumnRef;
  readonly value: T;
}

/**
 * What columns inherit along copies (copied and renamed): the value of the nearest column upstream that has one of its own.
 * A column with one of its own, with several sources, or computed, inherits nothing. `own`: descriptions, tests, tags …
 */
export function inheritedAlongCopies<T>(
  graph: ColumnGraph,
  own: (column: ColumnRef) => T | undefined,
): readonly Inherited<T>[] {
  const bare = graph.nodes.flatMap(({ id, columns }) =>
    columns.flatMap((column) => (own({ id, column }) === undefined ? [{ id, column }] : [])),
  );
  const heirs = new Set(bare.map(({ id }) => id));
  const copies = new Map<string, ColumnRef | 'several'>();
  for (const edge of graph.edges) {
    if (edge.kind !== 'value' || !heirs.has(edge.to.id)) continue;
    const key = refKey(edge.to);
    const isCopy = edge.transformation === 'copied' || edge.transformation === 'renamed';
    copies.set(key, copies.has(key) || !isCopy ? 'several' : edge.from);
  }
  const inherited: Inherited<T>[] = [];
  const given = new Map<string, Inherited<T>>();
  for (const column of bare) {
    const key = refKey(column);
    const from = copies.get(key);
    if (from === undefined || from === 'several') continue;
    const value = own(from);
    const earlier = given.get(refKey(from));
    const found = value !== undefined ? { column, from, value } : earlier && { ...earlier, column };
    if (found === undefined) continue;
    given.set(key, found);
    inherited.push(found);
  }
  return inherited;
}

/** Descriptions that columns without one take over from where they are copied. */
export const inheritedDescriptions = (
  graph: ColumnGraph,
  description: (column: ColumnRef) => string | undefined,
): readonly Inherited<string>[] => inheritedAlongCopies(graph, (column) => description(column)?.trim() || undefined);
