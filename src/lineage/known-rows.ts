/** What proofs.ts knows of a query's rows while it walks the query, and how column references are looked up in it. */
import { type SyntaxNode, textsOf } from './syntax-tree.ts';

/** A column of a result whose name surely means it. */
export interface KnownColumn {
  readonly name: string;
  /** Why it has a value in every row. */
  readonly notNull?: string | undefined;
  /** All values it can have besides NULL. */
  readonly values?: { readonly values: readonly string[]; readonly because: string } | undefined;
  /** A row number from 1 within each combination of these columns of the same result. */
  readonly numbers?: readonly string[] | undefined;
}

export interface Key {
  readonly columns: readonly string[];
  readonly because: string;
}

export interface Rows {
  readonly columns: readonly KnownColumn[];
  /** False: there are further columns, of unknown names. */
  readonly complete: boolean;
  readonly keys: readonly Key[];
}

export const NOTHING: Rows = { columns: [], complete: false, keys: [] };

/** A relation in FROM under the name its columns may be prefixed with. */
export interface Source {
  readonly called: string;
  readonly rows: Rows;
}

/** Where expressions of a SELECT stand. */
export interface Reading {
  /** Conditions that every row satisfies. */
  readonly where: readonly SyntaxNode[];
  readonly sources: readonly Source[];
  /** True when there is a row for each of some groups, none of them empty. */
  readonly hasGroups: boolean;
}

export const lower = (text: string): string => text.toLowerCase();
export const sameName = (one: string, other: string): boolean => lower(one) === lower(other);

/** The parts of a column reference; undefined for any other expression. */
export const pathOf = (node: SyntaxNode): readonly string[] | undefined =>
  node['class'] === 'COLUMN_REF' ? textsOf(node, 'column_names') : undefined;

/** A path without the name of the only relation there is, so that equal paths mean the same column. */
export function shortened(path: readonly string[], sources: readonly Source[]): readonly string[] {
  const [only] = sources;
  const [first = ''] = path;
  return sources.length === 1 && path.length === 2 && only !== undefined && sameName(first, only.called)
    ? path.slice(1)
    : path;
}

export const samePath = (one: readonly string[], other: readonly string[], sources: readonly Source[]): boolean =>
  lower(JSON.stringify(shortened(one, sources))) === lower(JSON.stringify(shortened(other, sources)));

/** What is known of the column that a path names; undefined when nothing is, or when it could name another. */
export function columnAt(path: readonly string[], sources: readonly Source[]): KnownColumn | undefined {
  const [name = '', ...rest] = shortened(path, sources);
  if (rest.length === 0) return sources.length === 1 ? columnCalled(name, sources[0]) : undefined;
  const [column = ''] = rest;
  const named = sources.filter(({ called }) => sameName(called, name));
  return rest.length === 1 && named.length === 1 ? columnCalled(column, named[0]) : undefined;
}

const columnCalled = (name: string, source: Source | undefined): KnownColumn | undefined =>
  source?.rows.columns.find((column) => sameName(column.name, name));
