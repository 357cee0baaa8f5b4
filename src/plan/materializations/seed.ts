import { realTableName, versionName } from '../../ledger/names.ts';
import type { Materialization } from '../build.ts';
import { flagAt, recordAt, textAt } from '../node-config.ts';

/** A CSV of the project, loaded whole. */
export const seed: Materialization = ({ node, name, version, publish, seedFile }) => {
  const object = publish === 'table' ? realTableName(name, version) : versionName(name, version);
  return {
    steps: [
      {
        kind: 'load-seed',
        purpose: 'load the CSV',
        file: seedFile ?? node.original_file_path,
        into: object,
        options: {
          delimiter: textAt(node.config, 'delimiter') ?? ',',
          columnTypes: Object.fromEntries(
            Object.entries(recordAt(node.config, 'column_types')).map(([column, type]) => [column, String(type)]),
          ),
          quoteColumns: flagAt(node.config, 'quote_columns') ?? false,
        },
      },
    ],
    physical: { kind: publish === 'table' ? 'real-table' : 'table' },
    object,
    change: null,
    undo: [`drop table if exists ${object}`],
  };
};
