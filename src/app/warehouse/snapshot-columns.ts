/** dbt's columns of a snapshot, which its SQL does not have: what they are called and what they come from. */
import type { GraphNode } from '../../compile/manifest.ts';
import type { Column } from '../../engine/engine.ts';
import type { OutputColumn, QueryLineage } from '../../lineage/lineage.ts';
import { namesAt, recordAt, textAt } from '../../plan/node-config.ts';

interface Described {
  readonly lineage: QueryLineage;
  readonly columns: readonly Column[];
}

const META = [
  ['dbt_scd_id', 'VARCHAR'],
  ['dbt_updated_at', 'TIMESTAMP'],
  ['dbt_valid_from', 'TIMESTAMP'],
  ['dbt_valid_to', 'TIMESTAMP'],
  ['dbt_is_deleted', 'VARCHAR'],
] as const;

export function snapshotColumns(node: GraphNode, { lineage, columns }: Described): Described {
  const names = recordAt(node.config, 'snapshot_meta_column_names');
  const updatedAt = textAt(node.config, 'updated_at');
  const time = updatedAt === undefined ? [] : [updatedAt];
  const keys = namesAt(node.config, 'unique_key') ?? [];
  const meta = META.filter(
    ([name]) => name !== 'dbt_is_deleted' || textAt(node.config, 'hard_deletes') === 'new_record',
  ).map(([name, type]) => {
    const from = name === 'dbt_scd_id' ? [...keys, ...time] : name === 'dbt_is_deleted' ? [] : time;
    return { name: typeof names[name] === 'string' ? names[name] : name, type, from };
  });
  const outputs = meta.map(({ name, from }): OutputColumn => {
    const wanted = new Set(from.map((each) => each.toLowerCase()));
    const sources = lineage.columns.filter((column) => wanted.has(column.name.toLowerCase()));
    return {
      name,
      sources: sources.flatMap((column) =>
        column.sources.map((source) => ({ ...source, transformation: 'derived' as const })),
      ),
      indirect: [],
    };
  });
  return {
    columns: [...columns, ...meta.map(({ name, type }) => ({ name, type }))],
    lineage: { ...lineage, columns: [...lineage.columns, ...outputs] },
  };
}
