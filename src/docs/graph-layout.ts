/**
 * Places a DAG in columns from left to right, fast enough for thousands of nodes. After Sugiyama, Tagawa and Toda (1981): layers by
 * longest path, long edges cut into pieces, few crossings by barycentre sweeps; then heights by isotonic regression (pool adjacent
 * violators), which puts every node as near to the middle of its neighbours as the order allows.
 * Needs no browser and no Node: the generator and the page share it.
 */
export interface LayoutNode {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface GraphLayout {
  /** Left upper corners, one a node. */
  readonly places: readonly Point[];
  /** One an edge: the points between its ends that a long edge goes through, where it enters and leaves each column it passes. */
  readonly bends: readonly (readonly Point[])[];
  readonly width: number;
  readonly height: number;
}

export interface LayoutOptions {
  /** Pixels between two columns; default 72. */
  readonly columnGap?: number;
  /** Pixels between two nodes of a column; default 18. */
  readonly rowGap?: number;
}

interface Vertex {
  readonly height: number;
  readonly real: boolean;
  readonly layer: number;
  readonly before: number[];
  readonly after: number[];
  /** Position in its layer. */
  rank: number;
  /** Middle. */
  y: number;
}

/** Edges are [from, to] by position in `nodes`. Cycles are drawn, not refused: their back edges run to the left. */
export function layoutGraph(
  nodes: readonly LayoutNode[],
  edges: readonly (readonly [number, number])[],
  { columnGap = 72, rowGap = 18 }: LayoutOptions = {},
): GraphLayout {
  const layerOf = layersOf(nodes.length, edges);
  const vertices: Vertex[] = nodes.map((node, index) => vertexOf(node.height, true, layerOf[index] ?? 0));
  const chains = edges.map(([from, to]) => chainBetween(vertices, from, to));
  const layers = layersByRank(vertices);
  orderLayers(vertices, layers);
  settleHeights(vertices, layers, rowGap);

  const widths = layers.map((layer) =>
    Math.max(0, ...layer.map((v) => (v < nodes.length ? (nodes[v]?.width ?? 0) : 0))),
  );
  const lefts: number[] = [];
  let left = 0;
  for (const width of widths) {
    lefts.push(left);
    left += width + columnGap;
  }
  const top = Math.min(0, ...vertices.map((vertex) => vertex.y - vertex.height / 2));
  const leftOf = (vertex: Vertex) => lefts[vertex.layer] ?? 0;
  return {
    places: nodes.map((node, index) => {
      const vertex = vertices[index];
      return vertex ? { x: leftOf(vertex), y: vertex.y - node.height / 2 - top } : { x: 0, y: 0 };
    }),
    bends: chains.map((chain) =>
      chain.flatMap((index) => {
        const vertex = vertices[index];
        if (!vertex) return [];
        const [x, y] = [leftOf(vertex), vertex.y - top];
        return [
          { x, y },
          { x: x + (widths[vertex.layer] ?? 0), y },
        ];
      }),
    ),
    width: Math.max(0, left - columnGap),
    height: Math.max(0, ...vertices.map((vertex) => vertex.y + vertex.height / 2 - top)),
  };
}

/**
 * The same order for a very large graph, wrapped: a layer of 800 nodes becomes a block of several columns, so that the whole
 * has the shape of a screen. Long edges are not cut.
 */
export function layoutMap(
  nodes: readonly LayoutNode[],
  edges: readonly (readonly [number, number])[],
  { columnGap = 28, rowGap = 10 }: LayoutOptions = {},
): GraphLayout {
  const layerOf = layersOf(nodes.length, edges);
  const vertices = nodes.map((node, index) => vertexOf(node.height, true, layerOf[index] ?? 0));
  for (const [from, to] of edges) {
    vertices[from]?.after.push(to);
    vertices[to]?.before.push(from);
  }
  const layers = layersByRank(vertices);
  orderLayers(vertices, layers);
  const width = Math.max(1, ...nodes.map((node) => node.width)) + columnGap;
  const height = Math.max(1, ...nodes.map((node) => node.height)) + rowGap;
  const rows = Math.max(12, Math.ceil(Math.sqrt((nodes.length * width) / height / 1.7)));
  const places: Point[] = nodes.map(() => ({ x: 0, y: 0 }));
  let left = 0;
  for (const layer of layers) {
    const columns = Math.max(1, Math.ceil(layer.length / rows));
    const perColumn = Math.ceil(layer.length / columns);
    const top = ((rows - perColumn) / 2) * height;
    layer.forEach((vertex, rank) => {
      // Row by row, so that neighbours in the order stay at the same height.
      places[vertex] = { x: left + (rank % columns) * width, y: top + Math.floor(rank / columns) * height };
    });
    left += columns * width + columnGap * 4;
  }
  return { places, bends: edges.map(() => []), width: left, height: rows * height };
}

const vertexOf = (height: number, real: boolean, layer: number): Vertex => ({
  height,
  real,
  layer,
  before: [],
  after: [],
  rank: 0,
  y: 0,
});

/** Longest path from the left; then nodes with fewer parents than children move right, next to their nearest child. */
function layersOf(count: number, edges: readonly (readonly [number, number])[]): number[] {
  const after: number[][] = Array.from({ length: count }, () => []);
  const waiting = new Array<number>(count).fill(0);
  const before = new Array<number>(count).fill(0);
  for (const [from, to] of edges) {
    if (from === to) continue;
    after[from]?.push(to);
    waiting[to] = (waiting[to] ?? 0) + 1;
    before[to] = (before[to] ?? 0) + 1;
  }
  const layer = new Array<number>(count).fill(0);
  const order = layer.map((_, index) => index).filter((index) => waiting[index] === 0);
  for (let next = 0; next < order.length; next++) {
    const from = order[next] ?? 0;
    for (const to of after[from] ?? []) {
      layer[to] = Math.max(layer[to] ?? 0, (layer[from] ?? 0) + 1);
      waiting[to] = (waiting[to] ?? 0) - 1;
      if (waiting[to] === 0) order.push(to);
    }
  }
  for (const node of order.reverse()) {
    const children = after[node] ?? [];
    if (children.length > (before[node] ?? 0))
      layer[node] = Math.max(layer[node] ?? 0, Math.min(...children.map((child) => layer[child] ?? 0)) - 1);
  }
  return layer;
}

/** Cuts an edge into pieces of one layer each and answers the vertices added for it. */
function chainBetween(vertices: Vertex[], from: number, to: number): readonly number[] {
  const start = vertices[from];
  const end = vertices[to];
  if (!start || !end) return [];
  const chain: number[] = [];
  for (let layer = start.layer + 1; layer < end.layer; layer++) {
    chain.push(vertices.length);
    vertices.push(vertexOf(4, false, layer));
  }
  const stops = [from, ...chain, to];
  stops.forEach((stop, index) => {
    const next = stops[index + 1];
    if (next === undefined) return;
    vertices[stop]?.after.push(next);
    vertices[next]?.before.push(stop);
  });
  return chain;
}

function layersByRank(vertices: readonly Vertex[]): number[][] {
  const layers: number[][] = [];
  for (const [index, vertex] of vertices.entries()) {
    while (layers.length <= vertex.layer) layers.push([]);
    layers[vertex.layer]?.push(index);
  }
  return layers;
}

function orderLayers(vertices: readonly Vertex[], layers: number[][]): void {
  rankLayers(vertices, layers);
  // Counting crossings costs more than sweeping; beyond this size the last sweep is taken as it is.
  const counted = vertices.length <= 1500;
  let best = layers.map((layer) => [...layer]);
  let fewest = counted ? crossings(vertices, layers) : 0;
  for (let sweep = 0; sweep < (counted ? 16 : 8) && (!counted || fewest > 0); sweep++) {
    const forward = sweep % 2 === 0;
    for (const layer of forward ? layers : [...layers].reverse()) sortByNeighbours(vertices, layer, forward);
    if (!counted) continue;
    const now = crossings(vertices, layers);
    if (now >= fewest) continue;
    fewest = now;
    best = layers.map((layer) => [...layer]);
  }
  if (counted) layers.splice(0, layers.length, ...best);
  rankLayers(vertices, layers);
}

function rankLayers(vertices: readonly Vertex[], layers: readonly (readonly number[])[]): void {
  for (const layer of layers)
    layer.forEach((index, rank) => {
      const vertex = vertices[index];
      if (vertex) vertex.rank = rank;
    });
}

function sortByNeighbours(vertices: readonly Vertex[], layer: number[], forward: boolean): void {
  const weight = new Map<number, number>();
  for (const index of layer) {
    const vertex = vertices[index];
    const neighbours = (forward ? vertex?.before : vertex?.after) ?? [];
    const sum = neighbours.reduce((total, other) => total + (vertices[other]?.rank ?? 0), 0);
    weight.set(index, neighbours.length > 0 ? sum / neighbours.length : (vertex?.rank ?? 0));
  }
  layer.sort(
    (a, b) => (weight.get(a) ?? 0) - (weight.get(b) ?? 0) || (vertices[a]?.rank ?? 0) - (vertices[b]?.rank ?? 0),
  );
  layer.forEach((index, rank) => {
    const vertex = vertices[index];
    if (vertex) vertex.rank = rank;
  });
}

/** Crossings between neighbouring layers, counted with a Fenwick tree (Barth, Mutzel and Jünger, 2004). */
function crossings(vertices: readonly Vertex[], layers: readonly (readonly number[])[]): number {
  let total = 0;
  for (const layer of layers) {
    const ends = layer.flatMap((index) =>
      (vertices[index]?.after ?? []).map((other) => vertices[other]?.rank ?? 0).sort((a, b) => a - b),
    );
    const size = Math.max(0, ...ends) + 2;
    const tree = new Array<number>(size + 1).fill(0);
    ends.forEach((end, seen) => {
      let notAbove = 0;
      for (let at = end + 1; at > 0; at -= at & -at) notAbove += tree[at] ?? 0;
      total += seen - notAbove;
      for (let at = end + 1; at <= size; at += at & -at) tree[at] = (tree[at] ?? 0) + 1;
    });
  }
  return total;
}

function settleHeights(vertices: readonly Vertex[], layers: readonly (readonly number[])[], rowGap: number): void {
  for (const layer of layers) {
    let y = 0;
    for (const index of layer) {
      const vertex = vertices[index];
      if (!vertex) continue;
      vertex.y = y + vertex.height / 2;
      y += vertex.height + rowGap;
    }
  }
  const middle = Math.max(...layers.map((layer) => heightOf(vertices, layer)), 0) / 2;
  for (const layer of layers) {
    const shift = middle - heightOf(vertices, layer) / 2;
    for (const index of layer) {
      const vertex = vertices[index];
      if (vertex) vertex.y += shift;
    }
  }
  for (let sweep = 0; sweep < 14; sweep++) {
    const forward = sweep % 2 === 0;
    // The last sweeps look both ways, so that neither end wins.
    const both = sweep >= 10;
    for (const layer of forward ? layers : [...layers].reverse()) settleLayer(vertices, layer, forward, both, rowGap);
  }
}

const heightOf = (vertices: readonly Vertex[], layer: readonly number[]): number => {
  const last = vertices[layer.at(-1) ?? -1];
  return last ? last.y + last.height / 2 : 0;
};

function settleLayer(
  vertices: readonly Vertex[],
  layer: readonly number[],
  forward: boolean,
  both: boolean,
  rowGap: number,
): void {
  const blocks: { wanted: number; weight: number; count: number }[] = [];
  const offsets: number[] = [];
  let offset = 0;
  let previous: Vertex | undefined;
  for (const index of layer) {
    const vertex = vertices[index];
    if (!vertex) continue;
    if (previous)
      offset += (previous.height + vertex.height) / 2 + (vertex.real && previous.real ? rowGap : rowGap * 0.7);
    previous = vertex;
    offsets.push(offset);
    const { wanted, weight } = pullOn(vertices, vertex, forward, both);
    blocks.push({ wanted: wanted - offset, weight, count: 1 });
    for (;;) {
      const last = blocks.at(-1);
      const other = blocks.at(-2);
      if (!last || !other || other.wanted <= last.wanted) break;
      blocks.splice(-2, 2, {
        wanted: (last.wanted * last.weight + other.wanted * other.weight) / (last.weight + other.weight),
        weight: last.weight + other.weight,
        count: last.count + other.count,
      });
    }
  }
  let at = 0;
  for (const block of blocks)
    for (let inside = 0; inside < block.count; inside++, at++) {
      const vertex = vertices[layer[at] ?? -1];
      if (vertex) vertex.y = block.wanted + (offsets[at] ?? 0);
    }
}

/** Where its neighbours want a vertex, and how much. Pieces of one edge pull hard, so that long edges run straight. */
function pullOn(
  vertices: readonly Vertex[],
  vertex: Vertex,
  forward: boolean,
  both: boolean,
): { wanted: number; weight: number } {
  const neighbours = both ? [...vertex.before, ...vertex.after] : forward ? vertex.before : vertex.after;
  let sum = 0;
  let weight = 0;
  for (const index of neighbours) {
    const other = vertices[index];
    if (!other) continue;
    const pull = vertex.real && other.real ? 1 : !vertex.real && !other.real ? 8 : 2;
    sum += other.y * pull;
    weight += pull;
  }
  return weight > 0 ? { wanted: sum / weight, weight } : { wanted: vertex.y, weight: 0.05 };
}
