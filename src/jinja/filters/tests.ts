import { binary } from '../values/arithmetic.ts';
import { Callable, isCallable } from '../values/callable.ts';
import { contains, equals, ordered } from '../values/comparison.ts';
import { Dict, DictView, Markup, PythonSet, Tuple } from '../values/containers.ts';
import { iterableOf, lengthOf } from '../values/iteration.ts';
import { type Native, native } from '../values/native.ts';
import { isFloat, isInteger, isNumber } from '../values/number.ts';
import { PythonObject } from '../values/python-object.ts';
import { textOf } from '../values/text.ts';
import { Undefined } from '../values/undefined.ts';
import type { Value } from '../values.ts';
import { FILTER_NAMES } from './filter-names.ts';

const is = (test: (value: Value) => boolean): Native<Value> => native('', test);
const against = (test: (value: Value, other: Value) => boolean): Native<Value> => native('other', test);
const comparing = (operator: string) => against((value, other) => ordered(operator, value, other));
const equal = against(equals);
const unequal = against((value, other) => !equals(value, other));

const remainder = (value: Value, by: Value) => binary('%', value, by);

const cased = (value: Value, change: (text: string) => string) => {
  const text = textOf(value);
  return /[\p{Lu}\p{Ll}\p{Lt}]/u.test(text) && text === change(text);
};

/** Something with a length whose items can be asked for by index or key. */
const isSequence = (value: Value) =>
  lengthOf(value) !== undefined &&
  !(value instanceof PythonSet || value instanceof DictView || value instanceof Callable) &&
  !(value instanceof Undefined && value.mode === 'strict');

/** Every test by name: what comes after `is`. */
export const TESTS: ReadonlyMap<string, Native<Value>> = new Map<string, Native<Value>>(
  Object.entries({
    defined: is((value) => !(value instanceof Undefined)),
    undefined: is((value) => value instanceof Undefined),
    none: is((value) => value === null),
    boolean: is((value) => typeof value === 'boolean'),
    true: is((value) => value === true),
    false: is((value) => value === false),
    integer: is((value) => isInteger(value)),
    float: is((value) => isFloat(value)),
    number: is((value) => isNumber(value)),
    string: is((value) => typeof value === 'string' || value instanceof Markup),
    mapping: is((value) => value instanceof Dict || (value instanceof PythonObject && value.isMapping())),
    sequence: is(isSequence),
    iterable: is((value) => iterableOf(value) !== undefined),
    // Jinja2's undefined can be called: that is what raises.
    callable: is((value) => isCallable(value) || value instanceof Undefined),
    escaped: is((value) => value instanceof Markup),
    odd: is((value) => equals(remainder(value, 2), 1)),
    even: is((value) => equals(remainder(value, 2), 0)),
    divisibleby: native('num', (value, by) => equals(remainder(value, by), 0)),
    lower: is((value) => cased(value, (text) => text.toLowerCase())),
    upper: is((value) => cased(value, (text) => text.toUpperCase())),
    sameas: against((value, other) => sameObject(value, other)),
    in: native('seq', (value, container) => contains(container, value)),
    filter: is((value) => FILTER_NAMES().has(textOf(value))),
    test: is((value): boolean => TESTS.has(textOf(value))),
    '==': equal,
    eq: equal,
    equalto: equal,
    '!=': unequal,
    ne: unequal,
    '<': comparing('<'),
    lt: comparing('<'),
    lessthan: comparing('<'),
    '<=': comparing('<='),
    le: comparing('<='),
    '>': comparing('>'),
    gt: comparing('>'),
    greaterthan: comparing('>'),
    '>=': comparing('>='),
    ge: comparing('>='),
  }),
);

/** Python's `is`. Small ints and short strings are shared there, so equal ones count as the same. */
function sameObject(value: Value, other: Value): boolean {
  if (value === other) return true;
  return value instanceof PythonObject &&
    other instanceof PythonObject &&
    value instanceof Tuple &&
    other instanceof Tuple
    ? value.items.length === 0 && other.items.length === 0
    : false;
}
