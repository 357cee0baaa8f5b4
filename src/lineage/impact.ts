/** What a change of models means for everything that reads them: which columns changed in meaning, and whom that reaches. */
import type { NodeId } from '../core/node-id.ts';
import type { ColumnGraph, ColumnRef } from './column-graph.ts';
import type { ColumnFingerprints } from './lineage.ts';

/** A model on one side of a change. */
export interface ModelState {
  readonly id: NodeId;
  readonly fingerprints: ColumnFingerprints;
  /** Told apart by this when the query could not be analysed. */
  readonly canonicalSql: string;
}

/** breaking: rows may differ, or a column is gone, or it cannot be told · partial: these columns only · none: nothing that was there differs. */
export type Severity = 'breaking' | 'partial' | 'none';

export type RowsChange = 'tables' | 'joins' | 'filters' | 'grouping' | 'order';

export interface ModelChange {
  readonly id: NodeId;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly severity: Severity;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Same name, another expression. */
  readonly changed: readonly string[];
  /** Clauses that decide which rows there are and that changed. */
  readonly rows: readonly RowsChange[];
  /** True when one side could not be analysed, so everything counts as changed. */
  readonly unknown: boolean;
}

export interface AffectedColumn {
  readonly column: string;
  readonly because: string;
}

export interface AffectedNode {
  readonly id: NodeId;
  readonly severity: 'breaking' | 'partial';
  /** Why all its rows may differ, or why it will not run; empty when only columns are affected. */
  readonly because: readonly string[];
  readonly columns: readonly AffectedColumn[];
}

export interface Exposed {
  readonly id: NodeId;
  readonly dependsOn: readonly NodeId[];
  readonly owner?: string | undefined;
}

export interface AffectedExposure {
  readonly id: NodeId;
  readonly owner?: string | undefined;
  readonly because: readonly string[];
}

export interface Impact {
  readonly severity: Severity;
  readonly changes: readonly ModelChange[];
  /** Nodes downstream of a change, in dependency order; the changed ones stand here only for what reaches them from others. */
  readonly affected: readonly AffectedNode[];
  readonly exposures: readonly AffectedExposure[];
  readonly owners: readonly { readonly owner: string; readonly ids: readonly NodeId[] }[];
}

export interface ImpactInput {
  readonly before: readonly ModelState[];
  readonly after: readonly ModelState[];
  /** The graph after the change. */
  readonly graph: ColumnGraph;
  /** The graph before: names the removed columns that a model still reads, which the graph after cannot know. */
  readonly graphBefore?: ColumnGraph;
  readonly exposures?: readonly Exposed[];
  /** Who is to be told about a node. */
  readonly ownerOf?: (id: NodeId) => string | undefined;
  /** How messages call a node; default: the last part of its id. */
  readonly nameOf?: (id: NodeId) => string;
}

export function impact({
  before,
  after,
  graph,
  graphBefore = graph,
  exposures = [],
  ownerOf = () => undefined,
  nameOf = shortName,
}: ImpactInput): Impact {
  const changes = modelChanges(before, after);
  const affected = spread(changes, graph, graphBefore, nameOf);
  const touched = new Map<NodeId, readonly string[]>();
  for (const change of changes)
    if (change.severity !== 'none') touched.set(change.id, [`${nameOf(change.id)}: ${describeChange(change)}`]);
  for (const node of affected)
    touched.set(node.id, [
      ...(touched.get(node.id) ?? []),
      ...node.because,
      ...node.columns.map((column) => `${nameOf(node.id)}.${column.column}: ${column.because}`),
    ]);
  const affectedExposures = exposures.flatMap((exposure): readonly AffectedExposure[] => {
    const because = exposure.dependsOn.flatMap((id) => touched.get(id) ?? []);
    return because.length === 0 ? [] : [{ id: exposure.id, owner: exposure.owner, because }];
  });
  const owners = new Map<string, Set<NodeId>>();
  const tell = (owner: string | undefined, id: NodeId) => {
    if (owner !== undefined) owners.set(owner, new Set([...(owners.get(owner) ?? []), id]));
  };
  for (const id of touched.keys()) tell(ownerOf(id), id);
  for (const exposure of affectedExposures) tell(exposure.owner, exposure.id);
  return {
    severity: worst(changes.map((change) => change.severity)),
    changes,
    affected,
    exposures: affectedExposures,
    owners: [...owners].map(([owner, ids]) => ({ owner, ids: [...ids] })),
  };
}

const shortName = (id: NodeId): string => id.split('.').at(-1) ?? id;

const worst = (severities: readonly Severity[]): Severity =>
  severities.includes('breaking') ? 'breaking' : severities.includes('partial') ? 'partial' : 'none';

/** The models whose meaning differs between two states. */
export function modelChanges(before: readonly ModelState[], after: readonly ModelState[]): readonly ModelChange[] {
  const earlier = new Map(before.map((model) => [model.id, model]));
  const later = new Map(after.map((model) => [model.id, model]));
  const gone = before.filter((model) => !later.has(model.id)).map((model) => wholeModel(model, 'removed'));
  const rest = after.flatMap((model): readonly ModelChange[] => {
    const was = earlier.get(model.id);
    if (was === undefined) return [wholeModel(model, 'added')];
    const change = changeOf(was, model);
    return change === undefined ? [] : [change];
  });
  return [...gone, ...rest];
}

const NO_CHANGE = { added: [], removed: [], changed: [], rows: [], unknown: false } as const;

function wholeModel(model: ModelState, kind: 'added' | 'removed'): ModelChange {
  const names = model.fingerprints.columns.map((column) => column.name);
  return { ...NO_CHANGE, id: model.id, kind, severity: kind === 'added' ? 'none' : 'breaking', [kind]: names };
}

const ROWS: readonly RowsChange[] = ['tables', 'joins', 'filters', 'grouping', 'order'];

function changeOf(before: ModelState, after: ModelState): ModelChange | undefined {
  const { fingerprints: was } = before;
  const { fingerprints: now } = after;
  const incomplete = !was.complete || !now.complete;
  const unknown = incomplete && before.canonicalSql !== after.canonicalSql;
  // The same text that can no longer be analysed: something it reads changed, which is told there.
  if (incomplete && !unknown) return undefined;
  const wasColumns = fingerprintsByName(was);
  const nowColumns = fingerprintsByName(now);
  const added = [...nowColumns.keys()].filter((name) => !wasColumns.has(name));
  const removed = [...wasColumns.keys()].filter((name) => !nowColumns.has(name));
  const changed = unknown
    ? [...nowColumns.keys()].filter((name) => wasColumns.has(name))
    : [...nowColumns].flatMap(([name, print]) =>
        wasColumns.has(name) && wasColumns.get(name) !== print ? [name] : [],
      );
  const rows = ROWS.filter((part) => was.parts[part] !== now.parts[part]);
  if (!unknown && added.length + removed.length + changed.length + rows.length === 0) return undefined;
  const severity = unknown || removed.length + rows.length > 0 ? 'breaking' : changed.length > 0 ? 'partial' : 'none';
  return { id: after.id, kind: 'changed', severity, added, removed, changed, rows, unknown };
}

/** Columns of one name are one to a reader. */
function fingerprintsByName(fingerprints: ColumnFingerprints): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { name, fingerprint } of fingerprints.columns)
    found.set(name.toLowerCase(), (found.get(name.toLowerCase()) ?? '') + fingerprint);
  return found;
}

/** What differs in a node: certain columns, or its rows. */
interface Difference {
  readonly columns: ReadonlyMap<string, string>;
  readonly rows: string | undefined;
  readonly removed: ReadonlySet<string>;
}

function spread(
  changes: readonly ModelChange[],
  graph: ColumnGraph,
  graphBefore: ColumnGraph,
  nameOf: (id: NodeId) => string,
): readonly AffectedNode[] {
  const readBefore = new Map(graphBefore.nodes.map((node) => [node.id, node.reads]));
  const differences = new Map<NodeId, Difference>();
  for (const change of changes) {
    if (change.kind === 'added') continue;
    differences.set(change.id, {
      columns: new Map(
        change.changed.map((column) => [column, `${nameOf(change.id)}.${column} changed its expression`]),
      ),
      rows:
        change.kind === 'removed'
          ? `${nameOf(change.id)} was removed`
          : change.unknown
            ? `${nameOf(change.id)} changed and could not be analysed`
            : change.rows.length > 0
              ? `${nameOf(change.id)} changed its ${change.rows.join(', ')}`
              : undefined,
      removed: new Set(change.removed),
    });
  }
  const { values, rows } = byTarget(graph);
  const affected: AffectedNode[] = [];
  for (const node of graph.nodes) {
    const because = new Set<string>();
    for (const read of node.reads) {
      const difference = differences.get(read.id);
      if (difference === undefined) continue;
      if (difference.rows !== undefined) because.add(difference.rows);
      const isUnclear = node.unresolved.length > 0;
      const earlier = isUnclear ? readBefore.get(node.id)?.find((one) => one.id === read.id) : undefined;
      const missing = [...new Set([...read.columns, ...(earlier?.columns ?? [])])].filter((column) =>
        difference.removed.has(column.toLowerCase()),
      );
      for (const column of missing) because.add(`it reads ${nameOf(read.id)}.${column}, which was removed`);
      if (isUnclear && missing.length === 0)
        because.add(`${nameOf(read.id)} changed, and not all its uses here could be analysed`);
    }
    for (const edge of rows.get(node.id) ?? []) {
      const reason = differences.get(edge.from.id)?.columns.get(edge.from.column.toLowerCase());
      if (reason !== undefined) because.add(`${reason}, which is used in ${WORDS[edge.use] ?? edge.use} here`);
    }
    const columns = node.columns.flatMap((column): readonly AffectedColumn[] => {
      const reasons = (values.get(`${node.id} ${column.toLowerCase()}`) ?? []).flatMap(
        (from) => differences.get(from.id)?.columns.get(from.column.toLowerCase()) ?? [],
      );
      const [reason] = reasons;
      return reason === undefined ? [] : [{ column, because: reason }];
    });
    if (because.size === 0 && columns.length === 0) continue;
    affected.push({ id: node.id, severity: because.size > 0 ? 'breaking' : 'partial', because: [...because], columns });
    const own = differences.get(node.id);
    const [first] = because;
    differences.set(node.id, {
      columns: new Map([
        ...columns.map((one): [string, string] => [one.column.toLowerCase(), one.because]),
        ...(own?.columns ?? []),
      ]),
      rows: own?.rows ?? first,
      removed: own?.removed ?? new Set(),
    });
  }
  return affected;
}

const WORDS: Readonly<Record<string, string>> = {
  filter: 'a filter',
  join: 'a join',
  group: 'grouping',
  order: 'ordering',
  window: 'a window',
  distinct: 'telling rows apart',
};

function byTarget(graph: ColumnGraph) {
  const values = new Map<string, ColumnRef[]>();
  const rows = new Map<NodeId, { readonly from: ColumnRef; readonly use: string }[]>();
  for (const { from, to } of graph.edges) {
    const key = `${to.id} ${to.column.toLowerCase()}`;
    const list = values.get(key);
    if (list === undefined) values.set(key, [from]);
    else list.push(from);
  }
  for (const edge of graph.rows) {
    const list = rows.get(edge.to);
    if (list === undefined) rows.set(edge.to, [edge]);
    else list.push(edge);
  }
  return { values, rows };
}

/** "changed expression of total; filters". */
export function describeChange(change: ModelChange): string {
  if (change.kind !== 'changed') return `${change.kind}`;
  if (change.unknown) return 'changed, and could not be analysed';
  const parts = [
    change.rows.length > 0 ? `rows: ${change.rows.join(', ')}` : '',
    change.changed.length > 0 ? `other expression: ${change.changed.join(', ')}` : '',
    change.removed.length > 0 ? `removed: ${change.removed.join(', ')}` : '',
    change.added.length > 0 ? `new: ${change.added.join(', ')}` : '',
  ];
  return parts.filter((part) => part !== '').join('; ');
}

/** The impact as Markdown, for a pull request. */
export function impactMarkdown(found: Impact, nameOf: (id: NodeId) => string = shortName): string {
  if (found.changes.length === 0) return 'No model changed in meaning.\n';
  const lines = [`## Impact: ${found.severity}`, '', '| model | severity | what changed |', '|---|---|---|'];
  for (const change of found.changes)
    lines.push(`| ${cell(nameOf(change.id))} | ${change.severity} | ${cell(describeChange(change))} |`);
  if (found.affected.length > 0) {
    lines.push('', '### Affected downstream', '', '| model | columns | because |', '|---|---|---|');
    for (const node of found.affected) {
      const columns = node.because.length > 0 ? 'all' : node.columns.map((column) => column.column).join(', ');
      const because =
        node.because.length > 0 ? node.because : node.columns.map((column) => `${column.column}: ${column.because}`);
      lines.push(`| ${cell(nameOf(node.id))} | ${cell(columns)} | ${cell(because.join('; '))} |`);
    }
  }
  if (found.exposures.length > 0) {
    lines.push('', '### Exposures', '');
    for (const exposure of found.exposures)
      lines.push(
        `- **${nameOf(exposure.id)}**${exposure.owner === undefined ? '' : ` (${exposure.owner})`}: ${exposure.because.join('; ')}`,
      );
  }
  if (found.owners.length > 0) {
    lines.push('', '### Owners to tell', '');
    for (const { owner, ids } of found.owners) lines.push(`- ${owner}: ${ids.map(nameOf).join(', ')}`);
  }
  return `${lines.join('\n')}\n`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
