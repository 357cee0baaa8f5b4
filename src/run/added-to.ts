/** What an incremental model or a snapshot is added to, where that is not simply the published version. */
import { publicName } from '../ledger/names.ts';
import { nameOf, type VersionRecord } from '../ledger/records.ts';
import { relationOf } from '../plan/plan-run.ts';
import type { BuildNodeRequest } from './build-node.ts';
import type { RunContext } from './context.ts';

export interface AddedTo {
  readonly current: VersionRecord | undefined;
  /** The relation that holds the rows, where it is no version of ours. */
  readonly rowsBefore?: string | undefined;
}

/**
 * A table that dbt, or anybody, left under the model's name is gone on with: its rows may be all there is of the past. It becomes version 0
 * when this build is published. Nobody wrote down which columns version 0 has, so they are looked up.
 */
export async function addedTo(
  { run }: RunContext,
  { node, current, connection, adopts }: Pick<BuildNodeRequest, 'node' | 'current' | 'connection' | 'adopts'>,
): Promise<AddedTo> {
  if (!['incremental', 'snapshot'].includes(node.config.materialized)) return { current };
  if (current && current.columns.length > 0) return { current };
  const relation = publicName(node);
  if (current)
    return { current: { ...current, columns: await connection.describe(`from ${publicName(nameOf(current))}`) } };
  if (!adopts) return { current };
  return {
    rowsBefore: relation,
    current: {
      target: run.target,
      node: node.unique_id,
      relation: relationOf(node),
      database: node.database,
      schema: node.schema,
      alias: node.alias,
      version: 0,
      run_id: run.run_id,
      materialized: node.config.materialized,
      physical: { kind: 'table' },
      code_fingerprint: 'adopted',
      inputs: {},
      reads: [],
      content_id: `${relationOf(node)}@0`,
      content_hash: null,
      rows: null,
      bytes: null,
      columns: await connection.describe(`from ${relation}`),
      state: 'kept',
      built_at: run.started_at,
      git_sha: null,
    },
  };
}
