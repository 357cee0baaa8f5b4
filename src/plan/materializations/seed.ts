import type { GraphNode } from '../../compile/manifest.ts';
import type { Materialization, SeedOptions } from '../build.ts';
import { flagAt, recordAt, textAt } from '../node-config.ts';

/** A CSV of the project, loaded whole. */
export const seed: Materialization = ({ node, whole: { object, physical }, seedFile }) => {
  return {
    steps: [
      {
        kind: 'load-seed',
        purpose: 'load the CSV',
        file: seedFile ?? node.original_file_path,
        into: object,
        options: seedOptions(node),
      },
    ],
    physical,
    object,
    change: null,
    undo: [`drop table if exists ${object}`],
  };
};

/** How a seed's CSV is read, by its configuration. */
export const seedOptions = ({ config }: Pick<GraphNode, 'config'>): SeedOptions => ({
  delimiter: textAt(config, 'delimiter') ?? ',',
  columnTypes: Object.fromEntries(
    Object.entries(recordAt(config, 'column_types')).map(([column, type]) => [column, String(type)]),
  ),
  quoteColumns: flagAt(config, 'quote_columns') ?? false,
});
