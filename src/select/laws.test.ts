import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Criterion } from './criterion.ts';
import { graphOfNodes, type SelectableGraph } from './graph.ts';
import { parseSelection } from './parse-selection.ts';
import { type IndirectSelection, type SelectionRequest, selectNodes } from './select.ts';
import { combined, printSelection, type SelectionTree, without } from './selection-tree.ts';
import { request } from './shop.test.fixture.ts';

const TAGS = ['nightly', 'hourly'];

/** Up to 12 models and tests, each reading some of those before it. */
const graphs: fc.Arbitrary<SelectableGraph> = fc
  .array(
    fc.record({ isTest: fc.boolean(), tag: fc.constantFrom(...TAGS), reads: fc.array(fc.nat(30), { maxLength: 3 }) }),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((rows) => {
    const ids: string[] = [];
    const models: string[] = [];
    return graphOfNodes(
      'shop',
      rows.map(({ isTest, tag, reads }, at) => {
        const type = isTest && models.length > 0 ? 'test' : 'model';
        const id = `${type}.shop.n${at}`;
        const nodes = models.length === 0 ? [] : [...new Set(reads.map((read) => models[read % models.length] ?? ''))];
        ids.push(id);
        if (type === 'model') models.push(id);
        return {
          unique_id: id,
          resource_type: type,
          name: `n${at}`,
          package_name: 'shop',
          fqn: ['shop', `n${at}`],
          tags: [tag],
          original_file_path: `models/n${at}.sql`,
          config: {},
          depends_on: { nodes: type === 'test' && nodes.length === 0 ? models.slice(0, 1) : nodes },
        };
      }),
    );
  });

const words = fc.oneof(
  fc
    .tuple(fc.constantFrom('', '+', '1+', '2+'), fc.nat(11), fc.constantFrom('', '+', '+1'))
    .map(([a, n, b]) => `${a}n${n}${b}`),
  fc.nat(11).map((n) => `@n${n}`),
  fc.constantFrom(...TAGS.map((tag) => `tag:${tag}`), 'tag:nightly+', 'n1*', 'resource_type:test'),
);
const modes = fc.constantFrom<IndirectSelection>('eager', 'cautious', 'buildable', 'empty');

const ids = (graph: SelectableGraph, more: Partial<SelectionRequest>): readonly string[] => [
  ...selectNodes(graph, request({ literalsMustMatch: false, ...more }), {}).value.ids,
];
const setOf = (graph: SelectableGraph, more: Partial<SelectionRequest>) => new Set(ids(graph, more));

test('a union does not care for order, repetition or how it is written', () => {
  fc.assert(
    fc.property(graphs, words, words, modes, (graph, one, other, indirectSelection) => {
      const union = ids(graph, { select: [one, other], indirectSelection });
      expect(ids(graph, { select: [other, one], indirectSelection })).toEqual(union);
      expect(ids(graph, { select: [`${one} ${other} ${one}`], indirectSelection })).toEqual(union);
      expect(ids(graph, { select: [`${one} or ${other}`], indirectSelection })).toEqual(union);
    }),
  );
});

test('an intersection does not care for order, is in both parts where no test waits, and `and` is the comma', () => {
  fc.assert(
    fc.property(graphs, words, words, modes, (graph, one, other, indirectSelection) => {
      const both = ids(graph, { select: [`${one},${other}`], indirectSelection });
      expect(ids(graph, { select: [`${other},${one}`], indirectSelection })).toEqual(both);
      expect(ids(graph, { select: [`${one} and ${other}`], indirectSelection })).toEqual(both);
      if (indirectSelection !== 'eager' && indirectSelection !== 'empty') return;
      const [left, right] = [one, other].map((select) => setOf(graph, { select: [select], indirectSelection }));
      expect(both).toEqual([...(left ?? [])].filter((id) => right?.has(id)));
    }),
  );
});

test('exclude is the difference, and `and not` is exclude', () => {
  fc.assert(
    fc.property(graphs, words, words, modes, (graph, one, other, indirectSelection) => {
      const left = ids(graph, { select: [one], indirectSelection });
      const right = setOf(graph, { select: [other], indirectSelection });
      const difference = left.filter((id) => !right.has(id));
      expect(ids(graph, { select: [one], exclude: [other], indirectSelection })).toEqual(difference);
      expect(ids(graph, { select: [`${one} and not ${other}`], indirectSelection })).toEqual(difference);
    }),
  );
});

test('@x has x+ and +x, and +x+ is the union of both', () => {
  fc.assert(
    fc.property(graphs, fc.nat(11), (graph, n) => {
      const indirectSelection = 'empty';
      const around = setOf(graph, { select: [`@n${n}`], indirectSelection });
      const both = ids(graph, { select: [`+n${n}+`], indirectSelection });
      expect(both.filter((id) => !around.has(id))).toEqual([]);
      expect(ids(graph, { select: [`+n${n}`, `n${n}+`], indirectSelection })).toEqual(both);
    }),
  );
});

test('walking further never loses a node, and far enough is all the way', () => {
  fc.assert(
    fc.property(graphs, fc.nat(11), fc.nat(4), (graph, n, depth) => {
      const indirectSelection = 'empty';
      const near = ids(graph, { select: [`n${n}+${depth}`], indirectSelection });
      const far = setOf(graph, { select: [`n${n}+${depth + 1}`], indirectSelection });
      expect(near.filter((id) => !far.has(id))).toEqual([]);
      expect(ids(graph, { select: [`n${n}+99`], indirectSelection })).toEqual(
        ids(graph, { select: [`n${n}+`], indirectSelection }),
      );
    }),
  );
});

test('modes only differ in tests, each taking at least those of the stricter one', () => {
  fc.assert(
    fc.property(graphs, words, (graph, word) => {
      const picked = (mode: IndirectSelection) => ids(graph, { select: [word], indirectSelection: mode });
      const chain = [picked('empty'), picked('cautious'), picked('buildable'), picked('eager')];
      for (const [at, narrower] of chain.slice(0, 3).entries())
        expect(narrower.filter((id) => !chain[at + 1]?.includes(id))).toEqual([]);
      const [strict = [], , , eager = []] = chain;
      expect(eager.filter((id) => !strict.includes(id) && !id.startsWith('test.'))).toEqual([]);
    }),
  );
});

const reach = fc.option(fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(9)), { nil: undefined });
const criteria: fc.Arbitrary<Criterion> = fc
  .record({
    method: fc.constantFrom('fqn', 'path', 'file', 'tag', 'config', 'source', 'state'),
    key: fc.constantFrom('materialized', 'meta'),
    value: fc.oneof(
      fc.stringMatching(/^[a-z][a-z0-9_]*(?:[./][a-z*?][a-z_]*)*$/),
      fc.constantFrom('stg_*.sql', 'models/staging', 'a:b', '[ab]?', 'not', 'orders(1)'),
    ),
    parents: reach,
    children: reach,
    childrensParents: fc.boolean(),
  })
  .filter(({ childrensParents, children }) => !childrensParents || children === undefined)
  .filter(({ value, method }) => value !== 'not' || method !== 'fqn')
  .map(({ key, parents, children, ...rest }) => ({
    ...rest,
    arguments: rest.method === 'config' ? [key] : [],
    ...(parents === undefined ? {} : { parents }),
    ...(children === undefined ? {} : { children }),
  }));

const trees: fc.Arbitrary<SelectionTree> = fc.letrec<{ tree: SelectionTree; leaf: SelectionTree }>((tie) => ({
  leaf: criteria.map((criterion) => ({ kind: 'criterion' as const, criterion })),
  tree: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    fc.array(tie('tree'), { minLength: 2, maxLength: 3 }).map((parts) => combined('union', parts)),
    fc
      .array(
        tie('tree').filter((tree) => tree.kind !== 'difference'),
        { minLength: 2, maxLength: 3 },
      )
      .map((parts) => combined('intersection', parts)),
    tie('tree').map((tree) => without({ kind: 'everything' }, tree)),
    fc
      .tuple(
        tie('tree').filter((tree) => tree.kind !== 'difference'),
        tie('tree'),
      )
      .map(([from, away]) => without(from, away)),
  ),
})).tree;

/** The tree without the places it was read from. */
const bare = (tree: SelectionTree): unknown =>
  JSON.parse(
    JSON.stringify(tree, (key, value) =>
      key === 'at' ? undefined : value === Number.POSITIVE_INFINITY ? 'all' : value,
    ),
  );

test('what is printed parses to what was printed', () => {
  fc.assert(
    fc.property(trees, (tree) => {
      const parsed = parseSelection('--select', [printSelection(tree)]);
      expect(parsed.diagnostics).toEqual([]);
      expect(bare(parsed.value)).toEqual(bare(tree));
    }),
    { numRuns: 500 },
  );
});

test('no text at all makes the parser stumble', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (typed) => {
      const { diagnostics } = parseSelection('--select', typed);
      const { length } = typed.join(' ');
      for (const { at } of diagnostics) {
        expect(at?.start).toBeGreaterThanOrEqual(0);
        expect(at?.end).toBeLessThanOrEqual(Math.max(length, 1));
      }
    }),
    { numRuns: 1000 },
  );
});
