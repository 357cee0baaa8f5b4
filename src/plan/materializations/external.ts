import type { GraphNode } from '../../compile/manifest.ts';
import type { Json } from '../../core/node-id.ts';
import { quotedIdentifier, quotedString } from '../../core/quote.ts';
import type { Column } from '../../engine/engine.ts';
import { versionName } from '../../ledger/names.ts';
import type { Build, BuildRequest } from '../build.ts';
import { namesAt, recordAt, textAt } from '../node-config.ts';

export type ExternalFormat = 'parquet' | 'csv' | 'json';

/** Rows exported to Parquet, CSV or JSON; the relation reads the exported version, `location` follows after the commit. */
export function external({
  node,
  name,
  version,
  sql,
  columns,
  location,
}: Pick<BuildRequest, 'node' | 'name' | 'version' | 'sql' | 'columns' | 'location'>): Build {
  if (location === null) throw new Error(`external node ${node.unique_id} came without a location`);
  const format = formatOf(textAt(node.config, 'format'), location);
  const options = recordAt(node.config, 'options');
  const partitions = partitionsOf(node);
  const file = versionedPath(location, version);
  const object = versionName(name, version);
  const reader = partitions.length > 0 ? `${file}/**/*.${format}` : file;
  return {
    steps: [
      {
        kind: 'export',
        purpose: `write the ${format} ${partitions.length > 0 ? 'folder' : 'file'}`,
        sql: `copy (\n${sql}\n) to ${quotedString(file)} (${copyOptions(format, options, partitions, textAt(node.config, 'delimiter'))})`,
        file,
        partitioned: partitions.length > 0,
        read: `create view ${object} as\nselect ${columns.map((column) => quotedIdentifier(column.name)).join(', ')}\nfrom ${readCall(format, reader, columns, partitions, options, textAt(node.config, 'delimiter'))}`,
        // A partitioned export of no rows writes no file at all, and a pattern without a file cannot be read.
        readEmpty: `create view ${object} as\nselect ${columns.map((column) => `null::${column.type} as ${quotedIdentifier(column.name)}`).join(', ')}\nwhere false`,
      },
    ],
    physical: { kind: 'external', file, location, format, partitioned: partitions.length > 0 },
    object,
    change: null,
    undo: [`drop view if exists ${object}`],
  };
}

/** Columns by which the export is a folder of files; none: it is one file. */
export const partitionsOf = ({ config }: GraphNode): readonly string[] => [
  ...namesAt(config, 'partition_by'),
  ...listOption(recordAt(config, 'options')['partition_by']),
];

/** Where people find the file or folder, absolute; null for what is not exported. */
export function locationOf(projectFolder: string, node: GraphNode): string | null {
  if (node.config.materialized !== 'external') return null;
  const location = textAt(node.config, 'location') ?? `${node.alias}.${textAt(node.config, 'format') ?? 'parquet'}`;
  return location.startsWith('/') ? location : `${projectFolder}/${location}`;
}

/** `exports/daily.parquet` → `exports/.dql/daily@3.parquet`: beside the location, on the same file system. */
export function versionedPath(location: string, version: number): string {
  const slash = location.lastIndexOf('/');
  const [folder, base] = [location.slice(0, slash + 1), location.slice(slash + 1)];
  const dot = base.lastIndexOf('.');
  return dot > 0
    ? `${folder}.dql/${base.slice(0, dot)}@${version}${base.slice(dot)}`
    : `${folder}.dql/${base}@${version}`;
}

function formatOf(configured: string | undefined, location: string): ExternalFormat {
  const format = configured ?? /\.(parquet|csv|json)$/i.exec(location)?.[1]?.toLowerCase();
  return format === 'csv' || format === 'json' ? format : 'parquet';
}

function copyOptions(
  format: ExternalFormat,
  options: Readonly<Record<string, Json>>,
  partitions: readonly string[],
  delimiter: string | undefined,
): string {
  const own = Object.entries(options)
    .filter(([key]) => key.toLowerCase() !== 'partition_by')
    .map(([key, value]) => `${key} ${typeof value === 'string' ? quotedString(value) : String(value)}`);
  const has = (key: string) => Object.keys(options).some((option) => option.toLowerCase() === key);
  return [
    `format ${format}`,
    ...(format === 'csv' && !has('header') ? ['header true'] : []),
    ...(format === 'csv' && delimiter && !has('delimiter') ? [`delimiter ${quotedString(delimiter)}`] : []),
    ...(partitions.length > 0 ? [`partition_by (${partitions.map(quotedIdentifier).join(', ')})`] : []),
    ...own,
  ].join(', ');
}

function readCall(
  format: ExternalFormat,
  path: string,
  columns: readonly Column[],
  partitions: readonly string[],
  options: Readonly<Record<string, Json>>,
  delimiter: string | undefined,
): string {
  // Types are spelled out: CSV and JSON do not keep them, and a folder name holds only text.
  const struct = (picked: readonly Column[]) =>
    `{${picked.map((column) => `${quotedString(column.name)}: ${quotedString(column.type)}`).join(', ')}}`;
  const inFile = columns.filter((column) => !partitions.includes(column.name));
  const inPath = columns.filter((column) => partitions.includes(column.name));
  const hive =
    inPath.length > 0
      ? `, hive_partitioning = true, hive_types = ${struct(inPath).replaceAll(/'([^']*)': '([^']*)'/g, '$1: $2')}`
      : '';
  const separator = delimiter ?? (typeof options['delimiter'] === 'string' ? options['delimiter'] : undefined);
  switch (format) {
    case 'parquet':
      return `read_parquet(${quotedString(path)}${hive})`;
    case 'csv':
      return `read_csv(${quotedString(path)}, header = true, columns = ${struct(inFile)}${separator ? `, delim = ${quotedString(separator)}` : ''}${hive})`;
    case 'json':
      return `read_json(${quotedString(path)}, columns = ${struct(inFile)}${hive})`;
    default:
      return format satisfies never;
  }
}

const listOption = (value: Json | undefined): readonly string[] =>
  typeof value === 'string'
    ? value.split(',').map((part) => part.trim())
    : Array.isArray(value)
      ? value.map(String)
      : [];
