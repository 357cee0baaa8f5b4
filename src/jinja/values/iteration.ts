import type { Value } from '../values.ts';
import { Markup, Tuple } from './containers.ts';
import { PythonObject } from './python-object.ts';
import { typeError } from './template-error.ts';
import { kindOf } from './text.ts';

/** What a `for` goes through: items, keys of a dict, characters of a string. Undefined when the value cannot be iterated. */
export function iterableOf(value: Value): Iterable<Value> | undefined {
  if (Array.isArray(value) || typeof value === 'string') return value;
  if (value instanceof Tuple) return value.items;
  if (value instanceof Markup) return value.value;
  return value instanceof PythonObject ? value.iterate() : undefined;
}

/** As `iterableOf`, but a value that cannot be iterated is an error. */
export function iterate(value: Value): Iterable<Value> {
  const items = iterableOf(value);
  if (items === undefined) throw typeError(`${sentence(kindOf(value))} cannot be iterated.`);
  return items;
}

/** A fresh array of a value's items. */
export const listOf = (value: Value): Value[] => Array.from(iterate(value));

/** Python's len(), or undefined when there is none. */
export function lengthOf(value: Value): number | undefined {
  if (typeof value === 'string') return codePoints(value);
  if (value instanceof Markup) return codePoints(value.value);
  if (Array.isArray(value)) return value.length;
  return value instanceof PythonObject ? value.length() : undefined;
}

/** Python's len(). */
export function length(value: Value): number {
  const count = lengthOf(value);
  if (count === undefined) throw typeError(`${sentence(kindOf(value))} has no length.`);
  return count;
}

const SURROGATE = /[\ud800-\udfff]/;

function codePoints(text: string): number {
  return SURROGATE.test(text) ? Array.from(text).length : text.length;
}

/** A string as Python indexes it: by code point. */
export const characters = (text: string): ArrayLike<string> & Iterable<string> =>
  SURROGATE.test(text) ? Array.from(text) : text;

/** With a capital, as a sentence begins. */
export const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
