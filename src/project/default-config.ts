import { freeze } from '../core/freeze.ts';
import type { ConfigKind, JsonObject } from './project.ts';

const everywhere = { enabled: true, tags: [], meta: {} };

const relation = { alias: null, schema: null, database: null, group: null };

const built = {
  ...everywhere,
  ...relation,
  persist_docs: {},
  'pre-hook': [],
  'post-hook': [],
  quoting: {},
  column_types: {},
  full_refresh: null,
  unique_key: null,
  on_schema_change: 'ignore',
  on_configuration_change: 'apply',
  grants: {},
  packages: [],
  docs: { show: true, node_color: null },
  contract: { enforced: false, alias_types: true },
  event_time: null,
};

const incremental = {
  incremental_strategy: null,
  batch_size: null,
  lookback: 1,
  begin: null,
  concurrent_batches: null,
};

const snapshotColumns = {
  dbt_valid_from: null,
  dbt_valid_to: null,
  dbt_scd_id: null,
  dbt_updated_at: null,
  dbt_is_deleted: null,
};

const DEFAULTS: Readonly<Record<ConfigKind, JsonObject>> = freeze({
  models: { ...built, ...incremental, materialized: 'view', access: 'protected', freshness: null },
  seeds: { ...built, ...incremental, materialized: 'seed', delimiter: ',', quote_columns: null },
  snapshots: {
    ...built,
    ...incremental,
    materialized: 'snapshot',
    strategy: null,
    updated_at: null,
    check_cols: null,
    target_schema: null,
    target_database: null,
    snapshot_meta_column_names: snapshotColumns,
    dbt_valid_to_current: null,
  },
  sources: {
    enabled: true,
    event_time: null,
    freshness: null,
    loaded_at_field: null,
    loaded_at_query: null,
    tags: [],
    meta: {},
  },
  analyses: { ...built, ...incremental, materialized: 'view' },
  data_tests: {
    ...everywhere,
    ...relation,
    schema: 'dbt_test__audit',
    materialized: 'test',
    severity: 'ERROR',
    store_failures: null,
    store_failures_as: null,
    where: null,
    limit: null,
    fail_calc: 'count(*)',
    warn_if: '!= 0',
    error_if: '!= 0',
  },
  unit_tests: everywhere,
  exposures: everywhere,
  metrics: { enabled: true, group: null, meta: {} },
  'semantic-models': { enabled: true, group: null, meta: {} },
  'saved-queries': { enabled: true, group: null, meta: {} },
  functions: everywhere,
});

/** What a resource's configuration is where nobody says anything; dbt's values, all keys of manifest v12 present. */
export const defaultConfig = (kind: ConfigKind): JsonObject => DEFAULTS[kind];
