import { PythonSet } from '../values/containers.ts';
import { iterate, listOf } from '../values/iteration.ts';
import { type Native, native } from '../values/native.ts';
import { valueError } from '../values/template-error.ts';
import { reprOf } from '../values/text.ts';
import type { Value } from '../values.ts';

const many = (others: Value): Value[] => listOf(others).flatMap((other) => listOf(other));

function intersection(set: PythonSet, others: Value): PythonSet {
  const rest = listOf(others).map((other) => PythonSet.from(iterate(other)));
  return PythonSet.from([...set.iterate()].filter((item) => rest.every((other) => other.has(item))));
}

function difference(set: PythonSet, others: Value): PythonSet {
  const without = PythonSet.from(many(others));
  return PythonSet.from([...set.iterate()].filter((item) => !without.has(item)));
}

function symmetric(set: PythonSet, other: Value): PythonSet {
  const items = PythonSet.from(iterate(other));
  const left = [...set.iterate()].filter((item) => !items.has(item));
  return PythonSet.from([...left, ...[...items.iterate()].filter((item) => !set.has(item))]);
}

function become(set: PythonSet, other: PythonSet): null {
  const items = [...other.iterate()];
  set.clear();
  for (const item of items) set.add(item);
  return null;
}

const sets: Record<string, Native<PythonSet>> = {
  add: native('item', (set, item) => {
    set.add(item);
    return null;
  }),
  clear: native('', (set) => {
    set.clear();
    return null;
  }),
  copy: native('', (set) => PythonSet.from(set.iterate())),
  discard: native('item', (set, item) => {
    set.delete(item);
    return null;
  }),
  remove: native('item', (set, item) => {
    if (!set.delete(item)) throw valueError(`${reprOf(item)} is not in this set.`);
    return null;
  }),
  pop: native('', (set) => {
    const [first] = set.iterate();
    if (first === undefined) throw valueError('Nothing can be popped from an empty set.');
    set.delete(first);
    return first;
  }),
  update: native('*others', (set, others) => {
    for (const item of many(others)) set.add(item);
    return null;
  }),
  union: native('*others', (set, others) => PythonSet.from([...set.iterate(), ...many(others)])),
  intersection: native('*others', intersection),
  intersection_update: native('*others', (set, others) => become(set, intersection(set, others))),
  difference: native('*others', difference),
  difference_update: native('*others', (set, others) => become(set, difference(set, others))),
  symmetric_difference: native('other', symmetric),
  symmetric_difference_update: native('other', (set, other) => become(set, symmetric(set, other))),
  isdisjoint: native('other', (set, other) => !listOf(other).some((item) => set.has(item))),
  issubset: native('other', (set, other) => {
    const items = PythonSet.from(iterate(other));
    return [...set.iterate()].every((item) => items.has(item));
  }),
  issuperset: native('other', (set, other) => listOf(other).every((item) => set.has(item))),
};

/** Python's set. */
export const SET_METHODS: ReadonlyMap<string, Native<PythonSet>> = new Map(Object.entries(sets));
