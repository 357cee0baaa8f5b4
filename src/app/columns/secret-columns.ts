/**
 * Which columns of shown rows are masked: those marked as personal data and, along column lineage, what they are made from and what is made from
 * them. Lineage is looked up when the first such rows are to be shown, and only where something above them, or beside it, is marked at all.
 */
import type { CheckSql } from '../../checks/check.ts';
import { type HiddenColumns, NOTHING_HIDDEN } from '../../checks/sample.ts';
import { isMarkedPersonal, isNearPersonal, type Manifest } from '../../compile/manifest.ts';
import { EngineError } from '../../core/engine-error.ts';
import type { NodeId } from '../../core/node-id.ts';
import type { ColumnEdge } from '../../docs/column-edge.ts';
import { type PersonalData, personalData } from '../../docs/privacy.ts';
import type { Connection } from '../../engine/engine.ts';
import type { ColumnGraph, GraphedNode } from '../../lineage/column-graph.ts';
import { analyseQuery } from '../../lineage/lineage.ts';
import { parsed } from '../opening/parsed-sql.ts';
import type { ProjectLineage } from './column-lineage.ts';

export interface ShownTest {
  readonly id: NodeId;
  readonly check: CheckSql;
  /** What it tests, when that is one node. */
  readonly subject: NodeId | undefined;
  /** Of a test that is a query of its own: its SQL with public names, undefined when it cannot be had. */
  readonly sql: (() => Promise<string | undefined>) | undefined;
  /** Parses the query. */
  readonly connection: Connection;
}

export interface SecretColumns {
  /** Of these columns of a node's rows. */
  ofNode(id: NodeId, columns: readonly string[]): Promise<HiddenColumns>;
  /** Of these columns of a test's failing rows. */
  ofTest(test: ShownTest, columns: readonly string[]): Promise<HiddenColumns>;
}

export type KnownLineage = Pick<ProjectLineage, 'graph' | 'idOf'>;

/** @param lineageOf asked at most once; where it fails everything is masked, and what asked for rows goes on */
export function secretColumns(manifest: Manifest, lineageOf: () => Promise<KnownLineage>): SecretColumns {
  let found: Promise<Known | string> | undefined;
  const known = () =>
    (found ??= lineageOf().then(
      (lineage) => knownOf(manifest, lineage),
      (error: unknown) => {
        if (!(error instanceof Error) || (error instanceof EngineError && error.kind === 'interrupted')) throw error;
        return `lineage cannot be had: ${error.message.split('\n')[0]}`;
      },
    ));
  return {
    async ofNode(id, columns) {
      if (!isNearPersonal(manifest, [id])) return NOTHING_HIDDEN;
      const all = await known();
      return typeof all === 'string' ? { columns, because: all } : ofNodes(all, [id], columns);
    },
    async ofTest({ id, check, subject, sql, connection }, columns) {
      const inputs = subject === undefined ? (manifest.parent_map[id] ?? []) : [subject];
      if (!isNearPersonal(manifest, [...inputs, ...(manifest.parent_map[id] ?? [])])) return NOTHING_HIDDEN;
      const all = await known();
      if (typeof all === 'string') return { columns, because: all };
      if (sql) return ofQuery(all, await sql(), [...inputs, ...(manifest.parent_map[id] ?? [])], columns, connection);
      return ofCheck(all, check, inputs, columns);
    },
  };
}

interface Known extends KnownLineage {
  readonly personal: PersonalData;
  /** In lower case; of nodes whose columns are known. */
  readonly columns: ReadonlyMap<NodeId, ReadonlySet<string>>;
  /** Nodes that are, or are made from, one whose SQL could not be followed, with the reason. */
  readonly unresolved: ReadonlyMap<NodeId, string>;
}

function knownOf(manifest: Manifest, lineage: KnownLineage): Known {
  const { nodes, edges } = lineage.graph;
  const columns = new Map(nodes.map(({ id, columns }) => [id, new Set(columns.map((name) => name.toLowerCase()))]));
  const unresolved = new Map<NodeId, string>();
  const guessed: ColumnEdge[] = [];
  for (const node of nodes) {
    const { id, columns: own } = node;
    const parents = manifest.parent_map[id] ?? [];
    guessed.push(...formerCopies(manifest, id, columns));
    const reason = whyUnfollowed(manifest, node);
    const above = parents.flatMap((parent) => unresolved.get(parent) ?? []);
    if (reason !== undefined) {
      unresolved.set(id, `the SQL of \`${manifest.nodes[id]?.name ?? id}\` cannot be followed: ${reason}`);
      guessed.push(...guessedEdges(id, own, parents, columns));
    } else if (above[0] !== undefined) unresolved.set(id, above[0]);
  }
  return {
    ...lineage,
    columns,
    unresolved,
    personal: personalData(manifest, [...columnEdges(edges), ...guessed]),
  };
}

/** Undefined where all edges of a node are known. */
function whyUnfollowed(manifest: Manifest, { id, reads, unresolved }: GraphedNode): string | undefined {
  const [reason] = unresolved;
  if (reason !== undefined) return reason;
  const read = new Set(reads.map((each) => each.id));
  const isMissed = (manifest.parent_map[id] ?? []).some((parent) => !read.has(parent));
  // SQL in a text, `query('select …')`, is a relation of its own.
  const stranger = reads.find((each) => !(each.id in manifest.nodes) && !(each.id in manifest.sources));
  return isMissed && stranger ? `it reads ${stranger.id}` : undefined;
}

/** Lineage as the site knows it. */
export const columnEdges = (edges: ColumnGraph['edges']): readonly ColumnEdge[] =>
  edges.flatMap((edge) => {
    if (edge.kind !== 'value') return [];
    const { from, to, transformation } = edge;
    const kind = transformation === 'copied' || transformation === 'renamed' ? 'copy' : transformation;
    return [{ from: { node: from.id, column: from.column }, to: { node: to.id, column: to.column }, kind }];
  });

/** Where SQL cannot be followed a column may be what is called so above it, and one with a name of its own may be anything above it. */
function guessedEdges(
  node: NodeId,
  own: readonly string[],
  parents: readonly NodeId[],
  columns: ReadonlyMap<NodeId, ReadonlySet<string>>,
): readonly ColumnEdge[] {
  const above = parents.flatMap((parent) =>
    [...(columns.get(parent) ?? [])].map((column) => ({ node: parent, column })),
  );
  return own.flatMap((column) => {
    const called = above.filter((from) => from.column === column.toLowerCase());
    return (called.length > 0 ? called : above).map((from) => ({ from, to: { node, column }, kind: 'guessed' }));
  });
}

/** A column that is marked and no longer there was most likely a copy of what is still called so above it. */
function formerCopies(
  manifest: Manifest,
  id: NodeId,
  columns: ReadonlyMap<NodeId, ReadonlySet<string>>,
): readonly ColumnEdge[] {
  const written = Object.values((manifest.nodes[id] ?? manifest.sources[id])?.columns ?? {}).filter(isMarkedPersonal);
  return written.flatMap(({ name }) => {
    const column = name.toLowerCase();
    if (columns.get(id)?.has(column)) return [];
    return (manifest.parent_map[id] ?? []).flatMap((parent) =>
      columns.get(parent)?.has(column)
        ? [{ from: { node: parent, column }, to: { node: id, column }, kind: 'copy' }]
        : [],
    );
  });
}

/** By the names that the nodes' columns have; a column that none of them is known to have may hold anything. */
function ofNodes(known: Known, ids: readonly NodeId[], columns: readonly string[]): HiddenColumns {
  const { personal, unresolved } = known;
  const isPersonal = (column: string) => ids.some((id) => personal.holds(id, column));
  const anyPersonal = ids.some((id) => personal.any(id) || !known.columns.get(id)?.size);
  const isKnown = (column: string) => ids.some((id) => known.columns.get(id)?.has(column.toLowerCase()));
  const hidden = columns.filter((column) => isPersonal(column) || (anyPersonal && !isKnown(column)));
  const because = ids.flatMap((id) => unresolved.get(id) ?? [])[0];
  return { columns: hidden, ...(hidden.length > 0 && because !== undefined ? { because } : {}) };
}

/** A test of the catalogue shows columns of what it tests, and figures under names of its own. */
function ofCheck(known: Known, check: CheckSql, inputs: readonly NodeId[], columns: readonly string[]): HiddenColumns {
  const own = inputs.flatMap((id) => [...(known.columns.get(id) ?? [])]);
  const asked = check.column === null ? [] : [check.column];
  const { columns: hidden, because } = ofNodes(known, inputs, [...asked, ...own]);
  const words = hidden.map((column) => new RegExp(`(?<!\\w)${column.replace(/[^\w]/g, '\\$&')}(?!\\w)`, 'i'));
  // `lower(email)`, by which somebody groups, says what it is made of.
  const made = columns.filter((column) => words.some((word) => word.test(column)));
  const unknown = own.length === 0 ? columns : [];
  return { columns: [...hidden, ...made, ...unknown], ...(because === undefined ? {} : { because }) };
}

/** A query shows what it selects. */
async function ofQuery(
  known: Known,
  sql: string | undefined,
  inputs: readonly NodeId[],
  columns: readonly string[],
  connection: Connection,
): Promise<HiddenColumns> {
  const { graph, idOf, personal } = known;
  const [tree] = sql === undefined ? [] : await parsed([sql], connection);
  const columnsOf = new Map(graph.nodes.map((node) => [node.id, node.columns.map((name) => ({ name, type: '' }))]));
  const lineage =
    tree &&
    analyseQuery(tree, {
      columnsOf: (relation) => columnsOf.get(idOf(relation) ?? ''),
      columnsOfCall: () => undefined,
    });
  const [missed] = lineage?.unresolved ?? [];
  if (!lineage || missed || lineage.columns.length !== columns.length) {
    const { columns: hidden } = ofNodes(known, inputs, columns);
    const because = `the query cannot be followed${missed ? `: ${missed.reason}` : ''}`;
    return { columns: hidden, ...(hidden.length > 0 ? { because } : {}) };
  }
  const hidden = columns.filter((_, place) =>
    lineage.columns[place]?.sources.some(({ relation, column }) => personal.holds(idOf(relation) ?? '', column)),
  );
  const because = inputs.flatMap((id) => known.unresolved.get(id) ?? [])[0];
  return { columns: hidden, ...(hidden.length > 0 && because !== undefined ? { because } : {}) };
}
