/** The semantic layer of the airline's project. */
import { factFlights } from './flights-project.ts';

/** As the compiler keeps them. */
export const SEMANTICS = {
  semantic_models: {
    'semantic_model.flights.flown': {
      ...kept('semantic_model', 'flown'),
      description: `${'Every flight that was flown, with whom, where to and how late. '.repeat(40)}[More](https://example.com)`,
      model: "ref('fct_flights')",
      measures: [{ name: 'flights_total', agg: 'count', expr: 'flight_id' }],
      depends_on: { macros: [], nodes: [factFlights.unique_id] },
    },
  },
  metrics: {
    'metric.flights.flights': {
      ...kept('metric', 'flights'),
      label: 'Flights a day',
      description: 'How many took off, *cancelled* ones left out.',
      type: 'simple',
      type_params: {
        measure: { name: 'flights_total', filter: null, join_to_timespine: false },
        window: null,
        metrics: [],
      },
      filter: { where_filters: [{ where_sql_template: "{{ Dimension('flight__cancelled') }} = false" }] },
      config: { enabled: true, group: 'operations', meta: {}, tags: ['board'] },
      depends_on: { macros: [], nodes: ['semantic_model.flights.flown'] },
    },
  },
  saved_queries: {
    'saved_query.flights.monthly': {
      ...kept('saved_query', 'monthly'),
      query_params: { metrics: ['flights'], group_by: ["TimeDimension('metric_time', 'month')"] },
      depends_on: { macros: [], nodes: ['metric.flights.flights'] },
    },
  },
};

function kept(type: string, name: string) {
  return {
    unique_id: `${type}.flights.${name}`,
    resource_type: type,
    name,
    package_name: 'flights',
    path: 'metrics.yml',
    original_file_path: 'models/metrics.yml',
    fqn: ['flights', name],
  };
}
