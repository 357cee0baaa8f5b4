/** What one analysis carries along: the catalogue it may ask, and what it has found out about the nodes of its tree. */
import type { Column } from '../engine/engine.ts';
import { canonicalNode } from './canonical-sql.ts';
import type { RelationName } from './literal-tables.ts';
import { addValue, digest, gathering, type Meaning, ownMeaning } from './meaning.ts';
import type { BoundColumn, Ctes, Relation, Scope } from './scope.ts';
import { byteOffsetOf, type SyntaxNode } from './syntax-tree.ts';

/** Where the columns of relations are looked up. Pure: the caller has asked the warehouse before. */
export interface Catalog {
  /** The columns of a table, view or file (`{name: 'data/x.parquet'}`), in order; undefined when not known. */
  columnsOf(relation: RelationName): readonly Column[] | undefined;
  /** The columns of a table function's call, e.g. `read_csv('x.csv', header := true)` as DuckDB prints it; ask `describe from <call>`. */
  columnsOfCall?(call: string): readonly Column[] | undefined;
}

/** Something that could not be analysed, instead of a guess. */
export interface Unresolved {
  readonly reason: string;
  /** UTF-8 bytes into the SQL. */
  readonly at?: number;
}

export interface Analysis {
  readonly catalog: Catalog;
  readonly unresolved: Map<string, Unresolved>;
  /** The sense of nodes whose names were resolved. */
  readonly standIns: Map<SyntaxNode, string>;
  /** Column references that COLUMNS(…) was expanded to. */
  readonly pinned: Map<SyntaxNode, BoundColumn>;
  /** Every base relation that is read, also where no column of it is named: `count(*)`. */
  readonly read: Map<string, RelationName>;
  /** The LIMIT clauses there are. */
  readonly limited: Set<SyntaxNode>;
  /** Base relations read through `*` or as whole rows: new columns of theirs are read, too. */
  readonly starred: Map<string, RelationName>;
  /** Every base column that is named anywhere, used or not. */
  readonly mentioned: Map<string, { readonly relation: RelationName; readonly column: string }>;
  readonly query: (node: SyntaxNode, ctes: Ctes, outer: Scope | undefined) => Relation;
}

export function notResolved(analysis: Analysis, reason: string, node?: SyntaxNode): void {
  const at = node === undefined ? undefined : byteOffsetOf(node);
  analysis.unresolved.set(`${at} ${reason}`, at === undefined ? { reason } : { reason, at });
}

/** The sense of a node as text, once the names in it were resolved. */
export function senseOf(node: SyntaxNode, analysis: Analysis): string {
  const known = analysis.standIns.get(node);
  if (known !== undefined) return known;
  const text = canonicalNode({ ...node, alias: '' }, (inner) => analysis.standIns.get(inner));
  return text.length > 64 ? digest(text) : text;
}

/** A column of a base relation, with its type when known. */
export function baseColumn(relation: RelationName, name: string, instance: string, type?: string): BoundColumn {
  const origins = [{ relation, column: name, reading: instance, padded: false }];
  return { name, meaning: ownMeaning(relation, name, instance), type, origins };
}

export function mention(analysis: Analysis, meaning: Meaning): void {
  for (const [key, { relation, column }] of meaning.values) analysis.mentioned.set(key, { relation, column });
}

/** One value that could come from any of several meanings. */
export function eitherMeaning(meanings: readonly Meaning[]): Meaning {
  const into = gathering();
  for (const meaning of meanings) {
    for (const value of meaning.values.values()) addValue(into, value);
    for (const [key, use] of meaning.indirect) into.indirect.set(key, use);
  }
  return { ...into, text: digest(meanings.map((meaning) => meaning.text).join('|')) };
}
