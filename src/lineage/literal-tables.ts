import { byteOffsetOf, childNodes, ctesOf, type SyntaxNode, type SyntaxTree, textOf } from './syntax-tree.ts';

/** A relation's name as a query spells it; parts that were not written are absent. */
export interface RelationName {
  readonly database?: string;
  readonly schema?: string;
  readonly name: string;
}

/** A table that a query names literally. */
export interface LiteralTable extends RelationName {
  /** UTF-8 bytes into the SQL text; absent where DuckDB keeps no place. See `utf16Offset`. */
  readonly offset?: number;
}

/** Every table a query reads by name, in the order written, CTEs left out. Files (`from 'x.parquet'`) are named like tables. */
export function literalTables(tree: SyntaxTree): readonly LiteralTable[] {
  const found: LiteralTable[] = [];
  for (const statement of tree.statements) collect(statement, new Set(), found);
  return found.sort((a, b) => (a.offset ?? 0) - (b.offset ?? 0));
}

function collect(node: SyntaxNode, ctes: ReadonlySet<string>, found: LiteralTable[]): void {
  let visible = ctes;
  // A CTE sees those written before it; itself only when it is recursive (`with t as (select * from t)` reads the table t).
  for (const cte of ctesOf(node)) {
    const own = recursiveName(cte.query);
    collect(cte.query, own === undefined ? visible : with_(visible, own), found);
    visible = with_(visible, cte.name);
  }
  if (node['type'] === 'BASE_TABLE') {
    const table = tableNameOf(node);
    const isCte = (table.schema === undefined || table.schema === 'recurring') && visible.has(table.name.toLowerCase());
    const offset = byteOffsetOf(node);
    if (!isCte) found.push(offset === undefined ? table : { ...table, offset });
  }
  for (const child of childNodes(node)) if (child !== node['cte_map']) collect(child, visible, found);
}

/** The name a BASE_TABLE node reads. */
export function tableNameOf(node: SyntaxNode): RelationName {
  const database = textOf(node, 'catalog_name');
  const schema = textOf(node, 'schema_name');
  return {
    ...(database === '' ? {} : { database }),
    ...(schema === '' ? {} : { schema }),
    name: textOf(node, 'table_name'),
  };
}

/** The name under which a recursive CTE's query reads itself. */
export function recursiveName(query: SyntaxNode): string | undefined {
  return query['type'] === 'RECURSIVE_CTE_NODE' ? textOf(query, 'cte_name') : undefined;
}

const with_ = (names: ReadonlySet<string>, name: string): ReadonlySet<string> =>
  new Set([...names, name.toLowerCase()]);

const KEYS = new WeakMap<RelationName, string>();

/** One text for a relation however its case: DuckDB's names are case-insensitive. */
export function relationKey(relation: RelationName): string {
  const known = KEYS.get(relation);
  if (known !== undefined) return known;
  const parts = [relation.database, relation.schema, relation.name].filter((part) => part !== undefined);
  const key = parts.join('.').toLowerCase();
  KEYS.set(relation, key);
  return key;
}
