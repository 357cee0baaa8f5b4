import type { Value } from '../values.ts';
import { Dict, NamedTuple, PythonSet, Tuple } from './containers.ts';

/**
 * Python's deepcopy of what can be written into: dicts, lists and sets, however deep and however often they are in it.
 * @param shared values that are not copied, but go into the copy as they are
 */
export function copied(value: Value, shared: ReadonlySet<Value>, done = new Map<Value, Value>()): Value {
  if (typeof value !== 'object' || value === null || shared.has(value)) return value;
  const known = done.get(value);
  if (known !== undefined) return known;
  const inner = (each: Value) => copied(each, shared, done);
  if (Array.isArray(value)) {
    const list: Value[] = [];
    done.set(value, list);
    for (const each of value) list.push(inner(each));
    return list;
  }
  if (value instanceof Dict) {
    const dict = new Dict();
    done.set(value, dict);
    for (const [key, each] of value.entries()) dict.set(key, inner(each));
    return dict;
  }
  if (value instanceof PythonSet) return PythonSet.from(value.iterate());
  if (value instanceof Tuple && !(value instanceof NamedTuple)) return new Tuple(value.items.map(inner));
  return value;
}
