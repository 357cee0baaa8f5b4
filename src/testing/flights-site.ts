/** The airline's project with a past: what the docs site's tests show. */
import type { GraphNode, SourceNode } from '../compile/manifest.ts';
import type { Catalog, CatalogColumn } from '../docs/catalog.ts';
import type { ColumnEdge } from '../docs/column-edge.ts';
import type { SiteInput } from '../docs/site-input.ts';
import {
  carriers,
  crews,
  delays,
  dimAirports,
  EXPOSURES,
  factFlights,
  history,
  intCrews,
  intFlights,
  intRoutes,
  MODELS,
  OVERVIEW,
  rawAirports,
  rawFlights,
  routes,
  stgAirports,
  stgCarriers,
  stgFlights,
  TESTS,
  UNIT_TESTS,
} from './flights-project.ts';
import { FAILED, lastRun, pastRuns, ROWS } from './flights-runs.ts';
import { SEMANTICS } from './flights-semantics.ts';
import { macro, manifestOf } from './manifest-parts.ts';

const NOW = new Date('2026-11-21T06:30:00Z');

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

/** The whole input but for what the caller brings: assets, gzip, and whether it is one file. */
export function flightsSite(brought: Pick<SiteInput, 'assets' | 'gzip' | 'singleFile'>): SiteInput {
  return {
    projectTitle: 'Flight analytics',
    manifest: manifestOf({
      nodes: [rawFlights, rawAirports, carriers, ...MODELS, history, ...TESTS, ...UNIT_TESTS, ...EXPOSURES],
      macros: [
        macro(
          'miles_to_km',
          '{% macro miles_to_km(column) %}\n    round({{ column }} * 1.609344, 1)\n{% endmacro %}',
          'Miles to kilometres, one digit.',
          [{ name: 'column', type: 'column', description: 'Distance in **miles**.' }],
        ),
      ],
      semantics: SEMANTICS,
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
    results: lastRun(),
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
    answers: {
      'state:modified': [intFlights.unique_id],
      'state:new': [],
      'result:fail': [FAILED],
      'selector:nightly': [factFlights.unique_id, delays.unique_id],
    },
    comparedWith: 'prod/',
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
