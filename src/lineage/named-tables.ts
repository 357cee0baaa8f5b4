/** The tables that a text reads of which there is no syntax tree: hooks, tests, SQL that DuckDB does not serialise. Rather one too many. */
import { unquotedIdentifier } from '../core/quote.ts';
import type { RelationName } from './literal-tables.ts';

/** In the order written, without the names that the text itself gives to queries. */
export function namedTables(text: string): readonly RelationName[] {
  const words = wordsOf(text);
  const given = new Set(words.flatMap((word, at) => (isGiven(words, at) ? [plain(word).toLowerCase()] : [])));
  const found: RelationName[] = [];
  // Within each pair of parentheses: whether a list of tables goes on, and whether the next word begins one of them.
  const stack: { isList: boolean; isNext: boolean; readonly hasOtherFrom: boolean }[] = [
    { isList: false, isNext: false, hasOtherFrom: false },
  ];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const level = stack.at(-1);
    if (!level) break; // more parentheses are closed than were opened
    const key = word.toLowerCase();
    const isTable = level.isNext && NAME.test(word) && !NO_TABLE.test(word);
    if (key === '(') {
      level.isNext = false;
      stack.push({ isList: false, isNext: false, hasOtherFrom: OTHER_FROM.test(words[at - 1] ?? '') });
    } else if (key === ')') stack.pop();
    else if (/^(?:from|join)$/.test(key) && !level.hasOtherFrom && words[at - 1]?.toLowerCase() !== 'distinct')
      [level.isList, level.isNext] = [true, true];
    else if (key === ',') level.isNext = level.isList;
    else if (isTable) {
      const path = [plain(word)];
      for (; words[at + 1] === '.'; at += 2) path.unshift(plain(words[at + 2] ?? ''));
      const [name = '', schema, database] = path;
      level.isNext = false;
      const isCall = words[at + 1] === '(';
      if (!isCall && (schema !== undefined || !given.has(name.toLowerCase())))
        found.push({
          ...(database === undefined ? {} : { database }),
          ...(schema === undefined ? {} : { schema }),
          name,
        });
    } else if (ENDS_LIST.test(word)) [level.isList, level.isNext] = [false, false];
  }
  return found;
}

const wordsOf = (text: string): readonly string[] =>
  text
    .replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ')
    .replace(/'(?:[^']|'')*'/g, ' 0 ')
    .match(/"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*|[^\s]/gu) ?? [];

const NAME = /^["\p{L}_]/u;
const NO_TABLE = /^(?:lateral|select|values|only)$/i;
const ENDS_LIST =
  /^(?:where|group|order|having|limit|offset|qualify|window|union|intersect|except|select|returning|set)$/i;
/** In their parentheses FROM names no table. */
const OTHER_FROM = /^(?:extract|trim|substring|overlay)$/i;

/** `name as (`, `name(a, b) as materialized (`. */
function isGiven(words: readonly string[], at: number): boolean {
  if (!NAME.test(words[at] ?? '')) return false;
  let next = at + 1;
  if (words[next] === '(') next = words.indexOf(')', next) + 1;
  if (next === 0 || words[next]?.toLowerCase() !== 'as') return false;
  while (/^(?:not|materialized)$/i.test(words[next + 1] ?? '')) next += 1;
  return words[next + 1] === '(';
}

const plain = (word: string): string => (word.startsWith('"') ? unquotedIdentifier(word) : word);
