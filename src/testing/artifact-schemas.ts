/**
 * dbt's artifacts as its documentation describes them: manifest v12, run-results v6, sources v3, catalog v1. Every documented key must
 * be there, and no other, so that whoever reads dbt's files reads ours. What dql adds stands under `meta.dql`.
 */
import * as z from 'zod';

const text = z.string();
const orNull = <T extends z.ZodType>(schema: T) => z.union([schema, z.null()]);
const map = z.record(text, z.unknown());
const ids = z.array(text);
const iso = text.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
const version = orNull(z.union([text, z.number()]));
const ours = z.strictObject({ dql: map }).optional();

const metadata = (name: string, number: number) =>
  z.strictObject({
    dbt_schema_version: z.literal(`https://schemas.getdbt.com/dbt/${name}/v${number}.json`),
    dbt_version: text,
    generated_at: iso,
    invocation_id: orNull(z.uuid()),
    invocation_started_at: orNull(iso),
    env: z.record(text, text),
    // The one key of ours here: it tells whose file this is.
    dql_version: text.optional(),
  });

const constraint = z.strictObject({
  type: z.enum(['check', 'not_null', 'unique', 'primary_key', 'foreign_key', 'custom']),
  name: orNull(text),
  expression: orNull(text),
  warn_unenforced: z.boolean(),
  warn_unsupported: z.boolean(),
  to: orNull(text),
  to_columns: ids,
  columns: ids,
});
const column = z.strictObject({
  name: text,
  description: text,
  meta: map,
  data_type: orNull(text),
  constraints: z.array(constraint),
  quote: orNull(z.boolean()),
  config: map,
  tags: ids,
  granularity: orNull(text),
  doc_blocks: ids,
});
const shown = z.strictObject({ show: z.boolean(), node_color: orNull(text) });
const dependsOn = z.strictObject({ macros: ids, nodes: ids });
const ref = z.strictObject({ name: text, package: orNull(text), version });
const located = {
  unique_id: text,
  name: text,
  package_name: text,
  path: text,
  original_file_path: text,
} as const;

const node = {
  ...located,
  database: text,
  schema: text,
  fqn: ids,
  alias: text,
  checksum: z.strictObject({ name: text, checksum: text }),
  config: map,
  unrendered_config: map,
  tags: ids,
  description: text,
  columns: z.record(text, column),
  meta: map,
  group: orNull(text),
  docs: shown,
  patch_path: orNull(text.regex(/^\w+:\/\/.+/)),
  build_path: orNull(text),
  created_at: z.number(),
  relation_name: orNull(text),
  raw_code: text,
  doc_blocks: ids,
} as const;
const compiled = {
  ...node,
  language: z.literal('sql'),
  refs: z.array(ref),
  sources: z.array(z.tuple([text, text])),
  metrics: z.array(ids),
  depends_on: dependsOn,
  compiled_path: orNull(text),
  compiled: z.boolean(),
  compiled_code: orNull(text).optional(),
  extra_ctes_injected: z.boolean(),
  extra_ctes: z.array(z.strictObject({ id: text, sql: text })),
  contract: z.strictObject({ enforced: z.boolean(), alias_types: z.boolean(), checksum: orNull(text) }),
} as const;
const modelFacts = {
  access: z.enum(['private', 'protected', 'public']),
  constraints: z.array(constraint),
  version,
  latest_version: version,
  deprecation_date: orNull(text),
  time_spine: orNull(
    z.strictObject({
      standard_granularity_column: text,
      custom_granularities: z.array(z.strictObject({ name: text, column_name: orNull(text) })),
    }),
  ),
  primary_key: ids,
} as const;

const test = z.strictObject({
  ...compiled,
  resource_type: z.literal('test'),
  test_metadata: z.strictObject({ name: text, kwargs: map, namespace: orNull(text) }).optional(),
  column_name: orNull(text).optional(),
  file_key_name: orNull(text).optional(),
  attached_node: orNull(text).optional(),
});

const threshold = z.strictObject({ count: orNull(z.number()), period: orNull(z.enum(['minute', 'hour', 'day'])) });
const freshness = z.strictObject({ warn_after: threshold, error_after: threshold, filter: orNull(text) });
const sourceNode = z.strictObject({
  ...located,
  resource_type: z.literal('source'),
  database: text,
  schema: text,
  fqn: ids,
  source_name: text,
  source_description: text,
  loader: text,
  identifier: text,
  quoting: map,
  loaded_at_field: orNull(text),
  loaded_at_query: orNull(text),
  freshness: orNull(freshness),
  external: orNull(map),
  description: text,
  columns: z.record(text, column),
  meta: map,
  source_meta: map,
  tags: ids,
  config: map,
  patch_path: orNull(text),
  unrendered_config: map,
  relation_name: text,
  created_at: z.number(),
  doc_blocks: ids,
  unrendered_database: orNull(text),
  unrendered_schema: orNull(text),
});
const owner = z.looseObject({ name: orNull(text).optional(), email: orNull(z.union([text, ids])).optional() });
const rows = z.union([text, z.array(map), z.null()]);
const format = z.enum(['dict', 'csv', 'sql']);

export const manifestArtifact = z.strictObject({
  metadata: metadata('manifest', 12).extend({
    project_name: orNull(text),
    project_id: orNull(text),
    user_id: orNull(text),
    send_anonymous_usage_stats: orNull(z.boolean()),
    adapter_type: orNull(text),
    quoting: map,
    run_started_at: orNull(iso),
  }),
  nodes: z.record(
    text,
    z.discriminatedUnion('resource_type', [
      z.strictObject({ ...compiled, ...modelFacts, resource_type: z.literal('model') }),
      z.strictObject({ ...compiled, resource_type: z.literal('snapshot') }),
      z.strictObject({ ...compiled, resource_type: z.literal('analysis') }),
      z.strictObject({ ...compiled, resource_type: z.literal('operation') }),
      z.strictObject({
        ...node,
        depends_on: z.strictObject({ macros: ids }),
        resource_type: z.literal('seed'),
        root_path: orNull(text),
      }),
      test,
    ]),
  ),
  sources: z.record(text, sourceNode),
  macros: z.record(
    text,
    z.strictObject({
      ...located,
      resource_type: z.literal('macro'),
      macro_sql: text,
      depends_on: z.strictObject({ macros: ids }),
      description: text,
      meta: map,
      docs: shown,
      config: map,
      patch_path: orNull(text),
      arguments: z.array(z.strictObject({ name: text, type: orNull(text), description: text })),
      created_at: z.number(),
      supported_languages: orNull(ids),
    }),
  ),
  docs: z.record(text, z.strictObject({ ...located, resource_type: z.literal('doc'), block_contents: text })),
  exposures: z.record(
    text,
    z.strictObject({
      ...located,
      resource_type: z.literal('exposure'),
      fqn: ids,
      type: z.enum(['dashboard', 'notebook', 'analysis', 'ml', 'application']),
      owner,
      description: text,
      label: orNull(text),
      maturity: orNull(z.enum(['low', 'medium', 'high'])),
      meta: map,
      tags: ids,
      config: map,
      unrendered_config: map,
      url: orNull(text),
      depends_on: dependsOn,
      refs: z.array(ref),
      sources: z.array(z.tuple([text, text])),
      metrics: z.array(ids),
      created_at: z.number(),
    }),
  ),
  metrics: map,
  groups: z.record(
    text,
    z.strictObject({
      ...located,
      resource_type: z.literal('group'),
      owner,
      description: orNull(text),
      config: map,
    }),
  ),
  selectors: map,
  disabled: orNull(z.record(text, z.array(map))),
  parent_map: orNull(z.record(text, ids)),
  child_map: orNull(z.record(text, ids)),
  group_map: orNull(z.record(text, ids)),
  saved_queries: map,
  semantic_models: map,
  functions: map,
  unit_tests: z.record(
    text,
    z.strictObject({
      ...located,
      resource_type: z.literal('unit_test'),
      model: text,
      given: z.array(z.strictObject({ input: text, rows, format, fixture: orNull(text) })),
      expect: z.strictObject({ rows, format, fixture: orNull(text) }),
      fqn: ids,
      description: text,
      overrides: orNull(map),
      depends_on: dependsOn,
      config: map,
      checksum: orNull(text),
      schema: orNull(text),
      created_at: z.number(),
      versions: orNull(map),
      version,
    }),
  ),
});

const timing = z.array(
  z.strictObject({ name: z.enum(['compile', 'execute']), started_at: orNull(iso), completed_at: orNull(iso) }),
);
const built = ['success', 'error', 'skipped', 'partial success', 'no-op', 'reused'] as const;
const tested = ['pass', 'warn', 'fail', 'runtime error'] as const;

export const runResultsArtifact = z.strictObject({
  metadata: metadata('run-results', 6).extend({ invocation_id: z.uuid(), invocation_started_at: iso }),
  results: z.array(
    z.strictObject({
      unique_id: text,
      status: z.enum([...built, ...tested]),
      timing,
      thread_id: text,
      execution_time: z.number().min(0),
      adapter_response: map,
      message: orNull(text),
      failures: orNull(z.number()),
      compiled: orNull(z.boolean()),
      compiled_code: orNull(text),
      relation_name: orNull(text),
      batch_results: orNull(
        z.strictObject({
          successful: z.array(z.tuple([text, text])),
          failed: z.array(z.tuple([text, text])),
        }),
      ),
      meta: ours,
    }),
  ),
  elapsed_time: z.number().min(0),
  args: z.looseObject({ which: text, invocation_command: text }),
  meta: ours,
});

export const sourcesArtifact = z.strictObject({
  metadata: metadata('sources', 3),
  results: z.array(
    z.discriminatedUnion('status', [
      z.strictObject({
        unique_id: text,
        status: z.enum(['pass', 'warn', 'error']),
        max_loaded_at: iso,
        snapshotted_at: iso,
        max_loaded_at_time_ago_in_s: z.number(),
        criteria: freshness,
        adapter_response: map,
        timing,
        thread_id: text,
        execution_time: z.number(),
        meta: ours,
      }),
      z.strictObject({ unique_id: text, status: z.literal('runtime error'), error: orNull(text) }),
    ]),
  ),
  elapsed_time: z.number(),
});

const catalogTable = z.strictObject({
  metadata: z.strictObject({
    type: text,
    schema: text,
    name: text,
    database: orNull(text),
    comment: orNull(text),
    owner: orNull(text),
  }),
  columns: z.record(
    text,
    z.strictObject({ type: text, index: z.int().min(1), name: text, comment: orNull(text), meta: ours }),
  ),
  stats: z.record(
    text,
    z.strictObject({
      id: text,
      label: text,
      value: orNull(z.union([text, z.number(), z.boolean()])),
      include: z.boolean(),
      description: orNull(text),
    }),
  ),
  unique_id: orNull(text),
  meta: ours,
});

export const catalogArtifact = z.strictObject({
  metadata: metadata('catalog', 1),
  nodes: z.record(text, catalogTable),
  sources: z.record(text, catalogTable),
  errors: orNull(z.array(text)),
});
