import type { Json } from '../../core/node-id.ts';
import type { JsonObject, Located, Package, SourceProperties, SourceTableProperties } from '../../project/project.ts';
import { relationText } from '../context/relation-value.ts';
import type { FreshnessThreshold, SourceNode } from '../manifest.ts';
import { isMap, manifestColumns, textList } from './columns.ts';
import type { Mutable } from './draft.ts';
import { type NodeFactory, patchPath } from './node-factory.ts';
import { overriddenSources } from './source-overrides.ts';

/** A source table as its tests need it. */
export interface SourceEntry {
  readonly node: Mutable<SourceNode>;
  readonly owner: Package;
  readonly properties: Located<SourceProperties>;
  readonly table: SourceTableProperties;
  readonly index: number;
}

/** The tables of all sources of a package. */
export function addSources(factory: NodeFactory, owner: Package): readonly SourceEntry[] {
  const entries: SourceEntry[] = [];
  for (const properties of overriddenSources(factory.draft, owner))
    for (const [index, table] of (properties.value.tables ?? []).entries()) {
      const node = sourceNode(factory, owner, properties, table, index);
      const at = properties.span(['tables', index, 'name']);
      if (node.config['enabled'] === false) factory.draft.disable(node);
      else {
        const earlier = factory.draft.sources.get(node.unique_id);
        if (earlier === undefined) factory.draft.sources.set(node.unique_id, { node, at });
        else factory.draft.reportTwice(`the source \`${properties.value.name}.${table.name}\``, at, earlier.at);
      }
      entries.push({ node, owner, properties, table, index });
    }
  return entries;
}

function sourceNode(
  factory: NodeFactory,
  owner: Package,
  properties: Located<SourceProperties>,
  table: SourceTableProperties,
  index: number,
): Mutable<SourceNode> {
  const { texts, draft } = factory;
  const source = properties.value;
  const { target } = draft.world.project;
  const at = (path: readonly (string | number)[]) => properties.span(path);
  const inTable = (path: readonly (string | number)[]) => at(['tables', index, ...path]);
  const inside = owner.folder === '' ? properties.file : properties.file.slice(owner.folder.length + 1);
  const fqn = [owner.name, ...inside.split('/').slice(1, -1), source.name, table.name];
  const ownConfig = texts.config('sources', source.config, owner.name, () => at(['config']));
  const tableConfig = texts.config('sources', table.config, owner.name, () => inTable(['config']));
  const rendered = joined(ownConfig, tableConfig);
  const { config, unrendered } = factory.configs.for({
    kind: 'sources',
    package: owner.name,
    fqn,
    properties: { rendered, unrendered: joined(source.config ?? {}, table.config ?? {}) },
  });
  const text = (value: string | null | undefined, path: readonly (string | number)[]): string | null => {
    if (value === null || value === undefined) return null;
    const result = texts.value(value, owner.name, () => at(path));
    return result === null ? null : String(result);
  };
  const description = texts.describe(table.description, owner.name, () => inTable(['description']));
  const sourceDescription = texts.describe(source.description, owner.name, () => at(['description']));
  const columns = manifestColumns(table.columns, texts, owner.name, inTable);
  const database = text(source.database, ['database']) ?? textOf(config['database']) ?? target.database;
  const schema = text(source.schema, ['schema']) ?? textOf(config['schema']) ?? source.name;
  const identifier = text(table.identifier, ['tables', index, 'identifier']) ?? table.name;
  const quoting = { ...source.quoting, ...table.quoting };
  const external = externalOf(factory, owner, properties, table, index, config, { schema, identifier });
  const { materialized: _, ...sourceConfig } = config;
  return {
    database,
    schema,
    name: table.name,
    resource_type: 'source',
    package_name: owner.name,
    path: inside,
    original_file_path: inside,
    unique_id: `source.${owner.name}.${source.name}.${table.name}`,
    fqn,
    source_name: source.name,
    source_description: sourceDescription.text,
    loader: table.loader ?? source.loader ?? '',
    identifier,
    quoting: { database: null, schema: null, identifier: null, column: null, ...quoting },
    loaded_at_field: textOf(config['loaded_at_field']),
    loaded_at_query: textOf(config['loaded_at_query']),
    freshness: freshnessOf(config['freshness']),
    external,
    description: description.text,
    columns: columns.columns,
    meta: config.meta,
    source_meta: isMap(ownConfig['meta']) ? ownConfig['meta'] : {},
    tags: textList(config['tags']),
    config: sourceConfig,
    unrendered_config: unrendered,
    patch_path: patchPath(draft.world.project.packages, properties.file, owner),
    relation_name: external === null ? quotedName(database, schema, identifier, quoting) : externalSql(external),
    created_at: factory.createdAt,
  };
}

const quotedName = (database: string, schema: string, identifier: string, quoting: JsonObject): string =>
  relationText({
    database,
    schema,
    identifier,
    type: null,
    quote: {
      database: quoting['database'] !== false,
      schema: quoting['schema'] !== false,
      identifier: quoting['identifier'] !== false,
    },
  });

/** A table's configuration over its source's: meta key by key, tags together, freshness threshold by threshold. */
function joined(source: JsonObject, table: JsonObject): JsonObject {
  const both: Record<string, Json> = { ...source, ...table };
  if (isMap(source['meta']) && isMap(table['meta'])) both['meta'] = { ...source['meta'], ...table['meta'] };
  if (source['tags'] !== undefined && table['tags'] !== undefined)
    both['tags'] = [...new Set([...textList(source['tags']), ...textList(table['tags'])])];
  if (isMap(source['freshness']) && isMap(table['freshness']))
    both['freshness'] = { ...source['freshness'], ...table['freshness'] };
  return both;
}

function freshnessOf(value: Json | undefined): SourceNode['freshness'] {
  if (!isMap(value)) return null;
  const { filter } = value;
  const warn = threshold(value['warn_after']);
  const error = threshold(value['error_after']);
  if (warn.count === null && error.count === null && typeof filter !== 'string') return null;
  return { warn_after: warn, error_after: error, filter: typeof filter === 'string' ? filter : null };
}

function threshold(value: Json | undefined): FreshnessThreshold {
  if (!isMap(value)) return { count: null, period: null };
  const { count, period } = value;
  return {
    count: count === null || count === undefined ? null : Number(count),
    period: period === 'minute' || period === 'hour' || period === 'day' ? period : null,
  };
}

const textOf = (value: Json | undefined): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** `external:` of the table or the source, or dbt-duckdb's `external_location`, as one map with `location`. */
function externalOf(
  factory: NodeFactory,
  owner: Package,
  properties: Located<SourceProperties>,
  table: SourceTableProperties,
  index: number,
  config: JsonObject,
  names: { readonly schema: string; readonly identifier: string },
): JsonObject | null {
  const meta = isMap(config['meta']) ? config['meta'] : {};
  const written = table.external ?? properties.value.external ?? null;
  // zod lets `external:` have any further keys; what YAML said is JSON.
  const map = typeof written === 'string' ? { location: written } : ((written ?? {}) as JsonObject);
  const location = map['location'] ?? config['external_location'] ?? meta['external_location'] ?? null;
  if (location === null) return written === null ? null : map;
  const rendered = factory.texts.value(location, owner.name, () => properties.span(['tables', index, 'external']));
  const filled = filledIn(String(rendered), { ...names, name: table.name, source_name: properties.value.name }, config);
  const { options, format } = config;
  return {
    ...map,
    ...(format === undefined || format === null ? {} : { format }),
    ...(options === undefined || options === null ? {} : { options }),
    location: filled,
  };
}

/** dbt-duckdb's three ways to put names into a location: `{name}`, `%(name)s`, `$name`. */
function filledIn(location: string, names: Readonly<Record<string, string>>, config: JsonObject): string {
  const pattern =
    config['formatter'] === 'oldstyle'
      ? /%\((\w+)\)s/g
      : config['formatter'] === 'template'
        ? /\$\{?(\w+)\}?/g
        : /\{(\w+)\}/g;
  return location.replace(pattern, (whole, name: string) => names[name] ?? whole);
}

/** The SQL that reads an external source: its table function call, or its file through DuckDB's reader for the format. */
export function externalSql(external: JsonObject): string {
  const location = String(external['location'] ?? '');
  if (/^\s*\w+\s*\(/.test(location)) return location;
  const format = String(external['format'] ?? extensionOf(location)).toLowerCase();
  const options = isMap(external['options']) ? Object.entries(external['options']) : [];
  const literal = `'${location.replaceAll("'", "''")}'`;
  const reader = READERS[format];
  if (reader === undefined) return literal;
  return `${reader}(${[literal, ...options.map(([name, value]) => `${name} = ${sqlValue(value)}`)].join(', ')})`;
}

const READERS: Readonly<Record<string, string>> = {
  parquet: 'read_parquet',
  csv: 'read_csv',
  tsv: 'read_csv',
  json: 'read_json',
  jsonl: 'read_json',
  ndjson: 'read_json',
};

const extensionOf = (location: string): string => /\.([a-z]+)(?:\.(?:gz|zst|bz2))?$/i.exec(location)?.[1] ?? '';

function sqlValue(value: Json): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  if (Array.isArray(value)) return `[${value.map(sqlValue).join(', ')}]`;
  if (isMap(value))
    return `{${Object.entries(value)
      .map(([key, inner]) => `'${key.replaceAll("'", "''")}': ${sqlValue(inner)}`)
      .join(', ')}}`;
  return String(value);
}
