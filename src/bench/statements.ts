import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GraphNode, Manifest } from '../compile/manifest.ts';
import { quotedIdentifier, quotedString } from '../core/quote.ts';
import type { RunResults } from '../run/results.ts';

/**
 * Writes down the statements a build came to, from its artifacts, in its order: each model as one `create … as` of its compiled SQL,
 * each test as one query. Answers the file.
 * @param which "models" leaves the tests out
 */
export function writeStatements(folder: string, which: 'models' | 'models and tests' = 'models and tests'): string {
  const read = <T>(name: string): T => JSON.parse(readFileSync(join(folder, 'target', name), 'utf8'));
  const manifest = read<Manifest>('manifest.json');
  const { results } = read<RunResults>('run_results.json');
  const schemas = new Set(
    Object.values(manifest.nodes).flatMap((node) => (node.relation_name === null ? [] : [node.schema])),
  );
  const statements = [...schemas].map((schema) => `create schema if not exists ${quotedIdentifier(schema)}`);
  for (const { unique_id, compiled_code } of results) {
    const node = manifest.nodes[unique_id];
    if (node && (which === 'models and tests' || node.resource_type !== 'test'))
      statements.push(...statementOf(node, compiled_code, folder));
  }
  const file = join(folder, 'statements.json');
  writeFileSync(file, JSON.stringify(statements.map((statement) => withPlainNames(statement, manifest))));
  return file;
}

function statementOf(node: GraphNode, sql: string | null, folder: string): readonly string[] {
  const relation = `${quotedIdentifier(node.schema)}.${quotedIdentifier(node.alias)}`;
  if (node.resource_type === 'seed')
    return [`create table ${relation} as from read_csv(${quotedString(join(folder, node.original_file_path))})`];
  if (!sql) return [];
  if (node.resource_type === 'test') return [`select count(*) from (\n${sql}\n)`];
  switch (node.config.materialized) {
    case 'view':
      return [`create view ${relation} as\n${sql}`];
    case 'external': {
      const parts = (node.config['options'] as { readonly partition_by?: string } | undefined)?.partition_by; // as the bench's projects write it
      const path = join(folder, `floor-${node.alias}.parquet`);
      const how = parts === undefined ? '' : ` (format parquet, partition_by (${parts}), overwrite)`;
      const files = quotedString(parts === undefined ? path : join(path, '*', '*.parquet'));
      return [`copy (\n${sql}\n) to ${quotedString(path)}${how}`, `create view ${relation} as from ${files}`];
    }
    default:
      return [`create table ${relation} as\n${sql}`];
  }
}

/** What was executed names versions in the build's own database; the floor has tables of plain names in a file of its own. */
function withPlainNames(statement: string, manifest: Manifest): string {
  // dql binds its clock as a parameter.
  let text = statement
    .replaceAll('$now', quotedString(new Date().toISOString()))
    .replace(/"_dql"\."([^".]+)\.([^"@]+)@\d+"/g, '"$1"."$2"');
  for (const database of new Set(Object.values(manifest.nodes).map((node) => node.database)))
    text = text.replaceAll(`${quotedIdentifier(database)}.`, '');
  return text;
}
