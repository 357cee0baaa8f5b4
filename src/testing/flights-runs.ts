/** How runs of the airline's project went: the last one, and those before it. */
import type { NodeId } from '../core/node-id.ts';
import type { RunHistoryEntry, TestHistory } from '../docs/history.ts';
import type { NodeResult, RunResults } from '../run/results.ts';
import {
  delays,
  dimAirports,
  factFlights,
  intFlights,
  intRoutes,
  MODELS,
  routes,
  stgAirports,
  stgCarriers,
  TESTS,
} from './flights-project.ts';
import { nodeResult } from './recorded-run.ts';

export const ROWS: Readonly<Record<string, number>> = {
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

export const FAILED = 'test.flights.not_null_int_flights_enriched_origin_city.5c9bf9911d';
const WARNED = 'test.flights.accepted_values_stg_flights_carrier.5c9bf9911d';

function result(
  id: NodeId,
  status: NodeResult['status'],
  seconds: number,
  dql: NodeResult['meta']['dql'],
  more: Partial<Omit<NodeResult, 'meta'>> = {},
): NodeResult {
  const timing: NodeResult['timing'] = [
    { name: 'execute', started_at: '2026-11-21T06:00:02Z', completed_at: '2026-11-21T06:00:09Z' },
  ];
  return nodeResult(id, status, { timing, execution_time: seconds, ...more }, dql);
}

const HELD = {
  reason: 'test `not_null_int_flights_enriched_origin_city` failed',
  because: [FAILED],
  serving_since: '2026-11-20T06:00:21Z',
  serving_version: 41,
  age_seconds: 88_179,
};

export function lastRun(): RunResults {
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

export function pastRuns(): readonly RunHistoryEntry[] {
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
