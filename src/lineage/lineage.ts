/**
 * SQL syntax tree + schemas → which columns each output column comes from, what else influences it, and what it means.
 * Pure: the caller asks DuckDB for the trees (`parseTreeSql`) and the schemas (`describe …`) and hands them in.
 */
import type { Column } from '../engine/engine.ts';
import { type Analysis, type Catalog, notResolved, type Unresolved } from './analysis.ts';
import { canonicalSql } from './canonical-sql.ts';
import type { RelationName } from './literal-tables.ts';
import { relationKey } from './literal-tables.ts';
import { digest, type IndirectUse, type Meaning, type RowsetParts, type Step } from './meaning.ts';
import { analyseRelation } from './query.ts';
import type { Origin, Singular } from './readings.ts';
import type { BoundColumn, Relation } from './scope.ts';
import type { SyntaxTree } from './syntax-tree.ts';

export type { Catalog, Unresolved } from './analysis.ts';
export { canonicalSql } from './canonical-sql.ts';
export { type Determinism, deterministic, type Wobble } from './determinism.ts';
export { type LiteralTable, literalTables, type RelationName, relationKey } from './literal-tables.ts';
export type { IndirectKind, IndirectUse } from './meaning.ts';
export { type Proven, provenBy, type TableColumns } from './proofs.ts';
export { parseTreeSql, readSyntaxTree, type SyntaxTree, utf16Offset } from './syntax-tree.ts';

/** copied: same value, same name · renamed: same value, another name · derived: computed from one row · aggregated: from many. */
export type Transformation = 'copied' | 'renamed' | 'derived' | 'aggregated';

export interface ColumnSource {
  readonly relation: RelationName;
  readonly column: string;
  readonly use: 'value';
  readonly transformation: Transformation;
}

export interface OutputColumn {
  /** As DESCRIBE names it. */
  readonly name: string;
  readonly sources: readonly ColumnSource[];
  /** What influences this column alone: window order, FILTER, conditions inside its subqueries. */
  readonly indirect: readonly IndirectUse[];
  /** Where its values stand as they are; absent when they are computed, or it is not known. */
  readonly origins?: readonly Origin[];
}

/** What a query takes from one relation. */
export interface RelationRead {
  readonly relation: RelationName;
  /** Columns named anywhere in the query, used or not: without one of them it no longer runs. */
  readonly columns: readonly string[];
  /** Read through `*` or as a whole row, so a new column is read as well. */
  readonly star: boolean;
}

/** Plain JSON. */
export interface QueryLineage {
  readonly columns: readonly OutputColumn[];
  /** What decides which rows there are, hence influences every column. */
  readonly rowset: readonly IndirectUse[];
  readonly reads: readonly RelationRead[];
  /** Readings of which each row stands at most once in the result, and what must be true for it. */
  readonly singular: readonly Singular[];
  /** A LIMIT stands somewhere in it, so what it is ordered by decides which rows there are. */
  readonly limited: boolean;
  /** Empty when everything was analysed; otherwise edges may be missing. */
  readonly unresolved: readonly Unresolved[];
}

export interface LineageOptions {
  /** The query's own columns from DuckDB's binder (`describe <query>`): their names hold, and they tell what `*` of an unknown relation is. */
  readonly describedColumns?: readonly Pick<Column, 'name'>[];
}

/** Column lineage of one query. Never throws for a query DuckDB parses; what it cannot tell is in `unresolved`. */
export const analyseQuery = (tree: SyntaxTree, catalog: Catalog, options: LineageOptions = {}): QueryLineage =>
  lineageOf(analysed(tree, catalog, options));

/** What each output column and the set of rows mean: equal hashes, equal meaning. Hashes are 24 hex digits of sha-256. */
export interface ColumnFingerprints {
  readonly columns: readonly { readonly name: string; readonly fingerprint: string }[];
  /** Of everything that decides which rows there are, and in which order. */
  readonly rowset: string;
  /** The same by kind of clause, to say what changed. */
  readonly parts: { readonly [part in keyof RowsetParts]: string };
  /** False when something could not be analysed; then only `canonicalSql` tells whether the query changed. */
  readonly complete: boolean;
}

/**
 * Fingerprints by column: editing one column's expression changes that column's alone. They follow CTEs and subqueries, so
 * moving an expression into a CTE changes nothing. Relations are told apart by name only; what is in them is the caller's to add.
 */
export const columnFingerprints = (
  tree: SyntaxTree,
  catalog: Catalog,
  options: LineageOptions = {},
): ColumnFingerprints => fingerprintsOf(tree, analysed(tree, catalog, options));

/** Both from one walk. */
export function analyseAll(
  tree: SyntaxTree,
  catalog: Catalog,
  options: LineageOptions = {},
): { readonly lineage: QueryLineage; readonly fingerprints: ColumnFingerprints } {
  const found = analysed(tree, catalog, options);
  return { lineage: lineageOf(found), fingerprints: fingerprintsOf(tree, found) };
}

function lineageOf({ relation, columns, analysis }: Analysed): QueryLineage {
  return {
    columns: columns.map(outputColumn),
    rowset: [...relation.rowset.uses.values()],
    reads: readsOf(relation, columns, analysis),
    singular: relation.singular ?? [],
    limited: analysis.limited.size > 0,
    unresolved: [...analysis.unresolved.values()],
  };
}

function fingerprintsOf(tree: SyntaxTree, { relation, columns, analysis }: Analysed): ColumnFingerprints {
  const { parts } = relation.rowset;
  const complete = analysis.unresolved.size === 0;
  const hash = (texts: readonly string[]) => digest(JSON.stringify(texts));
  const hashes = {
    tables: hash(parts.tables),
    joins: hash(parts.joins),
    filters: hash(parts.filters),
    grouping: hash(parts.grouping),
    order: hash(parts.order),
  };
  return {
    columns: columns.map((column) => ({ name: column.name, fingerprint: digest(column.meaning.text) })),
    rowset: complete ? digest(JSON.stringify(hashes)) : digest(canonicalSql(tree)),
    parts: hashes,
    complete,
  };
}

interface Analysed {
  readonly relation: Relation;
  readonly columns: readonly BoundColumn[];
  readonly analysis: Analysis;
}

function analysed(tree: SyntaxTree, catalog: Catalog, options: LineageOptions): Analysed {
  const analysis: Analysis = {
    catalog,
    unresolved: new Map(),
    standIns: new Map(),
    pinned: new Map(),
    read: new Map(),
    limited: new Set(),
    starred: new Map(),
    mentioned: new Map(),
    query: (node, ctes, outer) => analyseRelation(node, ctes, outer, analysis),
  };
  const [statement, ...others] = tree.statements;
  if (statement === undefined) {
    notResolved(analysis, `DuckDB gives no syntax tree${tree.error === undefined ? '' : `: ${tree.error}`}`);
    const columns = (options.describedColumns ?? []).map(({ name }) => ({ name, meaning: UNKNOWN }));
    return { relation: { columns, rowset: NO_ROWSET }, columns, analysis };
  }
  if (others.length > 0) notResolved(analysis, 'it is more than one statement; only the first is analysed');
  const relation = analysis.query(statement, new Map(), undefined);
  return { relation, columns: namedColumns(relation, options.describedColumns, analysis), analysis };
}

const UNKNOWN: Meaning = { values: new Map(), indirect: new Map(), text: 'unknown' };
const NO_ROWSET: Relation['rowset'] = {
  uses: new Map(),
  parts: { tables: [], joins: [], filters: [], grouping: [], order: [] },
};

/** The columns with the binder's names where it was asked. */
function namedColumns(
  relation: Relation,
  described: LineageOptions['describedColumns'],
  analysis: Analysis,
): readonly BoundColumn[] {
  const { columns, open } = relation;
  if (described === undefined) {
    if (open !== undefined)
      notResolved(analysis, `the columns of ${open.of || 'a subquery'} are not known, so what * means is not`);
    return columns;
  }
  const more = described.length - columns.length;
  if (more < 0 || (more > 0 && open === undefined)) {
    notResolved(analysis, `DESCRIBE gives ${described.length} columns, the analysis ${columns.length}`);
    return described.map(({ name }, position) => ({ name, meaning: columns[position]?.meaning ?? UNKNOWN }));
  }
  if (open === undefined) {
    for (const reason of NAME_REASONS)
      for (const [key, one] of analysis.unresolved) if (one.reason === reason) analysis.unresolved.delete(key);
    return columns.map((column, position) => ({ ...column, name: described[position]?.name ?? column.name }));
  }
  const filled = described.slice(open.at, open.at + more).map(({ name }): BoundColumn => {
    const column = open.column(name);
    if (column !== undefined) return { ...column, name };
    notResolved(analysis, `where column ${name} comes from is not known`);
    return { name, meaning: UNKNOWN };
  });
  const known = columns.map((column, position) => ({
    ...column,
    name: described[position < open.at ? position : position + more]?.name ?? column.name,
  }));
  return [...known.slice(0, open.at), ...filled, ...known.slice(open.at)];
}

/** DESCRIBE answers these. */
const NAME_REASONS = ['the name of a column without alias is known to the binder only'];

function outputColumn(column: BoundColumn): OutputColumn {
  return {
    name: column.name,
    sources: [...column.meaning.values.values()].map(({ relation, column: source, step }) => ({
      relation,
      column: source,
      use: 'value',
      transformation: transformationOf(step, source, column.name),
    })),
    indirect: [...column.meaning.indirect.values()],
    ...(column.origins === undefined ? {} : { origins: column.origins }),
  };
}

function transformationOf(step: Step, from: string, to: string): Transformation {
  if (step !== 'same') return step;
  return from.toLowerCase() === to.toLowerCase() ? 'copied' : 'renamed';
}

function readsOf(relation: Relation, columns: readonly BoundColumn[], analysis: Analysis): readonly RelationRead[] {
  const reads = new Map<
    string,
    { readonly relation: RelationName; readonly columns: Map<string, string>; star: boolean }
  >();
  const at = (name: RelationName) => {
    const key = relationKey(name);
    const known = reads.get(key) ?? { relation: name, columns: new Map<string, string>(), star: false };
    reads.set(key, known);
    return known;
  };
  for (const name of analysis.read.values()) at(name);
  const used = [
    ...analysis.mentioned.values(),
    ...relation.rowset.uses.values(),
    ...columns.flatMap(({ meaning }) => [...meaning.values.values(), ...meaning.indirect.values()]),
  ];
  for (const { relation: name, column } of used) at(name).columns.set(column.toLowerCase(), column);
  for (const name of analysis.starred.values()) at(name).star = true;
  return [...reads.values()].map((read) => ({
    relation: read.relation,
    columns: [...read.columns.values()],
    star: read.star,
  }));
}
