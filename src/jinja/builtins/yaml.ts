// The one file of this room that knows the YAML library.
import { parse, Scalar, stringify, YAMLError } from 'yaml';
import type { Value } from '../contract.ts';
import { Dict, Markup, PythonSet, Tuple } from '../values/containers.ts';
import { toJson } from '../values/json.ts';
import { Float, float, integerFrom } from '../values/number.ts';
import { typeError, valueError } from '../values/template-error.ts';
import { datetimeValue, dateValue } from './datetime/cells.ts';
import { PythonDate, PythonDatetime } from './datetime/moments.ts';

/** A YAML text as a value, read as PyYAML's safe_load does (YAML 1.1: `yes` is true). */
export function parseYaml(text: string): Value {
  try {
    return read(parse(text, { version: '1.1', intAsBigInt: true, mapAsMap: true }));
  } catch (error) {
    if (error instanceof YAMLError) throw valueError(`This is no YAML: ${error.message}`);
    throw error;
  }
}

const MILLISECONDS_A_DAY = 86_400_000;

function read(value: unknown): Value {
  if (typeof value === 'bigint') return integerFrom(value);
  if (typeof value === 'number') return float(value);
  if (Array.isArray(value)) return value.map(read);
  if (value instanceof Map) return Dict.from([...value].map(([key, item]) => [read(key), read(item)] as const));
  if (value instanceof Set) return PythonSet.from([...value].map(read));
  if (!(value instanceof Date)) return value ?? null;
  const days = value.getTime() / MILLISECONDS_A_DAY;
  return Number.isInteger(days) ? dateValue(days) : datetimeValue(value.getTime() * 1000);
}

/** A value as YAML, as PyYAML's safe_dump writes it. */
export function yamlText(value: Value, sortKeys: boolean): string {
  const text = stringify(written(value), {
    version: '1.1',
    indentSeq: false,
    singleQuote: true,
    blockQuote: false,
    sortMapEntries: sortKeys,
    lineWidth: 80,
    nullStr: 'null',
    // A Map keeps its order anyway, and its keys need not be strings.
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:omap'),
  });
  // PyYAML marks the end of a document that is nothing but a plain word.
  return isScalar(value) && !/^['"]/.test(text) ? `${text}...\n` : text;
}

const isScalar = (value: Value) => !(Array.isArray(value) || value instanceof Tuple || value instanceof Dict);

function written(value: Value): unknown {
  if (Array.isArray(value)) return value.map(written);
  if (value instanceof Tuple) return value.items.map(written);
  if (value instanceof Dict)
    return new Map(Array.from(value.entries(), ([key, item]) => [written(key), written(item)]));
  if (typeof value === 'bigint') return value;
  if (value instanceof PythonSet) return new Set(Array.from(value.iterate(), written));
  if (value instanceof Markup)
    throw typeError('PyYAML cannot write text that is marked as safe.', 'make it plain: `| string`');
  if (value instanceof PythonDate) return new Date(momentOf(value));
  if (!(value instanceof Float)) return toJson(value);
  return pointed(value.value);
}

const momentOf = (value: PythonDate): number =>
  value instanceof PythonDatetime ? value.epoch / 1000 : value.days * MILLISECONDS_A_DAY;

/** An integral float keeps its point. */
function pointed(value: number): Scalar {
  const scalar = new Scalar(value);
  scalar.minFractionDigits = 1;
  return scalar;
}
