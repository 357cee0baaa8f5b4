/** Brings dbt's older spellings into one: `tests` becomes `data_tests`, and what has moved into `config` is moved there. */
import type { Json } from '../core/node-id.ts';
import { isList, isMap, type JsonMap, listOf } from './json.ts';
import type { EntryKind } from './schema/properties.ts';

/** Properties that are configuration by now, for each kind of entry. */
const MOVED: Readonly<Record<EntryKind | 'version' | 'table' | 'column', readonly string[]>> = {
  models: ['meta', 'tags', 'docs', 'access', 'group', 'freshness'],
  version: ['meta', 'tags', 'docs', 'access'],
  seeds: ['meta', 'tags', 'docs', 'group'],
  snapshots: ['meta', 'tags', 'docs', 'group'],
  analyses: ['meta', 'tags', 'docs', 'group'],
  sources: ['meta', 'tags', 'freshness', 'loaded_at_field', 'loaded_at_query'],
  table: ['meta', 'tags', 'docs', 'freshness', 'loaded_at_field', 'loaded_at_query'],
  column: ['meta', 'tags', 'pii'],
  macros: ['meta', 'docs'],
  data_tests: ['meta', 'tags', 'docs'],
  unit_tests: ['meta', 'tags'],
  exposures: ['meta', 'tags', 'enabled'],
  groups: [],
  metrics: [],
  semantic_models: [],
  saved_queries: [],
  functions: [],
};

/** The entry in the newest spelling; the very same value when it already is. */
export function normalize(kind: EntryKind, entry: JsonMap): JsonMap {
  if (kind === 'metrics' || kind === 'semantic_models' || kind === 'saved_queries' || kind === 'functions')
    return entry;
  let normal = one(entry, MOVED[kind]);
  normal = inside(normal, 'columns', (column) => one(column, MOVED.column));
  normal = inside(normal, 'versions', (version) =>
    inside(one(version, MOVED.version), 'columns', (column) =>
      'include' in column ? column : one(column, MOVED.column),
    ),
  );
  return inside(normal, 'tables', (table) =>
    inside(one(table, MOVED.table), 'columns', (column) => one(column, MOVED.column)),
  );
}

function one(entry: JsonMap, moved: readonly string[]): JsonMap {
  const old = moved.some((key) => key in entry);
  if (!old && !('tests' in entry)) return entry;
  const { tests, ...rest } = entry;
  const normal: Record<string, Json> = rest;
  if (tests !== undefined && normal['data_tests'] === undefined) normal['data_tests'] = tests;
  if (!old) return normal;
  const given = isMap(normal['config']) ? normal['config'] : {};
  const config: Record<string, Json> = { ...given };
  for (const key of moved) {
    const value = normal[key];
    if (value === undefined) continue;
    delete normal[key];
    config[key] = key in given ? both(key, value, given[key] ?? null) : value;
  }
  normal['config'] = config;
  return normal;
}

/** The older place and `config` both say something: tags add up, meta is merged, else `config` wins. */
function both(key: string, older: Json, config: Json): Json {
  if (key === 'tags') return [...listOf(older), ...listOf(config)];
  if (key === 'meta' && isMap(older) && isMap(config)) return { ...older, ...config };
  return config;
}

function inside(entry: JsonMap, key: string, change: (item: JsonMap) => JsonMap): JsonMap {
  const list = entry[key];
  if (!isList(list)) return entry;
  let changed = false;
  const next = list.map((item) => {
    const normal = isMap(item) ? change(item) : item;
    changed ||= normal !== item;
    return normal;
  });
  return changed ? { ...entry, [key]: next } : entry;
}
