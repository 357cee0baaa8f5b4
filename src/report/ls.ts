import type { Json } from '../core/node-id.ts';
import type { LsAnswer, LsRow } from './answers.ts';

export type LsOutput = 'selector' | 'name' | 'path' | 'json';

/** dbt's keys of `ls --output json` when none are named. */
const KEYS = [
  'alias',
  'name',
  'package_name',
  'depends_on',
  'tags',
  'config',
  'resource_type',
  'source_name',
  'original_file_path',
  'unique_id',
];

/** A line a node. `keys` may go into objects (`config.materialized`); a key that a node lacks is left out, as in dbt. */
export function lsText({ rows }: LsAnswer, output: LsOutput, keys: readonly string[]): string {
  const wanted = keys.length > 0 ? keys : KEYS;
  return rows.map((row) => (output === 'json' ? jsonLine(row, wanted) : row[output])).join('\n');
}

function jsonLine(row: LsRow, keys: readonly string[]): string {
  const chosen: Record<string, Json> = {};
  for (const key of keys) {
    const value = Object.hasOwn(row.node, key) ? row.node[key] : valueAt(row.node, key.split('.'));
    if (value !== undefined) chosen[key] = value;
  }
  return JSON.stringify(chosen);
}

function valueAt(value: Json | undefined, path: readonly string[]): Json | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (typeof value !== 'object' || value === null || isList(value)) return undefined;
  return Object.hasOwn(value, key) ? valueAt(value[key], rest) : undefined;
}

/** `Array.isArray` does not narrow readonly arrays away. */
const isList = (value: object): value is readonly Json[] => Array.isArray(value);
