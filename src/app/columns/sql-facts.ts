/** What DuckDB's parser and the lineage room tell about SQL: its canonical text, whether it is deterministic, which columns it uses. */
import type { Connection } from '../../engine/engine.ts';
import { analyseQuery, type Catalog, canonicalSql, deterministic, type SyntaxTree } from '../../lineage/lineage.ts';
import { type FactsCache, hashOf, parsed, type SqlFacts } from '../opening/parsed-sql.ts';
import { withCalledMacros } from './called-macros.ts';

/** Facts of each query, in order; unknown ones are parsed by the engine in one statement. */
export async function sqlFacts(
  queries: readonly string[],
  cache: FactsCache,
  connection: Connection,
): Promise<readonly SqlFacts[]> {
  const unknown = [...new Map(queries.map((query) => [hashOf(query), query])).entries()].filter(
    ([hash]) => !cache.has(hash),
  );
  for (let from = 0; from < unknown.length; from += BATCH) {
    const batch = unknown.slice(from, from + BATCH);
    const trees = await parsed(
      batch.map(([, query]) => query),
      connection,
    );
    for (const [index, [hash, query]] of batch.entries()) {
      const tree = trees[index];
      if (tree) cache.set(hash, factsOf(query, tree));
    }
  }
  const facts = queries.map(
    (query) => cache.get(hashOf(query)) ?? { canonical: hashOf(query), nondeterministic: 'it could not be parsed' },
  );
  return withCalledMacros(queries, facts, cache, connection);
}

// The statement's text grows with the batch; beyond some hundred queries nothing is gained.
const BATCH = 400;

/** The columns a query takes of one relation; undefined: all of them, or it cannot be told. */
export async function columnsUsed(
  query: string,
  relation: string,
  catalog: Catalog,
  connection: Connection,
): Promise<readonly string[] | undefined> {
  const [tree] = await parsed([query], connection);
  if (!tree) return undefined;
  const lineage = analyseQuery(tree, catalog);
  if (lineage.unresolved.length > 0) return undefined;
  const reads = lineage.reads.filter((read) => read.relation.name.toLowerCase() === relation.toLowerCase());
  return reads.length === 0 || reads.some((read) => read.star)
    ? undefined
    : [...new Set(reads.flatMap((read) => read.columns))];
}

function factsOf(query: string, tree: SyntaxTree): SqlFacts {
  const text = canonicalSql(tree);
  const { wobbles } = deterministic(tree);
  // Files that sources name are inputs of their own; any other file is not watched, so the query counts as changing.
  const sure = wobbles.find((wobble) => wobble.certainty === 'surely' && wobble.kind !== 'unknown');
  return { canonical: text === '' ? hashOf(query) : hashOf(text), nondeterministic: sure?.because ?? null };
}
