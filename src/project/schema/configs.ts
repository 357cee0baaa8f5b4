/** Every config key of every resource, as it may stand under `config:`, in a tree of project.yml or in `{{ config() }}`. */
import * as z from 'zod';
import {
  anyMap,
  anything,
  count,
  docs,
  freshness,
  freshnessClock,
  hooks,
  owner,
  quoting,
  textOrList,
} from './shapes.ts';

const staticAnalysis = anything.optional().describe('dbt v2’s switch for its SQL checks; accepted and kept.');

const everywhere = {
  enabled: z.boolean().optional().describe('False takes the resource out of the project. Default true.'),
  tags: textOrList.nullish().describe('Labels to select by; levels add to each other.'),
  meta: anyMap.nullish().describe('Anything you want to keep with the resource; levels are merged key by key.'),
};

const grouped = {
  group: z
    .string()
    .nullish()
    .describe('Group that owns the resource; private models can be referenced only inside it.'),
};

const relation = {
  alias: z
    .string()
    .nullish()
    .describe('Name of the relation in the database when it should differ from the resource’s name.'),
  schema: z
    .string()
    .nullish()
    .describe('Custom schema; by default it is appended to the target’s schema with an underscore.'),
  database: z.string().nullish().describe('Custom database (an attached one).'),
};

const built = {
  ...everywhere,
  ...grouped,
  ...relation,
  docs: docs.nullish(),
  persist_docs: z
    .strictObject({
      relation: z.boolean().optional().describe('Write the description as the relation’s comment.'),
      columns: z.boolean().optional().describe('Write column descriptions as column comments.'),
    })
    .nullish()
    .describe('Which descriptions are written into the database as comments.'),
  quoting: quoting.nullish(),
  column_types: z
    .record(z.string(), z.string())
    .nullish()
    .describe('DuckDB types by column name, instead of inferred ones.'),
  full_refresh: z.boolean().nullish().describe('True or false overrides --full-refresh for this node.'),
  on_schema_change: z
    .enum(['ignore', 'append_new_columns', 'sync_all_columns', 'fail'])
    .nullish()
    .describe('What an incremental model does when its query’s columns changed. Default ignore.'),
  on_configuration_change: z
    .enum(['apply', 'continue', 'fail'])
    .nullish()
    .describe('Accepted for projects shared with engines that have materialized views; DuckDB has none.'),
  grants: z
    .record(z.string(), textOrList.nullable())
    .nullish()
    .describe('Privileges to grant; DuckDB has none, so they are only kept.'),
  packages: textOrList.nullish().describe('Kept for compatibility with dbt.'),
  pre_hook: hooks.nullish().describe('SQL to run before the node is built; levels add to each other.'),
  post_hook: hooks.nullish().describe('SQL to run after the node is built; levels add to each other.'),
  'pre-hook': hooks.nullish().describe('Older spelling of pre_hook.'),
  'post-hook': hooks.nullish().describe('Older spelling of post_hook.'),
  sql_header: z.string().nullish().describe('SQL put before the statement that builds the relation.'),
  event_time: z.string().nullish().describe('Column saying when a row happened; batches, samples and filters use it.'),
  contract: z
    .strictObject({
      enforced: z.boolean().optional().describe('Check columns and types before building. Default false.'),
      alias_types: z.boolean().optional().describe('Translate generic type names to the engine’s. Default true.'),
    })
    .nullish()
    .describe('A promise about columns and types that the build checks.'),
  static_analysis: staticAnalysis,
  publish: z
    .enum(['view', 'table'])
    .nullish()
    .describe('Publish as a view over the kept version (default) or as a real table.'),
  retries: count.nullish().describe('How often a failing statement is tried again when the error may pass. Default 0.'),
  retry_delay: z
    .union([z.number().min(0), z.string()])
    .nullish()
    .describe('Seconds before the first retry, doubled each time; a number or a text such as `5s`.'),
  owner: owner.nullish(),
  sla: anyMap
    .nullish()
    .describe(
      'By when the node must be up to date, e.g. `{by: "07:00", timezone: Europe/Berlin}` or `{max_age: 1 day}`: the docs site says whether it is. Tests of it: `execution_sla`, `freshness_sla`.',
    ),
};

const incremental = {
  unique_key: textOrList.nullish().describe('Columns, or SQL over them, that identify a row.'),
  incremental_strategy: z
    .string()
    .nullish()
    .describe('How new rows enter: append, delete+insert (default), merge or microbatch.'),
  incremental_predicates: textOrList
    .nullish()
    .describe('Conditions limiting the rows of the existing table that are looked at.'),
  predicates: textOrList.nullish().describe('Older spelling of incremental_predicates.'),
  merge_update_columns: textOrList.nullish().describe('Only these columns are updated by merge.'),
  merge_exclude_columns: textOrList.nullish().describe('These columns are left alone by merge.'),
  merge_update_condition: z.string().nullish().describe('Extra condition for a matched row to be updated.'),
  merge_insert_condition: z.string().nullish().describe('Extra condition for a new row to be inserted.'),
  merge_update_set_expressions: z
    .record(z.string(), z.string())
    .nullish()
    .describe('Expressions by column for merge’s update.'),
  merge_on_using_columns: textOrList.nullish().describe('Join columns of the merge, written with USING.'),
  merge_returning_columns: textOrList.nullish().describe('Columns that the merge returns.'),
  merge_clauses: anyMap.nullish().describe('Full control: lists `when_matched` and `when_not_matched` of actions.'),
  begin: z.union([z.string(), z.date()]).nullish().describe('First moment a microbatch model covers, e.g. 2024-01-01.'),
  batch_size: z
    .union([
      z.enum(['hour', 'day', 'month', 'year']),
      z.string().regex(/^\d+ minutes?$/, 'hour, day, month, year or minutes like `5 minutes` is expected'),
    ])
    .nullish()
    .describe('Length of one microbatch: hour, day, month, year, or minutes that divide a day, e.g. `5 minutes`.'),
  lookback: count.nullish().describe('How many earlier batches are built again for late rows. Default 1.'),
  concurrent_batches: z
    .boolean()
    .nullish()
    .describe(
      'Compute batches side by side, on as many connections as there are threads. Default false: each has all cores.',
    ),
};

const external = {
  location: z.string().nullish().describe('File or folder an external model is written to.'),
  format: z
    .enum(['parquet', 'csv', 'json'])
    .nullish()
    .describe('File format. Default: by the location’s extension, else parquet.'),
  options: anyMap.nullish().describe('Options of DuckDB’s COPY statement, e.g. compression or partition_by.'),
  partition_by: textOrList.nullish().describe('Columns whose values become folders.'),
  delimiter: z.string().nullish().describe('Field separator of CSV files. Default comma.'),
  parameters: z
    .union([z.string(), z.array(z.string())])
    .nullish()
    .describe('Parameters of a table_function model.'),
  partitioned_by: textOrList.nullish().describe('Partition columns of a DuckLake table.'),
  sorted_by: textOrList.nullish().describe('Sort columns of a DuckLake table.'),
  plugin: z.string().nullish().describe('Plugin of dbt-duckdb; not supported, kept only.'),
  plugin_config: anyMap.nullish().describe('Settings of that plugin.'),
};

export const modelConfig = z
  .strictObject({
    ...built,
    ...incremental,
    ...external,
    materialized: z
      .string()
      .nullish()
      .describe('view (default), table, incremental, ephemeral, external, or a materialization of your own.'),
    access: z
      .enum(['private', 'protected', 'public'])
      .nullish()
      .describe('Who may reference the model. Default protected.'),
    freshness: freshness.optional(),
    indexes: z
      .array(
        z.strictObject({
          columns: textOrList.describe('Columns of the index, in order.'),
          unique: z.boolean().optional().describe('Refuse duplicate keys. Default false.'),
          type: z.string().nullish().describe('Kind of index; DuckDB has one.'),
          name: z.string().nullish().describe('Name of the index; made up when absent.'),
        }),
      )
      .nullish()
      .describe('Indexes created on the table after it was built.'),
    on_error: z
      .enum(['skip_children', 'continue'])
      .nullish()
      .describe('Whether descendants run when this model fails. Default skip_children.'),
    latest_version_pointer: anything
      .optional()
      .describe('A relation under the plain name pointing to the latest model version.'),
  })
  .describe('Configuration of a model.');

export const seedConfig = z
  .strictObject({
    ...built,
    materialized: z.string().nullish().describe('Always `seed`.'),
    delimiter: z.string().nullish().describe('Field separator. Default comma.'),
    quote_columns: z.boolean().nullish().describe('Quote column names when the table is created.'),
    unique_key: textOrList.nullish().describe('Columns, or SQL over them, that identify a row.'),
    fast: z.boolean().nullish().describe('Accepted from dbt-duckdb; loading is always the fast way.'),
    all_varchar: z.boolean().nullish().describe('Load every column as text instead of inferring types.'),
    access: z.enum(['private', 'protected', 'public']).nullish().describe('Who may reference the seed.'),
  })
  .describe('Configuration of a seed.');

export const snapshotConfig = z
  .strictObject({
    ...built,
    materialized: z.string().nullish().describe('Always `snapshot`.'),
    strategy: z.string().nullish().describe('How changes are found: `timestamp` or `check`.'),
    unique_key: textOrList.nullish().describe('Columns, or SQL over them, that identify a row.'),
    updated_at: z.string().nullish().describe('Column with the time a row was last changed (strategy timestamp).'),
    check_cols: z
      .union([z.string(), z.array(z.string())])
      .nullish()
      .describe('Columns compared by strategy check, or `all`.'),
    target_schema: z.string().nullish().describe('Schema of the snapshot table, used as it is.'),
    target_database: z.string().nullish().describe('Database of the snapshot table.'),
    hard_deletes: z
      .enum(['ignore', 'invalidate', 'new_record'])
      .nullish()
      .describe('What happens when a row disappears from the source. Default ignore.'),
    invalidate_hard_deletes: z.boolean().nullish().describe('Older spelling of `hard_deletes: invalidate`.'),
    dbt_valid_to_current: z
      .string()
      .nullish()
      .describe('Expression stored as the end of current rows instead of NULL.'),
    snapshot_meta_column_names: z
      .strictObject({
        dbt_valid_from: z.string().nullish().describe('Name of the column with the start of validity.'),
        dbt_valid_to: z.string().nullish().describe('Name of the column with the end of validity.'),
        dbt_scd_id: z.string().nullish().describe('Name of the column with the id of a row’s version.'),
        dbt_updated_at: z.string().nullish().describe('Name of the column with the source’s change time.'),
        dbt_is_deleted: z
          .string()
          .nullish()
          .describe('Name of the column marking deleted rows (hard_deletes new_record).'),
      })
      .nullish()
      .describe('Other names for the columns a snapshot adds.'),
  })
  .describe('Configuration of a snapshot.');

export const dataTestConfig = z
  .strictObject({
    ...everywhere,
    ...grouped,
    ...relation,
    severity: z
      .string()
      .regex(/^(error|warn|info)$/i, 'severity is `error`, `warn` or `info`')
      .nullish()
      .describe(
        '`error` (default) fails the build and holds the node back, `warn` only tells, `info` counts as a pass.',
      ),
    warn_if: z.string().nullish().describe('Condition on the failure count for a warning. Default `!= 0`.'),
    error_if: z.string().nullish().describe('Condition on the failure count for a failure. Default `!= 0`.'),
    fail_calc: z.string().nullish().describe('Aggregate that counts failures. Default `count(*)`.'),
    where: z.string().nullish().describe('SQL condition: only these rows are tested.'),
    of: z
      .string()
      .nullish()
      .describe(
        'Of a query in `tests/` that reads several relations: the one that `where`, `mostly` and percentages speak of.',
      ),
    limit: count.nullish().describe('Stop after this many failing rows.'),
    store_failures: z.boolean().nullish().describe('Keep failing rows in the audit schema.'),
    store_failures_as: z.enum(['table', 'view', 'ephemeral']).nullish().describe('How failing rows are kept.'),
    materialized: z.string().nullish().describe('Always `test`.'),
    sql_header: z.string().nullish().describe('SQL put before the test’s query.'),
    static_analysis: staticAnalysis,
    group_by: textOrList.nullish().describe('Judge each group of these columns by itself.'),
    mostly: z.number().min(0).max(1).nullish().describe('Share of rows that must pass, between 0 and 1. Default 1.'),
    on_null: z.enum(['ignore', 'fail']).nullish().describe('Whether a NULL is left out of consideration or fails.'),
    on_empty: z
      .enum(['pass', 'warn', 'fail', 'vacuous'])
      .nullish()
      .describe(
        'What a test says that considered nothing. Default `vacuous`; `fail` for figures, volume and freshness.',
      ),
    tolerance: z
      .union([z.number(), z.string()])
      .nullish()
      .describe('Allowed difference: a number, or a text such as `1%`.'),
    description: z.string().nullish().describe('What the test makes sure of, for people who see it fail.'),
    hint: z.string().nullish().describe('What to do when the test fails; printed with the failure.'),
    owner: owner.nullish(),
    id: z
      .string()
      .regex(/^[\p{L}\p{N}_-]+$/u, 'an id consists of letters, digits, `_` and `-`')
      .nullish()
      .describe(
        'A name of its own in history: what is remembered of the test stays when its name or arguments change.',
      ),
    scope: z
      .enum(['all', 'slice'])
      .nullish()
      .describe('Which rows are tested: all, or only those an incremental build brought.'),
  })
  .describe('Configuration of a data test.');

export const unitTestConfig = z
  .strictObject({
    ...everywhere,
    ...grouped,
    static_analysis: staticAnalysis,
  })
  .describe('Configuration of a unit test.');

export const sourceConfig = z
  .strictObject({
    ...everywhere,
    event_time: z.string().nullish().describe('Column saying when a row happened.'),
    freshness: freshness.optional(),
    ...freshnessClock,
    quoting: quoting.nullish(),
    schema: z.string().nullish().describe('Schema of the tables, instead of the source’s name.'),
    database: z.string().nullish().describe('Database of the tables.'),
    owner: owner.nullish(),
    external_location: z
      .string()
      .nullish()
      .describe('Where the rows are: a file, glob or table function; `{name}` stands for the table’s name.'),
    formatter: z
      .enum(['newstyle', 'oldstyle', 'template'])
      .nullish()
      .describe('How external_location is filled in. Default newstyle.'),
    format: z.string().nullish().describe('File format when the extension does not say.'),
    options: anyMap.nullish().describe('Options of DuckDB’s reader function.'),
    plugin: z.string().nullish().describe('Plugin of dbt-duckdb; not supported, kept only.'),
    change_marker: z
      .string()
      .nullish()
      .describe(
        'Query, or expression over the source, whose answer changes when its rows did; decides about reuse. NULL counts as changed.',
      ),
    sample_key: z
      .union([z.string(), z.literal(false)])
      .nullish()
      .describe(
        'Column, or SQL, by whose values a target with `sample` reads rows; false: all rows. Default: what `relationships` tests say it refers to, then what is tested `unique`.',
      ),
    sla: anyMap.nullish().describe('By when the source must be fresh: the docs site says whether it is.'),
    loader: z.string().nullish().describe('What loads the data.'),
    docs: docs.nullish(),
  })
  .describe('Configuration of a source or one of its tables.');

export const exposureConfig = z.strictObject({ ...everywhere }).describe('Configuration of an exposure.');

export const analysisConfig = z
  .strictObject({
    ...everywhere,
    ...grouped,
    docs: docs.nullish(),
    static_analysis: staticAnalysis,
  })
  .describe('Configuration of an analysis.');

export const macroConfig = z
  .strictObject({ ...everywhere, docs: docs.nullish() })
  .describe('Configuration of a macro.');

export const groupConfig = z.strictObject({ meta: everywhere.meta }).describe('Configuration of a group.');

export const columnConfig = z
  .strictObject({
    meta: everywhere.meta,
    tags: everywhere.tags,
    pii: z.union([z.boolean(), z.string()]).nullish(),
  })
  .describe('Configuration of a column.');
