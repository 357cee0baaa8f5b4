/** Where nodes may be built: the warehouse and what is attached to it, and what each database can promise. */
import type { GraphNode, Manifest } from '../compile/manifest.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Database } from '../engine/engine.ts';
import { isRealTable } from './node-config.ts';
import { inputsOf } from './plan-run.ts';

export interface DatabaseRequest {
  readonly manifest: Manifest;
  /** What is going to be built. */
  readonly nodes: readonly GraphNode[];
  /** `readOnly` as configured, even while everything is only looked at. */
  readonly databases: readonly Database[];
  /** How nodes are published whose config does not say. */
  readonly publishAs: 'view' | 'table';
}

/** Why nodes cannot be built where they are configured; empty when all can. */
export function databaseProblems({ manifest, nodes, databases, publishAs }: DatabaseRequest): readonly Diagnostic[] {
  const known = new Map(databases.map((database) => [database.name, database]));
  return nodes.flatMap((node): readonly Diagnostic[] => {
    const problem = (code: string, message: string, hint: string): readonly Diagnostic[] => [
      { code, severity: 'error', message, at: { file: node.original_file_path, start: 0, end: 0 }, hint },
    ];
    const database = known.get(node.database);
    if (!database)
      return problem(
        'plan/unknown-database',
        `\`${node.name}\` is configured into the database \`${node.database}\`, which is not attached`,
        didYouMean(node.database, known.keys()) ??
          `list its file under \`attach\` of the target; there is ${[...known.keys()].map((name) => `\`${name}\``).join(', ')}`,
      );
    if (database.readOnly)
      return problem(
        'plan/read-only-database',
        `\`${node.name}\` is configured into the database \`${node.database}\`, which is attached read-only`,
        'a read-only attachment is only read: take `read_only` from it, or configure the model into another database',
      );
    if (!database.keepsVersions && node.config.materialized === 'external')
      return problem(
        'plan/external-elsewhere',
        `external model \`${node.name}\` is configured into \`${node.database}\` (${database.engine}), which cannot read files`,
        'leave out `database:`: the relation that reads the file lies in the warehouse',
      );
    if (node.config.materialized !== 'view') return [];
    // A real table gets its name when it is published, in a transaction that the view's file does not see.
    const moved = inputsOf(manifest, node.unique_id)
      .flatMap((id) => manifest.nodes[id] ?? [])
      .find((parent) => parent.database !== node.database && isRealTable(parent, publishAs));
    return moved
      ? problem(
          'plan/view-over-another-file',
          `view \`${node.name}\` in \`${node.database}\` reads \`${moved.name}\`, which \`${moved.database}\` publishes as a real table`,
          `materialize \`${node.name}\` as a table, or give \`${moved.name}\` the config \`publish: view\``,
        )
      : [];
  });
}

/** The attached databases whose relations are copies of versions that the warehouse keeps, by name. */
export const copiedDatabases = (databases: readonly Database[]): ReadonlySet<string> =>
  new Set(databases.flatMap(({ name, keepsVersions }) => (keepsVersions ? [] : [name])));
