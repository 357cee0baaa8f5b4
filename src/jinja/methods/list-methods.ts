import { integerArgument } from '../values/arithmetic.ts';
import { compare, equals } from '../values/comparison.ts';
import type { Range, Tuple } from '../values/containers.ts';
import { iterate } from '../values/iteration.ts';
import { type Native, native } from '../values/native.ts';
import { typeError, valueError } from '../values/template-error.ts';
import { reprOf } from '../values/text.ts';
import { truthOf } from '../values/truth.ts';
import type { Value } from '../values.ts';

function indexIn(items: readonly Value[], item: Value, start: Value, end: Value): number {
  const bound = (value: Value, otherwise: number) => {
    const index = value === undefined ? otherwise : integerArgument(value, 'A position');
    return index < 0 ? Math.max(0, index + items.length) : index;
  };
  const to = Math.min(bound(end, items.length), items.length);
  for (let at = bound(start, 0); at < to; at++) if (items[at] === item || equals(items[at], item)) return at;
  throw valueError(`${reprOf(item)} is not in this list.`);
}

function popped(items: Value[], index: Value): Value {
  if (items.length === 0) throw valueError('Nothing can be popped from an empty list.');
  const at = index === undefined ? items.length - 1 : integerArgument(index, 'An index');
  const position = at < 0 ? at + items.length : at;
  if (position < 0 || position >= items.length) throw valueError(`This list of ${items.length} has no index ${at}.`);
  return items.splice(position, 1)[0];
}

/** Python's sort is stable and JavaScript's, too; reversed sorting keeps the order of equals. */
export function sorted(items: Iterable<Value>, keyOf: (item: Value) => Value, reverse: boolean): Value[] {
  const keyed = Array.from(items, (item) => ({ item, key: keyOf(item) }));
  keyed.sort((a, b) => (reverse ? compare(b.key, a.key) : compare(a.key, b.key)) || 0);
  return keyed.map(({ item }) => item);
}

const common: Record<string, Native<readonly Value[]>> = {
  count: native('value', (items, value) => items.filter((item) => item === value || equals(item, value)).length),
  index: native('value start? end?', indexIn),
};

const lists: Record<string, Native<Value[]>> = {
  ...common,
  append: native('item', (items, item) => {
    items.push(item);
    return null;
  }),
  clear: native('', (items) => {
    items.length = 0;
    return null;
  }),
  copy: native('', (items) => [...items]),
  extend: native('items', (items, more) => {
    for (const item of Array.from(iterate(more))) items.push(item);
    return null;
  }),
  insert: native('index item', (items, index, item) => {
    items.splice(integerArgument(index, 'An index'), 0, item);
    return null;
  }),
  pop: native('index?', popped),
  remove: native('value', (items, value) => {
    items.splice(indexIn(items, value, undefined, undefined), 1);
    return null;
  }),
  reverse: native('', (items) => {
    items.reverse();
    return null;
  }),
  sort: native('key? reverse?', (items, key, reverse) => {
    if (key !== undefined && key !== null)
      throw typeError('`sort` here takes no key.', 'use the filter `| sort(attribute=…)`');
    items.splice(0, items.length, ...sorted(items, (item) => item, truthOf(reverse ?? false)));
    return null;
  }),
};

/** Python's list. */
export const LIST_METHODS: ReadonlyMap<string, Native<Value[]>> = new Map(Object.entries(lists));

/** Python's tuple. */
export const TUPLE_METHODS: ReadonlyMap<string, Native<Tuple>> = new Map(
  Object.entries(common).map(([name, body]) => [name, (tuple: Tuple, call, called) => body(tuple.items, call, called)]),
);

/** Python's range. */
export const RANGE_METHODS: ReadonlyMap<string, Native<Range>> = new Map(
  Object.entries(common).map(([name, body]) => [
    name,
    (range: Range, call, called) => body([...range.iterate()], call, called),
  ]),
);
