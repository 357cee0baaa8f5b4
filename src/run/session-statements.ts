/** What of a text changes how later statements are understood. */
import { PIECES } from './sql-pieces.ts';

/** Statements whose effect lives in one session. */
const SESSION = /^\s*(?:set|reset|pragma|use|load|create\s+(?:or\s+replace\s+)?(?:temp|temporary))\s/i;

/** Of several statements those whose effect lives in one session, without what stands between them. */
export const sessionStatements = (sql: string): readonly string[] =>
  statementsIn(sql).filter((statement) => SESSION.test(withoutComments(statement)));

/** The same, and those that make what SQL goes by a name: macros and types. */
export const definingStatements = (sql: string): readonly string[] =>
  statementsIn(sql).filter((statement) => {
    const text = withoutComments(statement);
    return SESSION.test(text) || /^\s*create\s+(?:or\s+replace\s+)?(?:macro|function|type)\s/i.test(text);
  });

function statementsIn(sql: string): readonly string[] {
  const ends = [...sql.matchAll(PIECES)].flatMap(({ 0: piece, index }) => (piece === ';' ? [index] : []));
  return [...ends, sql.length].map((end, index) => sql.slice(index === 0 ? 0 : (ends[index - 1] ?? 0) + 1, end));
}

const withoutComments = (sql: string): string => sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ');
