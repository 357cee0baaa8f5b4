import { hash } from 'node:crypto';
import type { Json } from '../../core/node-id.ts';
import { pythonRepr, pythonText } from './python-repr.ts';

const md5 = (text: string): string => hash('md5', text);

export interface GenericTestNames {
  /** At most 63 characters: the relation's and the file's name. */
  readonly short: string;
  /** The node's name. */
  readonly full: string;
}

/**
 * The name dbt gives a generic test that has none: `not_null_orders_id`, and, from 64 characters on, a shorter one that ends in the md5
 * of the whole.
 *
 * @param test the test's name, with `source_` or its package before it where dbt puts them
 * @param target the model's or seed's name (`orders_v2` for a model version), `source_table` for a source
 */
export function genericTestNames(
  test: string,
  target: string,
  kwargs: Readonly<Record<string, Json>>,
): GenericTestNames {
  const parts: string[] = [];
  for (const name of Object.keys(kwargs).sort()) {
    const value = kwargs[name];
    if (name === 'model' || value === undefined) continue;
    if (Array.isArray(value)) for (const item of value) parts.push(pythonText(item));
    else if (typeof value === 'object' && value !== null)
      for (const item of Object.values(value)) parts.push(pythonText(item));
    else parts.push(pythonText(value));
  }
  const flat = parts.map((part) => part.replace(/[^0-9a-zA-Z_]+/g, '_')).join('__');
  const full = `${test}_${target}_${flat}`;
  return {
    full,
    short: full.length < 64 ? full : `${`${test}_${target}`.slice(0, 30)}_${md5(full)}`,
  };
}

/** The ten hexadecimal digits that end a generic test's unique id; they depend on its name and its arguments. */
export function genericTestHash(
  name: string,
  metadata: {
    readonly name: string;
    readonly namespace: string | null;
    readonly kwargs: Readonly<Record<string, Json>>;
  },
): string {
  const { kwargs, namespace } = metadata;
  return md5(
    `${name}{'kwargs': ${hashed(kwargs)}, 'name': ${pythonRepr(metadata.name)}, 'namespace': ${hashed(namespace)}}`,
  ).slice(-10);
}

/** Python's repr with every leaf as text and every map sorted by key, which is what dbt takes the hash of. */
function hashed(value: Json): string {
  if (typeof value !== 'object' || value === null) return pythonRepr(pythonText(value));
  if (Array.isArray(value)) return `[${value.map(hashed).join(', ')}]`;
  const map = value as Readonly<Record<string, Json>>; // Array.isArray keeps readonly arrays
  let entries = '';
  for (const key of Object.keys(map).sort())
    entries += `${entries === '' ? '' : ', '}${pythonRepr(key)}: ${hashed(map[key] ?? null)}`;
  return `{${entries}}`;
}
