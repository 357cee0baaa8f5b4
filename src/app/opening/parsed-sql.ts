/** SQL as the engine's parser reads it, and what is kept of that from run to run. */

import { hash } from 'node:crypto';
import { join } from 'node:path';
import { readArtifact } from '../../disk/read-artifact.ts';
import type { Connection } from '../../engine/engine.ts';
import { parseTreeSql, readSyntaxTree, type SyntaxTree } from '../../lineage/lineage.ts';

export interface SqlFacts {
  /** Equal for queries that cannot answer differently: a digest of the canonical text. */
  readonly canonical: string;
  /** Why it may answer differently on the same inputs; null when it will not. */
  readonly nondeterministic: string | null;
}

/** Facts of earlier runs by the SQL's hash; what is learnt is added. Plain JSON when spread into an object. */
export type FactsCache = Map<string, SqlFacts>;

/** Facts about SQL that an earlier command learnt. */
export function readFactsCache(targetFolder: string): FactsCache {
  const kept = readArtifact<Record<string, { readonly canonical: string; readonly nondeterministic: string | null }>>(
    join(targetFolder, '.dql'),
    'sql-facts.json',
  );
  return new Map(Object.entries(kept ?? {}));
}

export const hashOf = (text: string): string => hash('sha256', text).slice(0, 32);

export const parsed = async (queries: readonly string[], connection: Connection): Promise<readonly SyntaxTree[]> =>
  (await treeTexts(queries, connection)).map((text) => readSyntaxTree(text).value);

/** For `readSyntaxTree`: of thousands of queries the trees are many times as large. */
export async function treeTexts(queries: readonly string[], connection: Connection): Promise<readonly string[]> {
  if (queries.length === 0) return [];
  const { rows } = await connection.query(parseTreeSql(queries));
  return rows.map(([text]) => String(text));
}
