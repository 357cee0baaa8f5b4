/** What a change of models means for everything that reads them: whom it reaches, through which columns, and why. */
import type { NodeId } from '../core/node-id.ts';
import type { ColumnGraph, ColumnRef, GraphedNode } from './column-graph.ts';
import {
  columnSentences,
  type ModelChange,
  type ModelState,
  modelChanges,
  rowsSentence,
  type Severity,
} from './model-change.ts';

export { describeChange, type ModelChange, type ModelState, queryState } from './model-change.ts';

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
  readonly severity: 'breaking' | 'partial';
  readonly because: readonly string[];
}

export interface Impact {
  readonly severity: Severity;
  /** Of models that were edited. */
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
  nameOf = (id) => id.split('.').at(-1) ?? id,
}: ImpactInput): Impact {
  const all = modelChanges(before, after);
  const unedited = new Set(after.filter(({ isEdited }) => isEdited === false).map(({ id }) => id));
  const changes = all.filter(({ id }) => !unedited.has(id));
  const { affected, told } = spread(all, unedited, graph, graphBefore, nameOf);
  const reached = new Map<NodeId, { readonly severity: 'breaking' | 'partial'; readonly because: readonly string[] }>();
  for (const change of changes) {
    if (change.severity === 'none') continue;
    const { changed, missing } = columnSentences(change, nameOf(change.id));
    const rows = rowsSentence(change, nameOf(change.id));
    const because = [...(rows === undefined ? [] : [rows]), ...missing.values(), ...changed.values()];
    reached.set(change.id, { severity: change.severity, because });
  }
  for (const { id, severity } of affected) {
    const own = reached.get(id);
    reached.set(id, {
      severity: own?.severity === 'breaking' ? 'breaking' : severity,
      because: [...(own?.because ?? []), ...(told.get(id) ?? [])],
    });
  }
  const affectedExposures = exposures.flatMap((exposure): readonly AffectedExposure[] => {
    const found = exposure.dependsOn.flatMap((id) => reached.get(id) ?? []);
    if (found.length === 0) return [];
    const severity = found.some((one) => one.severity === 'breaking') ? 'breaking' : 'partial';
    return [
      {
        id: exposure.id,
        owner: exposure.owner,
        severity,
        because: [...new Set(found.flatMap(({ because }) => because))],
      },
    ];
  });
  const owners = new Map<string, Set<NodeId>>();
  const tell = (owner: string | undefined, id: NodeId) => {
    if (owner !== undefined) owners.set(owner, new Set([...(owners.get(owner) ?? []), id]));
  };
  for (const id of reached.keys()) tell(ownerOf(id), id);
  for (const exposure of affectedExposures) tell(exposure.owner, exposure.id);
  return {
    severity: worst([...changes, ...affected].map(({ severity }) => severity)),
    changes,
    affected,
    exposures: affectedExposures,
    owners: [...owners].map(([owner, ids]) => ({ owner, ids: [...ids] })),
  };
}

const worst = (severities: readonly Severity[]): Severity =>
  severities.includes('breaking') ? 'breaking' : severities.includes('partial') ? 'partial' : 'none';

/** What differs in a node: certain columns, or its rows. Columns by lower-case name, with the sentence that says so. */
interface Difference {
  readonly columns: ReadonlyMap<string, string>;
  readonly rows: string | undefined;
  readonly missing: ReadonlyMap<string, string>;
}

/** `told`: why a node is affected, as whoever reads it is told. */
function spread(
  changes: readonly ModelChange[],
  unedited: ReadonlySet<NodeId>,
  graph: ColumnGraph,
  graphBefore: ColumnGraph,
  nameOf: (id: NodeId) => string,
): { readonly affected: readonly AffectedNode[]; readonly told: ReadonlyMap<NodeId, readonly string[]> } {
  const nodesBefore = new Map(graphBefore.nodes.map((node) => [node.id, node]));
  const changeOf = new Map(changes.map((change) => [change.id, change]));
  const differences = new Map<NodeId, Difference>();
  for (const change of changes) {
    if (change.kind === 'added') continue;
    const { changed, missing } = columnSentences(change, nameOf(change.id));
    differences.set(change.id, { columns: changed, rows: rowsSentence(change, nameOf(change.id)), missing });
  }
  const { values, rows } = byTarget(graph);
  const affected: AffectedNode[] = [];
  const told = new Map<NodeId, readonly string[]>();
  for (const node of graph.nodes) {
    // Each reason as it reads at the node itself, and as it reads further down.
    const because = new Map<string, string>();
    const name = nameOf(node.id);
    const { reads, isClear } = readsOf(node, nodesBefore.get(node.id));
    for (const read of reads) {
      const difference = read.id === node.id ? undefined : differences.get(read.id);
      if (difference === undefined) continue;
      if (difference.rows !== undefined) because.set(difference.rows, difference.rows);
      const missing = read.columns.flatMap((column) => difference.missing.get(column.toLowerCase()) ?? []);
      for (const one of missing) because.set(`it reads ${one}`, `${name} reads ${one}`);
      if (!isClear && missing.length === 0)
        because.set(
          `${nameOf(read.id)} changed, and not all its uses here could be analysed`,
          `${nameOf(read.id)} changed, and not all its uses in ${name} could be analysed`,
        );
    }
    for (const edge of rows.get(node.id) ?? []) {
      // Where nothing is cut off, another order is the same rows.
      if (edge.use === 'order' && !node.limited) continue;
      const reason = differences.get(edge.from.id)?.columns.get(edge.from.column.toLowerCase());
      const use = `${reason}, which is used in ${WORDS[edge.use] ?? edge.use}`;
      if (reason !== undefined) because.set(`${use} here`, `${use} of ${name}`);
    }
    const own = unedited.has(node.id) ? changeOf.get(node.id) : undefined;
    if (own !== undefined && own.rows.length > 0)
      because.set('what its * stands for decides its rows', `what * stands for in ${name} decides its rows`);
    // Whoever reads such a column is told so; the other columns are what they were.
    const [rowsReason] = because.values();
    for (const one of [...(own?.removed ?? []), ...(own?.renamed ?? []).map(({ from }) => from)])
      because.set(
        `its column ${one} is gone with what it takes by *`,
        `${name}.${one} is gone with what it takes by *`,
      );
    const columns = node.columns.flatMap((column): readonly AffectedColumn[] => {
      const key = column.toLowerCase();
      const reasons = (values.get(`${node.id} ${key}`) ?? []).flatMap(
        (from) => differences.get(from.id)?.columns.get(from.column.toLowerCase()) ?? [],
      );
      const moved = own?.changed.includes(key) ? ['another column comes to its place'] : [];
      const [reason] = [...reasons, ...moved];
      return reason === undefined ? [] : [{ column, because: reason }];
    });
    if (because.size === 0 && columns.length === 0) continue;
    affected.push({
      id: node.id,
      severity: because.size > 0 ? 'breaking' : 'partial',
      because: [...because.keys()],
      columns,
    });
    told.set(node.id, [...because.values(), ...columns.map((one) => one.because)]);
    const known = differences.get(node.id);
    differences.set(node.id, {
      columns: new Map([
        ...columns.map((one): [string, string] => [one.column.toLowerCase(), one.because]),
        ...(known?.columns ?? []),
      ]),
      rows: known?.rows ?? rowsReason,
      missing: known?.missing ?? new Map(),
    });
  }
  return { affected, told };
}

/** What a node reads. One that does not run any more is asked for what it read when it did. */
function readsOf(
  node: GraphedNode,
  before: GraphedNode | undefined,
): { readonly reads: GraphedNode['reads']; readonly isClear: boolean } {
  if (node.unresolved.length === 0) return { reads: node.reads, isClear: true };
  if (before !== undefined && before.unresolved.length === 0) return { reads: before.reads, isClear: true };
  return { reads: [...node.reads, ...(before?.reads ?? [])], isClear: false };
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
