/**
 * `pivot sales on year using sum(amount)`: which columns there are is in the data, and DuckDB gives no tree of it. With a value written
 * in, it does; the analysis then takes any name for a pivoted column, and what DESCRIBE says over the real data names them.
 */

/** Stands for all values that are not written in the query. */
export const ANY_VALUE = 'any value of the data';

const ENDS = new Set(['using', 'group', 'order', 'limit', 'union', 'except', 'intersect', ';']);
const QUERY = new Set(['select', 'from', 'with', 'values']);

interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Of the brackets around it; an opening bracket counts as outside. */
  readonly depth: number;
}

/** The SQL with a value for each PIVOT that has none; undefined when there is no such PIVOT. */
export function withAnyValue(sql: string): string | undefined {
  const tokens = tokensOf(sql);
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = [];
  for (const [at, pivot] of tokens.entries()) {
    if (pivot.text !== 'pivot' && pivot.text !== 'pivot_wider') continue;
    const outer = (token: Token) => token.depth < pivot.depth || (token.text === ')' && token.depth <= pivot.depth - 1);
    const on = tokens.findIndex((token, index) => index > at && token.text === 'on' && token.depth === pivot.depth);
    if (on < 0 || tokens.slice(at, on).some(outer)) continue;
    let expression: Token[] = [];
    const close = () => {
      edits.push(...editOf(expression, pivot.depth));
      expression = [];
    };
    for (const token of tokens.slice(on + 1)) {
      const isOwn = token.depth === pivot.depth;
      if (outer(token) || (isOwn && ENDS.has(token.text))) break;
      if (isOwn && token.text === ',') close();
      else expression.push(token);
    }
    close();
  }
  if (edits.length === 0) return undefined;
  let text = sql;
  for (const { start, end, text: value } of [...edits].sort((one, other) => other.start - one.start))
    text = text.slice(0, start) + value + text.slice(end);
  return text;
}

/** What to write into one expression of the ON: after it, or instead of a query of values. */
function editOf(expression: readonly Token[], depth: number) {
  const last = expression.at(-1);
  if (last === undefined) return [];
  const values = `('${ANY_VALUE}')`;
  const isIn = expression.findIndex((token) => token.text === 'in' && token.depth === depth);
  if (isIn < 0) return [{ start: last.end, end: last.end, text: ` in ${values}` }];
  const [open, first] = expression.slice(isIn + 1);
  if (open?.text !== '(' || first === undefined || !QUERY.has(first.text)) return [];
  const close = expression.findIndex((token, at) => at > isIn + 1 && token.text === ')' && token.depth === open.depth);
  const end = expression[close];
  return end === undefined ? [] : [{ start: open.start, end: end.end, text: values }];
}

/** Words, brackets, commas and semicolons outside of comments; strings and quoted names as one token each. */
function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  const pattern =
    /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|[\p{L}_][\p{L}\p{N}_$]*|[()[\]{},;]|\S/gu;
  for (const { 0: text, index } of sql.matchAll(pattern)) {
    if (text.startsWith('--') || text.startsWith('/*')) continue;
    if (/^[)\]}]$/.test(text)) depth--;
    tokens.push({ text: text.toLowerCase(), start: index, end: index + text.length, depth });
    if (/^[([{]$/.test(text)) depth++;
  }
  return tokens;
}
