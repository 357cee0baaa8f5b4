/** The generic tests of dbt-utils 1.x, said with dql's. */
import { type Arguments, rename, renamed, type Translate, within } from './translation.ts';

const DATE_PARTS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'];

export const dbtUtils: Readonly<Record<string, Translate>> = {
  accepted_range: ({ inclusive, ...given }) =>
    within('accepted_range', {
      ...given,
      ...(inclusive === false ? { strictly: true } : {}),
    }),
  at_least_one: grouped('at_least_one'),
  cardinality_equality: renamed('cardinality_equality', {
    to: 'to',
    field: 'field',
  }),
  equal_rowcount: grouped('row_count_equals_other', { compare_model: 'to' }),
  equality: renamed('equality', {
    compare_model: 'to',
    compare_columns: 'columns',
    exclude_columns: 'exclude',
  }),
  expression_is_true: renamed('expression_is_true'),
  fewer_rows_than: grouped('fewer_rows_than', { compare_model: 'to' }),
  mutually_exclusive_ranges: ({ zero_length_range_allowed, ...given }) => ({
    name: 'mutually_exclusive_ranges',
    kwargs: {
      ...rename(given, {
        lower_bound_column: 'lower',
        upper_bound_column: 'upper',
      }),
      ...(zero_length_range_allowed === undefined ? {} : { zero_length: zero_length_range_allowed }),
    },
  }),
  not_accepted_values: renamed('not_accepted_values'),
  not_constant: grouped('not_constant'),
  not_empty_string: renamed('not_empty_string', { trim_whitespace: 'trim' }),
  not_null_proportion: grouped('not_null_proportion'),
  recency: ({ field, datepart, interval, ignore_time_component, ...given }) => {
    if (ignore_time_component === true && ['second', 'minute', 'hour'].includes(String(datepart)))
      return {
        problem: `\`dbt_utils.recency\` with \`ignore_time_component\` compares days, so a datepart of ${datepart} says little; write \`freshness\``,
      };
    if (typeof datepart === 'string' && !DATE_PARTS.includes(datepart))
      return {
        problem: `\`dbt_utils.recency\`: there is no datepart \`${datepart}\`; there are ${DATE_PARTS.join(', ')}`,
      };
    const months = { month: 30, quarter: 91, year: 365 };
    const [count, period] =
      typeof datepart === 'string' && datepart in months
        ? [Number(interval) * (months[datepart as keyof typeof months] ?? 1), 'days']
        : [interval, datepart];
    return {
      name: 'freshness',
      // dbt-utils lets a time in the future make old data fresh; dql does not.
      kwargs: {
        ...groupColumns(given),
        ...(field === undefined ? {} : { column: field }),
        max_age: `${count} ${period}`,
        ...(ignore_time_component === true ? { whole_days: true } : {}),
      },
    };
  },
  relationships_where: renamed('relationships', {
    from_condition: 'from_where',
    to_condition: 'to_where',
  }),
  sequential_values: grouped('sequential'),
  unique_combination_of_columns: renamed('unique_combination', {
    combination_of_columns: 'columns',
    quote_columns: null,
  }),
};

function grouped(name: string, names: Readonly<Record<string, string>> = {}): Translate {
  return (given) => ({ name, kwargs: groupColumns(rename(given, names)) });
}

/** dbt-utils groups by `group_by_columns`; its default `[]` is none. */
function groupColumns({ group_by_columns, ...given }: Arguments): Arguments {
  return Array.isArray(group_by_columns) && group_by_columns.length > 0
    ? { ...given, group_by: group_by_columns }
    : given;
}
