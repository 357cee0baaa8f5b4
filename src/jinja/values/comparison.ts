import type { Value } from '../values.ts';
import { Dict, DictView, Markup, PythonSet, Tuple } from './containers.ts';
import { iterate } from './iteration.ts';
import { isNumber, numberOf } from './number.ts';
import { PythonObject } from './python-object.ts';
import { typeError } from './template-error.ts';
import { kindOf } from './text.ts';
import { Undefined } from './undefined.ts';

/** Python's `==`. */
export function equals(left: Value, right: Value): boolean {
  if (left === right) {
    if (left instanceof Undefined) left.check();
    return typeof left !== 'number' || !Number.isNaN(left);
  }
  if (left instanceof Undefined) return left.equals(right);
  if (right instanceof Undefined) return right.equals(left);
  if (typeof left === 'string' && typeof right === 'string') return false;
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right) === 0;
  if (Array.isArray(left)) return Array.isArray(right) && sameItems(left, right);
  if (left instanceof Tuple) return right instanceof Tuple && sameItems(left.items, right.items);
  if (left instanceof Dict) return right instanceof Dict && sameEntries(left, right);
  if (left instanceof Markup || right instanceof Markup) return plain(left) === plain(right);
  if (isSetLike(left) && isSetLike(right)) return sameMembers(left, right);
  if (left instanceof PythonObject) return left.equals(right);
  return right instanceof PythonObject && !(Array.isArray(left) || typeof left === 'object')
    ? right.equals(left)
    : false;
}

const plain = (value: Value): Value => (value instanceof Markup ? value.value : value);
const isSetLike = (value: Value): value is PythonSet | DictView =>
  value instanceof PythonSet || (value instanceof DictView && value.kind !== 'values');

function sameItems(left: readonly Value[], right: readonly Value[]): boolean {
  return (
    left.length === right.length && left.every((item, index) => item === right[index] || equals(item, right[index]))
  );
}

function sameEntries(left: Dict, right: Dict): boolean {
  if (left.size !== right.size) return false;
  for (const [key, value] of left.entries()) {
    const other = right.get(key);
    if (other === undefined || !(value === other || equals(value, other))) return false;
  }
  return true;
}

function sameMembers(left: PythonSet | DictView, right: PythonSet | DictView): boolean {
  const members = PythonSet.from(right.iterate());
  if (left.length() !== members.length()) return false;
  for (const item of left.iterate()) if (!members.has(item)) return false;
  return true;
}

function compareNumbers(left: Value, right: Value): number {
  const [a, b] = [
    typeof left === 'bigint' ? left : (numberOf(left) ?? Number.NaN),
    typeof right === 'bigint' ? right : (numberOf(right) ?? Number.NaN),
  ];
  // JavaScript compares a bigint with a number exactly, as Python does.
  if (a < b) return -1;
  if (a > b) return 1;
  return Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : 0;
}

/** Negative, zero or positive as Python orders the two; NaN when neither is first. Throws for what Python cannot order. */
export function compare(left: Value, right: Value, operator = '<'): number {
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right);
  if (Array.isArray(left) && Array.isArray(right)) return compareItems(left, right, operator);
  if (left instanceof Tuple && right instanceof Tuple) return compareItems(left.items, right.items, operator);
  for (const side of [left, right]) if (side instanceof Undefined) throw side.error();
  if (left instanceof Markup || right instanceof Markup) {
    const [a, b] = [plain(left), plain(right)];
    if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  }
  const order = left instanceof PythonObject ? left.compare(right) : undefined;
  if (order !== undefined) return order;
  throw typeError(`\`${operator}\` cannot compare ${kindOf(left)} with ${kindOf(right)}.`);
}

/** By code point; JavaScript's own order is by UTF-16 unit. */
function compareText(left: string, right: string): number {
  if (left === right) return 0;
  if (!hasSurrogates(left) && !hasSurrogates(right)) return left < right ? -1 : 1;
  const [a, b] = [Array.from(left), Array.from(right)];
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = (a[index]?.codePointAt(0) ?? 0) - (b[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

const hasSurrogates = (text: string) => /[\ud800-\udfff]/.test(text);

function compareItems(left: readonly Value[], right: readonly Value[], operator: string): number {
  for (let index = 0; index < Math.min(left.length, right.length); index++)
    if (!equals(left[index], right[index])) return compare(left[index], right[index], operator);
  return left.length - right.length;
}

/** `<`, `<=`, `>`, `>=`: of sets they ask for subsets. */
export function ordered(operator: string, left: Value, right: Value): boolean {
  if (isSetLike(left) && isSetLike(right)) return setOrdered(operator, left, right);
  const order = compare(left, right, operator);
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

function setOrdered(operator: string, left: PythonSet | DictView, right: PythonSet | DictView): boolean {
  if (operator.startsWith('>')) return setOrdered(operator.replace('>', '<'), right, left);
  const members = PythonSet.from(right.iterate());
  const subset = [...left.iterate()].every((item) => members.has(item));
  return subset && (operator === '<=' || left.length() < members.length());
}

/** Python's `in`. */
export function contains(container: Value, item: Value): boolean {
  if (typeof container === 'string' || container instanceof Markup) {
    const needle = plain(item);
    if (needle instanceof Undefined) throw needle.error();
    if (typeof needle === 'string') return textIn(container).includes(needle);
    throw typeError(`A string can only contain strings, not ${kindOf(item)}.`);
  }
  if (item instanceof Undefined) item.check();
  if (container instanceof PythonObject && !(container instanceof Tuple)) {
    const answer = container.contains(item);
    if (answer !== undefined) return answer;
  }
  for (const member of iterate(container)) if (member === item || equals(member, item)) return true;
  return false;
}

const textIn = (value: string | Markup) => (typeof value === 'string' ? value : value.value);
