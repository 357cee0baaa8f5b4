/** Metrics in the shape that dbt gives them: macros of packages read them from `graph`. dql itself computes none. */
import type { Json } from '../../core/node-id.ts';
import type { JsonObject } from '../../project/project.ts';
import { isMap } from './columns.ts';

/** A metric as it is written in YAML, with what dbt 1.11 adds to it. */
export function metricEntry(written: JsonObject): JsonObject {
  const params = isMap(written['type_params']) ? written['type_params'] : {};
  const [measure, numerator, denominator] = [
    measureOf(params['measure']),
    metricOf(params['numerator']),
    metricOf(params['denominator']),
  ];
  const cumulative = params['cumulative_type_params'];
  return {
    description: '',
    label: null,
    metadata: null,
    time_granularity: null,
    meta: {},
    tags: [],
    group: null,
    ...written,
    filter: filterOf(written['filter']),
    config: { enabled: true, group: null, meta: {}, ...(isMap(written['config']) ? written['config'] : {}) },
    type_params: {
      expr: null,
      grain_to_date: null,
      conversion_type_params: null,
      metric_aggregation_params: null,
      ...params,
      measure,
      numerator,
      denominator,
      window: windowOf(params['window']),
      metrics: listOf(params['metrics']).map(metricOf),
      cumulative_type_params: isMap(cumulative)
        ? {
            grain_to_date: null,
            period_agg: 'first',
            metric: null,
            ...cumulative,
            window: windowOf(cumulative['window']),
          }
        : null,
    },
  };
}

/** Names of the measures and of the metrics that an entry of `metricEntry` is computed from. */
export function inputsOfMetric({ type_params: params }: JsonObject): {
  readonly measures: readonly string[];
  readonly metrics: readonly string[];
} {
  if (!isMap(params)) return { measures: [], metrics: [] };
  const names = (values: readonly (Json | undefined)[]) =>
    values.flatMap((value) => (isMap(value) && typeof value['name'] === 'string' ? [value['name']] : []));
  return {
    measures: names([params['measure']]),
    metrics: names([params['numerator'], params['denominator'], ...listOf(params['metrics'])]),
  };
}

/** Names of the measures of a semantic model. */
export const measuresOf = (model: Json): readonly string[] =>
  listOf(isMap(model) ? model['measures'] : undefined).flatMap((measure) =>
    isMap(measure) && typeof measure['name'] === 'string' ? [measure['name']] : [],
  );

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

/** `total` or `{name: total, …}`. */
const named = (value: Json | undefined): JsonObject | undefined =>
  typeof value === 'string' ? { name: value } : isMap(value) ? value : undefined;

function measureOf(value: Json | undefined): Json {
  const measure = named(value);
  if (measure === undefined) return null;
  const usual = { alias: null, join_to_timespine: false, fill_nulls_with: null };
  return { ...usual, ...measure, filter: filterOf(measure['filter']) };
}

function metricOf(value: Json | undefined): Json {
  const metric = named(value);
  if (metric === undefined) return null;
  const usual = { alias: null, offset_to_grain: null };
  const offset_window = windowOf(metric['offset_window']);
  return { ...usual, ...metric, filter: filterOf(metric['filter']), offset_window };
}

/** `30 days`: `{count: 30, granularity: day}`. */
function windowOf(value: Json | undefined): Json {
  const [, count, granularity] = typeof value === 'string' ? (/^\s*(\d+)\s+(\w+?)s?\s*$/.exec(value) ?? []) : [];
  return count === undefined || granularity === undefined ? (value ?? null) : { count: Number(count), granularity };
}

function filterOf(value: Json | undefined): Json {
  const conditions = typeof value === 'string' ? [value] : Array.isArray(value) ? value : undefined;
  if (conditions === undefined) return value ?? null;
  return { where_filters: conditions.map((text) => ({ where_sql_template: text })) };
}
