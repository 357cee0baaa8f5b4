import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layoutGraph, layoutMap } from './graph-layout.ts';

const graph = fc.integer({ min: 1, max: 40 }).chain((count) =>
  fc.record({
    heights: fc.array(fc.integer({ min: 20, max: 200 }), { minLength: count, maxLength: count }),
    edges: fc
      .array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 80 })
      .map((pairs) => pairs.filter(([from, to]) => from < to)),
  }),
);

test('children stand right of their parents, and no two boxes overlap', () => {
  fc.assert(
    fc.property(graph, ({ heights, edges }) => {
      const nodes = heights.map((height) => ({ width: 100, height }));
      for (const { places, width, height } of [layoutGraph(nodes, edges), layoutMap(nodes, edges)]) {
        for (const [from, to] of edges) expect(places[to]?.x).toBeGreaterThan(places[from]?.x ?? 0);
        const boxes = places.map((place, at) => ({ ...place, bottom: place.y + (nodes[at]?.height ?? 0) }));
        for (const [at, box] of boxes.entries()) {
          expect(box.y).toBeGreaterThanOrEqual(-0.001);
          expect(box.x + 100).toBeLessThanOrEqual(width + 0.001);
          expect(box.bottom).toBeLessThanOrEqual(height + 0.001);
          for (const other of boxes.slice(at + 1))
            expect(box.x === other.x && box.y < other.bottom - 0.001 && other.y < box.bottom - 0.001).toBe(false);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('a chain is a straight line, and an edge over two layers passes level between the boxes of the one between', () => {
  const nodes = ['raw', 'staging', 'mart'].map(() => ({ width: 100, height: 40 }));
  const chain = layoutGraph(nodes, [
    [0, 1],
    [1, 2],
  ]);
  expect(new Set(chain.places.map((place) => Math.round(place.y)))).toEqual(new Set([0]));
  expect(
    layoutGraph(nodes, [
      [0, 1],
      [1, 2],
      [0, 2],
    ]).bends.map((bends) => bends.map(({ x }) => x)),
  ).toEqual([[], [], [172, 272]]);
});

test('crossings that can be undone are undone', () => {
  const nodes = Array.from({ length: 6 }, () => ({ width: 100, height: 40 }));
  const { places } = layoutGraph(nodes, [
    [0, 5],
    [1, 4],
    [2, 3],
  ]);
  const order = (a: number, b: number) => Math.sign((places[a]?.y ?? 0) - (places[b]?.y ?? 0));
  expect(order(0, 1)).toBe(order(5, 4));
  expect(order(1, 2)).toBe(order(4, 3));
});

test('a ring is drawn, not refused', () => {
  expect(
    layoutGraph(
      [
        { width: 10, height: 10 },
        { width: 10, height: 10 },
      ],
      [
        [0, 1],
        [1, 0],
      ],
    ).places,
  ).toHaveLength(2);
});
