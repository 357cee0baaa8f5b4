/** What the planner of tests should know of the relations under test: how they are stored and what reading them costs. */

import type { Proof, RelationFacts } from '../checks/plan-checks.ts';
import type { GraphNode, Manifest } from '../compile/manifest.ts';
import type { NodeId } from '../core/node-id.ts';

/** @param sql the relation's query, where it has one; @param rows its row count, where known; @param isNew made by this run, by its definition of today */
export function relationFacts(
  manifest: Manifest,
  id: NodeId,
  relation: string,
  sql: string | undefined,
  rows: number | undefined,
  isNew: boolean,
): RelationFacts {
  const source = manifest.sources[id];
  if (source)
    return {
      relation,
      storage: /^read_(csv|json)/i.test(relation) ? 'text' : /^read_parquet/i.test(relation) ? 'parquet' : 'table',
      rows,
    };
  const materialized = manifest.nodes[id]?.config.materialized;
  if (materialized === 'view') return { relation, storage: 'view', costly: sql === undefined || isCostly(sql), rows };
  if (materialized === 'external') {
    const location = String(manifest.nodes[id]?.config['location'] ?? '');
    return { relation, storage: /\.(csv|json)$/i.test(location) ? 'text' : 'parquet', rows };
  }
  return {
    relation,
    storage: 'table',
    rows,
    proofs: isNew && materialized === 'table' ? constraintProofs(manifest.nodes[id]) : [],
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

/** A view that does more than pick and rename columns of one relation. */
export const isCostly = (sql: string): boolean =>
  /\b(join|group\s+by|distinct|union|over\s*\(|qualify|order\s+by|read_csv|read_json)\b/i.test(sql);
