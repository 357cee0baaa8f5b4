/** `flags` of project.yml: defaults of the command line, and names of dbt's own switches that may stand there. */
import * as z from 'zod';
import { anything, textOrNumber } from './shapes.ts';

const names = z.union([z.literal('all'), z.literal('*'), z.array(z.string())]);
const list = z.array(z.string()).optional();
const yes = z.boolean().optional();

const warnErrorOptions = z.strictObject({
  error: names.optional().describe('Warnings that stop a command: their names, or `all`.'),
  include: names.optional().describe('Older spelling of `error`.'),
  warn: list.describe('Warnings that stay warnings.'),
  exclude: list.describe('Older spelling of `warn`.'),
  silence: list.describe('Warnings that are not shown.'),
});

export const flags = z
  .object({
    debug: yes.describe('As `--debug`.'),
    fail_fast: yes.describe('As `--fail-fast`.'),
    indirect_selection: z
      .enum(['eager', 'cautious', 'buildable', 'empty'])
      .optional()
      .describe('As `--indirect-selection`.'),
    lock_timeout: textOrNumber.optional().describe('As `--lock-timeout`.'),
    log_format: z.enum(['text', 'json']).optional().describe('As `--log-format`.'),
    log_level: z.enum(['debug', 'info', 'warn', 'error', 'none']).optional().describe('As `--log-level`.'),
    partial_parse: yes.describe('False as `--no-partial-parse`.'),
    quiet: yes.describe('As `--quiet`.'),
    target_path: z.string().optional().describe('As `--target-path`.'),
    use_colors: yes.describe('As `--color` and `--no-color`.'),
    warn_error: yes.describe('As `--warn-error`.'),
    warn_error_options: warnErrorOptions.optional().describe('As `--warn-error-options`.'),
    write_json: yes.describe('False as `--no-write-json`.'),
  })
  .catchall(anything)
  .describe(
    'Defaults of the command line; a flag or its environment variable counts more. dbt’s behaviour flags have no effect.',
  );

/** dbt's own, which decide between an older and a newer behaviour of dbt, or about what dql does not have. */
export const DBT_FLAGS: readonly string[] = [
  'cache_selected_only',
  'enable_truthy_nulls_equals_macro',
  'log_format_file',
  'log_level_file',
  'log_path',
  'populate_cache',
  'printer_width',
  'require_all_warnings_handled_by_warn_error',
  'require_batched_execution_for_custom_microbatch_strategy',
  'require_explicit_package_overrides_for_builtin_materializations',
  'require_generic_test_arguments_property',
  'require_nested_cumulative_type_params',
  'require_ref_searches_node_package_before_root',
  'require_resource_names_without_spaces',
  'require_sql_header_in_test_configs',
  'require_unique_project_resource_names',
  'require_valid_schema_from_generate_schema_name',
  'require_yaml_configuration_for_mf_time_spines',
  'restrict_direct_pg_catalog_access',
  'send_anonymous_usage_stats',
  'skip_nodes_if_on_run_start_fails',
  'source_freshness_run_project_hooks',
  'state_modified_compare_more_unrendered_values',
  'state_modified_compare_vars',
  'static_parser',
  'use_colors_file',
  'use_experimental_parser',
  'use_fast_test_edges',
  'use_info_schema_for_columns',
  'use_materialization_v2',
  'validate_macro_args',
  'version_check',
];
