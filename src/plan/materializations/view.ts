import { versionName, withinFile } from '../../ledger/names.ts';
import type { Materialization } from '../build.ts';
import { table } from './table.ts';

/** A query kept as a view over the exact versions it was tested with. A database of another engine cannot read those: it gets the rows. */
export const view: Materialization = (request) => {
  if (request.publish === 'copy') return table(request);
  const { name, version, sql } = request;
  const object = versionName(name, version);
  return {
    steps: [
      {
        kind: 'statement',
        purpose: 'create the view',
        sql: `create view ${object} as\n${withinFile(name.database, sql)}`,
      },
    ],
    physical: { kind: 'view', sql },
    object,
    change: null,
    undo: [`drop view if exists ${object}`],
  };
};
