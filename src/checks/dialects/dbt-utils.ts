/** The generic tests of dbt-utils 1.x, said with dql's. */
import { renamed, type Translate } from './translation.ts';

export const dbtUtils: Readonly<Record<string, Translate>> = {
  accepted_range: ({ inclusive = true, ...given }) => ({
    name: 'accepted_range',
    kwargs: renameBounds(given, inclusive === false),
  }),
  unique_combination_of_columns: renamed('unique_combination', {
    combination_of_columns: 'columns',
    quote_columns: null,
  }),
  recency: ({ datepart, interval, ...given }) => ({
    name: 'freshness',
    kwargs: {
      ...Object.fromEntries(
        Object.entries(given).filter(([key]) => key !== 'field' && key !== 'ignore_time_component'),
      ),
      ...(given.field === undefined ? {} : { column: given.field }),
      max_age: `${interval} ${datepart}`,
    },
  }),
};

function renameBounds(given: Parameters<Translate>[0], strict: boolean) {
  const { min_value, max_value, ...others } = given;
  return {
    ...others,
    ...(min_value === undefined ? {} : { min: min_value }),
    ...(max_value === undefined ? {} : { max: max_value }),
    ...(strict ? { strict } : {}),
  };
}
