import type { Value } from '../values.ts';
import { Markup } from './containers.ts';
import { Float } from './number.ts';
import { PythonObject } from './python-object.ts';

/** Python's bool(): empty containers, zero, None and undefined are false. */
export function truthOf(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return value !== '';
  if (typeof value === 'number') return value !== 0;
  if (value === null || value === undefined) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'bigint') return value !== 0n;
  if (value instanceof Float) return value.value !== 0;
  if (value instanceof Markup) return value.value !== '';
  return value instanceof PythonObject ? value.truth() : true;
}
