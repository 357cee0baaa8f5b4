import { compare } from '../values/comparison.ts';
import { Dict, Tuple } from '../values/containers.ts';
import { TemplateError } from '../values/template-error.ts';
import { reprOf } from '../values/text.ts';
import type { Value } from '../values.ts';

const WIDTH = 80;

/** Python's pprint.pformat: one line where it fits in 80 columns, dict keys sorted. */
export function prettyPrinted(value: Value): string {
  return pretty(value, 0, 0);
}

function pretty(value: Value, indent: number, allowance: number): string {
  const flat = reprOf(withSortedKeys(value));
  if (flat.length <= WIDTH - indent - allowance) return flat;
  if (value instanceof Dict) {
    const entries = sortedEntries(value).map(([key, item], index, all) => {
      const name = reprOf(key);
      return `${name}: ${pretty(item, indent + name.length + 3, index === all.length - 1 ? allowance + 1 : 1)}`;
    });
    return `{${entries.join(`,\n${' '.repeat(indent + 1)}`)}}`;
  }
  const [items, open, close] =
    value instanceof Tuple
      ? [value.items, '(', value.items.length === 1 ? ',)' : ')']
      : Array.isArray(value)
        ? [value, '[', ']']
        : [[], '', ''];
  if (open === '' || items.length === 0) return flat;
  const lines = items.map((item, index) =>
    pretty(item, indent + 1, index === items.length - 1 ? allowance + close.length : 1),
  );
  return open + lines.join(`,\n${' '.repeat(indent + 1)}`) + close;
}

function withSortedKeys(value: Value): Value {
  if (value instanceof Dict)
    return Dict.from(sortedEntries(value).map(([key, item]) => [key, withSortedKeys(item)] as const));
  if (Array.isArray(value)) return value.map(withSortedKeys);
  return value instanceof Tuple ? new Tuple(value.items.map(withSortedKeys)) : value;
}

function sortedEntries(dict: Dict): (readonly [Value, Value])[] {
  const entries = [...dict.entries()];
  try {
    return [...entries].sort(([a], [b]) => compare(a, b));
  } catch (error) {
    // Keys of several types have no order; they stay as they are.
    if (error instanceof TemplateError) return entries;
    throw error;
  }
}
