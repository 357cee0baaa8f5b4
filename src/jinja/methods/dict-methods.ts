import { Dict, DictView, Lazy, PythonSet, Tuple } from '../values/containers.ts';
import { iterate, length, listOf } from '../values/iteration.ts';
import { type Native, native } from '../values/native.ts';
import { typeError, valueError } from '../values/template-error.ts';
import { kindOf, reprOf } from '../values/text.ts';
import { Undefined } from '../values/undefined.ts';
import type { Value } from '../values.ts';

/** Adds what `dict(…)` and `.update(…)` take: a dict, pairs, named values. */
export function updateDict(dict: Dict, from: Value, named: ReadonlyMap<string, Value>): void {
  if (from instanceof Undefined) throw from.error();
  if (from instanceof Dict) for (const [key, value] of from.copy().entries()) dict.set(key, value);
  else if (from !== undefined)
    for (const pair of iterate(from)) {
      const items = listOf(pair);
      if (items.length !== 2) throw valueError(`A dict is made of pairs, but this has ${length(pair)} items.`);
      dict.set(items[0], items[1]);
    }
  for (const [key, value] of named) dict.set(key, value);
}

const namedOf = (named: Value): ReadonlyMap<string, Value> => (named instanceof Map ? named : new Map());

const dicts: Record<string, Native<Dict>> = {
  clear: native('', (dict) => {
    dict.clear();
    return null;
  }),
  copy: native('', (dict) => dict.copy()),
  fromkeys: native('keys value?', (_, keys, value = null) =>
    Dict.from(Array.from(iterate(keys), (key) => [key, value] as const)),
  ),
  get: native('key default?', (dict, key, otherwise = null) => {
    const value = dict.get(key);
    return value === undefined ? otherwise : value;
  }),
  items: native('', (dict) => new DictView('items', dict)),
  keys: native('', (dict) => new DictView('keys', dict)),
  values: native('', (dict) => new DictView('values', dict)),
  pop: native('key default?', (dict, key, otherwise) => {
    const found = dict.get(key);
    const value = found === undefined ? otherwise : found;
    if (value === undefined)
      throw valueError(`This dict has no key ${reprOf(key)}.`, 'give a default: `.pop(key, none)`');
    dict.delete(key);
    return value;
  }),
  popitem: native('', (dict) => {
    const last = [...dict.entries()].at(-1);
    if (last === undefined) throw valueError('Nothing can be popped from an empty dict.');
    dict.delete(last[0]);
    return new Tuple(last);
  }),
  setdefault: native('key default?', (dict, key, otherwise = null) => {
    const value = dict.get(key);
    if (value !== undefined) return value;
    dict.set(key, otherwise);
    return otherwise;
  }),
  update: native('other? **named', (dict, other, named) => {
    if (other === null) throw typeError(`A dict cannot be updated with ${kindOf(other)}.`);
    updateDict(dict, other, namedOf(named));
    return null;
  }),
  __len__: native('', (dict) => dict.size),
  __contains__: native('key', (dict, key) => dict.has(key)),
  __iter__: native('', (dict) => new Lazy(dict.keys(), 'dict_keyiterator')),
};

/** Python's dict. */
export const DICT_METHODS: ReadonlyMap<string, Native<Dict>> = new Map(Object.entries(dicts));

/** What dict views share with sets. */
export const VIEW_METHODS: ReadonlyMap<string, Native<DictView>> = new Map([
  [
    'isdisjoint',
    native('other', (view: DictView, other) => {
      const members = PythonSet.from(view.iterate());
      return !listOf(other).some((item) => members.has(item));
    }),
  ],
]);
