/** How a model's meaning differs between two states of a project. */
import type { NodeId } from '../core/node-id.ts';
import type { ColumnFingerprints } from './lineage.ts';
import type { ModelAnalysis } from './model-analysis.ts';

/** A model on one side of a change. */
export interface ModelState {
  readonly id: NodeId;
  readonly full: QueryState;
  /** Of an incremental model, the query that adds to its table; where one side has none, that side's `full` stands for it. */
  readonly incremental?: QueryState | undefined;
  /** False: its SQL is the same, but what it reads has other columns. Default true. */
  readonly isEdited?: boolean;
}

interface QueryState {
  readonly fingerprints: ColumnFingerprints;
  /** Told apart by this when the query could not be analysed. */
  readonly canonicalSql: string;
  /** It has a LIMIT, or something like list(): another order is other rows or values. */
  readonly orderMatters: boolean;
}

/** @param sql stands for a query that DuckDB does not parse */
export const queryState = (
  { fingerprints, canonical, lineage, determinism }: ModelAnalysis,
  sql: string,
): QueryState => ({
  fingerprints,
  canonicalSql: canonical === '' ? sql : canonical,
  orderMatters: lineage.limited || determinism.wobbles.some(({ kind }) => kind === 'order'),
});

/** breaking: rows may differ, or a column is gone, or it cannot be told · partial: these columns only · none: nothing that was there differs. */
export type Severity = 'breaking' | 'partial' | 'none';

export type RowsChange = 'tables' | 'joins' | 'filters' | 'grouping' | 'order';

export interface ModelChange {
  readonly id: NodeId;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly severity: Severity;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** The same value under another name. */
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
  /** Same name, another expression. */
  readonly changed: readonly string[];
  /** Clauses that decide which rows there are and that changed. */
  readonly rows: readonly RowsChange[];
  /** Only the order of its rows, or of its columns, differs: nobody should rely on it, but somebody may. */
  readonly order: readonly ('rows' | 'columns')[];
  /** True when it is the query of incremental runs alone that changed. */
  readonly incrementalOnly: boolean;
  /** True when one side could not be analysed, so everything counts as changed. */
  readonly unknown: boolean;
}

/** The models whose meaning differs between two states, those that are gone first. */
export function modelChanges(before: readonly ModelState[], after: readonly ModelState[]): readonly ModelChange[] {
  const earlier = new Map(before.map((model) => [model.id, model]));
  const later = new Set(after.map((model) => model.id));
  const gone = before.filter((model) => !later.has(model.id)).map((model) => wholeModel(model, 'removed'));
  const rest = after.flatMap((model): readonly ModelChange[] => {
    const was = earlier.get(model.id);
    if (was === undefined) return [wholeModel(model, 'added')];
    const change = changeOf(was, model);
    return change === undefined ? [] : [change];
  });
  return [...gone, ...rest];
}

const NO_CHANGE = {
  added: [],
  removed: [],
  renamed: [],
  changed: [],
  rows: [],
  order: [],
  incrementalOnly: false,
  unknown: false,
} as const;

function wholeModel({ id, full }: ModelState, kind: 'added' | 'removed'): ModelChange {
  const names = full.fingerprints.columns.map((column) => column.name);
  return { ...NO_CHANGE, id, kind, severity: kind === 'added' ? 'none' : 'breaking', [kind]: names };
}

type QueryChange = Pick<ModelChange, 'added' | 'removed' | 'renamed' | 'changed' | 'rows' | 'order' | 'unknown'>;

function changeOf(before: ModelState, after: ModelState): ModelChange | undefined {
  const full = queryChange(before.full, after.full);
  const incremental =
    before.incremental && after.incremental ? queryChange(before.incremental, after.incremental) : undefined;
  if (!full && !incremental) return undefined;
  const both = (pick: (change: QueryChange) => readonly string[]): readonly string[] => [
    ...new Set([...(full ? pick(full) : []), ...(incremental ? pick(incremental) : [])]),
  ];
  const changed = both((change) => change.changed);
  const removed = both((change) => change.removed);
  const renamed = full?.renamed ?? incremental?.renamed ?? [];
  const rows = ROWS.filter((part) => both((change) => change.rows).includes(part));
  const unknown = full?.unknown === true || incremental?.unknown === true;
  const isBreaking = unknown || removed.length + renamed.length + rows.length > 0;
  return {
    id: after.id,
    kind: 'changed',
    severity: isBreaking ? 'breaking' : changed.length > 0 ? 'partial' : 'none',
    added: both((change) => change.added),
    removed,
    renamed,
    changed,
    rows,
    order: (['rows', 'columns'] as const).filter((what) => both((change) => change.order).includes(what)),
    incrementalOnly: full === undefined,
    unknown,
  };
}

const ROWS: readonly RowsChange[] = ['tables', 'joins', 'filters', 'grouping', 'order'];

function queryChange(before: QueryState, after: QueryState): QueryChange | undefined {
  const { fingerprints: was } = before;
  const { fingerprints: now } = after;
  const incomplete = !was.complete || !now.complete;
  const unknown = incomplete && before.canonicalSql !== after.canonicalSql;
  // The same text that can no longer be analysed: something it reads changed, which is told there.
  if (incomplete && !unknown) return undefined;
  const wasColumns = fingerprintsByName(was);
  const nowColumns = fingerprintsByName(now);
  const gone = [...wasColumns.keys()].filter((name) => !nowColumns.has(name));
  const fresh = [...nowColumns.keys()].filter((name) => !wasColumns.has(name));
  const renamed = unknown ? [] : renames(gone, fresh, wasColumns, nowColumns);
  const added = fresh.filter((name) => !renamed.some(({ to }) => to === name));
  const removed = gone.filter((name) => !renamed.some(({ from }) => from === name));
  const kept = [...nowColumns.keys()].filter((name) => wasColumns.has(name));
  const changed = kept.filter((name) => unknown || wasColumns.get(name) !== nowColumns.get(name));
  const differing = unknown ? [] : ROWS.filter((part) => was.parts[part] !== now.parts[part]);
  const sorting = differing.includes('order') && !before.orderMatters && !after.orderMatters;
  const rows = sorting ? differing.filter((part) => part !== 'order') : differing;
  const places = [...wasColumns.keys()].filter((name) => nowColumns.has(name));
  const order = [
    ...(sorting ? (['rows'] as const) : []),
    ...(places.join('\n') === kept.join('\n') ? [] : (['columns'] as const)),
  ];
  const isSame = [added, removed, renamed, changed, rows, order].every((list) => list.length === 0);
  return isSame && !unknown ? undefined : { added, removed, renamed, changed, rows, order, unknown };
}

/** Columns of one name are one to a reader. */
function fingerprintsByName(fingerprints: ColumnFingerprints): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { name, fingerprint } of fingerprints.columns)
    found.set(name.toLowerCase(), (found.get(name.toLowerCase()) ?? '') + fingerprint);
  return found;
}

/** A column that is gone and one that is new are the same when they alone have the same meaning. */
function renames(
  gone: readonly string[],
  fresh: readonly string[],
  was: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): ModelChange['renamed'] {
  return gone.flatMap((from) => {
    const [to, ...others] = fresh.filter((name) => now.get(name) === was.get(from));
    const rivals = gone.filter((name) => was.get(name) === was.get(from));
    return to !== undefined && others.length === 0 && rivals.length === 1 ? [{ from, to }] : [];
  });
}

const CLAUSES: Readonly<Record<RowsChange, string>> = {
  tables: 'tables',
  joins: 'joins',
  filters: 'filters',
  grouping: 'grouping',
  order: 'order or limit',
};

/** `changed filters, joins; other expression: total`. */
export function describeChange(change: ModelChange): string {
  if (change.kind === 'added') return 'it is new';
  if (change.kind === 'removed') return 'it was removed';
  if (change.unknown) return 'it changed, and could not be analysed';
  const parts = [
    change.rows.length > 0 ? `other rows, by its ${change.rows.map((clause) => CLAUSES[clause]).join(', ')}` : '',
    change.changed.length > 0 ? `other expression: ${change.changed.join(', ')}` : '',
    change.renamed.length > 0 ? `renamed: ${change.renamed.map(({ from, to }) => `${from} → ${to}`).join(', ')}` : '',
    change.removed.length > 0 ? `removed: ${change.removed.join(', ')}` : '',
    change.added.length > 0 ? `new: ${change.added.join(', ')}` : '',
    change.order.length > 0 ? `only the order of its ${change.order.join(' and ')}` : '',
  ].filter((part) => part !== '');
  return `${parts.join('; ')}${change.incrementalOnly ? ' (in incremental runs only)' : ''}`;
}

/** Why all rows of who reads the model may differ; undefined when they do not. */
export function rowsSentence(change: ModelChange, name: string): string | undefined {
  if (change.kind === 'removed') return `${name} was removed`;
  if (change.unknown) return `${name} changed and could not be analysed`;
  if (change.rows.length === 0) return undefined;
  const when = change.incrementalOnly ? ' in incremental runs' : '';
  return `${name} changed its ${change.rows.map((clause) => CLAUSES[clause]).join(', ')}${when}`;
}

/** What became of single columns, by lower-case name: `totals.total changed its expression`. */
export function columnSentences(change: ModelChange, name: string) {
  return {
    changed: new Map(change.changed.map((column) => [column, `${name}.${column} changed its expression`])),
    missing: new Map([
      ...change.removed.map((column): [string, string] => [column, `${name}.${column}, which was removed`]),
      ...change.renamed.map(({ from, to }): [string, string] => [from, `${name}.${from}, which is called ${to} now`]),
    ]),
  };
}
