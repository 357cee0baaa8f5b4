/** What the planner of tests should know of the relations under test: how they are stored and what reading them costs. */

import type { RelationFacts } from '../checks/plan-checks.ts';
import type { Manifest } from '../compile/manifest.ts';
import type { NodeId } from '../core/node-id.ts';

/** @param sql the relation's query, where it has one; @param rows its row count, where known */
export function relationFacts(
  manifest: Manifest,
  id: NodeId,
  relation: string,
  sql: string | undefined,
  rows: number | undefined,
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
  return { relation, storage: 'table', rows };
}

/** A view that does more than pick and rename columns of one relation. */
const isCostly = (sql: string): boolean =>
  /\b(join|group\s+by|distinct|union|over\s*\(|qualify|order\s+by|read_csv|read_json)\b/i.test(sql);
