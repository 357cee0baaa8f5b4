import { percentFormat } from '../format/percent.ts';
import type { Value } from '../values.ts';
import { DictView, Markup, PythonSet, Tuple } from './containers.ts';
import { escapeHtml } from './html.ts';
import { iterate, sentence } from './iteration.ts';
import { bigintOf, Float, float, integer, integerFrom, isInteger, isNumber, numberOf } from './number.ts';
import { PythonObject } from './python-object.ts';
import { TemplateError, typeError, valueError } from './template-error.ts';
import { kindOf } from './text.ts';
import { Undefined } from './undefined.ts';

/** Longest text or list that `*` may make, so that a slip of the pen cannot fill the memory. */
const LONGEST = 1 << 27;

/** Python's binary operators. */
export function binary(operator: string, left: Value, right: Value): Value {
  if (typeof left === 'number' && typeof right === 'number') {
    const quick = quickly(operator, left, right);
    if (quick !== undefined) return quick;
  }
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right;
  for (const side of [left, right]) if (side instanceof Undefined) throw side.error();
  if (operator === '%' && (typeof left === 'string' || left instanceof Markup)) return percentFormat(left, right);
  if (isNumber(left) && isNumber(right)) return onNumbers(operator, left, right);
  const special = onSequences(operator, left, right) ?? onObjects(operator, left, right);
  if (special !== undefined) return special;
  throw typeError(
    `\`${operator}\` does not work between ${kindOf(left)} and ${kindOf(right)}.`,
    operator === '+' && (typeof left === 'string' || typeof right === 'string') ? 'join texts with `~`' : undefined,
  );
}

/** Small integers, the usual case. */
function quickly(operator: string, left: number, right: number): Value | undefined {
  if (!Number.isInteger(left) || !Number.isInteger(right)) return undefined;
  const result =
    operator === '+' ? left + right : operator === '-' ? left - right : operator === '*' ? left * right : Number.NaN;
  // Adding zero turns -0, which Python's ints do not have, into 0.
  return Number.isSafeInteger(result) ? result + 0 : undefined;
}

function onNumbers(operator: string, left: Value, right: Value): Value {
  const [a, b] = [bigintOf(left), bigintOf(right)];
  if (a !== undefined && b !== undefined) return onIntegers(operator, a, b);
  return onFloats(operator, Number(numberOf(left)), Number(numberOf(right)));
}

const divideByZero = () => new TemplateError('Division by zero.', { code: 'jinja/division-by-zero' });

function onIntegers(operator: string, a: bigint, b: bigint): Value {
  switch (operator) {
    case '+':
      return integerFrom(a + b);
    case '-':
      return integerFrom(a - b);
    case '*':
      return integerFrom(a * b);
    case '/':
      if (b === 0n) throw divideByZero();
      return float(divided(a, b));
    case '//':
      if (b === 0n) throw divideByZero();
      return integerFrom(floored(a, b));
    case '%':
      if (b === 0n) throw divideByZero();
      return integerFrom(a - floored(a, b) * b);
    default:
      return power(a, b);
  }
}

const floored = (a: bigint, b: bigint) => a / b - (a % b !== 0n && a < 0n !== b < 0n ? 1n : 0n);

/** Exact where both are small; big ints lose digits before the division, so the quotient is scaled first. */
function divided(a: bigint, b: bigint): number {
  const [x, y] = [Number(a), Number(b)];
  if (Number.isSafeInteger(x) && Number.isSafeInteger(y)) return x / y;
  const whole = a / b;
  return whole > 1n << 60n || whole < -(1n << 60n) ? Number(whole) : Number((a << 64n) / b) / 2 ** 64;
}

function power(a: bigint, b: bigint): Value {
  if (b < 0n) {
    if (a === 0n) throw divideByZero();
    return float(Number(a) ** Number(b));
  }
  const bits = a.toString(2).length * Number(b);
  if (bits > 1 << 20 && a !== 0n && a !== 1n && a !== -1n) throw valueError('This power has too many digits.');
  return integerFrom(a ** b);
}

function onFloats(operator: string, a: number, b: number): Value {
  switch (operator) {
    case '+':
      return float(a + b);
    case '-':
      return float(a - b);
    case '*':
      return float(a * b);
    case '/':
      if (b === 0) throw divideByZero();
      return float(a / b);
    case '//':
      if (b === 0) throw divideByZero();
      return float(Math.floor(a / b));
    case '%': {
      if (b === 0) throw divideByZero();
      const rest = a % b;
      if (rest === 0) return float(b < 0 ? -0 : 0);
      return float(rest < 0 !== b < 0 ? rest + b : rest);
    }
    default:
      if (a === 0 && b < 0) throw divideByZero();
      if (a < 0 && !Number.isInteger(b)) throw valueError('A negative number has no such power.');
      return float(a ** b);
  }
}

function onSequences(operator: string, left: Value, right: Value): Value | undefined {
  if (operator === '+') {
    if (Array.isArray(left) && Array.isArray(right)) return [...left, ...right];
    if (left instanceof Tuple && right instanceof Tuple) return new Tuple([...left.items, ...right.items]);
    if (left instanceof Markup && isText(right)) return new Markup(left.value + escapeHtml(right));
    if (right instanceof Markup && isText(left)) return new Markup(escapeHtml(left) + right.value);
  }
  if (operator === '-' && isSet(left) && isSet(right)) {
    const without = PythonSet.from(iterate(right));
    return PythonSet.from([...iterate(left)].filter((item) => !without.has(item)));
  }
  if (operator !== '*') return undefined;
  if (isCount(right)) return repeated(left, Number(bigintOf(right)));
  return isCount(left) ? repeated(right, Number(bigintOf(left))) : undefined;
}

const isText = (value: Value): value is string | Markup => typeof value === 'string' || value instanceof Markup;
const isSet = (value: Value) => value instanceof PythonSet || (value instanceof DictView && value.kind !== 'values');
const isCount = (value: Value) => isInteger(value) || typeof value === 'boolean';

function repeated(value: Value, times: number): Value | undefined {
  const count = Math.max(0, times);
  const size = isText(value)
    ? textLength(value)
    : value instanceof Tuple
      ? value.items.length
      : Array.isArray(value)
        ? value.length * 8
        : 0;
  if (size * count > LONGEST) throw valueError('This repetition is too long.');
  if (typeof value === 'string') return value.repeat(count);
  if (value instanceof Markup) return new Markup(value.value.repeat(count));
  const copies = (items: readonly Value[]) =>
    Array.from({ length: items.length * count }, (_, at) => items[at % items.length]);
  if (Array.isArray(value)) return copies(value);
  return value instanceof Tuple ? new Tuple(copies(value.items)) : undefined;
}

const textLength = (value: string | Markup) => (typeof value === 'string' ? value.length : value.value.length);

function onObjects(operator: string, left: Value, right: Value): Value | undefined {
  const direct = left instanceof PythonObject ? left.operate(operator, right, false) : undefined;
  return direct ?? (right instanceof PythonObject ? right.operate(operator, left, true) : undefined);
}

/** `-value` and `+value`. */
export function unary(operator: '-' | '+', value: Value): Value {
  if (value instanceof Undefined) throw value.error();
  if (value instanceof Float) return new Float(operator === '-' ? -value.value : value.value);
  const exact = bigintOf(value);
  if (exact !== undefined) return integerFrom(operator === '-' ? -exact : exact);
  if (typeof value === 'number') return operator === '-' ? -value : value;
  const answer = value instanceof PythonObject ? value.operate(`unary ${operator}`, null, false) : undefined;
  if (answer !== undefined) return answer;
  throw typeError(`\`${operator}\` does not work on ${kindOf(value)}.`);
}

/** Python's sum(): `+` over all, beginning with `start`. */
export function sum(items: Iterable<Value>, start: Value): Value {
  let total = start;
  for (const item of items) total = binary('+', total, item);
  return total;
}

/** Python's abs(). */
export function absolute(value: Value): Value {
  const exact = bigintOf(value);
  if (exact !== undefined) return integerFrom(exact < 0n ? -exact : exact);
  const number = numberOf(value);
  if (number !== undefined) return float(Math.abs(number));
  if (value instanceof Undefined) throw value.error();
  const answer = value instanceof PythonObject ? value.operate('abs', null, false) : undefined;
  if (answer === undefined) throw typeError(`${sentence(kindOf(value))} has no absolute value.`);
  return answer;
}

/** An index that has to be an integer, e.g. a width; throws with `what` in the sentence. */
export function integerArgument(value: Value, what: string): number {
  const exact = bigintOf(value);
  if (exact === undefined) {
    if (value instanceof Undefined) throw value.error();
    throw typeError(`${what} has to be an integer, not ${kindOf(value)}.`);
  }
  return Number(exact);
}

/** Python's int() of a float: towards zero. */
export const truncated = (value: number): Value => integer(Math.trunc(value));
