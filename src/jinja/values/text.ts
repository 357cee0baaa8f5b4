import type { Value } from '../values.ts';
import { Dict, DictView, Lazy, Markup, Namespace, PythonSet, Tuple } from './containers.ts';
import { Float, floatText } from './number.ts';
import { PythonObject } from './python-object.ts';

/** Python's str(): what `{{ value }}` prints. */
export function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? integerText(value) : floatText(value);
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value instanceof Markup) return value.value;
  if (value instanceof PythonObject && !isContainer(value))
    return value instanceof Float ? reprOf(value) : value.text();
  return reprOf(value);
}

/** Python's repr(): as `textOf`, but strings get quotes. */
export function reprOf(value: Value): string {
  return represent(value, []);
}

const isContainer = (value: PythonObject) =>
  value instanceof Tuple ||
  value instanceof Dict ||
  value instanceof DictView ||
  value instanceof PythonSet ||
  value instanceof Namespace;

/** An integral number past 2^53 that came from outside still prints all its digits. */
const integerText = (value: number) => (Number.isSafeInteger(value) ? String(value) : String(BigInt(value)));

function represent(value: Value, within: readonly Value[]): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Float) return floatText(value.value);
  if (value instanceof Markup) return `Markup(${quoted(value.value)})`;
  if (typeof value !== 'object' || value === null) return textOf(value);
  if (within.includes(value)) return Array.isArray(value) ? '[...]' : value instanceof Tuple ? '(...)' : '{...}';
  // Deep nesting is allowed; a list inside itself must end.
  const inside = [...within, value];
  const list = (items: Iterable<Value>) => Array.from(items, (item) => represent(item, inside)).join(', ');
  if (Array.isArray(value)) return `[${list(value)}]`;
  if (value instanceof Tuple) return value.items.length === 1 ? `(${list(value.items)},)` : `(${list(value.items)})`;
  if (value instanceof Dict) return dictText(value, inside);
  if (value instanceof PythonSet) return value.length() === 0 ? 'set()' : `{${list(value.iterate())}}`;
  if (value instanceof DictView) return `${value.typeName}([${list(value.iterate())}])`;
  if (value instanceof Namespace) return `<Namespace ${dictText(value.attributes, inside)}>`;
  if (value instanceof Lazy || value instanceof PythonObject) return value.represent();
  return `<${value.constructor?.name ?? 'object'} object>`;
}

function dictText(dict: Dict, inside: readonly Value[]): string {
  const pairs = Array.from(dict.entries(), ([key, item]) => `${represent(key, inside)}: ${represent(item, inside)}`);
  return `{${pairs.join(', ')}}`;
}

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/** A string as Python's repr writes it: single quotes unless only a single quote is inside. */
export function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replace(UNPRINTABLE, (character) => NAMED_ESCAPES[character] ?? escapeCode(character.codePointAt(0) ?? 0));
  return quote + escaped + quote;
}

/** A code point as Python escapes it: `\x07`, `\u2028`, `\U0001f600`. */
export function escapeCode(code: number): string {
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** Python's name of a value's type. */
export function typeNameOf(value: Value): string {
  if (value === null || value === undefined) return 'NoneType';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  if (Array.isArray(value)) return 'list';
  return value instanceof PythonObject ? value.typeName : 'object';
}

/** A value's type as a sentence names it: `a list`, `None`. */
export function kindOf(value: Value): string {
  if (value === null || value === undefined) return 'None';
  const name = KINDS[typeNameOf(value)] ?? typeNameOf(value);
  return /^[aeiou]/i.test(name) ? `an ${name}` : `a ${name}`;
}

const KINDS: Readonly<Record<string, string>> = {
  str: 'string',
  int: 'integer',
  bool: 'boolean',
  Undefined: 'undefined value',
};
