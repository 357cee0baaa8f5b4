import { callIn } from '../calling.ts';
import type { Value } from '../contract.ts';
import { currentRun } from '../run.ts';
import { binary, integerArgument } from '../values/arithmetic.ts';
import { equals } from '../values/comparison.ts';
import { Lazy, Tuple } from '../values/containers.ts';
import { iterate, listOf } from '../values/iteration.ts';
import { valueError } from '../values/template-error.ts';
import { truthOf } from '../values/truth.ts';
import { builtin } from './builtin.ts';
import { pythonModule } from './python-module.ts';

/** More answers than this are a slip of the pen. */
const MOST = 10_000_000;

function call(callee: Value, ...args: readonly Value[]): Value {
  const run = currentRun();
  if (run === undefined) throw valueError('A function can only be called while a template is rendered.');
  return callIn(run, callee, { positional: args, named: new Map() });
}

function* product(pools: readonly (readonly Value[])[]): Iterable<Value> {
  const [first, ...rest] = pools;
  if (first === undefined) {
    yield new Tuple([]);
    return;
  }
  for (const item of first)
    for (const tail of product(rest)) if (tail instanceof Tuple) yield new Tuple([item, ...tail.items]);
}

function* chosen(items: readonly Value[], size: number, from: number, repeat: boolean): Iterable<readonly Value[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let index = from; index < items.length; index++)
    for (const rest of chosen(items, size - 1, repeat ? index : index + 1, repeat)) yield [items[index], ...rest];
}

function* arranged(items: readonly Value[], size: number): Iterable<readonly Value[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (const [index, item] of items.entries())
    for (const rest of arranged(items.toSpliced(index, 1), size - 1)) yield [item, ...rest];
}

function* tuples(lists: Iterable<readonly Value[]>): Iterable<Value> {
  for (const list of lists) yield new Tuple(list);
}

function* limited(items: Iterable<Value>): Iterable<Value> {
  let count = 0;
  for (const item of items) {
    if (++count > MOST) throw valueError('This makes too many items.');
    yield item;
  }
}

function* sliced(items: Value, bounds: readonly Value[]): Iterable<Value> {
  const [start, stop, step] = bounds.length === 1 ? [0, bounds[0], 1] : [bounds[0] ?? 0, bounds[1], bounds[2] ?? 1];
  const end = stop === null || stop === undefined ? Number.POSITIVE_INFINITY : integerArgument(stop, 'A position');
  const by = integerArgument(step, 'A step');
  let next = integerArgument(start, 'A position');
  let index = 0;
  if (end <= next) return;
  for (const item of iterate(items)) {
    if (index === next) {
      yield item;
      next += by;
    }
    if (++index >= end) return;
  }
}

function* grouped(items: Value, key: Value): Iterable<Value> {
  let group: { readonly key: Value; readonly items: Value[] } | undefined;
  for (const item of iterate(items)) {
    const at = key === undefined || key === null ? item : call(key, item);
    if (group !== undefined && equals(group.key, at)) group.items.push(item);
    else {
      if (group !== undefined) yield new Tuple([group.key, new Lazy(group.items)]);
      group = { key: at, items: [item] };
    }
  }
  if (group !== undefined) yield new Tuple([group.key, new Lazy(group.items)]);
}

function* counted(start: Value, step: Value): Iterable<Value> {
  for (let value = start; ; value = binary('+', value, step)) yield value;
}

function* cycled(items: readonly Value[]): Iterable<Value> {
  while (items.length > 0) yield* items;
}

function* accumulated(items: Value, combine: Value): Iterable<Value> {
  let total: Value;
  for (const item of iterate(items)) {
    total =
      total === undefined
        ? item
        : combine === undefined || combine === null
          ? binary('+', total, item)
          : call(combine, total, item);
    yield total;
  }
}

function* whileTrue(test: Value, items: Value, drop: boolean): Iterable<Value> {
  let dropping = true;
  for (const item of iterate(items)) {
    if (!drop) {
      if (!truthOf(call(test, item))) return;
      yield item;
      continue;
    }
    dropping &&= truthOf(call(test, item));
    if (!dropping) yield item;
  }
}

const zipLongest = (sequences: readonly Value[], fill: Value): readonly Value[] => {
  const lists = sequences.map((sequence) => listOf(sequence));
  const length = Math.max(0, ...lists.map((list) => list.length));
  return Array.from(
    { length },
    (_, index) => new Tuple(lists.map((list) => (index < list.length ? list[index] : fill))),
  );
};

const named = (map: Value, name: string): Value => (map instanceof Map ? map.get(name) : undefined);
const sizeOr = (value: Value, otherwise: number) =>
  value === undefined || value === null ? otherwise : integerArgument(value, 'A size');
const lazy = (items: Iterable<Value>, name: string) => new Lazy(limited(items), `itertools.${name}`);

/** `modules.itertools`. */
export const itertoolsModule: Value = pythonModule('itertools', {
  accumulate: builtin('accumulate', 'iterable func?', (items, combine) =>
    lazy(accumulated(items, combine), 'accumulate'),
  ),
  chain: builtin('chain', '*iterables', (lists) => lazy(listOf(lists).flatMap(listOf), 'chain'), {
    from_iterable: builtin('from_iterable', 'iterable', (lists) => lazy(listOf(lists).flatMap(listOf), 'chain')),
  }),
  combinations: builtin('combinations', 'iterable r', (items, size) =>
    lazy(tuples(chosen(listOf(items), sizeOr(size, 0), 0, false)), 'combinations'),
  ),
  combinations_with_replacement: builtin('combinations_with_replacement', 'iterable r', (items, size) =>
    lazy(tuples(chosen(listOf(items), sizeOr(size, 0), 0, true)), 'combinations_with_replacement'),
  ),
  compress: builtin('compress', 'data selectors', (data, selectors) => {
    const keep = listOf(selectors);
    return lazy(
      listOf(data).filter((_, index) => index < keep.length && truthOf(keep[index])),
      'compress',
    );
  }),
  count: builtin('count', 'start? step?', (start = 0, step = 1) => lazy(counted(start, step), 'count')),
  cycle: builtin('cycle', 'iterable', (items) => lazy(cycled(listOf(items)), 'cycle')),
  dropwhile: builtin('dropwhile', 'predicate iterable', (test, items) =>
    lazy(whileTrue(test, items, true), 'dropwhile'),
  ),
  filterfalse: builtin('filterfalse', 'predicate iterable', (test, items) =>
    lazy(
      listOf(items).filter((item) => !truthOf(test === null ? item : call(test, item))),
      'filterfalse',
    ),
  ),
  groupby: builtin('groupby', 'iterable key?', (items, key) => lazy(grouped(items, key), 'groupby')),
  islice: builtin('islice', 'iterable *bounds', (items, bounds) => lazy(sliced(items, listOf(bounds)), 'islice')),
  pairwise: builtin('pairwise', 'iterable', (items) => {
    const list = listOf(items);
    return lazy(
      list.slice(1).map((item, index) => new Tuple([list[index], item])),
      'pairwise',
    );
  }),
  permutations: builtin('permutations', 'iterable r?', (items, size) => {
    const list = listOf(items);
    return lazy(tuples(arranged(list, sizeOr(size, list.length))), 'permutations');
  }),
  product: builtin('product', '*iterables **named', (lists, more) => {
    const pools = listOf(lists).map(listOf);
    const repeat = Math.min(sizeOr(named(more, 'repeat'), 1), 100);
    return lazy(product(Array.from({ length: repeat }, () => pools).flat()), 'product');
  }),
  repeat: builtin('repeat', 'object times?', (item, times) =>
    lazy(
      times === undefined ? cycled([item]) : Array.from({ length: Math.min(sizeOr(times, 0), MOST) }, () => item),
      'repeat',
    ),
  ),
  starmap: builtin('starmap', 'function iterable', (body, items) =>
    lazy(
      listOf(items).map((args) => call(body, ...listOf(args))),
      'starmap',
    ),
  ),
  takewhile: builtin('takewhile', 'predicate iterable', (test, items) =>
    lazy(whileTrue(test, items, false), 'takewhile'),
  ),
  zip_longest: builtin('zip_longest', '*iterables **named', (lists, more) =>
    lazy(zipLongest(listOf(lists), named(more, 'fillvalue') ?? null), 'zip_longest'),
  ),
});
