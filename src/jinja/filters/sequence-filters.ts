import { sorted } from '../methods/list-methods.ts';
import { currentMode } from '../run.ts';
import { integerArgument, sum } from '../values/arithmetic.ts';
import { compare, equals } from '../values/comparison.ts';
import { Dict, hashOf, Lazy, Markup, NamedTuple, Range, Tuple } from '../values/containers.ts';
import { characters, iterableOf, iterate, length, listOf, sentence } from '../values/iteration.ts';
import { type Native, native } from '../values/native.ts';
import { typeError, valueError } from '../values/template-error.ts';
import { kindOf, reprOf, textOf } from '../values/text.ts';
import { truthOf } from '../values/truth.ts';
import { Undefined, undefinedBecause } from '../values/undefined.ts';
import type { Value } from '../values.ts';
import { attributeGetter, caseKey } from './attribute-path.ts';

const flag = (value: Value): boolean => truthOf(value ?? false);

function* batches(items: Value, size: Value, fill: Value): Iterable<Value> {
  const count = integerArgument(size, 'The size of a batch');
  let batch: Value[] = [];
  for (const item of iterate(items)) {
    if (batch.length === count) {
      yield batch;
      batch = [];
    }
    batch.push(item);
  }
  if (batch.length === 0) return;
  if (fill !== undefined && fill !== null) while (batch.length < count && batch.length < 1e6) batch.push(fill);
  yield batch;
}

function* slices(items: Value, slices: Value, fill: Value): Iterable<Value> {
  const all = listOf(items);
  const count = integerArgument(slices, 'The number of slices');
  if (count === 0) throw valueError('A list cannot be cut into no slices.');
  if (count > 1e6) throw valueError('These are too many slices.');
  const size = Math.floor(all.length / count);
  const larger = all.length % count;
  let offset = 0;
  for (let slice = 0; slice < count; slice++) {
    const start = offset + slice * size;
    if (slice < larger) offset++;
    const part = all.slice(start, offset + (slice + 1) * size);
    if (fill !== undefined && fill !== null && slice >= larger) part.push(fill);
    yield part;
  }
}

function* pairs(value: Value): Iterable<Value> {
  if (value instanceof Undefined) return;
  if (!(value instanceof Dict)) throw typeError(`Only a dict has pairs of items, not ${kindOf(value)}.`);
  for (const entry of value.entries()) yield new Tuple(entry);
}

function dictSorted(value: Value, caseSensitive: Value, by: Value, reverse: Value): Value {
  if (value instanceof Undefined) throw value.error();
  if (!(value instanceof Dict)) throw typeError(`\`dictsort\` sorts dicts, not ${kindOf(value)}.`);
  if (by !== undefined && by !== 'key' && by !== 'value') throw valueError('`dictsort` sorts by `key` or by `value`.');
  const key = caseKey(flag(caseSensitive));
  const at = by === 'value' ? 1 : 0;
  const pairs = Array.from(value.entries(), (entry) => new Tuple(entry));
  return sorted(pairs, (pair) => key(pair instanceof Tuple ? pair.items[at] : pair), flag(reverse));
}

function sortedBy(value: Value, reverse: Value, caseSensitive: Value, attribute: Value): Value {
  const key = caseKey(flag(caseSensitive));
  const paths = typeof attribute === 'string' ? attribute.split(',') : [attribute];
  const getters = paths.map((path) => attributeGetter(path));
  const [only] = getters;
  const keyOf =
    getters.length === 1 && only !== undefined
      ? (item: Value) => key(only(item))
      : (item: Value) => new Tuple(getters.map((getter) => key(getter(item))));
  return sorted(iterate(value), keyOf, flag(reverse));
}

function* unique(value: Value, caseSensitive: Value, attribute: Value): Iterable<Value> {
  const key = caseKey(flag(caseSensitive));
  const getter = attributeGetter(attribute);
  const seen = new Set<unknown>();
  for (const item of iterate(value)) {
    const hash = hashOf(key(getter(item)));
    if (seen.has(hash)) continue;
    seen.add(hash);
    yield item;
  }
}

function grouped(value: Value, attribute: Value, otherwise: Value, caseSensitive: Value): Value {
  const key = caseKey(flag(caseSensitive));
  const getter = attributeGetter(attribute, otherwise);
  const groups: { readonly key: Value; readonly items: Value[] }[] = [];
  for (const item of sorted(iterate(value), (one) => key(getter(one)), false)) {
    const group = groups.at(-1);
    if (group !== undefined && equals(group.key, key(getter(item)))) group.items.push(item);
    else groups.push({ key: key(getter(item)), items: [item] });
  }
  return groups.map(({ items }) => new NamedTuple(['grouper', 'list'], [getter(items[0]), items]));
}

function extreme(value: Value, caseSensitive: Value, attribute: Value, sign: 1 | -1): Value {
  const key = caseKey(flag(caseSensitive));
  const getter = attributeGetter(attribute);
  let best: { readonly item: Value; readonly key: Value } | undefined;
  for (const item of iterate(value)) {
    const candidate = { item, key: key(getter(item)) };
    if (best === undefined || compare(candidate.key, best.key) * sign > 0) best = candidate;
  }
  return best === undefined
    ? undefinedBecause(currentMode(), 'The sequence is empty, so it has no extreme.')
    : best.item;
}

function first(value: Value): Value {
  for (const item of iterate(value)) return item;
  return undefinedBecause(currentMode(), 'The sequence is empty, so it has no first item.');
}

function last(value: Value): Value {
  if (value instanceof Lazy) throw typeError('A generator has no last item.', 'make it a list first: `| list | last`');
  const items = typeof value === 'string' ? Array.from(value) : listOf(value);
  return items.length === 0
    ? undefinedBecause(currentMode(), 'The sequence is empty, so it has no last item.')
    : items.at(-1);
}

/** Renders have to repeat, so chance is replaced by a checksum: the same sequence always gives the same item. */
function chosenByContent(value: Value): Value {
  const items = typeof value === 'string' ? Array.from(value) : listOf(value);
  if (items.length === 0) return undefinedBecause(currentMode(), 'The sequence is empty, so it has no item to choose.');
  let sum = 0;
  for (const character of reprOf(items)) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return items[sum % items.length];
}

function reversed(value: Value): Value {
  if (typeof value === 'string') return Array.from(characters(value)).reverse().join('');
  if (value instanceof Markup) return new Markup(Array.from(value.value).reverse().join(''));
  if (iterableOf(value) === undefined) throw typeError(`${sentence(kindOf(value))} cannot be reversed.`);
  const items = listOf(value).reverse();
  if (Array.isArray(value)) return new Lazy(items, 'list_reverseiterator');
  if (value instanceof Lazy) return items;
  return new Lazy(items, value instanceof Dict ? 'dict_reversekeyiterator' : 'reversed');
}

/** Filters of lists and other sequences. */
export const SEQUENCE_FILTERS: Record<string, Native<Value>> = {
  batch: native('linecount fill_with?', (value, size, fill) => new Lazy(batches(value, size, fill))),
  slice: native('slices fill_with?', (value, count, fill) => new Lazy(slices(value, count, fill))),
  dictsort: native('case_sensitive? by? reverse?', dictSorted),
  sort: native('reverse? case_sensitive? attribute?', sortedBy),
  unique: native(
    'case_sensitive? attribute?',
    (value, sensitive, attribute) => new Lazy(unique(value, sensitive, attribute)),
  ),
  groupby: native('attribute default? case_sensitive?', grouped),
  min: native('case_sensitive? attribute?', (value, sensitive, attribute) => extreme(value, sensitive, attribute, -1)),
  max: native('case_sensitive? attribute?', (value, sensitive, attribute) => extreme(value, sensitive, attribute, 1)),
  first: native('', first),
  last: native('', last),
  random: native('', chosenByContent),
  length: native('', length),
  count: native('', length),
  list: native('', (value) => listOf(value)),
  items: native('', (value) => new Lazy(pairs(value))),
  reverse: native('', reversed),
  sum: native('attribute? start?', (value, attribute, start = 0) => {
    const getter = attributeGetter(attribute);
    return sum(Array.from(value instanceof Range ? value.iterate() : iterate(value), getter), start);
  }),
  join: native('d? attribute?', (value, separator, attribute) => {
    const getter = attributeGetter(attribute);
    return Array.from(iterate(value), (item) => textOf(getter(item))).join(
      separator === undefined ? '' : textOf(separator),
    );
  }),
};
