import { expect, test } from 'vitest';
import type { Json } from '../core/node-id.ts';
import { catalogue } from './catalogue.ts';
import { planCheck } from './check.ts';
import { argumentNames } from './define-check.ts';
import { knownChecks, resolveCheck } from './resolve-check.ts';

const plan = (
  name: string,
  namespace: string | null,
  kwargs: Record<string, Json>,
  column?: string,
  config: Record<string, Json> = {},
) =>
  planCheck({
    name,
    namespace,
    kwargs,
    column: column ?? null,
    relation: '"orders"',
    config,
    now: '2026-03-10T12:00:00Z',
    columns: [
      { name: 'id', type: 'INTEGER' },
      { name: 'at', type: 'TIMESTAMP' },
      { name: 'status', type: 'VARCHAR' },
    ],
  });

test('every test says what it means and describes every argument', () => {
  for (const check of Object.values(catalogue)) {
    expect(check.description, check.name).toMatch(/^[A-Z].*\.$/);
    const shape: Readonly<Record<string, { readonly description?: string | undefined }>> =
      'shape' in check.arguments ? Object(check.arguments.shape) : {};
    for (const name of argumentNames(check.arguments))
      expect(shape[name]?.description, `${check.name}.${name}`).toBeTruthy();
  }
});

test('all names are known, the other tools’ too', () => {
  const { has, names } = knownChecks();
  expect(names.length).toBeGreaterThan(130);
  expect(has('unique')).toBe(true);
  expect(has('unique', 'dbt')).toBe(true);
  expect(has('recency', 'dbt_utils')).toBe(true);
  expect(has('recency')).toBe(false);
  expect(has('constructor')).toBe(false);
  expect(resolveCheck('toString')).toBeUndefined();
});

test.each<[string, string, Record<string, Json>, string | undefined]>([
  ['dbt_utils', 'accepted_range', { min_value: 0, max_value: 5, inclusive: false }, 'id'],
  ['dbt_utils', 'at_least_one', {}, 'id'],
  ['dbt_utils', 'cardinality_equality', { field: 'id', to: '"customers"' }, 'id'],
  ['dbt_utils', 'equal_rowcount', { compare_model: '"customers"' }, undefined],
  ['dbt_utils', 'equality', { compare_model: '"customers"', compare_columns: ['id'] }, undefined],
  ['dbt_utils', 'expression_is_true', { expression: '>= 0' }, 'id'],
  ['dbt_utils', 'fewer_rows_than', { compare_model: '"customers"', group_by_columns: ['id'] }, undefined],
  [
    'dbt_utils',
    'mutually_exclusive_ranges',
    {
      lower_bound_column: 'id',
      upper_bound_column: 'id',
      partition_by: 'id',
      gaps: 'required',
      zero_length_range_allowed: true,
    },
    undefined,
  ],
  ['dbt_utils', 'not_accepted_values', { values: ['lost'] }, 'status'],
  ['dbt_utils', 'not_constant', { group_by_columns: ['status'] }, 'id'],
  ['dbt_utils', 'not_empty_string', { trim_whitespace: false }, 'status'],
  ['dbt_utils', 'not_null_proportion', { at_least: 0.95 }, 'id'],
  ['dbt_utils', 'recency', { field: 'at', datepart: 'month', interval: 2 }, undefined],
  [
    'dbt_utils',
    'relationships_where',
    {
      to: '"customers"',
      field: 'id',
      from_condition: 'id > 1',
      to_condition: 'id > 1',
    },
    'id',
  ],
  ['dbt_utils', 'sequential_values', { interval: 1, datepart: 'day', group_by_columns: ['status'] }, 'id'],
  [
    'dbt_utils',
    'unique_combination_of_columns',
    { combination_of_columns: ['id', 'status'], quote_columns: true },
    undefined,
  ],
  ['dbt_expectations', 'expect_column_to_exist', {}, 'id'],
  [
    'dbt_expectations',
    'expect_row_values_to_have_recent_data',
    { datepart: 'day', interval: 1, row_condition: 'id > 1' },
    'at',
  ],
  [
    'dbt_expectations',
    'expect_grouped_row_values_to_have_recent_data',
    {
      group_by: ['status'],
      timestamp_column: 'at',
      datepart: 'day',
      interval: 1,
    },
    undefined,
  ],
  [
    'dbt_expectations',
    'expect_table_aggregation_to_equal_other_table',
    {
      expression: 'sum(id)',
      compare_model: '"customers"',
      compare_expression: 'sum(x)',
      group_by: ['status'],
      tolerance: 1,
    },
    undefined,
  ],
  ['dbt_expectations', 'expect_table_column_count_to_be_between', { min_value: 0, max_value: 3 }, undefined],
  ['dbt_expectations', 'expect_table_column_count_to_equal', { value: 2 }, undefined],
  ['dbt_expectations', 'expect_table_columns_to_contain_set', { column_list: ['id'], transform: 'lower' }, undefined],
  ['dbt_expectations', 'expect_table_columns_to_match_ordered_list', { column_list: ['id', 'status'] }, undefined],
  ['dbt_expectations', 'expect_table_columns_to_match_set', { column_list: ['id', 'status'] }, undefined],
  ['dbt_expectations', 'expect_table_columns_to_not_contain_set', { column_list: ['email'] }, undefined],
  [
    'dbt_expectations',
    'expect_table_row_count_to_be_between',
    {
      min_value: 1,
      max_value: 4,
      group_by: ['status'],
      row_condition: 'id > 1',
      strictly: false,
    },
    undefined,
  ],
  ['dbt_expectations', 'expect_table_row_count_to_equal', { value: 4 }, undefined],
  [
    'dbt_expectations',
    'expect_table_row_count_to_equal_other_table',
    {
      compare_model: '"customers"',
      factor: 2,
      row_condition: 'id > 1',
      compare_row_condition: 'id > 1',
    },
    undefined,
  ],
  ['dbt_expectations', 'expect_column_values_to_be_null', {}, 'id'],
  ['dbt_expectations', 'expect_column_values_to_not_be_null', { row_condition: 'id > 1' }, 'id'],
  ['dbt_expectations', 'expect_column_values_to_be_unique', {}, 'id'],
  ['dbt_expectations', 'expect_column_values_to_be_of_type', { column_type: 'integer' }, 'id'],
  ['dbt_expectations', 'expect_column_values_to_be_in_type_list', { column_type_list: ['date', 'integer'] }, 'id'],
  [
    'dbt_expectations',
    'expect_column_values_to_have_consistent_casing',
    { display_inconsistent_columns: true },
    'status',
  ],
  ['dbt_expectations', 'expect_column_values_to_be_in_set', { value_set: ['a'], quote_values: true }, 'status'],
  ['dbt_expectations', 'expect_column_values_to_not_be_in_set', { value_set: [1], quote_values: false }, 'id'],
  [
    'dbt_expectations',
    'expect_column_values_to_be_between',
    { min_value: 0, strictly: true, row_condition: 'id > 1' },
    'id',
  ],
  [
    'dbt_expectations',
    'expect_column_values_to_be_increasing',
    { sort_column: 'status', strictly: false, group_by: ['status'] },
    'id',
  ],
  ['dbt_expectations', 'expect_column_values_to_be_decreasing', { sort_column: 'status' }, 'id'],
  ['dbt_expectations', 'expect_column_value_lengths_to_be_between', { min_value: 1 }, 'status'],
  ['dbt_expectations', 'expect_column_value_lengths_to_equal', { value: 1 }, 'status'],
  [
    'dbt_expectations',
    'expect_column_values_to_match_like_pattern_list',
    { like_pattern_list: ['a%'], match_on: 'any' },
    'status',
  ],
  ['dbt_expectations', 'expect_column_values_to_not_match_like_pattern', { like_pattern: 'a%' }, 'status'],
  ['dbt_expectations', 'expect_column_values_to_match_regex', { regex: 'a', is_raw: true, flags: 'i' }, 'status'],
  [
    'dbt_expectations',
    'expect_column_values_to_match_regex_list',
    { regex_list: ['a', 'b'], match_on: 'all' },
    'status',
  ],
  ['dbt_expectations', 'expect_column_values_to_not_match_regex_list', { regex_list: ['a'] }, 'status'],
  ['dbt_expectations', 'expect_column_distinct_count_to_be_greater_than', { value: 1 }, 'id'],
  ['dbt_expectations', 'expect_column_distinct_count_to_be_less_than', { value: 1 }, 'id'],
  ['dbt_expectations', 'expect_column_distinct_count_to_equal', { value: 1, group_by: ['status'] }, 'id'],
  [
    'dbt_expectations',
    'expect_column_distinct_count_to_equal_other_table',
    { compare_model: '"customers"', compare_column_name: 'id' },
    'id',
  ],
  ['dbt_expectations', 'expect_column_distinct_values_to_equal_set', { value_set: ['a'] }, 'status'],
  ['dbt_expectations', 'expect_column_quantile_values_to_be_between', { quantile: 0.9, max_value: 9 }, 'id'],
  [
    'dbt_expectations',
    'expect_column_most_common_value_to_be_in_set',
    { value_set: ['a'], top_n: 1, strictly: false },
    'status',
  ],
  ['dbt_expectations', 'expect_column_proportion_of_unique_values_to_be_between', { min_value: 0.5 }, 'id'],
  ['dbt_expectations', 'expect_column_unique_value_count_to_be_between', { min_value: 1 }, 'id'],
  [
    'dbt_expectations',
    'expect_column_pair_values_A_to_be_greater_than_B',
    { column_A: 'id', column_B: 'id', or_equal: true },
    undefined,
  ],
  ['dbt_expectations', 'expect_column_pair_values_to_be_equal', { column_A: 'id', column_B: 'id' }, undefined],
  [
    'dbt_expectations',
    'expect_column_pair_values_to_be_in_set',
    { column_A: 'id', column_B: 'status', value_pairs_set: [[1, 'a']] },
    undefined,
  ],
  ['dbt_expectations', 'expect_multicolumn_sum_to_equal', { column_list: ['id'], sum_total: 4 }, undefined],
  ['dbt_expectations', 'expect_column_values_to_be_within_n_stdevs', { sigma_threshold: 3, group_by: 'status' }, 'id'],
  [
    'dbt_expectations',
    'expect_row_values_to_have_data_for_every_n_datepart',
    {
      date_col: 'id',
      date_part: 'day',
      interval: 1,
      test_start_date: '2026-01-01',
      exclusion_condition: 'period != 3',
    },
    undefined,
  ],
  ['dbt_expectations', 'expression_is_true', { expression: 'id > 1' }, undefined],
  ['dbt_expectations', 'expression_between', { expression: 'id', min_value: 1, strictly: true }, undefined],
])('%s.%s is understood with its arguments', (namespace, name, kwargs, column) => {
  const { value, diagnostics } = plan(name, namespace, kwargs, column);
  expect(diagnostics).toEqual([]);
  expect(value?.measure).toContain('select');
});

test('every dbt-utils and dbt-expectations name leads to a test or to a sentence', () => {
  for (const full of knownChecks().names.filter((name) => name.includes('.'))) {
    const [namespace = '', name = ''] = full.split('.');
    const resolved = resolveCheck(name, namespace, {});
    expect(resolved, full).toBeDefined();
  }
});

test.each<
  [string, string | null, Record<string, Json>, string | undefined, Record<string, Json>, string, string | undefined]
>([
  ['uniqe', null, {}, 'id', {}, 'there is no test called `uniqe`', 'did you mean `unique`?'],
  [
    'recencyy',
    'dbt_utils',
    {},
    'id',
    {},
    'there is no test called `dbt_utils.recencyy`',
    'did you mean `dbt_utils.recency`?',
  ],
  [
    'accepted_range',
    null,
    { minimum: 3 },
    'id',
    {},
    'test `accepted_range` has no argument `minimum`',
    'it takes min, max, strict',
  ],
  ['accepted_values', null, {}, 'id', {}, 'test `accepted_values`: argument `values` is missing', undefined],
  [
    'unique',
    null,
    {},
    undefined,
    {},
    'test `unique` needs a column',
    'write it under a column, or give it `column_name`',
  ],
  [
    'row_count',
    null,
    { min: 1 },
    'id',
    {},
    'test `row_count` is about the whole relation, not about a column',
    'write it under the `data_tests:` of the model',
  ],
  ['not_null', null, {}, 'id', { on_null: 'ignore' }, 'test `not_null` cannot honour `on_null`', undefined],
  ['row_count', null, { min: 1 }, undefined, { mostly: 0.9 }, 'test `row_count` cannot honour `mostly`', undefined],
  [
    'freshness',
    null,
    { warn_after: '1 day' },
    'at',
    { warn_if: '> 1' },
    'test `freshness` cannot honour `warn_if/error_if`',
    undefined,
  ],
  [
    'not_null',
    null,
    {},
    'id',
    { severity: 'wran' },
    'option `severity` of this test must be one of `error`, `warn`, `info`, not "wran"',
    'did you mean `warn`?',
  ],
  [
    'relationships',
    null,
    { to: 'customers', field: 'id' },
    'id',
    { group_by: ['status'] },
    'test `relationships` cannot be made for each group',
    'leave `group_by` away, or write a test of your own',
  ],
  [
    'freshness',
    null,
    { max_age: '1 fortnight' },
    'id',
    {},
    'test `freshness`: argument `max_age` `1 fortnight` is not a duration; write `36 hours` or `1 day`',
    undefined,
  ],
])('%s with %s %j says what is wrong', (name, namespace, kwargs, column, config, message, hint) => {
  const { value, diagnostics } = plan(name, namespace, kwargs, column, config);
  expect(value).toBeUndefined();
  expect(diagnostics[0]).toMatchObject({
    severity: 'error',
    message,
    ...(hint === undefined ? {} : { hint }),
  });
});
