import type { VersionRecord } from '../ledger/records.ts';

type Place = Pick<
  VersionRecord,
  'target' | 'node' | 'relation' | 'database' | 'schema' | 'alias' | 'run_id' | 'built_at'
>;

/** What stood there when dql came: readers saw it until the run before this one, and a rollback can show it again. */
export const adoptedVersion = (place: Place): VersionRecord => ({
  target: place.target,
  node: place.node,
  relation: place.relation,
  database: place.database,
  schema: place.schema,
  alias: place.alias,
  run_id: place.run_id,
  built_at: place.built_at,
  version: 0,
  materialized: 'table',
  physical: { kind: 'table' },
  code_fingerprint: 'adopted',
  inputs: {},
  reads: [],
  content_id: `${place.relation}@0`,
  content_hash: null,
  rows: null,
  bytes: null,
  columns: [],
  state: 'kept',
  git_sha: null,
});
