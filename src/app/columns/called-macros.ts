/** Macros of the warehouse (`create macro`) that queries call: what they hide belongs to the query, its clock and its dice included. */
import type { Connection } from '../../engine/engine.ts';
import { deterministic, type RelationName } from '../../lineage/lineage.ts';
import { type FactsCache, hashOf, parsed, type SqlFacts } from '../opening/parsed-sql.ts';
import { tablesOf } from './undeclared-tables.ts';

/** Where the cache keeps the words that are the engine's own: functions, types and keywords. */
const WORDS = 'the words of the engine';

/** Facts of queries, with those of the macros they call, directly or through another. */
export async function withCalledMacros(
  queries: readonly string[],
  facts: readonly SqlFacts[],
  cache: FactsCache,
  connection: Connection,
): Promise<readonly SqlFacts[]> {
  const called = await macrosCalled(queries, cache, connection);
  return facts.map((own, index): SqlFacts => {
    const macros = called[index];
    if (!macros) return own;
    return {
      canonical: hashOf(JSON.stringify([own.canonical, ...macros.texts])),
      nondeterministic: own.nondeterministic ?? macros.nondeterministic,
      tables: [...(own.tables ?? []), ...macros.tables],
      ...(own.isOrdered ? { isOrdered: true } : {}),
    };
  });
}

/** What the macros hide that a text calls. */
export interface CalledMacros {
  readonly texts: readonly string[];
  readonly nondeterministic: string | null;
  readonly tables: readonly RelationName[];
}

/** Of each text, in order; undefined where it calls none. */
export async function macrosCalled(
  texts: readonly string[],
  cache: FactsCache,
  connection: Connection,
): Promise<readonly (CalledMacros | undefined)[]> {
  const words = await engineWords(cache, connection);
  const called = texts.map((text) => callsIn(text).filter((name) => !words.has(name)));
  if (called.every((names) => names.length === 0)) return [];
  const macros = await macrosOf(connection);
  if (macros.size === 0) return [];
  return Promise.all(
    called.map(async (names): Promise<CalledMacros | undefined> => {
      const reached = reachedFrom(names, macros);
      if (reached.length === 0) return undefined;
      const definitions = reached.flatMap((name) => macros.get(name) ?? []);
      const trees = await parsed(definitions, connection);
      const hidden = trees.flatMap((tree) => deterministic(tree).wobbles).find((each) => each.certainty === 'surely');
      return {
        texts: definitions,
        nondeterministic: hidden ? `${reached[0]}() is a macro: ${hidden.because}` : null,
        tables: tablesOf(trees),
      };
    }),
  );
}

/** Lists some 3,000 functions in 10 to 20 ms, so the answer is kept. */
async function engineWords(cache: FactsCache, connection: Connection): Promise<ReadonlySet<string>> {
  const kept = cache.get(WORDS)?.canonical;
  if (kept !== undefined) return new Set(kept.split(' '));
  const { rows } = await connection.query(
    `select lower(function_name) from duckdb_functions() where internal
     union select lower(type_name) from duckdb_types()
     union select keyword_name from duckdb_keywords()
     order by all`,
  );
  const words = rows.map(([word]) => String(word));
  cache.set(WORDS, { canonical: words.join(' '), nondeterministic: null });
  return new Set(words);
}

/** Definitions by name, each as a query; a name may have several, by parameters or by schema. */
async function macrosOf(connection: Connection): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await connection.query(
    `select lower(function_name), list(case function_type when 'macro' then 'select ' else '' end || macro_definition order by macro_definition)
     from duckdb_functions()
     where not internal and macro_definition is not null
     group by all`,
  );
  return new Map(rows.map(([name, texts]) => [String(name), Array.isArray(texts) ? texts.map(String) : []]));
}

/** Words before a parenthesis; what follows AS gives columns their names, and a line of comment is no code. */
const callsIn = (sql: string): readonly string[] => [
  ...new Set(
    [...sql.replace(/^\s*--.*$/gm, '').matchAll(/(?<!\bas\s+|[\p{L}\p{N}_])([\p{L}_][\p{L}\p{N}_]*)"?\s*\(/giu)].map(
      ([, name = '']) => name.toLowerCase(),
    ),
  ),
];

function reachedFrom(names: readonly string[], macros: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const reached = new Set<string>();
  const visit = (name: string): void => {
    const texts = macros.get(name);
    if (!texts || reached.has(name)) return;
    reached.add(name);
    for (const inner of texts.flatMap(callsIn)) visit(inner);
  };
  for (const name of names) visit(name);
  return [...reached];
}
