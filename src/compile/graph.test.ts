import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findCycle, graphOf } from './graph.ts';

const SHOP = {
  'seed.shop.raw': [],
  'model.shop.stg': ['seed.shop.raw'],
  'model.shop.orders': ['model.shop.stg'],
  'model.shop.customers': ['model.shop.stg'],
  'exposure.shop.weekly': ['model.shop.customers', 'model.shop.orders'],
};

test('neighbours, generations and paths', () => {
  const graph = graphOf(SHOP);
  expect(graph.children('model.shop.stg')).toEqual(['model.shop.customers', 'model.shop.orders']);
  expect([...graph.ancestors('exposure.shop.weekly', 1)]).toEqual(['model.shop.customers', 'model.shop.orders']);
  expect([...graph.descendants('seed.shop.raw')]).toHaveLength(4);
  expect(graph.generations()).toEqual([
    ['seed.shop.raw'],
    ['model.shop.stg'],
    ['model.shop.customers', 'model.shop.orders'],
    ['exposure.shop.weekly'],
  ]);
  expect(graph.pathBetween('seed.shop.raw', 'model.shop.orders')).toEqual([
    'seed.shop.raw',
    'model.shop.stg',
    'model.shop.orders',
  ]);
  expect(graph.pathBetween('model.shop.orders', 'seed.shop.raw')).toBeUndefined();
});

/** Parents by node; edges may point anywhere. */
const anyParents = fc
  .array(fc.uniqueArray(fc.nat({ max: 11 }), { maxLength: 4 }), { minLength: 1, maxLength: 12 })
  .map((lists) => Object.fromEntries(lists.map((parents, id) => [`n${id}`, parents.map((parent) => `n${parent}`)])));

test('a cycle that is found is one, and without one every node comes after its parents', () => {
  fc.assert(
    fc.property(anyParents, (parents) => {
      const cycle = findCycle(parents);
      if (cycle !== undefined) {
        expect(cycle[0]).toBe(cycle.at(-1));
        for (const [index, id] of cycle.slice(0, -1).entries()) expect(parents[id]).toContain(cycle[index + 1]);
        return;
      }
      const order = graphOf(parents).topologicalOrder();
      expect(order.toSorted()).toEqual(Object.keys(parents).sort());
      for (const [id, list] of Object.entries(parents))
        for (const parent of list) if (parent in parents) expect(order.indexOf(parent)).toBeLessThan(order.indexOf(id));
    }),
  );
});

test('a chain of thousands has no cycle and does not overflow', () => {
  const chain = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, id) => [`n${id}`, id === 0 ? [] : [`n${id - 1}`]]),
  );
  expect(findCycle(chain)).toBeUndefined();
  expect(findCycle({ ...chain, n0: ['n19999'] })).toHaveLength(20_001);
});
