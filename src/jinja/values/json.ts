import type { Json } from '../../core/node-id.ts';
import type { Value } from '../values.ts';
import { compare } from './comparison.ts';
import { Dict, Markup, PythonSet, Tuple } from './containers.ts';
import { sentence } from './iteration.ts';
import { Float, float, floatText, integerFrom } from './number.ts';
import { PythonObject } from './python-object.ts';
import { typeError, valueError } from './template-error.ts';
import { kindOf, textOf } from './text.ts';
import { Undefined } from './undefined.ts';

/** Plain JavaScript as Python values: objects become dicts, arrays lists, `undefined` None; Python values stay. */
export function toValue(json: unknown): Value {
  if (json === undefined || json === null) return null;
  if (typeof json !== 'object') return json;
  if (Array.isArray(json)) return json.map(toValue);
  if (json instanceof PythonObject) return json;
  if (json instanceof Map) return Dict.from([...json].map(([key, value]) => [toValue(key), toValue(value)] as const));
  if (json instanceof Set) return PythonSet.from([...json].map(toValue));
  return Dict.from(Object.entries(json).map(([key, value]) => [key, toValue(value)] as const));
}

/** A Python value as JSON: tuples become arrays. Throws a TemplateError for what JSON has no word for. */
export function toJson(value: Value): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Float) return value.value;
  if (value instanceof Markup) return value.value;
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Tuple) return value.items.map(toJson);
  if (value instanceof Dict)
    return Object.fromEntries(Array.from(value.entries(), ([key, item]) => [keyText(key), toJson(item)]));
  return toJson(standIn(value));
}

function standIn(value: Value): Value {
  // Jinja2's default undefined is to json.dumps just an object it does not know.
  if (value instanceof Undefined && value.mode === 'strict') throw value.error();
  const instead = value instanceof PythonObject ? value.json() : undefined;
  if (instead === undefined) throw typeError(`${sentence(kindOf(value))} cannot be written as JSON.`);
  return instead;
}

function keyText(key: Value): string {
  if (typeof key === 'string') return key;
  if (key === null) return 'null';
  if (typeof key === 'boolean') return key ? 'true' : 'false';
  if (typeof key === 'number' || typeof key === 'bigint' || key instanceof Float) return textOf(key);
  if (key instanceof Markup) return key.value;
  throw typeError(`${sentence(kindOf(key))} cannot be a key in JSON.`);
}

interface JsonStyle {
  readonly indent?: number | undefined;
  readonly sortKeys: boolean;
}

/** Python's json.dumps: `", "` and `": "` between things, everything but ASCII escaped. */
export function jsonText(value: Value, style: JsonStyle): string {
  return write(value, style, 0);
}

const DEEPEST = 900;

function write(value: Value, style: JsonStyle, depth: number): string {
  if (depth > DEEPEST) throw valueError('This is nested too deeply for JSON, or contains itself.');
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : numberText(value);
  if (value instanceof Float) return numberText(value.value);
  if (value instanceof Markup) return escaped(value.value);
  if (Array.isArray(value))
    return bracketed(
      '[',
      ']',
      value.map((item) => write(item, style, depth + 1)),
      style,
      depth,
    );
  if (value instanceof Tuple)
    return bracketed(
      '[',
      ']',
      value.items.map((item) => write(item, style, depth + 1)),
      style,
      depth,
    );
  if (value instanceof Dict) {
    const entries = [...value.entries()];
    if (style.sortKeys) entries.sort(([a], [b]) => compare(a, b));
    const items = entries.map(([key, item]) => `${escaped(keyText(key))}: ${write(item, style, depth + 1)}`);
    return bracketed('{', '}', items, style, depth);
  }
  return write(standIn(value), style, depth + 1);
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? floatText(value) : value > 0 ? 'Infinity' : '-Infinity';
}

function bracketed(
  open: string,
  close: string,
  items: readonly string[],
  { indent }: JsonStyle,
  depth: number,
): string {
  if (items.length === 0) return open + close;
  if (indent === undefined) return open + items.join(', ') + close;
  const inner = `\n${' '.repeat(Math.min(indent * (depth + 1), 10_000))}`;
  return `${open}${inner}${items.join(`,${inner}`)}\n${' '.repeat(Math.min(indent * depth, 10_000))}${close}`;
}

const escaped = (text: string) =>
  JSON.stringify(text).replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

const NUMBER_OR_STRING = /"(?:[^"\\]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const MARK = '\0number';

/** JSON text as Python reads it: `1.0` stays a float, long integers keep their digits. Throws a SyntaxError. */
export function parseJson(text: string): Value {
  // JSON.parse forgets how a number was written, so those that would change are wrapped first.
  const wrapped = text.replace(NUMBER_OR_STRING, (token) =>
    token.startsWith('"') || (!/[.eE]/.test(token) && token.length < 16) ? token : `{"\\u0000number":"${token}"}`,
  );
  return revived(JSON.parse(wrapped));
}

function revived(value: unknown): Value {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (first !== undefined && first[0] === MARK && entries.length === 1) {
    const source = String(first[1]);
    return /[.eE]/.test(source) ? float(Number(source)) : integerFrom(BigInt(source));
  }
  return Dict.from(entries.map(([key, item]) => [key, revived(item)] as const));
}
