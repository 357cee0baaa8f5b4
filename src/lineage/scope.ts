/** What names mean at a place in a query: the tables of its FROM, the aliases of its SELECT, and the queries around it. */
import { type RelationName, relationKey } from './literal-tables.ts';
import { addMeaning, gathering, type Meaning, ownMeaning, type Rowset } from './meaning.ts';
import type { Origin, Singular } from './readings.ts';

export interface BoundColumn {
  readonly name: string;
  readonly meaning: Meaning;
  /** DuckDB's spelling of the type, where a schema told it and nothing changed the value since. */
  readonly type?: string | undefined;
  /** Where its values stand as they are; absent when they are computed, or it is not known. */
  readonly origins?: readonly Origin[] | undefined;
  /** Merged by a FULL join: COLUMNS(lambda) sees it under a text of the binder's, `COALESCE(…)`. */
  readonly coalesced?: boolean;
}

/** One table of a FROM clause under its alias. */
export interface Binding {
  readonly alias: string;
  readonly relation?: RelationName | undefined;
  readonly columns: readonly BoundColumn[];
  readonly singular?: readonly Singular[] | undefined;
  /** Present when not all columns are known: answers the column of a name, or undefined when there cannot be one. */
  readonly open?: ((name: string) => BoundColumn | undefined) | undefined;
}

/** A column merged by USING or NATURAL: one name for several tables. */
export interface Merged {
  readonly name: string;
  readonly column: BoundColumn;
  readonly members: ReadonlySet<Binding>;
}

export interface Bindings {
  readonly tables: readonly Binding[];
  readonly merged: readonly Merged[];
  readonly singular?: readonly Singular[] | undefined;
}
export const NO_BINDINGS: Bindings = { tables: [], merged: [] };

export interface Scope {
  readonly bindings: Bindings;
  /** Aliases of the select list, lower case. */
  readonly aliases: ReadonlyMap<string, BoundColumn>;
  /** Lambda parameters, lower case. */
  readonly parameters: ReadonlySet<string>;
  /** ORDER BY and HAVING look at aliases before columns. */
  readonly aliasesFirst: boolean;
  readonly ctes: Ctes;
  readonly parent?: Scope | undefined;
}

/** CTEs in sight, by lower-case name; analysed when first read. */
export type Ctes = ReadonlyMap<string, () => Relation>;

/** What a query gives. */
export interface Relation {
  readonly columns: readonly BoundColumn[];
  /** Present when some columns are not known; they stand at index `at` of the columns. */
  readonly open?: Open | undefined;
  readonly singular?: readonly Singular[] | undefined;
  readonly rowset: Rowset;
}
export interface Open {
  readonly at: number;
  /** Whose columns are not known, for messages. */
  readonly of: string;
  readonly column: (name: string) => BoundColumn | undefined;
}

export const scopeOf = (bindings: Bindings, ctes: Ctes, parent?: Scope): Scope => ({
  bindings,
  aliases: new Map(),
  parameters: new Set(),
  aliasesFirst: false,
  ctes,
  parent,
});

export type Resolution =
  /** `fields` are what is left of the path: struct fields. */
  | { readonly kind: 'column'; readonly column: BoundColumn; readonly fields: readonly string[] }
  | { readonly kind: 'row'; readonly binding: Binding; readonly fields: readonly string[] }
  | { readonly kind: 'parameter' }
  | { readonly kind: 'ambiguous'; readonly tables: readonly string[] }
  | { readonly kind: 'unknown' };

const UNKNOWN: Resolution = { kind: 'unknown' };
const same = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();

/** What a (dotted) name stands for, innermost query first. */
export function resolve(path: readonly string[], scope: Scope): Resolution {
  const [first = ''] = path;
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    if (at.parameters.has(first.toLowerCase())) return { kind: 'parameter' };
    const found = resolveIn(path, at);
    if (found.kind !== 'unknown') return found;
  }
  return UNKNOWN;
}

function resolveIn(path: readonly string[], scope: Scope): Resolution {
  const [first = '', ...fields] = path;
  const alias = scope.aliases.get(first.toLowerCase());
  const aliased: Resolution = alias === undefined ? UNKNOWN : { kind: 'column', column: alias, fields };
  if (scope.aliasesFirst && aliased.kind !== 'unknown') return aliased;
  // The longest qualification first: database.schema.table.column, schema.table.column, table.column.
  for (let qualifiers = Math.min(3, path.length - 1); qualifiers > 0; qualifiers--) {
    const found = qualified(path, qualifiers, scope.bindings);
    if (found.kind !== 'unknown') return found;
  }
  const column = unqualified(first, scope.bindings);
  if (column.kind === 'column') return { ...column, fields };
  if (column.kind === 'ambiguous') return column;
  if (aliased.kind !== 'unknown') return aliased;
  const row = scope.bindings.tables.find((table) => same(table.alias, first));
  if (row !== undefined) return { kind: 'row', binding: row, fields };
  // Only now, when no known column, alias or table has the name, can it be a column of a table whose columns are not known.
  const open = scope.bindings.tables.filter((table) => table.open !== undefined);
  const guesses = open.flatMap((table) => {
    const guess = table.open?.(first);
    return guess === undefined ? [] : [guess];
  });
  if (guesses.length > 1) return { kind: 'ambiguous', tables: open.map((table) => table.alias) };
  const [only] = guesses;
  if (only === undefined) return UNKNOWN;
  // A query around this one that knows the name may be meant as well.
  if (scope.parent !== undefined && knowsColumn(first, scope.parent))
    return { kind: 'ambiguous', tables: [...open.map((table) => table.alias), 'an outer query'] };
  return { kind: 'column', column: only, fields };
}

function knowsColumn(name: string, scope: Scope): boolean {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent)
    if (unqualified(name, at.bindings).kind !== 'unknown') return true;
  return false;
}

/** A column of the FROM clause by its bare name. */
function unqualified(name: string, bindings: Bindings): Resolution {
  const merged = bindings.merged.find((entry) => same(entry.name, name));
  if (merged !== undefined) return { kind: 'column', column: merged.column, fields: [] };
  for (const table of bindings.tables) {
    const column = columnOf(table, name);
    if (column !== undefined) return { kind: 'column', column, fields: [] };
  }
  return UNKNOWN;
}

function qualified(path: readonly string[], qualifiers: number, bindings: Bindings): Resolution {
  const table = path[qualifiers - 1] ?? '';
  const schema = path[qualifiers - 2];
  const database = path[qualifiers - 3];
  const name = path[qualifiers] ?? '';
  const fields = path.slice(qualifiers + 1);
  for (const binding of bindings.tables) {
    if (!same(binding.alias, table)) continue;
    if (schema !== undefined && !isIn(binding.relation, schema, database)) continue;
    const column = columnOf(binding, name) ?? binding.open?.(name) ?? hiddenColumn(binding, name);
    if (column !== undefined) return { kind: 'column', column, fields };
  }
  return UNKNOWN;
}

/** `main` and the current database need not be written, so an unwritten part matches any. */
const isIn = (relation: RelationName | undefined, schema: string, database: string | undefined): boolean =>
  relation !== undefined &&
  (relation.schema === undefined || same(relation.schema, schema)) &&
  (database === undefined || relation.database === undefined || same(relation.database, database));

const columnOf = (binding: Binding, name: string): BoundColumn | undefined =>
  binding.columns.find((column) => same(column.name, name)) ??
  (same(name, 'rowid') ? hiddenColumn(binding, name) : undefined);

/** Every DuckDB table has a rowid that `*` does not show. */
function hiddenColumn(binding: Binding, name: string): BoundColumn | undefined {
  if (binding.relation === undefined || !same(name, 'rowid')) return undefined;
  return { name: 'rowid', meaning: ownMeaning(binding.relation, 'rowid', relationKey(binding.relation)) };
}

/** One thing `*` shows: a column, or, without `column`, the columns of a table that are not known. */
export interface Shown {
  readonly table: Binding;
  readonly column?: BoundColumn;
}

/** The columns `*` (or `only.*`) shows, in order; a merged column once, where it is first. */
export function starColumns(
  bindings: Bindings,
  only?: string,
  isExcluded: (table: Binding, name: string) => boolean = () => false,
): readonly Shown[] {
  const shown: Shown[] = [];
  const done = new Set<Merged>();
  for (const table of bindings.tables) {
    if (only !== undefined && !same(table.alias, only)) continue;
    for (const column of table.columns) {
      // Before merging: `exclude (a.id)` of a merged id leaves it to be shown with b.
      if (isExcluded(table, column.name)) continue;
      const merged =
        only === undefined
          ? bindings.merged.find((entry) => entry.members.has(table) && same(entry.name, column.name))
          : undefined;
      if (merged === undefined) shown.push({ table, column });
      else if (!done.has(merged)) {
        done.add(merged);
        shown.push({ table, column: merged.column });
      }
    }
    if (table.open !== undefined) shown.push({ table });
  }
  return shown;
}

/** A whole row as one value. */
export function rowMeaning(binding: Binding): Meaning {
  const into = gathering();
  for (const column of binding.columns) addMeaning(into, column.meaning, 'derived');
  return { ...into, text: `row(${binding.columns.map((column) => column.meaning.text).join(' ')})` };
}

/** DuckDB's renaming of columns that meet in one relation: a, a → a, a_1 (`QueryResult::DeduplicateColumns`). */
export function distinctNames(names: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const key = name.toLowerCase();
    let count = seen.get(key);
    if (count === undefined) {
      seen.set(key, 1);
      return name;
    }
    let fresh = `${name}_${count}`;
    while (seen.has(fresh.toLowerCase())) fresh = `${name}_${++count}`;
    seen.set(key, count + 1);
    seen.set(fresh.toLowerCase(), 1);
    return fresh;
  });
}
