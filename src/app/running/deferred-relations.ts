import type { Manifest } from '../../compile/manifest.ts';
import { DqlError } from '../../core/diagnostic.ts';
import type { NodeId } from '../../core/node-id.ts';
import type { Connection } from '../../engine/engine.ts';
import { type LedgerState, publishedVersion } from '../../ledger/records.ts';
import { inputsOf, relationOf } from '../../plan/plan-run.ts';
import type { CommonOptions } from '../contract.ts';
import { filesOf } from '../opening/attach-target.ts';
import type { EarlierState, OpenedProject } from '../opening/opened-project.ts';

interface Deferring {
  readonly opened: OpenedProject;
  readonly options: CommonOptions;
  readonly selected: ReadonlySet<NodeId>;
  readonly connection: Connection;
}

/**
 * `--defer`: unselected nodes that this target does not have (with `--favor-state` all of them) are read where `--state` has them.
 * Rejects with DqlError when one that is read lies in a file whose name is another file's here.
 */
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
  const there = new Map(
    Object.values(opened.manifest.nodes).flatMap((node): readonly (readonly [NodeId, string])[] => {
      const there = deferred.manifest.nodes[node.unique_id]?.relation_name;
      if (!there || selected.has(node.unique_id) || node.config.materialized === 'ephemeral') return [];
      const isHere =
        publishedVersion(state, relationOf(node)) !== undefined ||
        standing.has(`${node.schema}.${node.alias}`.toLowerCase());
      return isHere && !options.favorState ? [] : [[node.unique_id, there]];
    }),
  );
  for (const id of new Set([...selected].flatMap((each) => inputsOf(opened.manifest, each)))) {
    const apart = there.has(id) ? inAnotherFile(id, deferred, opened) : undefined;
    if (apart !== undefined) throw new DqlError([apart]);
  }
  return there;
}

/** Its name, or in a view that of what it reads, would be looked up in this target's file of that name. */
function inAnotherFile(
  id: NodeId,
  { manifest, attached = new Map(), label }: EarlierState,
  { project }: OpenedProject,
) {
  const own = new Map([...filesOf(project)].map(([name, path]) => [name.toLowerCase(), path]));
  const others = [...attached].filter(([name, path]) => (own.get(name.toLowerCase()) ?? path) !== path);
  const find = (each: NodeId): string | undefined => {
    const database = manifest.nodes[each]?.database ?? manifest.sources[each]?.database;
    const other = others.find(([name]) => name === database);
    if (other) return other[0];
    const isView = manifest.nodes[each]?.config.materialized === 'view';
    return isView ? firstOf(inputsOf(manifest, each), find) : undefined;
  };
  const name = find(id);
  return name === undefined
    ? undefined
    : {
        code: 'run/same-database-name',
        severity: 'error' as const,
        message: `\`${nameOf(manifest, id)}\` is to be read in target \`${label}\`, whose \`${name}\` is ${attached.get(name)}; here \`${name}\` is ${own.get(name.toLowerCase())}, and one command cannot open both`,
        hint: `build it here as well (-s +…), or attach the same file, or give one of the files another alias`,
      };
}

const nameOf = (manifest: Manifest, id: NodeId): string => manifest.nodes[id]?.name ?? id;

function firstOf<Item, Found>(items: readonly Item[], find: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
