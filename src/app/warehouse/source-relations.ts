/** What a source stands for in SQL: a table of the warehouse, or files read in place. */
import { isAbsolute, join } from 'node:path';
import type { SourceNode } from '../../compile/manifest.ts';
import type { Json } from '../../core/node-id.ts';
import { quotedIdentifier, quotedString } from '../../core/quote.ts';
import { externalLocation } from './outside.ts';

/** SQL of an external source, e.g. `read_parquet('…')`; undefined for a table, which goes by its name. */
export function externalRelation(source: SourceNode, folder: string): string | undefined {
  const location = externalLocation(source);
  if (location === null) return undefined;
  if (/^\w+\s*\(/.test(location))
    return location.replace(/'((?:[^']|'')*)'/g, (quoted, path: string) =>
      looksLikePath(path) ? quotedString(absolute(path, folder)) : quoted,
    );
  const path = quotedString(absolute(location, folder));
  const options = Object.entries(optionsOf(source)).map(([name, value]) => `, ${name} = ${optionText(value)}`);
  return `read_${formatOf(source, location)}(${path}${options.join('')})`;
}

const looksLikePath = (text: string): boolean => /[./\\]/.test(text) && !text.includes('://') && text.length > 1;

const absolute = (path: string, folder: string): string =>
  isAbsolute(path) || path.includes('://') ? path : join(folder, path);

function formatOf(source: SourceNode, location: string): 'parquet' | 'csv' | 'json' {
  const named = source.external?.['format'];
  const ending = /\.(parquet|csv|tsv|txt|json|ndjson|jsonl)(\.gz|\.zst)?$/i.exec(location)?.[1]?.toLowerCase();
  const format = typeof named === 'string' ? named.toLowerCase() : (ending ?? 'parquet');
  if (['csv', 'tsv', 'txt'].includes(format)) return 'csv';
  return ['json', 'ndjson', 'jsonl'].includes(format) ? 'json' : 'parquet';
}

function optionsOf(source: SourceNode): Readonly<Record<string, Json>> {
  const options = source.external?.['options'];
  return typeof options === 'object' && options !== null && !Array.isArray(options)
    ? (options as Readonly<Record<string, Json>>)
    : {}; // not an array, so an object
}

function optionText(value: Json): string {
  if (typeof value === 'string') return quotedString(value);
  if (Array.isArray(value)) return `[${value.map(optionText).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, inner]) => `${quotedIdentifier(key)}: ${optionText(inner as Json)}`)
      .join(', ')}}`; // JSON inside JSON
  return String(value);
}
