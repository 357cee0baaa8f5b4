import type { NodeId } from '../../core/node-id.ts';
import type { Connection } from '../../engine/engine.ts';
import { type LedgerState, publishedVersion } from '../../ledger/records.ts';
import { relationOf } from '../../plan/plan-run.ts';
import type { CommonOptions } from '../contract.ts';
import type { OpenedProject } from '../opening/opened-project.ts';

interface Deferring {
  readonly opened: OpenedProject;
  readonly options: CommonOptions;
  readonly selected: ReadonlySet<NodeId>;
  readonly connection: Connection;
}

/** `--defer`: unselected nodes that this target does not have (with `--favor-state` all of them) are read where `--state` has them. */
export async function deferredRelations(
  { opened, options, selected, connection }: Deferring,
  state: LedgerState,
): Promise<ReadonlyMap<NodeId, string>> {
  const { deferred } = opened;
  if (!deferred) return new Map();
  const standing = new Set(
    (
      await connection.query(
        `select lower(schema_name || '.' || table_name) from duckdb_tables() where database_name = current_database() union all select lower(schema_name || '.' || view_name) from duckdb_views() where database_name = current_database()`,
      )
    ).rows.map(([name]) => String(name)),
  );
  return new Map(
    Object.values(opened.manifest.nodes).flatMap((node): readonly (readonly [NodeId, string])[] => {
      const there = deferred.manifest.nodes[node.unique_id]?.relation_name;
      if (!there || selected.has(node.unique_id) || node.config.materialized === 'ephemeral') return [];
      const isHere =
        publishedVersion(state, relationOf(node)) !== undefined ||
        standing.has(`${node.schema}.${node.alias}`.toLowerCase());
      return isHere && !options.favorState ? [] : [[node.unique_id, there]];
    }),
  );
}
