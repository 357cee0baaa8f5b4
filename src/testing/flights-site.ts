/** A small airline's project with a past: what the docs site's tests show. */
import type { GraphNode, SourceNode } from '../compile/manifest.ts';
import type { NodeId } from '../core/node-id.ts';
import type { Catalog, CatalogColumn } from '../docs/catalog.ts';
import type { RunHistoryEntry, TestHistory } from '../docs/history.ts';
import type { ColumnEdge, SiteInput } from '../docs/site-input.ts';
import type { NodeResult, RunResults } from '../run/results.ts';
import { columns, dataTest, exposure, graphNode, macro, manifestOf, source } from './manifest-parts.ts';

const NOW = new Date('2026-11-21T06:30:00Z');

const rawFlights = source('raw', 'flights', {
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
const rawAirports = source('raw', 'airports', {
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
const carriers = graphNode('seed', 'carriers', '', '', {
  description: 'Names of the carriers, kept by hand.',
  columns: columns(['carrier varchar Two letters. !primary_key', 'carrier_name varchar What is painted on the plane.']),
});

const stgFlights = model(
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
const stgAirports = model(
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
const stgCarriers = model(
  'stg_carriers',
  'staging/',
  'Carriers by code.',
  [carriers.unique_id],
  `select carrier, carrier_name from {{ ref('carriers') }}`,
  ['carrier varchar Two letters.', 'carrier_name varchar'],
  { materialized: 'view' },
);
const intFlights = model(
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
const intRoutes = model(
  'int_routes',
  'intermediate/',
  'Every pair of airports that was flown.',
  [intFlights.unique_id],
  `select origin, destination, any_value(distance_km) as distance_km, count(*) as flights\nfrom {{ ref('int_flights_enriched') }}\ngroup by all`,
  ['origin varchar', 'destination varchar', 'distance_km double', 'flights bigint'],
);
const intCrews = model(
  'int_crew_days',
  'intermediate/',
  '',
  [stgFlights.unique_id],
  `select pilot_email, flight_date, count(*) as flights, sum(distance_km) as distance_km\nfrom {{ ref('stg_flights') }}\ngroup by pilot_email, flight_date`,
  ['pilot_email varchar', 'flight_date date', 'flights bigint', 'distance_km double'],
);
const factFlights = model(
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
const dimAirports = model(
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
const delays = model(
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
const routes = model(
  'mart_routes',
  'marts/',
  'Routes with their traffic.',
  [intRoutes.unique_id, dimAirports.unique_id],
  `select routes.*, airports.city\nfrom {{ ref('int_routes') }} as routes\njoin {{ ref('dim_airports') }} as airports on airports.airport = routes.origin`,
  ['origin varchar', 'destination varchar', 'distance_km double', 'flights bigint', 'city varchar'],
);
const crews = model(
  'mart_crew_hours',
  'marts/',
  'Hours a crew member flew, by month. Personal data: ask before you share it.',
  [intCrews.unique_id],
  `select pilot_email, date_trunc('month', flight_date) as month, sum(flights) as flights\nfrom {{ ref('int_crew_days') }}\ngroup by all`,
  ['pilot_email varchar Who flew.', 'month date', 'flights hugeint'],
  { tags: ['hr'] },
);
const history = graphNode(
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

const TESTS: readonly GraphNode[] = [
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

const MODELS = [
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

const EXPOSURES = [
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

const OVERVIEW = `The airline's flights, from the files the airports send each night to the tables people ask.

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

const ROWS: Readonly<Record<string, number>> = {
  flights: 3_204_118,
  airports: 3376,
  carriers: 14,
  stg_flights: 3_204_118,
  stg_airports: 3376,
  stg_carriers: 14,
  int_flights_enriched: 3_204_118,
  int_routes: 4120,
  int_crew_days: 210_400,
  fct_flights: 3_201_090,
  dim_airports: 3376,
  mart_delays_by_carrier: 168,
  mart_routes: 4120,
  mart_crew_hours: 9100,
  carriers_history: 17,
};

function catalogOf(nodes: readonly (GraphNode | SourceNode)[]): Catalog {
  const entries = nodes.map((node) => {
    const rows = ROWS[node.name] ?? null;
    const all = Object.values(node.columns).map(
      (one, at): CatalogColumn => ({
        type: (one.data_type ?? 'varchar').toUpperCase(),
        name: one.name,
        index: at + 1,
        comment: null,
        meta: { dql: statistics(one.name, one.data_type ?? 'varchar', rows ?? 100) },
      }),
    );
    return [
      node.unique_id,
      {
        unique_id: node.unique_id,
        metadata: {
          type: 'BASE TABLE',
          schema: node.schema,
          name: node.name,
          database: node.database,
          comment: null,
          owner: null,
        },
        columns: Object.fromEntries(all.map((one) => [one.name, one])),
        stats: {},
        meta: {
          dql: {
            rows,
            bytes: rows === null ? null : rows * 34,
            sampled: rows === null ? null : Math.min(rows, 100_000),
          },
        },
      },
    ] as const;
  });
  return {
    metadata: {},
    nodes: Object.fromEntries(entries.filter(([id]) => !id.startsWith('source'))),
    sources: Object.fromEntries(entries.filter(([id]) => id.startsWith('source'))),
    errors: null,
  };
}

function statistics(name: string, type: string, rows: number) {
  const none = { histogram: null, frequent: null, min: null, max: null };
  if (name === 'pilot_email')
    return {
      ...none,
      null_share: 0.004,
      distinct: 812,
      min: 'ann@example.com',
      max: 'zoe@example.com',
      frequent: [{ value: 'ann@example.com', count: 9 }],
    };
  if (name === 'arrival_delay' || name === 'delay')
    return {
      ...none,
      null_share: 0.021,
      distinct: 480,
      min: '-62',
      max: '1212',
      histogram: [3, 40, 96, 61, 30, 17, 9, 5, 3, 2, 1, 1],
    };
  if (name === 'distance_km' || name === 'distance')
    return {
      ...none,
      null_share: 0,
      distinct: 1360,
      min: '50',
      max: '7983',
      histogram: [22, 61, 70, 55, 31, 25, 14, 12, 5, 2, 4, 3],
    };
  if (type === 'boolean')
    return {
      ...none,
      null_share: 0.021,
      distinct: 2,
      frequent: [
        { value: 'false', count: 79 },
        { value: 'true', count: 21 },
      ],
    };
  if (type === 'date' || type === 'timestamp')
    return {
      ...none,
      null_share: 0,
      distinct: 366,
      min: '2026-01-01',
      max: '2026-11-20',
      histogram: [28, 26, 31, 30, 33, 36, 38, 37, 30, 29, 27, 19],
    };
  if (name === 'carrier_name')
    return {
      ...none,
      null_share: 0,
      distinct: 14,
      min: 'American Airlines',
      max: 'United Airlines',
      frequent: [
        { value: 'Southwest Airlines', count: 940 },
        { value: 'Delta Air Lines', count: 700 },
        { value: 'American Airlines', count: 640 },
        { value: 'United Airlines', count: 410 },
      ],
    };
  if (type === 'varchar')
    return {
      ...none,
      null_share: name.endsWith('city') ? 0.0003 : 0,
      distinct: Math.min(rows, 310),
      min: 'ABE',
      max: 'YUM',
    };
  return {
    ...none,
    null_share: 0,
    distinct: rows,
    min: '1',
    max: String(rows),
    histogram: [8, 9, 8, 8, 9, 8, 8, 8, 9, 8, 8, 9],
  };
}

const copies = (from: GraphNode | SourceNode, to: GraphNode, ...names: readonly string[]): readonly ColumnEdge[] =>
  names.map((pair) => {
    const [source = '', target = source] = pair.split('>');
    return { from: { node: from.unique_id, column: source }, to: { node: to.unique_id, column: target }, kind: 'copy' };
  });
const derived = (from: GraphNode | SourceNode, to: GraphNode, source: string, target: string): ColumnEdge => ({
  from: { node: from.unique_id, column: source },
  to: { node: to.unique_id, column: target },
  kind: 'expression',
});

const LINEAGE: readonly ColumnEdge[] = [
  ...copies(rawFlights, stgFlights, 'flight_id', 'scheduled_at', 'delay>arrival_delay', 'carrier', 'pilot_email'),
  derived(rawFlights, stgFlights, 'scheduled_at', 'flight_date'),
  derived(rawFlights, stgFlights, 'origin', 'origin'),
  derived(rawFlights, stgFlights, 'destination', 'destination'),
  derived(rawFlights, stgFlights, 'distance', 'distance_km'),
  ...copies(rawAirports, stgAirports, 'iata>airport', 'name>airport_name', 'city', 'state', 'latitude', 'longitude'),
  ...copies(carriers, stgCarriers, 'carrier', 'carrier_name'),
  ...copies(
    stgFlights,
    intFlights,
    'flight_id',
    'flight_date',
    'origin',
    'destination',
    'arrival_delay',
    'distance_km',
  ),
  ...copies(stgAirports, intFlights, 'city>origin_city', 'city>destination_city'),
  ...copies(stgCarriers, intFlights, 'carrier_name'),
  derived(stgFlights, intFlights, 'arrival_delay', 'is_late'),
  ...copies(intFlights, intRoutes, 'origin', 'destination', 'distance_km'),
  derived(intFlights, intRoutes, 'flight_id', 'flights'),
  ...copies(stgFlights, intCrews, 'pilot_email', 'flight_date'),
  derived(stgFlights, intCrews, 'flight_id', 'flights'),
  derived(stgFlights, intCrews, 'distance_km', 'distance_km'),
  ...copies(
    intFlights,
    factFlights,
    'flight_id',
    'flight_date',
    'origin',
    'origin_city',
    'destination',
    'destination_city',
    'arrival_delay',
    'is_late',
    'distance_km',
    'carrier_name',
  ),
  ...copies(stgAirports, dimAirports, 'airport', 'airport_name', 'city', 'state', 'latitude', 'longitude'),
  derived(intRoutes, dimAirports, 'flights', 'departures'),
  ...copies(factFlights, delays, 'carrier_name'),
  derived(factFlights, delays, 'flight_date', 'month'),
  derived(factFlights, delays, 'flight_id', 'flights'),
  derived(factFlights, delays, 'arrival_delay', 'average_delay'),
  derived(factFlights, delays, 'is_late', 'late_share'),
  ...copies(intRoutes, routes, 'origin', 'destination', 'distance_km', 'flights'),
  ...copies(dimAirports, routes, 'city'),
  ...copies(intCrews, crews, 'pilot_email'),
  derived(intCrews, crews, 'flight_date', 'month'),
  derived(intCrews, crews, 'flights', 'flights'),
];

const FAILED = 'test.flights.not_null_int_flights_enriched_origin_city.5c9bf9911d';
const WARNED = 'test.flights.accepted_values_stg_flights_carrier.5c9bf9911d';

function result(
  id: NodeId,
  status: NodeResult['status'],
  seconds: number,
  dql: NodeResult['meta']['dql'],
  more: Partial<NodeResult> = {},
): NodeResult {
  return {
    unique_id: id,
    status,
    timing: [{ name: 'execute', started_at: '2026-11-21T06:00:02Z', completed_at: '2026-11-21T06:00:09Z' }],
    thread_id: 'Thread-1',
    execution_time: seconds,
    adapter_response: {},
    message: null,
    failures: null,
    compiled: true,
    compiled_code: null,
    relation_name: null,
    batch_results: null,
    meta: { dql },
    ...more,
  };
}

const HELD = {
  reason: 'test `not_null_int_flights_enriched_origin_city` failed',
  because: [FAILED],
  serving_since: '2026-11-20T06:00:21Z',
  serving_version: 41,
  age_seconds: 88_179,
};

function resultsOf(): RunResults {
  const held = new Set<NodeId>(
    [intFlights, intRoutes, factFlights, dimAirports, delays, routes].map((node) => node.unique_id),
  );
  const built = MODELS.map((node, at) => {
    const facts = {
      rows: ROWS[node.name] ?? 0,
      version: 42,
      materialized: node.config.materialized,
      published: !held.has(node.unique_id),
    };
    if (node === stgCarriers || node === stgAirports)
      return result(node.unique_id, 'reused', 0, { ...facts, reason: 'unchanged' });
    const why = held.has(node.unique_id)
      ? {
          held:
            node === intFlights
              ? HELD
              : { ...HELD, reason: 'its parent `int_flights_enriched` was held', because: [intFlights.unique_id] },
        }
      : {};
    return result(node.unique_id, 'success', 0.12 + at * at * 0.31, {
      ...facts,
      ...why,
      reason: 'input changed (raw.flights: 2 new files)',
    });
  });
  const tested = TESTS.map((test) => {
    if (test.unique_id === FAILED)
      return result(
        test.unique_id,
        'fail',
        0.03,
        {
          verdict: 'fail',
          considered: 3_204_118,
          hint: 'see which airports are new: dql show --select stg_airports',
          sample: {
            columns: ['flight_id', 'origin', 'origin_city'],
            rows: [
              ['90112', 'XNA', null],
              ['90170', 'XNA', null],
              ['91004', 'XNA', null],
            ],
            truncated: true,
          },
        },
        { failures: 214, message: '214 rows of `origin_city` are null' },
      );
    if (test.unique_id === WARNED)
      return result(
        test.unique_id,
        'warn',
        0.02,
        { verdict: 'warn', considered: 3_204_118 },
        { failures: 12, message: '12 rows hold a carrier that is not on the list' },
      );
    return result(
      test.unique_id,
      'pass',
      0.01,
      { verdict: test.name.startsWith('not_null') ? 'proved' : 'pass', considered: 3_204_118 },
      { failures: 0 },
    );
  });
  return {
    metadata: { invocation_id: 'run-42', generated_at: '2026-11-21T06:00:31Z' },
    results: [...built, ...tested],
    elapsed_time: 29.4,
    args: { which: 'build', invocation_command: 'dql build --target prod' },
    meta: {
      dql: {
        run_id: 'run-42',
        target: 'prod',
        exit_code: 1,
        interrupted: false,
        published: 5,
        publish_seconds: 0.04,
        warnings: [],
      },
    },
  };
}

function pastRuns(): readonly RunHistoryEntry[] {
  return Array.from({ length: 36 }, (_, at): RunHistoryEntry => {
    const last = at === 35;
    const wave = 1 + 0.18 * Math.sin(at / 3) + at * 0.012;
    const tests: [NodeId, TestHistory][] = TESTS.map((test) => {
      if (test.unique_id === WARNED && at > 28) return [test.unique_id, { verdict: 'warn', failures: at - 25 }];
      if (test.unique_id === FAILED && (last || at === 12))
        return [test.unique_id, { verdict: 'fail', failures: last ? 214 : 3 }];
      return [test.unique_id, { verdict: 'pass', failures: 0 }];
    });
    return {
      id: `run-${at + 7}`,
      started_at: new Date(Date.UTC(2026, 9, 17 + at, 6)).toISOString(),
      seconds: 21 * wave + (at === 12 ? 14 : 0),
      status: last || at === 12 ? 'error' : 'success',
      command: 'build',
      git_sha: `${(0xa41c07 + at * 7919).toString(16)}9d27`,
      nodes: Object.fromEntries(
        MODELS.map((node, k) => [
          node.unique_id,
          {
            seconds: (0.12 + k * k * 0.31) * wave,
            rows: Math.round((ROWS[node.name] ?? 0) * (0.7 + at * 0.0086)),
            status: 'success',
          },
        ]),
      ),
      tests: Object.fromEntries(tests),
    };
  });
}

/** The whole input but for what the caller brings: assets, gzip, and whether it is one file. */
export function flightsSite(brought: Pick<SiteInput, 'assets' | 'gzip' | 'singleFile'>): SiteInput {
  return {
    projectTitle: 'Flight analytics',
    manifest: manifestOf({
      nodes: [rawFlights, rawAirports, carriers, ...MODELS, history, ...TESTS, ...EXPOSURES],
      macros: [
        macro(
          'miles_to_km',
          '{% macro miles_to_km(column) %}\n    round({{ column }} * 1.609344, 1)\n{% endmacro %}',
          'Miles to kilometres, one digit.',
        ),
      ],
      groups: {
        'group.flights.operations': {
          unique_id: 'group.flights.operations',
          resource_type: 'group',
          name: 'operations',
          package_name: 'flights',
          path: 'groups.yml',
          original_file_path: 'models/groups.yml',
          owner: { name: 'Operations', email: 'operations@example.com' },
          description: null,
          config: {},
        },
      },
      overview: OVERVIEW,
    }),
    catalog: catalogOf([rawFlights, rawAirports, carriers, ...MODELS, history]),
    results: resultsOf(),
    history: pastRuns(),
    versions: {
      [factFlights.unique_id]: [38, 39, 40, 41, 42].map((version) => ({
        version,
        built_at: new Date(Date.UTC(2026, 10, version - 21, 6)).toISOString(),
        rows: 3_190_000 + version * 264,
        bytes: 108_000_000 + version * 9000,
        run_id: `run-${version}`,
        git_sha: 'a41c079d27',
        reason: version === 40 ? 'code changed' : 'input changed (raw.flights: 2 new files)',
        current: version === 41,
      })),
    },
    freshness: {
      [rawFlights.unique_id]: {
        status: 'pass',
        max_loaded_at: '2026-11-21T04:12:00Z',
        snapshotted_at: '2026-11-21T06:00:01Z',
        age_seconds: 6481,
        expectation: 'warn after 12 hours, error after 24 hours',
      },
      [rawAirports.unique_id]: {
        status: 'warn',
        max_loaded_at: '2026-11-14T04:12:00Z',
        snapshotted_at: '2026-11-21T06:00:01Z',
        age_seconds: 611_281,
        expectation: 'warn after 7 days',
      },
    },
    columnLineage: LINEAGE,
    guide: [
      {
        slug: 'what-it-is',
        title: 'What dql is',
        markdown:
          "dql reads a folder of SQL, builds it on DuckDB, proves the result and publishes it.\n\n```sql\nselect * from {{ ref('stg_flights') }}\n```\n",
      },
      { slug: 'tutorial', title: 'Tutorial', markdown: '## First run\n\nRun `dql build` and open this site.\n' },
    ],
    warehouse: 'warehouse.duckdb',
    now: NOW,
    ...brought,
  };
}
