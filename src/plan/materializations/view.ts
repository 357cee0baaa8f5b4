import { versionName } from '../../ledger/names.ts';
import type { Materialization } from '../build.ts';

/** A query kept as a view over the exact versions it was tested with. */
export const view: Materialization = ({ name, version, sql }) => {
  const object = versionName(name, version);
  return {
    steps: [{ kind: 'statement', purpose: 'create the view', sql: `create view ${object} as\n${sql}` }],
    physical: { kind: 'view', sql },
    object,
    change: null,
    undo: [`drop view if exists ${object}`],
  };
};
