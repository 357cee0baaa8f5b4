/** Tests that judge by what earlier runs left in the ledger: how many rows there were, which columns, when and how long a node ran. */
import { afterEach, expect, test, vi } from 'vitest';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 60_000 });

let open: TemporaryProject | undefined;
afterEach(() => open?.close());

/** What the tests say, by their names, when dql runs on a day. */
const verdicts = async (words: string) =>
  open?.tests(words, ({ meta, message }) => (meta.dql.verdict === 'learning' ? message : meta.dql.verdict));
const on = (day: string) => `--now 2026-11-${day}T06:00:00Z`;
const delivered = (rows: number) => `id\n${Array.from({ length: rows }, (_, id) => id).join('\n')}\n`;

test('numbers of rows are compared with what the test counted before: of sources, of some rows, of tables that grow', async () => {
  open = temporaryProject({
    'orders.csv': delivered(1000),
    'models/orders.sql': `{{ config(materialized='table') }}\nselect id from {{ source('shop', 'orders') }}`,
    'models/visits.sql': `{{ config(materialized='incremental', incremental_strategy='append') }}
select unnest(range({{ 10 if is_incremental() else 1000 }})) as id`,
    'models/shop.yml': `sources:
  - name: shop
    tables:
      - name: orders
        external: orders.csv
        data_tests:
          - volume_change: { name: of_source, arguments: { error: 20, direction: drop }, config: { severity: warn } }
models:
  - name: orders
    data_tests:
      - volume_change: { name: of_model, arguments: { error: 20 } }
      - volume_change: { name: of_some, arguments: { error: 20 }, config: { where: id < 300 } }
      - volume_change: { name: of_three, arguments: { compared_to: mean, runs: 3, error: 20 } }
      - volume_change: { name: of_week, arguments: { compared_to: same_weekday, error: 20 } }
  - name: visits
    data_tests:
      - volume_change: { name: of_growing, arguments: { error: 20 } }
`,
  });
  const first = 'Learning: no earlier run yet';
  expect(await verdicts(`build ${on('02')}`)).toEqual({
    of_source: first,
    of_model: first,
    of_some: first,
    of_three: 'Learning: 0 of 3 earlier runs so far',
    of_week: 'Learning: no run on the same day of an earlier week yet',
    of_growing: first,
  });
  const passes = { of_source: 'pass', of_model: 'pass', of_some: 'pass', of_growing: 'pass' };
  await verdicts(`build ${on('03')}`);
  expect(await verdicts(`build ${on('04')}`)).toMatchObject({
    ...passes,
    of_three: 'Learning: 2 of 3 earlier runs so far',
  });
  // A week after the first run its version may be collected; what the test counted stays.
  open.write('orders.csv', delivered(700));
  expect(await verdicts(`build ${on('09')}`)).toEqual({
    ...passes,
    of_source: 'warn',
    of_model: 'fail',
    of_three: 'fail',
    of_week: 'fail',
  });
  // What failed is no measure for the next run; what only warned is.
  expect(await verdicts(`build ${on('10')}`)).toMatchObject({ of_source: 'pass', of_model: 'fail', of_three: 'fail' });
  // What was published all the same is.
  await open.dql(`run ${on('11')}`);
  expect(await verdicts(`test ${on('11')}`)).toMatchObject({ of_model: 'fail' });
  open.write('orders.csv', delivered(710));
  expect(await verdicts(`build ${on('12')}`)).toMatchObject({ of_model: 'pass' });
});

test('what is tested again is compared with what came before it, not with itself', async () => {
  const orders = (rows: number, more = '') =>
    `{{ config(materialized='table') }}\nselect unnest(range(${rows})) as id${more}`;
  open = temporaryProject({
    'models/orders.sql': orders(1000),
    'models/shop.yml': `models:
  - name: orders
    data_tests:
      - volume_change: { name: volume, arguments: { error: 20 }, config: { severity: warn } }
      - schema_unchanged: { name: schema }
`,
  });
  await verdicts(`build ${on('02')}`);
  open.write('models/orders.sql', orders(500, ', true as paid'));
  expect(await verdicts(`build ${on('03')}`)).toEqual({ volume: 'warn', schema: 'warn' });
  expect(await verdicts(`test ${on('04')}`)).toEqual({ volume: 'warn', schema: 'warn' });
  open.write('models/orders.sql', orders(501, ', true as paid'));
  expect(await verdicts(`build ${on('05')}`)).toEqual({ volume: 'pass', schema: 'pass' });
});

test('a test with an id keeps its history under another name, and says what it is about also when its verdict is kept', async () => {
  const written = (name: string, error: number) => `models:
  - name: orders
    data_tests:
      - volume_change:
          { name: ${name}, description: Orders come every day, arguments: { compared_to: mean, runs: 2, error: ${error} }, config: { id: daily-orders } }
      - accepted_range:
          { name: in_range, arguments: { column_name: id, max: 3 }, config: { severity: warn, description: Ids are small, hint: count again } }
`;
  open = temporaryProject({
    'models/orders.sql': "{{ config(materialized='table') }}\nselect unnest(range({{ var('rows', 1000) }})) as id",
    'models/shop.yml': written('volume', 20),
    'tests/no_orders.sql': "{{ config(id='some-orders') }}\nselect id from {{ ref('orders') }} where id < 0",
  });
  await verdicts(`build ${on('02')}`);
  await verdicts(`build ${on('03')}`);
  open.write('models/shop.yml', written('orders_a_day', 10));
  expect(await verdicts(`build ${on('04')}`)).toMatchObject({ 'daily-orders': 'pass', 'some-orders': 'pass' });
  const { stderr } = await open.dql(`build ${on('05')}`);
  expect(stderr).toContain('    about: Ids are small\n    hint: count again\n');
  expect((await open.dql('inspect daily-orders')).stdout).toContain('about         Orders come every day');
  open.write('tests/again.sql', "{{ config(id='some-orders') }}\nselect 1 where false");
  expect((await open.dql('build')).stderr).toContain('test `some-orders` is defined twice');
});

test('deadlines and durations are those of the runs before, and a late run does not hold back the next', async () => {
  open = temporaryProject({
    'models/orders.sql': `{{ config(materialized='table') }}\nselect 1 as id, '{{ var("day", "02") }}' as day`,
    'models/shop.yml': `models:
  - name: orders
    data_tests:
      - execution_sla: { name: in_time, arguments: { deadline: '07:00' } }
      - duration_sla: { name: quick, arguments: { max: 10 minutes } }
      - duration_sla: { name: impossible, arguments: { max: 0.00001 seconds }, config: { severity: warn } }
`,
  });
  const run = async (day: string, time: string) => [
    await verdicts(`build --now 2026-11-${day}T${time}:00Z --vars {"day":"${day}"}`),
    (await open?.rows('select day from orders'))?.[0]?.[0],
  ];
  const nothing = 'Learning: no finished run yet';
  expect(await run('02', '06:00')).toEqual([
    { in_time: 'Learning: no earlier run yet', quick: nothing, impossible: nothing },
    '02',
  ]);
  // Nothing ran in time this morning, which no rows can make good: the test fails, the rows are published.
  expect(await run('03', '08:00')).toEqual([{ in_time: 'fail', quick: 'pass', impossible: 'warn' }, '03']);
  expect(await run('04', '06:00')).toEqual([{ in_time: 'fail', quick: 'pass', impossible: 'warn' }, '04']);
  expect(await run('05', '06:00')).toEqual([{ in_time: 'pass', quick: 'pass', impossible: 'warn' }, '05']);
  const told = await open.rows("select value from _dql.test_runs where test like '%in_time%' order by sequence");
  expect(told.flat()).toEqual([null, 'NOT_RUN', 'MISSED', 'MET']);
});

test('a pass that only the clock can end is kept until then, and no longer', async () => {
  open = temporaryProject({
    'models/visits.sql': "{{ config(materialized='table') }}\nselect timestamp '2026-11-02 00:00:00' as seen, 1 as id",
    'models/shop.yml': `models:
  - name: visits
    columns:
      - name: seen
        data_tests:
          - not_in_future: { name: past }
          - freshness: { name: fresh, arguments: { max_age: 3 days }, config: { severity: warn } }
          - freshness_sla: { name: in_time, arguments: { deadline: '08:00' }, config: { severity: warn } }
          - not_before: { name: young, arguments: { age: 5 days }, config: { severity: warn } }
    data_tests:
      - volume_change: { name: volume, arguments: { min_rows: 1 } }
`,
  });
  const asked = async (time: string) => {
    const said = await open?.tests(`build --now 2026-11-${time}:00Z`, ({ status, meta }) =>
      meta.dql.verdict_from === undefined ? status : 'kept',
    );
    return Object.fromEntries(Object.entries(said ?? {}).filter(([, status]) => status !== 'kept'));
  };
  const each = { past: 'pass', fresh: 'pass', in_time: 'pass', young: 'pass', volume: 'pass' };
  expect(await asked('02T06:00')).toEqual(each);
  // The first time there was nothing to compare the rows with.
  expect(await asked('02T07:00')).toEqual({ young: 'pass', volume: 'pass' });
  expect(await asked('02T07:59')).toEqual({ young: 'pass' });
  expect(await asked('02T08:00')).toEqual({ young: 'pass', in_time: 'pass' });
  expect(await asked('03T08:00')).toEqual({ young: 'pass', in_time: 'warn' });
  expect(await asked('04T23:59')).toEqual({ young: 'pass', in_time: 'warn' });
  expect(await asked('05T00:01')).toEqual({ young: 'pass', in_time: 'warn', fresh: 'warn' });
  expect(await asked('07T00:01')).toEqual({ young: 'warn', in_time: 'warn', fresh: 'warn' });
  const until = await open.rows(
    "select string_split(test, '.')[3], max(holds_until)::varchar from _dql.test_runs where status = 'pass' group by all order by all",
  );
  expect(until.filter(([test]) => test === 'fresh' || test === 'past')).toEqual([
    ['fresh', '2026-11-05 00:00:00'],
    ['past', null],
  ]);
});
