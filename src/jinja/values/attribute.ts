import { methodNamed, methodNames } from '../methods/methods.ts';
import type { Value } from '../values.ts';
import { sentence } from './iteration.ts';
import { PythonObject } from './python-object.ts';
import { itemOf, Slice } from './subscript.ts';
import { typeError } from './template-error.ts';
import { kindOf, textOf, typeNameOf } from './text.ts';
import { Undefined, type UndefinedMode } from './undefined.ts';

/** Python's getattr(), or undefined when there is no such attribute. */
export function attributeOf(value: Value, name: string): Value | undefined {
  const own = value instanceof PythonObject ? value.attribute(name) : undefined;
  if (own !== undefined) return own;
  return name === '__class__' && !(value instanceof Undefined)
    ? new PythonClass(typeNameOf(value))
    : methodNamed(value, name);
}

/** `value.name`: an attribute, else an item of that name, else undefined. */
export function readAttribute(value: Value, name: string, mode: UndefinedMode): Value {
  const attribute = attributeOf(value, name);
  if (attribute !== undefined) return attribute;
  const item = itemOf(value, name);
  return item === undefined ? missing(value, name, mode) : item;
}

/** `value[key]`: an item, else an attribute of that name, else undefined. */
export function readItem(value: Value, key: Value, mode: UndefinedMode): Value {
  const found = itemOf(value, key);
  if (found !== undefined) return found;
  if (key instanceof Slice)
    throw value instanceof Undefined ? value.error() : typeError(`${sentence(kindOf(value))} cannot be sliced.`);
  const attribute = typeof key === 'string' ? attributeOf(value, key) : undefined;
  return attribute === undefined ? missing(value, key, mode) : attribute;
}

function missing(value: Value, key: Value, mode: UndefinedMode): Value {
  if (value instanceof Undefined) {
    if (value.mode === 'chainable') return value;
    throw value.error();
  }
  return new Undefined(mode, {
    kind: 'attribute',
    of: mode === 'debug' ? debugName(value) : sentence(kindOf(value)),
    name: textOf(key),
    known: () => knownNames(value),
  });
}

/** `value.__class__`: a type, for its name. */
class PythonClass extends PythonObject {
  readonly typeName = 'type';
  private readonly of: string;
  constructor(of: string) {
    super();
    this.of = of;
  }
  override attribute(name: string): Value | undefined {
    return name === '__name__' ? this.of : undefined;
  }
  override represent(): string {
    return `<class '${this.of}'>`;
  }
  override equals(other: Value): boolean {
    return other instanceof PythonClass && other.of === this.of;
  }
}

/** As Jinja2's DebugUndefined names an object. */
function debugName(value: Value): string {
  return value === null ? 'None' : `${typeNameOf(value)} object`;
}

function* knownNames(value: Value): Iterable<string> {
  if (value instanceof PythonObject) {
    yield* value.attributeNames();
    if (value.typeName === 'dict') for (const key of value.iterate() ?? []) if (typeof key === 'string') yield key;
  }
  yield* methodNames(value);
}
