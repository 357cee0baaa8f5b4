import type { Value } from '../values.ts';
import { Dict, Markup, Range, Tuple } from './containers.ts';
import { characters } from './iteration.ts';
import { bigintOf } from './number.ts';
import { PythonObject } from './python-object.ts';
import { typeError, valueError } from './template-error.ts';
import { kindOf } from './text.ts';

/** `from:to:step` between brackets. */
export class Slice extends PythonObject {
  readonly typeName = 'slice';
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly step: number | undefined;
  constructor(from: Value | undefined, to: Value | undefined, step: Value | undefined) {
    super();
    this.from = sliceIndex(from);
    this.to = sliceIndex(to);
    this.step = sliceIndex(step);
  }
}

function sliceIndex(value: Value | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  const index = bigintOf(value);
  if (index === undefined) throw typeError(`A slice needs integers, not ${kindOf(value)}.`);
  return Number(index);
}

/** `value[key]`, or undefined where Python would raise: no such key, index out of range, not subscriptable. */
export function itemOf(value: Value, key: Value): Value | undefined {
  if (value instanceof Dict) return isHashable(key) ? value.get(key) : undefined;
  if (typeof value === 'string') return elementOf(characters(value), key, (items) => Array.from(items).join(''));
  if (Array.isArray(value)) return elementOf(value, key, (items) => items);
  if (value instanceof Tuple) return elementOf(value.items, key, (items) => new Tuple(items));
  if (value instanceof Markup) {
    const item = elementOf(characters(value.value), key, (items) => Array.from(items).join(''));
    return typeof item === 'string' ? new Markup(item) : undefined;
  }
  if (value instanceof Range)
    return key instanceof Slice ? rangeOf(value, key) : elementOf([...value.iterate()], key, (items) => items);
  return value instanceof PythonObject ? value.item(key) : undefined;
}

/** A slice of a range is a range. */
function rangeOf(range: Range, slice: Slice): Range {
  const indexes = sliced(
    Array.from({ length: range.length() }, (_, index) => index),
    slice,
  );
  const step = range.step * (slice.step ?? 1);
  const [first] = indexes;
  const start = first === undefined ? range.stop : range.start + first * range.step;
  return new Range(start, start + indexes.length * step, step);
}

const isHashable = (key: Value) =>
  !Array.isArray(key) && !(key instanceof PythonObject && !(key instanceof Tuple) && key.hash() === undefined);

function elementOf<T extends Value>(items: ArrayLike<T>, key: Value, joined: (items: T[]) => Value): Value | undefined {
  if (typeof key === 'number') return items[key < 0 ? key + items.length : key];
  if (key instanceof Slice) return joined(sliced(items, key));
  const index = bigintOf(key);
  return index === undefined ? undefined : items[Number(index < 0n ? index + BigInt(items.length) : index)];
}

/** Python's slicing: bounds are clipped, negative ones count from the end. */
export function sliced<T>(items: ArrayLike<T>, slice: Slice): T[] {
  const { length } = items;
  const step = slice.step ?? 1;
  if (step === 0) throw valueError("A slice's step cannot be zero.");
  const clip = (index: number | undefined, fallback: number) => {
    if (index === undefined) return fallback;
    const from = index < 0 ? index + length : index;
    return step > 0 ? Math.min(Math.max(from, 0), length) : Math.min(Math.max(from, -1), length - 1);
  };
  const result: T[] = [];
  const from = clip(slice.from, step > 0 ? 0 : length - 1);
  const to = clip(slice.to, step > 0 ? length : -1);
  for (let index = from; step > 0 ? index < to : index > to; index += step) {
    const item = items[index];
    if (item !== undefined) result.push(item);
  }
  return result;
}
