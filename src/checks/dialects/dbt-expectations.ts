/** The tests of dbt-expectations (metaplane's fork of calogica's), said with dql's. */
import type { Json } from '../../core/node-id.ts';
import { type Arguments, BOUNDS, rename, type Translate } from './translation.ts';

/** Arguments that mean the same in all of its tests. `quote_values` is false there unless said; ours quotes. */
const COMMON = {
  ...BOUNDS,
  row_condition: 'where',
  compare_row_condition: 'to_where',
  compare_model: 'to',
  sigma_threshold: 'sigma',
} as const;

const as =
  (name: string, names: Readonly<Record<string, string | null>> = {}, added: Arguments = {}): Translate =>
  (given) => ({ name, kwargs: { ...common(given, names), ...added } });

const common = (given: Arguments, names: Readonly<Record<string, string | null>> = {}): Arguments =>
  Object.fromEntries(
    Object.entries(rename(given, { ...COMMON, ...names })).filter(
      // Empty lists and empty flags are its way of not giving an argument.
      ([key, value]) =>
        !(Array.isArray(value) && value.length === 0 && key !== 'values') && !(key === 'flags' && value === ''),
    ),
  );

/** A column test whose values are SQL there unless `quote_values` says otherwise: numbers and quoted text mean the same either way. */
const asSet =
  (name: string, set: string): Translate =>
  ({ quote_values, ...given }) => ({
    name,
    kwargs: {
      ...common(given, { value_set: set }),
      quote: quote_values !== false,
    },
  });

/** Its regex tests: `is_raw` concerns escapes, which DuckDB's strings do not have. */
const asRegex =
  (name: string): Translate =>
  ({ is_raw: _raw, match_on, regex_list, regex, ...given }) => ({
    name,
    kwargs: { ...common(given), regex: regex_list ?? regex ?? '', match: matching(name, match_on) },
  });

const asLike =
  (name: string): Translate =>
  ({ match_on, like_pattern_list, like_pattern, ...given }) => ({
    name,
    kwargs: { ...common(given), pattern: like_pattern_list ?? like_pattern ?? '', match: matching(name, match_on) },
  });

/** There, `any` of `not` is that one of the patterns does not match; ours says which matches are wrong: all of them at once. */
const matching = (name: string, on: Json | undefined): string => {
  const isAll = on === 'all';
  return isAll === name.startsWith('not_') ? 'any' : 'all';
};

const asMetric =
  (metric: string): Translate =>
  (given) => ({ name: 'metric', kwargs: { ...common(given), metric } });

const columnList =
  (argument: string): Translate =>
  ({ column_list, transform: _case, ...given }) => ({
    name: 'columns',
    kwargs: { ...common(given), [argument]: column_list ?? [] },
  });

const ordered =
  (name: 'increasing' | 'decreasing'): Translate =>
  ({ sort_column, strictly, ...given }) =>
    sort_column === undefined || sort_column === null
      ? {
          problem: `a column sorted by itself is always ${name}: give \`sort_column\`, the column that says which row comes first`,
        }
      : {
          name,
          kwargs: {
            ...common(given),
            order_by: sort_column,
            strict: strictly !== false,
          },
        };

const recent: Translate = ({ datepart, interval, group_by, timestamp_column, ...given }) => ({
  name: 'freshness',
  kwargs: {
    ...common(given),
    ...(timestamp_column === undefined ? {} : { column: timestamp_column }),
    ...(Array.isArray(group_by) && group_by.length > 0 ? { group_by } : {}),
    max_age: `${interval} ${datepart}`,
  },
});

const distinct =
  (bound: (value: Json) => Arguments): Translate =>
  ({ value, quote_values: _quote, ...given }) => ({
    name: 'distinct_count',
    kwargs: { ...common(given), ...bound(value ?? 0) },
  });

const columnCount = (relation: string): string => `select count(*) from (describe select * from ${relation})`;

/** What is compared with is the relation itself unless another is named, narrowed and grouped as it is. */
const compared = (given: Arguments): Arguments => ({
  ...given,
  compare_model: given['compare_model'] ?? given['model'] ?? null,
  compare_row_condition: given['compare_row_condition'] ?? given['row_condition'] ?? null,
});

const isAboutItself = ({ compare_model = null, compare_row_condition = null }: Arguments): boolean =>
  compare_model === null && compare_row_condition === null;

const equalExpression: Translate = ({ tolerance_percent, ...given }) => ({
  name: 'reconcile_metric',
  kwargs: {
    ...common(compared(given), { compare_expression: 'to_expression', compare_group_by: 'to_group_by' }),
    // A share there (0.01) of the figure here, a percentage here; 0 is its way of not giving one.
    ...(typeof tolerance_percent === 'number' && tolerance_percent !== 0
      ? { tolerance: `${tolerance_percent * 100}%`, tolerance_of: 'here' }
      : {}),
  },
});

const otherRows: Translate = (given) => ({
  name: 'row_count_equals_other',
  kwargs: common(compared(given), { compare_group_by: 'to_group_by' }),
});

export const dbtExpectations: Readonly<Record<string, Translate>> = {
  // Shape of the table
  expect_column_to_exist: ({ column_name, column_index, transform: _case, ...given }) => ({
    name: 'columns',
    kwargs: {
      ...common(given),
      contain: [column_name ?? ''],
      // 0 says nothing there.
      ...(typeof column_index === 'number' && column_index !== 0
        ? { index: { [String(column_name)]: Math.max(column_index, 1) } }
        : {}),
    },
  }),
  expect_row_values_to_have_recent_data: recent,
  expect_grouped_row_values_to_have_recent_data: recent,
  expect_table_aggregation_to_equal_other_table: equalExpression,
  expect_table_column_count_to_be_between: as('columns', {
    min_value: 'min_count',
    max_value: 'max_count',
  }),
  expect_table_column_count_to_equal: ({ value, ...given }) => ({
    name: 'columns',
    kwargs: { ...common(given), min_count: value ?? 0, max_count: value ?? 0 },
  }),
  expect_table_column_count_to_equal_other_table: ({ compare_model, ...given }) => ({
    name: 'scalar',
    kwargs: {
      ...common(given),
      sql: `select (${columnCount('{object}')}) - (${columnCount(String(compare_model))})`,
      must_be: 0,
    },
  }),
  expect_table_columns_to_contain_set: columnList('contain'),
  expect_table_columns_to_match_ordered_list: columnList('ordered'),
  expect_table_columns_to_match_set: columnList('set'),
  expect_table_columns_to_not_contain_set: columnList('forbidden'),
  expect_table_row_count_to_be_between: as('row_count'),
  expect_table_row_count_to_equal: as('row_count', { value: 'equal' }),
  expect_table_row_count_to_equal_other_table: otherRows,
  expect_table_row_count_to_equal_other_table_times_factor: otherRows,

  // Missing values, unique values, types
  expect_column_values_to_be_null: as('is_null'),
  expect_column_values_to_not_be_null: as('not_null'),
  expect_column_values_to_be_unique: as('unique'),
  expect_column_values_to_be_of_type: as('column_type', {
    column_type: 'type',
  }),
  expect_column_values_to_be_in_type_list: as('column_type', {
    column_type_list: 'type',
  }),
  expect_column_values_to_have_consistent_casing: as('consistent_casing', {
    display_inconsistent_columns: null,
  }),

  // Sets and ranges
  expect_column_values_to_be_in_set: asSet('accepted_values', 'values'),
  expect_column_values_to_not_be_in_set: asSet('not_accepted_values', 'values'),
  expect_column_values_to_be_between: as('accepted_range'),
  expect_column_values_to_be_increasing: ordered('increasing'),
  expect_column_values_to_be_decreasing: ordered('decreasing'),

  // Text
  expect_column_value_lengths_to_be_between: as('length_between'),
  expect_column_value_lengths_to_equal: as('length_equal'),
  expect_column_values_to_match_like_pattern: asLike('matches_like'),
  expect_column_values_to_match_like_pattern_list: asLike('matches_like'),
  expect_column_values_to_not_match_like_pattern: asLike('not_matches_like'),
  expect_column_values_to_not_match_like_pattern_list: asLike('not_matches_like'),
  expect_column_values_to_match_regex: asRegex('matches_regex'),
  expect_column_values_to_match_regex_list: asRegex('matches_regex'),
  expect_column_values_to_not_match_regex: asRegex('not_matches_regex'),
  expect_column_values_to_not_match_regex_list: asRegex('not_matches_regex'),

  // Aggregates
  expect_column_distinct_count_to_be_greater_than: distinct((value) => ({
    min: value,
    strict: true,
  })),
  expect_column_distinct_count_to_be_less_than: distinct((value) => ({
    max: value,
    strict: true,
  })),
  expect_column_distinct_count_to_equal: distinct((value) => ({
    equal: value,
  })),
  expect_column_distinct_count_to_equal_other_table: (given) => ({
    name: 'distinct_count',
    kwargs: common(
      isAboutItself(given)
        ? { ...given, compare_column_name: given['compare_column_name'] ?? given['column_name'] ?? null }
        : compared(given),
      { compare_column_name: 'field' },
    ),
  }),
  expect_column_distinct_values_to_be_in_set: asSet('distinct_values', 'in_set'),
  expect_column_distinct_values_to_contain_set: asSet('distinct_values', 'contain_set'),
  expect_column_distinct_values_to_equal_set: asSet('distinct_values', 'equal_set'),
  expect_column_max_to_be_between: asMetric('max'),
  expect_column_mean_to_be_between: asMetric('mean'),
  expect_column_median_to_be_between: asMetric('median'),
  expect_column_min_to_be_between: asMetric('min'),
  expect_column_stdev_to_be_between: asMetric('stddev'),
  expect_column_sum_to_be_between: asMetric('sum'),
  expect_column_quantile_values_to_be_between: asMetric('quantile'),
  expect_column_most_common_value_to_be_in_set: ({
    data_type: _type,
    strictly: _strictly,
    quote_values,
    ...given
  }) => ({
    name: 'most_common',
    kwargs: {
      ...common(given, { value_set: 'in_set' }),
      quote: quote_values !== false,
    },
  }),
  expect_column_proportion_of_unique_values_to_be_between: as('proportion_unique'),
  expect_column_unique_value_count_to_be_between: as('distinct_count'),

  // Several columns
  expect_column_pair_values_A_to_be_greater_than_B: ({ column_A, column_B, or_equal, ...given }) => ({
    name: 'compare_columns',
    kwargs: {
      ...common(given),
      left: column_A ?? '',
      right: column_B ?? '',
      operator: or_equal === true ? '>=' : '>',
    },
  }),
  expect_column_pair_values_to_be_equal: ({ column_A, column_B, ...given }) => ({
    name: 'compare_columns',
    kwargs: {
      ...common(given),
      left: column_A ?? '',
      right: column_B ?? '',
      operator: '=',
    },
  }),
  expect_column_pair_values_to_be_in_set: as('pair_in_set', {
    column_A: 'left',
    column_B: 'right',
    value_pairs_set: 'pairs',
  }),
  expect_compound_columns_to_be_unique: ({ ignore_row_if, column_list, quote_columns: _quote, ...given }) => ({
    name: 'unique_combination',
    kwargs: {
      ...common(given),
      columns: column_list ?? [],
      ignore_row_if: ignore_row_if ?? 'all_values_are_missing',
    },
  }),
  expect_multicolumn_sum_to_equal: ({ column_list, sum_total, ...given }) => ({
    name: 'columns_sum_to',
    kwargs: {
      ...common(given),
      columns: column_list ?? [],
      total: sum_total ?? '',
      per: 'relation',
    },
  }),
  expect_select_column_values_to_be_unique_within_record: ({
    column_list,
    ignore_row_if: _ignored,
    quote_columns: _quote,
    ...given
  }) => ({
    name: 'unique_within_record',
    kwargs: { ...common(given), columns: column_list ?? [] },
  }),

  // Distribution and expressions
  expect_column_values_to_be_within_n_stdevs: as('z_score_within'),
  expect_column_values_to_be_within_n_moving_stdevs: as('moving_z_score_within', {
    date_column_name: 'timestamp_column',
    sigma_threshold_upper: 'sigma_upper',
    sigma_threshold_lower: 'sigma_lower',
  }),
  expect_row_values_to_have_data_for_every_n_datepart: ({
    date_col,
    date_part,
    interval,
    test_start_date,
    test_end_date,
    exclusion_condition,
    ...given
  }) => ({
    name: 'data_for_every_period',
    kwargs: {
      ...common(given),
      column: date_col ?? '',
      ...(typeof date_part === 'string' ? { part: date_part } : {}),
      ...(interval === undefined || interval === null ? {} : { interval }),
      ...(typeof test_start_date === 'string' ? { start: test_start_date } : {}),
      ...(typeof test_end_date === 'string' ? { end: test_end_date } : {}),
      // The period is called after its length there.
      ...(typeof exclusion_condition === 'string'
        ? { except: `not (${exclusion_condition.replaceAll(/\bdate_[a-z]+\b/gi, 'period')})` }
        : {}),
    },
  }),
  equal_expression: equalExpression,
  expression_is_true: as('expression_is_true'),
  expression_between: ({ expression, min_value, max_value, strictly, ...given }) => {
    const [least, most] = strictly === true ? ['>', '<'] : ['>=', '<='];
    const conditions = [
      ...(min_value === undefined || min_value === null ? [] : [`(${expression}) ${least} ${min_value}`]),
      ...(max_value === undefined || max_value === null ? [] : [`(${expression}) ${most} ${max_value}`]),
    ];
    return {
      name: 'expression_is_true',
      kwargs: { ...common(given), expression: conditions.join(' and ') },
    };
  },
};
