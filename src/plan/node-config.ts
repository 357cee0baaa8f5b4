/** Typed looks into a node's merged config. The schema was checked by `project/`; here only the shapes dbt allows are told apart. */

import type { NodeConfig } from '../compile/manifest.ts';
import type { Json } from '../core/node-id.ts';

export function textAt(config: NodeConfig, key: string): string | undefined {
  const value = config[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function flagAt(config: NodeConfig, key: string): boolean | undefined {
  const value = config[key];
  return typeof value === 'boolean' ? value : undefined;
}

/** One name or several, as dbt's `unique_key` and `merge_update_columns` allow; absent is empty. */
export function namesAt(config: NodeConfig, key: string): readonly string[] {
  const value = config[key];
  if (typeof value === 'string') return value === '' ? [] : [value];
  return Array.isArray(value) ? value.map(String) : [];
}

/** The column that a key names, with or without quotes; undefined for an expression. */
export function columnNamed(key: string): string | undefined {
  const [, plain, quoted] = /^\s*(?:(\w+)|"((?:[^"]|"")+)")\s*$/.exec(key) ?? [];
  return plain ?? quoted?.replaceAll('""', '"');
}

export function recordAt(config: NodeConfig, key: string): Readonly<Record<string, Json>> {
  const value = config[key];
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Json>>)
    : {}; // not an array, so an object
}

/**
 * `publish: table`: whether readers find a real table under a node's name rather than a view over it.
 * @param publishAs what the target says of nodes whose config does not
 */
export const isRealTable = ({ config }: { readonly config: NodeConfig }, publishAs: 'view' | 'table'): boolean =>
  (textAt(config, 'publish') ?? publishAs) === 'table' && !['view', 'external'].includes(config.materialized);

/** Whether a node is built anew as a whole: its own `full_refresh` wins over the flag. */
export const refreshes = (config: NodeConfig, flag: boolean): boolean => flagAt(config, 'full_refresh') ?? flag;

export type OnSchemaChange = 'ignore' | 'append_new_columns' | 'sync_all_columns' | 'fail';

export const onSchemaChange = (config: NodeConfig): OnSchemaChange => {
  const value = textAt(config, 'on_schema_change');
  return value === 'append_new_columns' || value === 'sync_all_columns' || value === 'fail' ? value : 'ignore';
};
