/**
 * Tests written as SQL that can pass without having looked at anything. Reads words and brackets, no grammar: a warning more is cheaper than a
 * test that cannot fail.
 */
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Span } from '../core/source.ts';

/** One query or bracket: its own words, in lower case, without those of the brackets inside. */
interface Segment {
  readonly words: string[];
  readonly inner: Segment[];
  /** The words before its bracket, the last one last. */
  readonly before: readonly string[];
}

/** Warnings about a singular test, or about a generic test's rendered SQL. */
export function flagVacuousPattern(sql: string, at?: Span): readonly Diagnostic[] {
  const outer = readSegments(sql);
  const found: Diagnostic[] = [];
  const warn = (code: string, message: string, hint: string) =>
    found.push({ code, severity: 'warning', message, at, hint });
  const ctes = new Map<string, Segment>();
  for (const segment of everySegment(outer)) {
    const [name, as] = [segment.before.at(-2), segment.before.at(-1)];
    if (as === 'as' && name !== undefined) ctes.set(name, segment);
  }
  for (const segment of everySegment(outer)) {
    for (const query of queriesOf(segment)) {
      const having = after(query, 'having');
      if (having && !has(query, 'group') && !meetsNull(having))
        warn('checks/vacuous-having', PASSES_ON_NOTHING, suggestion(having));
      const source = aggregatedSource(query, ctes);
      const where = after(query, 'where');
      if (source && where && !meetsNull(where))
        warn('checks/vacuous-having', PASSES_ON_NOTHING, suggestion([...where, ...source]));
    }
    if (segment.before.at(-1) === 'in' && segment.before.at(-2) === 'not' && segment.words.includes('null'))
      warn(
        'checks/not-in-null',
        '`not in` a list that holds NULL is never true, so this test passes whatever the data',
        'leave NULL out of the list, and test for it with `is null`',
      );
    if (/(^| )(=|!=|<>) null( |$)/.test(segment.words.join(' ')))
      warn(
        'checks/equals-null',
        'comparing with NULL is never true, so this condition finds no rows',
        'write `is null` or `is not null`',
      );
  }
  const [last] = queriesOf(outer).slice(-1);
  if (last && /(^| )(where false|limit 0)( |$)/.test(last.words.join(' ')))
    warn('checks/never-fails', 'this test never returns a row, so it cannot fail', 'remove `where false` or `limit 0`');
  return found.filter(
    (one, index) => found.findIndex(({ code, message }) => code === one.code && message === one.message) === index,
  );
}

const PASSES_ON_NOTHING =
  'this test compares an aggregate without GROUP BY: on an empty table, or when all values are NULL, the comparison is NULL and the test passes';

function suggestion(words: readonly string[]): string {
  const aboutTime = words.some((word) =>
    /^(now|current_date|current_timestamp|get_current_timestamp|today|interval|age|date_diff|datediff)$/.test(word),
  );
  return aboutTime
    ? 'use the `freshness` test, which fails on empty and all-NULL columns and is not deceived by times in the future'
    : 'use `metric` or `row_count`, or compare with `is not true`';
}

const AGGREGATES = new Set([
  'max',
  'min',
  'sum',
  'avg',
  'mean',
  'median',
  'stddev',
  'variance',
  'any_value',
  'first',
  'last',
  'arg_max',
  'arg_min',
  'bool_and',
  'bool_or',
  'quantile_cont',
  'mode',
]);

/** A comparison that does not turn NULL by itself: it counts, or says what NULL means. */
const meetsNull = (words: readonly string[]): boolean =>
  words.some(
    (word, index) =>
      ['coalesce', 'ifnull', 'count', 'distinct_from'].includes(word) || (word === 'is' && index < words.length - 1),
  ) || !words.some((word) => /^[a-z_]/.test(word));

interface Query {
  readonly words: readonly string[];
  readonly inner: readonly Segment[];
}

/** The queries of a segment, apart at set operators. */
function queriesOf(segment: Segment): readonly Query[] {
  const queries: string[][] = [[]];
  for (const word of segment.words) {
    if (word === 'union' || word === 'except' || word === 'intersect') queries.push([]);
    else queries.at(-1)?.push(word);
  }
  return queries.map((words) => ({ words, inner: segment.inner }));
}

const has = (query: Query, word: string): boolean => query.words.includes(word);

const CLAUSES = ['from', 'where', 'group', 'having', 'qualify', 'window', 'order', 'limit'];
function after({ words }: Query, clause: string): readonly string[] | undefined {
  const start = words.lastIndexOf(clause);
  if (start < 0) return undefined;
  const rest = words.slice(start + 1);
  const end = rest.findIndex((word) => CLAUSES.includes(word));
  return end < 0 ? rest : rest.slice(0, end);
}

/** The select list of the only thing a query reads, when that is an aggregate over everything: one row, whatever there is. */
function aggregatedSource(query: Query, ctes: ReadonlyMap<string, Segment>): readonly string[] | undefined {
  const from = after(query, 'from');
  if (!from || from.includes('join')) return undefined;
  const [name] = from;
  const source = name === '(' ? query.inner.find(({ before }) => before.at(-1) === 'from') : ctes.get(name ?? '');
  if (!source || source.words.includes('group') || source.words.includes('over')) return undefined;
  const list = source.words.slice(source.words.lastIndexOf('select') + 1, source.words.lastIndexOf('from'));
  return list.some((word) => AGGREGATES.has(word)) && !list.includes('coalesce') ? list : undefined;
}

function* everySegment(segment: Segment): Generator<Segment> {
  yield segment;
  for (const inner of segment.inner) yield* everySegment(inner);
}

const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"((?:[^"]|"")*)"|[A-Za-z_][\w$]*|\d+(?:\.\d+)?|<>|!=|<=|>=|[()]|[^\s]/g;

function readSegments(sql: string): Segment {
  const root: Segment = { words: [], inner: [], before: [] };
  const open: Segment[] = [root];
  for (const [token, quoted] of sql.matchAll(TOKEN)) {
    const here = open.at(-1) ?? root;
    if (token.startsWith('--') || token.startsWith('/*')) continue;
    if (token === '(') {
      const inner: Segment = {
        words: [],
        inner: [],
        before: here.words.slice(-3),
      };
      here.inner.push(inner);
      here.words.push('(');
      open.push(inner);
    } else if (token === ')') {
      if (open.length > 1) open.pop();
    } else here.words.push(quoted === undefined ? token.toLowerCase() : quoted.toLowerCase());
  }
  return root;
}
