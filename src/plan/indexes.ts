import type { GraphNode } from '../compile/manifest.ts';
import { quotedIdentifier } from '../core/quote.ts';
import type { Step } from './build.ts';

/** `indexes: [{columns: [...], unique: true}]`, dbt's spelling. */
export function indexesOf(
  node: GraphNode,
): readonly { readonly columns: readonly string[]; readonly unique: boolean }[] {
  const configured = node.config['indexes'];
  if (!Array.isArray(configured)) return [];
  return configured.flatMap((entry) => {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return [];
    const columns = (entry as Readonly<Record<string, unknown>>)['columns']; // an object, by the line above
    return [
      {
        columns: Array.isArray(columns) ? columns.map(String) : [String(columns)],
        unique: (entry as Readonly<Record<string, unknown>>)['unique'] === true,
      },
    ];
  });
}

/** Index names are per schema, so each version's indexes carry its number. For tables in `_dql`, which are never renamed. */
export const indexSteps = (node: GraphNode, version: number, object: string): readonly Step[] =>
  indexesOf(node).map(({ columns, unique }, index) => ({
    kind: 'statement',
    purpose: 'create an index',
    sql: `create ${unique ? 'unique ' : ''}index ${quotedIdentifier(`${node.schema}.${node.alias}__dql_${version}_index_${index}`)} on ${object} (${columns.map(quotedIdentifier).join(', ')})`,
  }));
