import type { VersionRecord } from '../ledger/records.ts';

type Place = Pick<
  VersionRecord,
  'target' | 'node' | 'relation' | 'database' | 'schema' | 'alias' | 'run_id' | 'built_at'
>;

/** What somebody else put there, when dql came or since: readers saw it until the run before this one, and a rollback can show it again. */
export const adoptedVersion = (place: Place, version = 0): VersionRecord => ({
  target: place.target,
  node: place.node,
  relation: place.relation,
  database: place.database,
  schema: place.schema,
  alias: place.alias,
  run_id: place.run_id,
  built_at: place.built_at,
  version,
  materialized: 'table',
  physical: { kind: 'table' },
  code_fingerprint: 'adopted',
  inputs: {},
  reads: [],
  content_id: `${place.relation}@${version}`,
  content_hash: null,
  rows: null,
  bytes: null,
  columns: [],
  state: 'kept',
  git_sha: null,
});
