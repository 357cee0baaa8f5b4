/** What the planner of tests should know of the relations under test: how they are stored and what reading them costs. */

import type { Proof, RelationFacts } from '../../checks/check-plan.ts';
import type { GraphNode, Manifest } from '../../compile/manifest.ts';
import type { NodeId } from '../../core/node-id.ts';

/** A node's query, where it has one. */
export type SqlOf = (id: NodeId) => string | undefined;

/** @param rows its row count, where known; @param proofs by the SQL that made its rows; undefined when it was made before, perhaps by another definition */
export function relationFacts(
  manifest: Manifest,
  id: NodeId,
  relation: string,
  sqlOf: SqlOf,
  rows: number | undefined,
  proofs: readonly Proof[] | undefined,
): RelationFacts {
  if (manifest.sources[id]) return { relation, storage: storageOfSource(relation), rows };
  const materialized = manifest.nodes[id]?.config.materialized;
  if (isComputed(manifest, id))
    return { relation, storage: 'view', costly: costOfReading(manifest, id, sqlOf), rows, proofs };
  if (materialized === 'external')
    return { relation, storage: isTextFile(manifest.nodes[id]) ? 'text' : 'parquet', rows };
  return {
    relation,
    storage: 'table',
    rows,
    proofs: proofs && materialized === 'table' ? [...constraintProofs(manifest.nodes[id]), ...proofs] : [],
  };
}

/**
 * What DuckDB has enforced while the table was filled: the constraints of a contract. Only of models that are built whole: of an
 * incremental one they hold for the slice.
 */
function constraintProofs(node: GraphNode | undefined): readonly Proof[] {
  if (!node?.contract.enforced) return [];
  const constraints = [
    ...node.constraints,
    ...Object.values(node.columns).flatMap((column) =>
      column.constraints.map((constraint) => ({ ...constraint, columns: [column.name] })),
    ),
  ];
  return constraints.flatMap(({ type, columns }): readonly Proof[] => {
    const because = `constraint ${type.replace('_', ' ')} of its contract`;
    const filled = columns.map((column): Proof => ({ kind: 'not_null', column, because }));
    if (type === 'not_null') return filled;
    if (type === 'unique') return columns.length > 0 ? [{ kind: 'unique', columns, because }] : [];
    if (type === 'primary_key' && columns.length > 0) return [...filled, { kind: 'unique', columns, because }];
    return [];
  });
}

const storageOfSource = (relation: string): RelationFacts['storage'] =>
  /^read_(csv|json)/i.test(relation) ? 'text' : /^read_parquet/i.test(relation) ? 'parquet' : 'table';

const isTextFile = (node: GraphNode | undefined): boolean =>
  /\.(csv|json)$/i.test(String(node?.config['location'] ?? ''));

/** A query that is computed again whenever it is read. */
const isComputed = ({ nodes }: Manifest, id: NodeId): boolean =>
  ['view', 'ephemeral'].includes(nodes[id]?.config.materialized ?? '');

/**
 * What reading a relation costs beside its rows: nothing for what is stored, and for views that only pick and rename columns of what costs nothing. A file of
 * text must be parsed, by whichever view it is read.
 */
export function costOfReading(
  manifest: Manifest,
  id: NodeId,
  sqlOf: SqlOf,
  known = new Map<NodeId, RelationFacts['costly']>(),
): RelationFacts['costly'] {
  const source = manifest.sources[id];
  if (source) return storageOfSource(source.relation_name ?? '') === 'text' ? 'computes' : undefined;
  const node = manifest.nodes[id];
  if (!isComputed(manifest, id))
    return node?.config.materialized === 'external' && isTextFile(node) ? 'computes' : undefined;
  if (known.has(id)) return known.get(id);
  const sql = sqlOf(id);
  const own = sql === undefined ? 'computes' : costOf(sql);
  const costs = [own, ...(node?.depends_on.nodes ?? []).map((input) => costOfReading(manifest, input, sqlOf, known))];
  const cost = costs.includes('computes') ? 'computes' : costs.includes('joins') ? 'joins' : undefined;
  known.set(id, cost);
  return cost;
}

/**
 * What a view's own query adds: nothing where it picks and renames columns of one relation. What is joined to it in parentheses is computed once
 * and looked up, so it does not count as computing the view's own rows.
 */
function costOf(sql: string): RelationFacts['costly'] {
  const own = withoutJoined(sql);
  if (
    /\b(group\s+by|distinct|union|intersect|except|over\s*\(|qualify|order\s+by|pivot|read_csv|read_json)\b/i.test(own)
  )
    return 'computes';
  return /\bjoin\b/i.test(own) ? 'joins' : undefined;
}

function withoutJoined(sql: string): string {
  const joined = /\bjoin\s*\(/gi;
  let text = sql;
  for (let found = joined.exec(text); found; found = joined.exec(text)) {
    const start = found.index + found[0].length;
    let depth = 1;
    let end = start;
    for (; end < text.length && depth > 0; end++) depth += text[end] === '(' ? 1 : text[end] === ')' ? -1 : 0;
    text = `${text.slice(0, start)}${text.slice(end - 1)}`;
  }
  return text;
}
