/** A small airline's project: sources, a seed, models in three layers, tests and two readers. */
import type { GraphNode } from '../compile/manifest.ts';
import type { NodeId } from '../core/node-id.ts';
import { columns, dataTest, exposure, graphNode, source, unitTest } from './manifest-parts.ts';

export const rawFlights = source('raw', 'flights', {
  description: 'One row a scheduled flight, as the airports report it. Delays are **minutes**; negative means early.',
  source_description: 'Files the airports deliver each night.',
  loader: 'nightly SFTP',
  loaded_at_field: 'loaded_at',
  meta: { owner: { name: 'Data platform', email: 'platform@example.com' } },
  columns: columns([
    'flight_id bigint Number of the flight, given by the carrier.',
    'scheduled_at timestamp When it should leave, UTC.',
    'origin varchar Airport code.',
    'destination varchar Airport code.',
    'delay double Minutes late at arrival.',
    'distance integer Miles.',
    'carrier varchar Two letters.',
    'pilot_email varchar Who flew. #pii',
    'loaded_at timestamp When the file arrived.',
  ]),
});
export const rawAirports = source('raw', 'airports', {
  description: 'Every airport of the country with its place.',
  loader: 'nightly SFTP',
  columns: columns([
    'iata varchar Three letters.',
    'name varchar',
    'city varchar',
    'state varchar',
    'latitude double',
    'longitude double',
  ]),
});
export const carriers = graphNode('seed', 'carriers', '', '', {
  description: 'Names of the carriers, kept by hand.',
  columns: columns(['carrier varchar Two letters. !primary_key', 'carrier_name varchar What is painted on the plane.']),
});

export const stgFlights = model(
  'stg_flights',
  'staging/',
  'Flights with proper types and names. One row a flight.',
  [rawFlights.unique_id],
  `{{ config(materialized='view') }}

-- One row a flight; delays stay in minutes.
select
    flight_id,
    scheduled_at,
    scheduled_at::date as flight_date,
    upper(trim(origin)) as origin,
    upper(trim(destination)) as destination,
    delay as arrival_delay,
    {{ miles_to_km('distance') }} as distance_km,
    carrier,
    pilot_email
from {{ source('raw', 'flights') }}
where flight_id is not null`,
  [
    'flight_id bigint The flight. !not_null !primary_key',
    'scheduled_at timestamp When it should leave, UTC.',
    'flight_date date Day of departure.',
    'origin varchar Airport of departure.',
    'destination varchar Airport of arrival.',
    'arrival_delay double Minutes late; negative is early.',
    'distance_km double',
    'carrier varchar Two letters.',
    'pilot_email varchar Who flew.',
  ],
  { materialized: 'view', macros: ['macro.flights.miles_to_km'] },
);
export const stgAirports = model(
  'stg_airports',
  'staging/',
  'Airports, one row each.',
  [rawAirports.unique_id],
  `select iata as airport, name as airport_name, city, state, latitude, longitude\nfrom {{ source('raw', 'airports') }}`,
  [
    'airport varchar Three letters. !primary_key',
    'airport_name varchar',
    'city varchar',
    'state varchar',
    'latitude double',
    'longitude double',
  ],
  { materialized: 'view' },
);
export const stgCarriers = model(
  'stg_carriers',
  'staging/',
  'Carriers by code.',
  [carriers.unique_id],
  `select carrier, carrier_name from {{ ref('carriers') }}`,
  ['carrier varchar Two letters.', 'carrier_name varchar'],
  { materialized: 'view' },
);
export const intFlights = model(
  'int_flights_enriched',
  'intermediate/',
  'Flights with the names of their airports and carriers.',
  [stgFlights.unique_id, stgAirports.unique_id, stgCarriers.unique_id],
  `select
    flights.flight_id,
    flights.flight_date,
    flights.origin,
    departures.city as origin_city,
    flights.destination,
    arrivals.city as destination_city,
    flights.arrival_delay,
    flights.arrival_delay > 15 as is_late,
    flights.distance_km,
    carriers.carrier_name
from {{ ref('stg_flights') }} as flights
left join {{ ref('stg_airports') }} as departures on departures.airport = flights.origin
left join {{ ref('stg_airports') }} as arrivals on arrivals.airport = flights.destination
left join {{ ref('stg_carriers') }} as carriers using (carrier)`,
  [
    'flight_id bigint',
    'flight_date date',
    'origin varchar',
    'origin_city varchar',
    'destination varchar',
    'destination_city varchar',
    'arrival_delay double',
    'is_late boolean More than 15 minutes.',
    'distance_km double',
    'carrier_name varchar',
  ],
);
export const intRoutes = model(
  'int_routes',
  'intermediate/',
  'Every pair of airports that was flown.',
  [intFlights.unique_id],
  `select origin, destination, any_value(distance_km) as distance_km, count(*) as flights\nfrom {{ ref('int_flights_enriched') }}\ngroup by all`,
  ['origin varchar', 'destination varchar', 'distance_km double', 'flights bigint'],
);
export const intCrews = model(
  'int_crew_days',
  'intermediate/',
  '',
  [stgFlights.unique_id],
  `select pilot_email, flight_date, count(*) as flights, sum(distance_km) as distance_km\nfrom {{ ref('stg_flights') }}\ngroup by pilot_email, flight_date`,
  ['pilot_email varchar', 'flight_date date', 'flights bigint', 'distance_km double'],
);
export const factFlights = model(
  'fct_flights',
  'marts/',
  'The flights, ready for questions. **One row a flight**; late means more than 15 minutes. Rebuilt every night by day.',
  [intFlights.unique_id],
  `{{ config(materialized='incremental', unique_key='flight_id') }}

select *
from {{ ref('int_flights_enriched') }}
{% if is_incremental() %}
where flight_date > (select max(flight_date) from {{ this }})
{% endif %}`,
  [
    'flight_id bigint The flight. !primary_key !not_null',
    'flight_date date Day of departure, UTC.',
    'origin varchar Airport of departure.',
    'origin_city varchar Its city.',
    'destination varchar Airport of arrival.',
    'destination_city varchar Its city.',
    'arrival_delay double Minutes late; negative is early.',
    'is_late boolean More than 15 minutes late.',
    'distance_km double Great circle.',
    'carrier_name varchar The airline.',
  ],
  {
    materialized: 'incremental',
    tags: ['daily', 'core'],
    group: 'operations',
    contract: true,
    meta: {
      sla: 'by 06:00 UTC',
      examples: [
        {
          title: 'Late flights of a carrier, by month',
          sql: "select date_trunc('month', flight_date) as month, count(*) filter (where is_late) as late\nfrom main.fct_flights\nwhere carrier_name = 'Delta Air Lines'\ngroup by month\norder by month",
        },
      ],
    },
  },
);
export const dimAirports = model(
  'dim_airports',
  'marts/',
  'Airports with how busy they are.',
  [stgAirports.unique_id, intRoutes.unique_id],
  `select airports.*, sum(routes.flights) as departures\nfrom {{ ref('stg_airports') }} as airports\nleft join {{ ref('int_routes') }} as routes on routes.origin = airports.airport\ngroup by all`,
  [
    'airport varchar Three letters. !primary_key',
    'airport_name varchar',
    'city varchar',
    'state varchar',
    'latitude double',
    'longitude double',
    'departures bigint Flights that left.',
  ],
  { group: 'operations' },
);
export const delays = model(
  'mart_delays_by_carrier',
  'marts/',
  'How late each carrier is, by month.',
  [factFlights.unique_id],
  `select\n    carrier_name,\n    date_trunc('month', flight_date) as month,\n    count(*) as flights,\n    avg(arrival_delay) as average_delay,\n    avg(is_late::int) as late_share\nfrom {{ ref('fct_flights') }}\ngroup by carrier_name, month`,
  [
    'carrier_name varchar The airline.',
    'month date First day of the month.',
    'flights bigint Flights that month.',
    'average_delay double Minutes.',
    'late_share double Share of flights more than 15 minutes late.',
  ],
  { tags: ['daily'], group: 'operations' },
);
export const routes = model(
  'mart_routes',
  'marts/',
  'Routes with their traffic.',
  [intRoutes.unique_id, dimAirports.unique_id],
  `select routes.*, airports.city\nfrom {{ ref('int_routes') }} as routes\njoin {{ ref('dim_airports') }} as airports on airports.airport = routes.origin`,
  ['origin varchar', 'destination varchar', 'distance_km double', 'flights bigint', 'city varchar'],
);
export const crews = model(
  'mart_crew_hours',
  'marts/',
  'Hours a crew member flew, by month. Personal data: ask before you share it.',
  [intCrews.unique_id],
  `select pilot_email, date_trunc('month', flight_date) as month, sum(flights) as flights\nfrom {{ ref('int_crew_days') }}\ngroup by all`,
  ['pilot_email varchar Who flew.', 'month date', 'flights hugeint'],
  { tags: ['hr', 'late night 🌙'], meta: { owner: { name: 'Zoë Ångström', email: 'zoe@crews.example' } } },
);
export const history = graphNode(
  'snapshot',
  'carriers_history',
  '',
  `{% snapshot carriers_history %}\nselect * from {{ ref('carriers') }}\n{% endsnapshot %}`,
  {
    description: 'How carriers were named, and when.',
    depends_on: { nodes: [carriers.unique_id], macros: [] },
    columns: columns(['carrier varchar', 'carrier_name varchar', 'dbt_valid_from timestamp', 'dbt_valid_to timestamp']),
  },
);

export const TESTS: readonly GraphNode[] = [
  dataTest('not_null', rawFlights, 'flight_id'),
  dataTest('not_null', stgFlights, 'flight_id'),
  dataTest('unique', stgFlights, 'flight_id'),
  dataTest(
    'accepted_values',
    stgFlights,
    'carrier',
    { values: ['AA', 'DL', 'UA', 'WN'] },
    { config: { enabled: true, materialized: 'test', tags: [], meta: {}, severity: 'WARN' } },
  ),
  dataTest('unique', stgAirports, 'airport'),
  dataTest('not_null', intFlights, 'origin_city'),
  dataTest('unique', factFlights, 'flight_id'),
  dataTest('not_null', factFlights, 'flight_date'),
  dataTest('relationships', factFlights, 'origin', { to: "ref('dim_airports')", field: 'airport' }),
  dataTest('not_null', factFlights, 'carrier_name'),
  dataTest('unique', dimAirports, 'airport'),
  dataTest('not_null', delays, 'late_share'),
  dataTest('not_null', crews, 'pilot_email'),
  graphNode(
    'test',
    'flights_never_arrive_a_day_early',
    '',
    `select *\nfrom {{ ref('fct_flights') }}\nwhere arrival_delay < -1440`,
    {
      description: 'No flight arrives more than a day early.',
      depends_on: { nodes: [factFlights.unique_id], macros: [] },
    },
  ),
  graphNode(
    'test',
    'busiest_airports',
    '',
    `select origin, count(*) as departures\nfrom {{ ref('fct_flights') }}\ngroup by origin\norder by departures desc\nlimit 10`,
    {
      description: 'The ten busiest airports',
      tags: ['example'],
      depends_on: { nodes: [factFlights.unique_id], macros: [] },
    },
  ),
];

export const MODELS = [
  stgFlights,
  stgAirports,
  stgCarriers,
  intFlights,
  intRoutes,
  intCrews,
  factFlights,
  dimAirports,
  delays,
  routes,
  crews,
];

export const UNIT_TESTS = [
  unitTest('late_from_fifteen_minutes', delays, {
    given: [
      {
        input: "ref('fct_flights')",
        rows: [{ carrier: 'AA', arrival_delay: 15 }, { carrier: 'AA' }],
        format: 'dict',
        fixture: null,
      },
    ],
    expect: { rows: [{ carrier: 'AA', late_share: 0.5 }], format: 'dict', fixture: null },
  }),
];

export const EXPOSURES = [
  exposure('delay_dashboard', [delays.unique_id, factFlights.unique_id], {
    label: 'Delay dashboard',
    description: 'What operations looks at every morning.',
    url: 'https://dashboards.example.com/delays',
    owner: { name: 'Operations', email: 'operations@example.com' },
    maturity: 'high',
  }),
  exposure('route_planner', [routes.unique_id], {
    label: 'Route planner',
    type: 'application',
    description: 'Proposes new routes.',
    owner: { name: 'Network planning' },
  }),
];

export const OVERVIEW = `The airline's flights, from the files the airports send each night to the tables people ask.

- **Staging** gives every source proper names and types.
- **Intermediate** models join and tidy; nobody should read them directly.
- **Marts** are for people. Start with \`fct_flights\`.

Late always means *more than 15 minutes after schedule*.`;

function model(
  name: string,
  path: string,
  description: string,
  parents: readonly NodeId[],
  sql: string,
  lines: readonly string[],
  more: {
    materialized?: string;
    tags?: readonly string[];
    group?: string;
    contract?: boolean;
    macros?: readonly NodeId[];
    meta?: GraphNode['meta'];
  } = {},
): GraphNode {
  const { materialized = 'table', tags = [], group = null, contract = false, macros = [], meta = {} } = more;
  return graphNode('model', name, path, sql, {
    description,
    tags,
    group,
    meta,
    columns: columns(lines),
    depends_on: { nodes: parents, macros },
    config: {
      enabled: true,
      materialized,
      tags,
      meta,
      ...(materialized === 'incremental' && { unique_key: 'flight_id', incremental_strategy: 'merge' }),
    },
    contract: { enforced: contract, alias_types: true, checksum: null },
    access: path.startsWith('marts') ? 'public' : 'protected',
  });
}
