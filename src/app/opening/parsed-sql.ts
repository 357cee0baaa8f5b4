/** SQL as the engine's parser reads it, and what is kept of that from run to run. */

import { hash } from 'node:crypto';
import { readArtifact } from '../../disk/read-artifact.ts';
import type { FileToWrite } from '../../disk/write-target.ts';
import type { Connection } from '../../engine/engine.ts';
import { parseTreeSql, type RelationName, readSyntaxTree, type SyntaxTree } from '../../lineage/lineage.ts';

export interface SqlFacts {
  /** Equal for queries that cannot answer differently: a digest of the canonical text. */
  readonly canonical: string;
  /** Why it may answer differently on the same inputs; null when it will not. */
  readonly nondeterministic: string | null;
  /** Tables it names; absent: none. */
  readonly tables?: readonly RelationName[];
  /** It ends with an ORDER BY. */
  readonly isOrdered?: true;
}

/** Facts of earlier runs by the SQL's hash; what is learnt is added. */
export type FactsCache = Map<string, SqlFacts>;

/** Raise this when facts come to mean something else, so that those of an older dql are not read. */
const VERSION = 2;

interface KeptFacts {
  readonly version?: number;
  readonly facts: Readonly<Record<string, SqlFacts>>;
}

/** Facts about SQL that an earlier command learnt. */
export function readFactsCache(targetFolder: string): FactsCache {
  const kept = readArtifact<KeptFacts>(targetFolder, FACTS);
  return new Map(kept?.version === VERSION ? Object.entries(kept.facts) : []);
}

export const factsFile = (cache: FactsCache): FileToWrite => {
  const kept: KeptFacts = { version: VERSION, facts: Object.fromEntries(cache) };
  return { path: FACTS, text: JSON.stringify(kept) };
};

const FACTS = '.dql/sql-facts.json';

export const hashOf = (text: string): string => hash('sha256', text).slice(0, 32);

export const parsed = async (queries: readonly string[], connection: Connection): Promise<readonly SyntaxTree[]> =>
  (await treeTexts(queries, connection)).map((text) => readSyntaxTree(text).value);

/** For `readSyntaxTree`: of thousands of queries the trees are many times as large. */
export async function treeTexts(queries: readonly string[], connection: Connection): Promise<readonly string[]> {
  if (queries.length === 0) return [];
  const { rows } = await connection.query(parseTreeSql(queries));
  return rows.map(([text]) => String(text));
}
