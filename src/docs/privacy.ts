/** What must not be on the site: values of personal columns, and secrets. */
import {
  allNodes,
  homesOf,
  isPersonalColumn,
  isPersonalNode,
  isSaidNotPersonal,
  type Manifest,
} from '../compile/manifest.ts';
import type { NodeId } from '../core/node-id.ts';
import type { RowSample } from '../run/results.ts';
import type { ColumnEdge } from './column-edge.ts';

/**
 * Which columns hold personal data: marked so, what those are copied from, and whatever is fed from any of them; `pii: false` on a column ends the
 * way. Runs mask their samples by the same rule.
 */
export interface PersonalData {
  readonly holds: (node: NodeId, column: string) => boolean;
  /** Whether any column of the node does. */
  readonly any: (node: NodeId) => boolean;
  /** Whether there is any in the project. */
  readonly exists: boolean;
}

export function personalData(manifest: Manifest, edges: readonly ColumnEdge[]): PersonalData {
  const homes = homesOf(manifest);
  const homeOf = (node: NodeId) => homes.get(node) ?? node;
  const atHome = ({ node, column }: End): End => ({ node: homeOf(node), column });
  const lineage =
    homes.size === 0 ? edges : edges.map((edge) => ({ ...edge, from: atHome(edge.from), to: atHome(edge.to) }));
  const columns = new Map<NodeId, Set<string>>();
  const everything = new Set<NodeId>();
  const shown = new Set<string>();
  const mark = (node: NodeId, column: string) => {
    const known = columns.get(node) ?? new Set();
    columns.set(node, known);
    known.add(column.toLowerCase());
  };
  for (const node of allNodes(manifest)) {
    const home = homeOf(node.unique_id);
    if (isPersonalNode(node)) everything.add(home);
    if (!('columns' in node)) continue;
    for (const column of Object.values(node.columns)) {
      if (isPersonalColumn(column)) mark(home, column.name);
      if (isSaidNotPersonal(column)) shown.add(keyOf(home, column.name));
    }
  }
  const holds: PersonalData['holds'] = (id, column) => {
    const node = homeOf(id);
    const isMarked = everything.has(node) || (columns.get(node)?.has(column.toLowerCase()) ?? false);
    return isMarked && !shown.has(keyOf(node, column));
  };
  const any: PersonalData['any'] = (id) => everything.has(homeOf(id)) || (columns.get(homeOf(id))?.size ?? 0) > 0;
  // Where nothing is marked nothing flows.
  if (columns.size === 0 && everything.size === 0) return { holds: () => false, any: () => false, exists: false };
  const hidden = (ends: readonly End[]) => ends.filter(({ node, column }) => !shown.has(keyOf(node, column)));
  // What a marked column is a copy of is the same value, marked or not.
  const copies = edgesBy(
    lineage.filter(({ kind }) => kind === 'copy'),
    ({ to }) => to,
  );
  follow(marked(columns), (key) => hidden((copies.get(key) ?? []).map(({ from }) => from)), mark);
  const next = edgesBy(lineage, ({ from }) => from);
  const starts = lineage.flatMap(({ from }) => (everything.has(from.node) ? [keyOf(from.node, from.column)] : []));
  follow([...marked(columns), ...starts], (key) => hidden((next.get(key) ?? []).map(({ to }) => to)), mark);
  return { holds, any, exists: true };
}

/**
 * A sample of failing rows with personal cells blotted out. A column that no node knows by name (an alias in the test's SQL) may hold
 * anything, so it is blotted out as soon as one of the nodes has personal data.
 */
export function withoutPersonalCells(
  sample: RowSample,
  nodes: readonly { readonly id: NodeId; readonly columns: readonly string[] }[],
  personal: PersonalData,
  /** Names of the sample's own: the column whose values they hold, or null for figures. */
  called: Readonly<Record<string, string | null>> = {},
): RowSample {
  const anyPersonal = nodes.some(({ id }) => personal.any(id));
  const known = new Set(nodes.flatMap(({ columns }) => columns.map((column) => column.toLowerCase())));
  const blotted = sample.columns.map((name) => {
    const column = name in called ? called[name] : name;
    if (column === null || column === undefined) return false;
    return nodes.some(({ id }) => personal.holds(id, column)) || (anyPersonal && !known.has(column.toLowerCase()));
  });
  if (!blotted.includes(true)) return sample;
  return { ...sample, rows: sample.rows.map((row) => row.map((cell, at) => (blotted[at] ? '•••' : cell))) };
}

/** The same value with every secret in its texts replaced by `*****`. */
export function withoutSecrets<T>(value: T, secrets: readonly string[]): T {
  const real = secrets.filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  if (real.length === 0) return value;
  const pattern = new RegExp(real.map((secret) => secret.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'g');
  const clean = (inner: unknown): unknown => {
    if (typeof inner === 'string') return inner.replace(pattern, '*****');
    if (Array.isArray(inner)) return inner.map(clean);
    if (inner instanceof Map) return new Map([...inner].map(([key, deep]) => [clean(key), clean(deep)] as const));
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, deep]) => [key.replace(pattern, '*****'), clean(deep)]));
  };
  // The copy has the shape of the original: only texts were replaced by texts.
  return clean(value) as T;
}

type End = ColumnEdge['from'];

function edgesBy(edges: readonly ColumnEdge[], end: (edge: ColumnEdge) => End): ReadonlyMap<string, ColumnEdge[]> {
  const grouped = new Map<string, ColumnEdge[]>();
  for (const edge of edges) {
    const { node, column } = end(edge);
    const known = grouped.get(keyOf(node, column));
    if (known) known.push(edge);
    else grouped.set(keyOf(node, column), [edge]);
  }
  return grouped;
}

/** Visits everything that can be reached, once. */
function follow(
  starts: readonly string[],
  next: (key: string) => readonly End[],
  visit: (node: NodeId, column: string) => void,
): void {
  const seen = new Set(starts);
  for (const key of seen)
    for (const { node, column } of next(key)) {
      visit(node, column);
      seen.add(keyOf(node, column));
    }
}

const marked = (columns: ReadonlyMap<NodeId, ReadonlySet<string>>): readonly string[] =>
  [...columns].flatMap(([node, names]) => [...names].map((name) => keyOf(node, name)));

const keyOf = (node: NodeId, column: string): string => `${node}\n${column.toLowerCase()}`;
