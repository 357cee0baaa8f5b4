/** What DuckDB's parser and the lineage room tell about SQL: its canonical text, whether it is deterministic, which columns it uses. */
import type { Connection } from '../../engine/engine.ts';
import { callsFiles, callsVarying } from '../../lineage/determinism.ts';
import {
  analyseQuery,
  type Catalog,
  canonicalSql,
  deterministic,
  type RelationName,
  type SyntaxTree,
} from '../../lineage/lineage.ts';
import { namedTables } from '../../lineage/named-tables.ts';
import { isOrdered } from '../../lineage/syntax-tree.ts';
import { type FactsCache, hashOf, parsed, type SqlFacts } from '../opening/parsed-sql.ts';
import { withCalledMacros } from './called-macros.ts';
import { tablesOf } from './undeclared-tables.ts';

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

/** What a query takes of one relation; names in lower case. */
export interface UsedColumns {
  readonly name: string;
  readonly columns: readonly string[] | 'all';
}

/** What a query takes of what it reads; undefined when it cannot be told. */
export async function columnsUsed(
  query: string,
  catalog: Catalog,
  connection: Connection,
): Promise<readonly UsedColumns[] | undefined> {
  const [tree] = await parsed([query], connection);
  if (!tree) return undefined;
  const lineage = analyseQuery(tree, catalog);
  if (lineage.unresolved.length > 0) return undefined;
  return lineage.reads.map(({ relation, columns, star }) => ({
    name: relation.name.toLowerCase(),
    columns: star ? 'all' : columns.map((column) => column.toLowerCase()),
  }));
}

function factsOf(query: string, tree: SyntaxTree): SqlFacts {
  if (tree.statements.length === 0)
    return {
      canonical: hashOf(query),
      nondeterministic:
        callsVarying(query) || callsFiles(query) ? 'nobody can tell whether it always answers the same' : null,
      ...kept(namedTables(query)),
    };
  // Files that sources name are inputs of their own; any other file is not watched, so the query counts as changing.
  const sure = deterministic(tree).wobbles.find((wobble) => wobble.certainty === 'surely');
  return {
    canonical: hashOf(canonicalSql(tree)),
    nondeterministic: sure?.because ?? null,
    ...kept(tablesOf([tree])),
    ...(isOrdered(tree) ? { isOrdered: true } : {}),
  };
}

const kept = (tables: readonly RelationName[]): Pick<SqlFacts, 'tables'> => (tables.length === 0 ? {} : { tables });
