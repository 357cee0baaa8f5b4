/** A microbatch model over the root example's flights: whatever the days bring, it stays equal to its full refresh. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { VerifyAnswer } from '../app/contract.ts';
import { openWarehouse } from '../engine/open.ts';
import type { RunResults } from '../run/results.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const FLIGHTS = fileURLToPath(new URL('../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url));
const AIRPORT = `select date::date as flight_date, origin as airport, count(*) as flights,
  count(*) filter (where delay > 15) as late, sum(distance) as miles`;
const PROJECT = {
  'project.yml': `name: flights
target: dev
targets:
  dev: { path: shop.duckdb, threads: 2 }
`,
  'models/sources.yml': `sources:
  - name: raw
    tables:
      - name: flights
        config: { event_time: date }
        external: { location: "raw/*.parquet" }
`,
  'models/airport_days.sql': `{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='flight_date',
  begin='2001-01-01', batch_size='day', lookback=2) }}
${AIRPORT.replace('sum(distance)', "sum(case when distance < 0 then error('negative distance') else distance end)")}
from {{ source('raw', 'flights') }}
group by all`,
  'models/airport_days.yml': `models:
  - name: airport_days
    columns: [{ name: airport, data_tests: [not_null] }]
    data_tests:
      - unique_combination: { arguments: { columns: [flight_date, airport] } }
`,
};

let flights: TemporaryProject;
beforeAll(() => {
  flights = temporaryProject(PROJECT);
  mkdirSync(join(flights.folder, 'raw'));
});
afterAll(() => flights.close());

const day = (number: number) => `2001-01-${String(number).padStart(2, '0')}`;
const noon = (number: number) => `--now ${day(number)}T12:00:00Z`;
/** A file of every 40th flight of some days, as the airports deliver it; `change` rewrites columns. */
async function deliver(file: string, days: readonly number[], change = '', where = 'true'): Promise<void> {
  const warehouse = await openWarehouse('duckdb', { path: ':memory:', readOnly: false, instanceSettings: {} });
  const connection = await warehouse.connect();
  const dates = days.map((number) => `date '${day(number)}'`).join(', ');
  await connection.run(
    `copy (select * ${change === '' ? '' : `replace (${change})`} from '${FLIGHTS}'
where date::date in (${dates}) and hash(date, origin, destination, distance) % 40 = 0 and ${where})
to '${join(flights.folder, 'raw', `${file}.parquet`)}'`,
  );
  connection.close();
  await warehouse.close();
}
const build = async (words: string) => {
  const results = await flights.answer<RunResults>(words);
  const model = results.results.find(({ unique_id }) => unique_id === 'model.flights.airport_days');
  return {
    exit: results.meta.dql.exit_code,
    status: model?.status,
    done: model?.batch_results?.successful.map(([start]) => Number(start.slice(8, 10))),
    failed: model?.batch_results?.failed.map(([start]) => Number(start.slice(8, 10))),
  };
};
/** dql's own word, and that of the files: what is in the table of these days is what they come to. */
const isWhole = async (words: string, days: readonly number[], count = 1) => {
  const { checks } = await flights.answer<VerifyAnswer>(`verify ${words}`);
  expect(checks.map(({ interval, equal, missing, extra }) => [interval, equal, missing, extra])).toEqual(
    checks.map(({ interval }) => [interval, true, 0, 0]),
  );
  expect(checks).toHaveLength(count);
  const dates = days.map((number) => `date '${day(number)}'`).join(', ');
  const rows = `${AIRPORT} from '${flights.folder}/raw/*.parquet' where date::date in (${dates}) group by all`;
  expect(
    await flights.rows(`(from airport_days except all (${rows})) union all ((${rows}) except all from airport_days)`),
  ).toEqual([]);
  expect(await flights.rows('select count(distinct flight_date)::int from airport_days')).toEqual([[days.length]]);
};

test('late rows, a day that is sent again and a restated week: each time it is what a full refresh would be', async () => {
  for (const number of [1, 2, 3, 4]) await deliver(day(number), [number]);
  await deliver('2001-01-05 morning', [5], '', 'hour(date) < 10');
  expect(await build(`build ${noon(5)}`)).toMatchObject({ exit: 0, done: [1, 2, 3, 4, 5] });
  await isWhole(`--whole ${noon(5)}`, [1, 2, 3, 4, 5]);

  // The rest of the fifth, and rows of the fourth that come two days late.
  await deliver('2001-01-05 evening', [5], '', 'hour(date) >= 10');
  await deliver('late', [4], "'LATE' as origin", 'hour(date) = 9');
  await deliver('2001-01-06', [6]);
  expect(await build(`build ${noon(6)}`)).toMatchObject({ exit: 0, done: [4, 5, 6] });
  expect((await flights.rows("select count(*)::int from airport_days where airport = 'LATE'"))[0]).toEqual([1]);
  await isWhole(`--whole ${noon(6)}`, [1, 2, 3, 4, 5, 6]);

  // The sixth comes once more, corrected: other delays, and fewer rows.
  await deliver('2001-01-06', [6], 'delay + 10 as delay', 'hour(date) > 6');
  await deliver('2001-01-07', [7]);
  expect(await build(`build ${noon(7)}`)).toMatchObject({ exit: 0, done: [5, 6, 7] });
  await isWhole(`--whole ${noon(7)}`, [1, 2, 3, 4, 5, 6, 7]);

  // A whole week is restated, further back than the lookback reaches: verify finds it, and naming the week repairs it.
  for (const number of [1, 2, 3]) await deliver(day(number), [number], 'distance + 1 as distance');
  await deliver('2001-01-08', [8]);
  expect(await build(`build ${noon(8)}`)).toMatchObject({ exit: 0, done: [6, 7, 8] });
  const { checks } = await flights.answer<VerifyAnswer>(`verify --whole ${noon(8)}`);
  expect(checks).toMatchObject([{ equal: false }]);
  expect(await build(`build --event-time-start 2001-01-01 --event-time-end 2001-01-08 ${noon(8)}`)).toMatchObject({
    exit: 0,
    done: [1, 2, 3, 4, 5, 6, 7],
  });
  await isWhole(`--whole ${noon(8)}`, [1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a batch that fails in the middle leaves a gap that is seen, and is retried alone', async () => {
  await deliver('2001-01-09', [9]);
  await deliver('2001-01-10', [10], '-distance as distance');
  await deliver('2001-01-11', [11]);
  expect(await build(`build ${noon(11)}`)).toEqual({
    exit: 1,
    status: 'partial success',
    done: [8, 9, 11],
    failed: [10],
  });
  // Every closed day that is filled is what it should be; the tenth is not among them.
  await isWhole(`--intervals 100 ${noon(11)}`, [1, 2, 3, 4, 5, 6, 7, 8, 9, 11], 9);
  expect((await flights.dql(`plan ${noon(11)}`)).stdout).toContain('not filled yet: 2001-01-10 to 2001-01-11');
  await deliver('2001-01-10', [10]);
  expect(await build(`retry ${noon(11)}`)).toMatchObject({ exit: 0, status: 'success', done: [10], failed: [] });
  await isWhole(`--whole ${noon(11)}`, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

test('a failing test in one batch publishes none of it', async () => {
  const before = await flights.hashes(['airport_days']);
  await deliver('2001-01-12', [12], "nullif(origin, 'ATL') as origin");
  await deliver('2001-01-13', [13]);
  expect(await build(`build ${noon(13)}`)).toMatchObject({ exit: 1, status: 'success', done: [11, 12, 13] });
  expect(await flights.hashes(['airport_days'])).toEqual(before);
  await isWhole(`--intervals 3 --seed 5 ${noon(13)}`, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 3);
  await deliver('2001-01-12', [12]);
  expect(await build(`build ${noon(13)}`)).toMatchObject({ exit: 0, done: [11, 12, 13] });
  await isWhole(`--whole ${noon(13)}`, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  // And a full refresh says the same of itself.
  const incremental = await flights.hashes(['airport_days']);
  await build(`build --full-refresh ${noon(13)}`);
  expect(await flights.hashes(['airport_days'])).toEqual(incremental);
});
