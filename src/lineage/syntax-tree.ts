/**
 * DuckDB's own syntax tree, as `json_serialize_sql` writes it. Typed loosely on purpose: DuckDB adds fields and node kinds
 * with every release, so a node is a record that is asked for what it has, and unknown kinds are walked rather than refused.
 */
import type { Checked, Diagnostic } from '../core/diagnostic.ts';
import type { Json } from '../core/node-id.ts';
import { quotedString } from '../core/quote.ts';

/** One node of the tree: an expression, a table reference, a query or a part of one. */
export interface SyntaxNode {
  readonly [key: string]: Json;
}

/** A parsed query. `statements` is empty when DuckDB could not serialise the text; plain JSON, so it can be cached. */
export interface SyntaxTree {
  readonly statements: readonly SyntaxNode[];
  /** DuckDB's words when there is no tree, e.g. for DDL or a PIVOT without IN. */
  readonly error?: string;
}

/** The statement the caller runs: one row a query, in order, with the JSON text for `readSyntaxTree`. Never fails on bad SQL. */
export function parseTreeSql(queries: readonly string[]): string {
  const rows = queries.map((query, position) => `  (${position}, ${quotedString(query)})`);
  return [
    'select json_serialize_sql(query::varchar) as tree',
    `from (values\n${rows.length === 0 ? '  (0, null)' : rows.join(',\n')}\n) as queries(position, query)`,
    ...(rows.length === 0 ? ['where false'] : []),
    'order by position',
  ].join('\n');
}

// DuckDB writes "no place" as 2^64-1, which JSON numbers cannot hold. Inside a JSON string the quotes would be escaped.
const NO_PLACE = ',"query_location":18446744073709551615';
// A string, or a whole number too long for a double. Numbers with a fraction are doubles already.
const STRING_OR_LONG_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;

/** Reads one row of `parseTreeSql`'s result. Whole numbers that a double cannot hold become strings, so no digit is lost. */
export function readSyntaxTree(json: string): Checked<SyntaxTree> {
  let text = json.replaceAll(NO_PLACE, '');
  if (/\d{16}/.test(text))
    text = text.replace(STRING_OR_LONG_NUMBER, (token) => (token.startsWith('"') ? token : `"${token}"`));
  const parsed: unknown = JSON.parse(text);
  if (!isSyntaxNode(parsed)) return refused('its syntax tree is not an object');
  if (parsed['error'] === true) return refused(textOf(parsed, 'error_message') || 'unknown parser error');
  const statements = nodesOf(parsed, 'statements').flatMap((statement) => {
    const query = nodeOf(statement, 'node');
    return query === undefined ? [] : [query];
  });
  if (statements.length === 0) return refused('it has no statement');
  return { value: { statements }, diagnostics: [] };
}

function refused(error: string): Checked<SyntaxTree> {
  const diagnostic: Diagnostic = {
    code: 'lineage/cannot-parse',
    severity: 'warning',
    message: `DuckDB gives no syntax tree for this query: ${error}`,
    hint: /PIVOT/i.test(error)
      ? 'name the pivoted values with IN (…), then the columns are known before the query runs'
      : undefined,
  };
  return { value: { statements: [], error }, diagnostics: [diagnostic] };
}

/** Is this JSON value a node? */
export const isSyntaxNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The node under a key, or undefined. */
export function nodeOf(node: SyntaxNode, key: string): SyntaxNode | undefined {
  const value = node[key];
  return isSyntaxNode(value) ? value : undefined;
}

/** The nodes of a list under a key; empty when there is no such list. */
export function nodesOf(node: SyntaxNode, key: string): readonly SyntaxNode[] {
  const value = node[key];
  return isList(value) ? value.filter(isSyntaxNode) : [];
}

/** The text under a key; empty when there is none. */
export function textOf(node: SyntaxNode, key: string): string {
  const value = node[key];
  return typeof value === 'string' ? value : '';
}

/** The texts of a list under a key. */
export function textsOf(node: SyntaxNode, key: string): readonly string[] {
  const value = node[key];
  return isList(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
}

/** Array.isArray does not narrow readonly arrays. */
export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** Where the node stands in the SQL text, in UTF-8 bytes; undefined where DuckDB keeps no place. */
export function byteOffsetOf(node: SyntaxNode): number | undefined {
  const value = node['query_location'];
  return typeof value === 'number' ? value : undefined;
}

/** DuckDB counts bytes, editors count UTF-16 units. */
export function utf16Offset(sql: string, byteOffset: number): number {
  let bytes = 0;
  let units = 0;
  for (const character of sql) {
    if (bytes >= byteOffset) break;
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    units += character.length;
  }
  return units;
}

/** The nodes directly below one, whatever its kind. (An array, not a generator: this is the hottest loop of the room.) */
export function childNodes(node: SyntaxNode): readonly SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (const key in node) addNodes(node[key], found);
  return found;
}

function addNodes(value: Json | undefined, found: SyntaxNode[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (isList(value)) for (const entry of value) addNodes(entry, found);
  else if (isSyntaxNode(value)) found.push(value);
}

/** A common table expression as written. */
export interface WrittenCte {
  readonly name: string;
  readonly query: SyntaxNode;
  readonly aliases: readonly string[];
  readonly node: SyntaxNode;
}

/** The CTEs of a query node, in the order written. */
export function ctesOf(query: SyntaxNode): readonly WrittenCte[] {
  const map = nodeOf(query, 'cte_map');
  if (map === undefined) return [];
  return nodesOf(map, 'map').flatMap((entry) => {
    const value = nodeOf(entry, 'value');
    const inner = value && nodeOf(value, 'query');
    const node = inner && nodeOf(inner, 'node');
    if (value === undefined || node === undefined) return [];
    return [
      {
        name: textOf(entry, 'key'),
        query: node,
        aliases: textsOf(value, 'aliases'),
        node: value,
      },
    ];
  });
}

/** The query of a subquery expression or subquery reference (`{subquery: {node}}`). */
export function subqueryOf(node: SyntaxNode): SyntaxNode | undefined {
  const statement = nodeOf(node, 'subquery');
  return statement && (nodeOf(statement, 'node') ?? statement);
}

/** True of a query whose rows come in an order that it asks for. */
export const isOrdered = ({ statements }: SyntaxTree): boolean =>
  statements.some((query) => nodesOf(query, 'modifiers').some(({ type }) => type === 'ORDER_MODIFIER'));
