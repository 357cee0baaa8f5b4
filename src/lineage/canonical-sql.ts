/**
 * One text for all spellings of a query. It is a compact writing of DuckDB's tree, not SQL to run: comments, layout, keyword
 * case, redundant parentheses, quoting and the case of names do not reach it; whatever can change the result does.
 * When in doubt two texts differ: a rebuild too many is cheap, a stale table is not.
 */
import type { Json } from '../core/node-id.ts';
import { isList, isSyntaxNode, nodesOf, type SyntaxNode, type SyntaxTree, textOf } from './syntax-tree.ts';

/** The canonical text of a whole query; of a text DuckDB cannot serialise, the empty string (fingerprint the SQL itself then). */
export const canonicalSql = (tree: SyntaxTree): string =>
  tree.statements.map((statement) => canonicalNode(statement)).join(';');

/** The canonical text of any part of a tree. */
/** `standIn` answers the text for a node that is to be written differently, e.g. by what its name was resolved to. */
export const canonicalNode = (node: SyntaxNode, standIn?: (node: SyntaxNode) => string | undefined): string =>
  written(node, standIn === undefined ? FOLDED : { exact: false, standIn }) ?? '';

/**
 * `exact` keeps the case of column names. A select item without alias is named by its own text (`Foo + 1` gives a column
 * "(Foo + 1)"), and struct fields keep the case the query wrote, so there the spelling is part of the result.
 */
interface Spelling {
  readonly exact: boolean;
  readonly standIn?: (node: SyntaxNode) => string | undefined;
}
const FOLDED: Spelling = { exact: false };
const EXACT: Spelling = { exact: true };

/** Where things stand in the text, and CTE hints that DuckDB does not serialise anyway. */
const SILENT = new Set(['query_location']);
/** Names DuckDB compares without case. Aliases are not among them: an alias's case is the column's name in the result. */
const CASELESS = new Set([
  'column_names',
  'using_columns',
  'exclude_list',
  'groups',
  'unpivot_names',
  'schema_name',
  'catalog_name',
  'relation_name',
  'cte_name',
]);
/** Sets that DuckDB writes in the order they were typed, though their order means nothing. */
const UNORDERED = new Set(['exclude_list', 'qualified_exclude_list', 'replace_list', 'rename_list', 'using_columns']);

function written(value: Json, spelling: Spelling): string | undefined {
  if (value === null || value === '' || value === false) return undefined;
  if (isList(value)) {
    if (value.length === 0) return undefined;
    return `[${value.map((entry) => written(entry, spelling) ?? '~').join(' ')}]`;
  }
  if (!isSyntaxNode(value)) return JSON.stringify(value);
  return writtenNode(value, spelling);
}

function writtenNode(node: SyntaxNode, spelling: Spelling): string | undefined {
  const instead = spelling.standIn?.(node);
  if (instead !== undefined) return instead;
  let parts = '';
  for (const key in node) {
    const value = node[key];
    if (value === undefined || value === null || value === '' || SILENT.has(key)) continue;
    if (key === 'alias' && isIdleAlias(node)) continue;
    const text = writtenField(node, key, value, spelling);
    if (text !== undefined) parts += ` ${key}=${text}`;
  }
  return parts === '' ? undefined : `(${parts.slice(1)})`;
}

function writtenField(node: SyntaxNode, key: string, value: Json, spelling: Spelling): string | undefined {
  if (key === 'select_list') {
    const items = nodesOf(node, key).map(writtenSelectItem);
    return `[${items.join(' ')}]`;
  }
  // A constant's value: false, 0 and '' are values here, not absences.
  if (key === 'value' && node['is_null'] === false) return JSON.stringify(value);
  if (key === 'table_name') return JSON.stringify(foldedTableName(textOf(node, key)));
  // Everything below a table reference or a subquery is named by its own items.
  if (key === 'subquery' || key === 'from_table' || key === 'cte_map') return written(value, FOLDED);
  const caseless = CASELESS.has(key) && !(spelling.exact && key === 'column_names');
  const folded = caseless ? lowered(value) : value;
  if (UNORDERED.has(key) && isList(folded)) {
    if (folded.length === 0) return undefined;
    const entries = folded.map((entry) => written(entry, spelling) ?? '~');
    return `{${entries.sort().join(' ')}}`;
  }
  return written(folded, spelling);
}

function writtenSelectItem(item: SyntaxNode): string {
  const named = textOf(item, 'alias') !== '';
  const plain = item['class'] === 'STAR' || (item['class'] === 'COLUMN_REF' && pathLength(item) === 1);
  return written(item, named || plain ? FOLDED : EXACT) ?? '~';
}

function pathLength(columnReference: SyntaxNode): number {
  const path = columnReference['column_names'];
  return isList(path) ? path.length : 0;
}

/** `from orders as orders` names the table as it is called anyway. */
const isIdleAlias = (node: SyntaxNode): boolean =>
  node['type'] === 'BASE_TABLE' && textOf(node, 'alias').toLowerCase() === textOf(node, 'table_name').toLowerCase();

/** Files are read through table names too (`from 'Orders.parquet'`), and a file system may know case. */
const foldedTableName = (name: string): string => (/[./\\*]/.test(name) ? name : name.toLowerCase());

function lowered(value: Json): Json {
  if (typeof value === 'string') return value.toLowerCase();
  if (isList(value)) return value.map(lowered);
  return value;
}
