import type { Value } from '../values.ts';
import { Float } from './number.ts';
import { PythonObject } from './python-object.ts';
import { typeError } from './template-error.ts';

/** An immutable sequence. */
export class Tuple extends PythonObject {
  readonly typeName: string = 'tuple';
  readonly items: readonly Value[];
  constructor(items: readonly Value[]) {
    super();
    this.items = items;
  }
  override length(): number {
    return this.items.length;
  }
}

/** A tuple whose items also have names, as `groupby` yields. */
export class NamedTuple extends Tuple {
  private readonly names: readonly string[];
  constructor(names: readonly string[], items: readonly Value[]) {
    super(items);
    this.names = names;
  }
  override attribute(name: string): Value | undefined {
    const at = this.names.indexOf(name);
    return at < 0 ? undefined : this.items[at];
  }
  override attributeNames(): Iterable<string> {
    return this.names;
  }
}

/** Equal keys have the same hash: 1, 1.0 and True are one key. Throws for what Python calls unhashable. */
export function hashOf(value: Value): unknown {
  if (typeof value === 'string') return value.charCodeAt(0) === 0 ? `\0${value}` : value;
  if (typeof value === 'number' || value === null) return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Float) return value.value;
  if (value instanceof Tuple) return `\0(${value.items.map(hashText).join('\0,')}\0)`;
  if (Array.isArray(value)) throw typeError('A list cannot be a key or a member of a set.', 'use a tuple: `(1, 2)`');
  if (value instanceof PythonObject) {
    const hash = value.hash();
    if (hash === undefined) throw typeError(`A ${value.typeName} cannot be a key or a member of a set.`);
    return hash;
  }
  return value;
}

const identities = new WeakMap<object, number>();
let nextIdentity = 1;

function hashText(value: Value): string {
  const hash = hashOf(value);
  if (typeof hash !== 'object' || hash === null) return `${typeof hash}:${String(hash)}`;
  const identity = identities.get(hash) ?? nextIdentity++;
  identities.set(hash, identity);
  return `object:${identity}`;
}

/** Python's dict: insertion order, keys of any hashable kind. */
export class Dict extends PythonObject {
  readonly typeName = 'dict';
  private readonly values_ = new Map<unknown, Value>();
  /** Only keys that are not their own hash. */
  private odd: Map<unknown, Value> | undefined;

  static from(entries: Iterable<readonly [Value, Value]>): Dict {
    const dict = new Dict();
    for (const [key, value] of entries) dict.set(key, value);
    return dict;
  }
  get size(): number {
    return this.values_.size;
  }
  get(key: Value): Value | undefined {
    return this.values_.get(hashOf(key));
  }
  has(key: Value): boolean {
    return this.values_.has(hashOf(key));
  }
  set(key: Value, value: Value): void {
    const hash = hashOf(key);
    // The first of several equal keys stays, as in Python.
    if (hash !== key && !this.values_.has(hash)) {
      this.odd ??= new Map();
      this.odd.set(hash, key);
    }
    this.values_.set(hash, value);
  }
  delete(key: Value): boolean {
    const hash = hashOf(key);
    this.odd?.delete(hash);
    return this.values_.delete(hash);
  }
  clear(): void {
    this.values_.clear();
    this.odd = undefined;
  }
  *entries(): IterableIterator<readonly [Value, Value]> {
    const size = this.values_.size;
    for (const [hash, value] of this.values_) {
      yield [this.keyOf(hash), value];
      if (this.values_.size !== size) throw typeError('A dict changed its size while it was being iterated.');
    }
  }
  *keys(): IterableIterator<Value> {
    for (const [key] of this.entries()) yield key;
  }
  *values(): IterableIterator<Value> {
    for (const [, value] of this.entries()) yield value;
  }
  copy(): Dict {
    return Dict.from(this.entries());
  }
  private keyOf(hash: unknown): Value {
    if (this.odd === undefined) return hash;
    const odd = this.odd.get(hash);
    return odd === undefined && !this.odd.has(hash) ? hash : odd;
  }
  override length(): number {
    return this.values_.size;
  }
  override iterate(): Iterable<Value> {
    return this.keys();
  }
  override item(key: Value): Value | undefined {
    return this.get(key);
  }
  override setItem(key: Value, value: Value): boolean {
    this.set(key, value);
    return true;
  }
  override contains(item: Value): boolean {
    return this.has(item);
  }
  override hash(): undefined {
    return undefined;
  }
}

/** What is in a dict; undefined when the value is none. */
export const entriesOf = (value: Value): readonly (readonly [Value, Value])[] | undefined =>
  value instanceof Dict ? [...value.entries()] : undefined;

/** What `.keys()`, `.values()` and `.items()` of a dict answer: always the dict's present state. */
export class DictView extends PythonObject {
  readonly typeName: string;
  readonly kind: 'keys' | 'values' | 'items';
  readonly dict: Dict;
  constructor(kind: 'keys' | 'values' | 'items', dict: Dict) {
    super();
    this.kind = kind;
    this.typeName = `dict_${kind}`;
    this.dict = dict;
  }
  override length(): number {
    return this.dict.size;
  }
  override iterate(): Iterable<Value> {
    if (this.kind === 'keys') return this.dict.keys();
    return this.kind === 'values' ? this.dict.values() : this.items();
  }
  override hash(): undefined {
    return undefined;
  }
  private *items(): Iterable<Value> {
    for (const [key, value] of this.dict.entries()) yield new Tuple([key, value]);
  }
}

/** Python's set, in the order members were added. */
export class PythonSet extends PythonObject {
  readonly typeName: string = 'set';
  private readonly members = new Map<unknown, Value>();

  static from(items: Iterable<Value>): PythonSet {
    const set = new PythonSet();
    for (const item of items) set.add(item);
    return set;
  }
  add(item: Value): void {
    const hash = hashOf(item);
    if (!this.members.has(hash)) this.members.set(hash, item);
  }
  has(item: Value): boolean {
    return this.members.has(hashOf(item));
  }
  delete(item: Value): boolean {
    return this.members.delete(hashOf(item));
  }
  clear(): void {
    this.members.clear();
  }
  override length(): number {
    return this.members.size;
  }
  override iterate(): Iterable<Value> {
    return this.members.values();
  }
  override contains(item: Value): boolean {
    return this.has(item);
  }
  override hash(): undefined {
    return undefined;
  }
}

/** `range(start, stop, step)`: counts without a list. */
export class Range extends PythonObject {
  readonly typeName = 'range';
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  constructor(start: number, stop: number, step: number) {
    super();
    this.start = start;
    this.stop = stop;
    this.step = step;
  }
  override attribute(name: string): Value | undefined {
    return name === 'start' || name === 'stop' || name === 'step' ? this[name] : undefined;
  }
  override length(): number {
    return Math.max(0, Math.ceil((this.stop - this.start) / this.step));
  }
  override *iterate(): Iterable<Value> {
    for (let index = 0; index < this.length(); index++) yield this.start + index * this.step;
  }
  override represent(): string {
    return this.step === 1 ? `range(${this.start}, ${this.stop})` : `range(${this.start}, ${this.stop}, ${this.step})`;
  }
  override contains(item: Value): boolean {
    const number =
      typeof item === 'number' || typeof item === 'boolean'
        ? Number(item)
        : item instanceof Float
          ? item.value
          : Number.NaN;
    const index = (number - this.start) / this.step;
    return Number.isInteger(index) && index >= 0 && index < this.length();
  }
  override equals(other: Value): boolean {
    return other instanceof Range && [...this.iterate()].join() === [...other.iterate()].join();
  }
  override hash(): unknown {
    return `\0range:${[...this.iterate()].join()}`;
  }
}

/** A Python iterator: can be gone through once. */
export class Lazy extends PythonObject {
  readonly typeName: string;
  private readonly iterator: Iterator<Value>;
  constructor(items: Iterable<Value>, typeName = 'generator') {
    super();
    this.iterator = items[Symbol.iterator]();
    this.typeName = typeName;
  }
  override iterate(): Iterable<Value> {
    const { iterator } = this;
    // Leaving a loop early must not close the iterator, so `return` is not handed on.
    return { [Symbol.iterator]: () => ({ next: () => iterator.next() }) };
  }
  override represent(): string {
    return `<${this.typeName} object>`;
  }
}

/** `namespace(total=0)`: attributes that loops may change. */
export class Namespace extends PythonObject {
  readonly typeName = 'Namespace';
  readonly attributes: Dict;
  constructor(attributes: Dict) {
    super();
    this.attributes = attributes;
  }
  override attribute(name: string): Value | undefined {
    return this.attributes.get(name);
  }
  override *attributeNames(): Iterable<string> {
    for (const name of this.attributes.keys()) yield String(name);
  }
  override setItem(key: Value, value: Value): boolean {
    this.attributes.set(key, value);
    return true;
  }
}

/** Text that is already safe in HTML; what is joined to it gets escaped. */
export class Markup extends PythonObject {
  readonly typeName = 'Markup';
  readonly value: string;
  constructor(value: string) {
    super();
    this.value = value;
  }
  override hash(): unknown {
    return hashOf(this.value);
  }
}
