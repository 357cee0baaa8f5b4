import { afterEach, expect, test, vi } from 'vitest';
import type { PlanView, RollbackAnswer, VerifyAnswer } from '../app/contract.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

const SHOP = {
  'seeds/events.csv': 'id,ts,amount\n1,2024-01-01 08:00:00,10\n2,2024-01-02 09:00:00,20\n3,2024-01-03 10:00:00,30\n',
  'seeds/seeds.yml': 'seeds:\n  - name: events\n    config: { event_time: ts }\n',
  'models/days.sql': `{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='day',
  begin='2024-01-01', batch_size='day', lookback=0) }}
select date_trunc('day', ts) as day, count(*) as events, sum(100 / amount)::int as shares from {{ ref('events') }} group by all`,
};
const open: TemporaryProject[] = [];
const openShop = (files: Record<string, string> = {}): TemporaryProject => {
  const project = temporaryProject({ ...SHOP, ...files });
  open.push(project);
  return project;
};
afterEach(() => {
  for (const project of open.splice(0)) project.close();
});

const days = async (shop: TemporaryProject) =>
  (await shop.rows("select strftime(day, '%d'), events, shares from days order by all")).map((row) => row.join(' '));
const batchesOf = async (shop: TemporaryProject, words: string) => {
  const results = await shop.answer(words);
  const result = results.results.find(({ unique_id }) => unique_id === 'model.shop.days');
  return {
    exit: results.meta.dql.exit_code,
    status: result?.status,
    reason: result?.meta.dql.reason,
    done: result?.batch_results?.successful.map(([start]) => start.slice(0, 10)),
    failed: result?.batch_results?.failed.map(([start]) => start.slice(0, 10)),
  };
};

test('a first build covers all from its beginning; later ones the newest batch and what was missed', async () => {
  const shop = openShop();
  expect(await batchesOf(shop, 'build --now 2024-01-03T12:00:00Z')).toEqual({
    exit: 0,
    status: 'success',
    reason: 'first build; 3 batches',
    done: ['2024-01-01', '2024-01-02', '2024-01-03'],
    failed: [],
  });
  expect(await days(shop)).toEqual(['01 1 10', '02 1 5', '03 1 3']);
  expect((await batchesOf(shop, 'build --now 2024-01-03T13:00:00Z')).status).toBe('reused');

  // Three days without a run: each of them is a gap. The late row of the first is out of reach.
  shop.write(
    'seeds/events.csv',
    `${SHOP['seeds/events.csv']}4,2024-01-01 09:00:00,1\n5,2024-01-03 23:00:00,1\n6,2024-01-05 01:00:00,50\n`,
  );
  const planned = await shop.answer<PlanView>('plan --now 2024-01-06T01:00:00Z');
  expect(planned.rows.find(({ name }) => name === 'days')).toMatchObject({
    action: 'build',
    reason: 'not filled yet: 2024-01-03 to 2024-01-06',
  });
  const caughtUp = await batchesOf(shop, 'build --now 2024-01-06T01:00:00Z');
  expect(caughtUp.reason).toBe('not filled yet: 2024-01-03 to 2024-01-06');
  expect(caughtUp.done).toEqual(['2024-01-03', '2024-01-04', '2024-01-05', '2024-01-06']);
  expect(await days(shop)).toEqual(['01 1 10', '02 1 5', '03 2 103', '05 1 2']);

  const restated = await batchesOf(shop, 'build --event-time-start 2024-01-01 --event-time-end 2024-01-02');
  expect(restated.done).toEqual(['2024-01-01']);
  expect(await days(shop)).toEqual(['01 2 110', '02 1 5', '03 2 103', '05 1 2']);
  expect(
    await shop.rows(
      'select starts_at::varchar, ends_at::varchar from _dql.ledger_intervals i join _dql.versions v using (relation, version) where is_published',
    ),
  ).toEqual([['2024-01-01 00:00:00', '2024-01-06 01:00:00']]);
});

test('what --empty computed is not filled, and neither is what it emptied', async () => {
  const shop = openShop();
  await shop.dql('build --empty --now 2024-01-03T12:00:00Z');
  expect(await days(shop)).toEqual([]);
  const first = await batchesOf(shop, 'build --now 2024-01-03T13:00:00Z');
  expect(first.done).toEqual(['2024-01-01', '2024-01-02', '2024-01-03']);
  expect(await days(shop)).toEqual(['01 1 10', '02 1 5', '03 1 3']);
  // The newest batch is computed each time that something changed.
  await shop.dql('build --empty --now 2024-01-03T14:00:00Z');
  expect(await days(shop)).toEqual(['01 1 10', '02 1 5']);
  const second = await batchesOf(shop, 'build --now 2024-01-10T00:00:00Z --event-time-start 2024-01-05');
  expect(second.exit).toBe(0);
  expect((await batchesOf(shop, 'build --now 2024-01-10T00:00:00Z')).reason).toContain('2024-01-03 to 2024-01-05');
  expect(await days(shop)).toEqual(['01 1 10', '02 1 5', '03 1 3']);
});

test('a batch that fails publishes nothing of itself, the others go on, and the next run fills it', async () => {
  const shop = openShop();
  shop.write(
    'models/days.sql',
    SHOP['models/days.sql'].replace(
      '100 / amount',
      "100 / (case when amount = 20 then error('till broken') else amount end)",
    ),
  );
  const first = await batchesOf(shop, 'build --now 2024-01-03T12:00:00Z');
  expect(first).toMatchObject({
    exit: 1,
    status: 'partial success',
    done: ['2024-01-01', '2024-01-03'],
    failed: ['2024-01-02'],
  });
  expect(await days(shop)).toEqual(['01 1 10', '03 1 3']);
  shop.write('models/days.sql', SHOP['models/days.sql']);
  const second = await batchesOf(shop, 'build --now 2024-01-03T13:00:00Z');
  expect(second).toMatchObject({ exit: 0, status: 'success', reason: 'not filled yet: 2024-01-02 to 2024-01-03' });
  expect(await days(shop)).toEqual(['01 1 10', '02 1 5', '03 1 3']);
});

test('the batches beside a failed one are tested, too: what fails is not published, what passes is', async () => {
  const broken = SHOP['models/days.sql'].replace(
    '100 / amount',
    "100 / (case when amount = 20 then error('till broken') else amount end)",
  );
  const shop = openShop({
    'models/days.sql': broken,
    'models/total.sql': "select sum(events)::int as events from {{ ref('days') }}",
    'tests/cheap.sql': "select * from {{ ref('days') }} where shares > 5",
  });
  const statuses = async (words: string) =>
    Object.fromEntries(
      (await shop.answer(words)).results.map(({ unique_id, status }) => [unique_id.split('.')[2], status]),
    );
  const now = '--now 2024-01-03T12:00:00Z';
  expect(await statuses(`build ${now}`)).toMatchObject({ days: 'partial success', cheap: 'fail', total: 'skipped' });
  await expect(days(shop)).rejects.toThrow('days');
  shop.write('tests/cheap.sql', "select * from {{ ref('days') }} where shares > 50");
  expect(await statuses(`retry ${now}`)).toMatchObject({ days: 'partial success', cheap: 'pass', total: 'skipped' });
  expect(await days(shop)).toEqual(['01 1 10', '03 1 3']);
  shop.write('models/days.sql', SHOP['models/days.sql']);
  expect(await statuses(`retry ${now}`)).toMatchObject({ days: 'success', cheap: 'pass', total: 'success' });
  expect(await days(shop)).toEqual(['01 1 10', '02 1 5', '03 1 3']);
  expect(await statuses(`build ${now}`)).toMatchObject({ days: 'reused', total: 'reused' });
});

test('the newest batch is filled by the next run where it was left out, although nothing else changed', async () => {
  const shop = openShop();
  const now = '--now 2024-01-03T12:00:00Z';
  await shop.dql(`build --event-time-end 2024-01-03 ${now}`);
  expect(await days(shop)).toEqual(['01 1 10', '02 1 5']);
  expect(await batchesOf(shop, `build ${now}`)).toMatchObject({
    exit: 0,
    reason: 'not filled yet: 2024-01-03 to 2024-01-04',
    done: ['2024-01-03'],
  });
  expect(await days(shop)).toEqual(['01 1 10', '02 1 5', '03 1 3']);
  expect(await batchesOf(shop, `build ${now}`)).toMatchObject({ exit: 0, status: 'reused' });
});

test('retry computes exactly the batches that failed, as of the first command, also after a full refresh', async () => {
  const shop = openShop();
  const broken = SHOP['models/days.sql'].replace(
    '100 / amount',
    "100 / (case when amount in (20, 30) then error('till broken') else amount end)",
  );
  await shop.dql('build --now 2024-01-03T12:00:00Z');
  shop.write('models/days.sql', broken);
  expect(await batchesOf(shop, 'build --full-refresh --now 2024-01-03T13:00:00Z')).toMatchObject({
    exit: 1,
    done: ['2024-01-01'],
    failed: ['2024-01-02', '2024-01-03'],
  });
  // A retry that comes to nothing is retried in its turn.
  expect(await batchesOf(shop, 'retry --now 2024-01-08T13:00:00Z')).toMatchObject({
    exit: 1,
    status: 'error',
    done: [],
    failed: ['2024-01-02', '2024-01-03'],
  });
  shop.write('models/days.sql', SHOP['models/days.sql']);
  // What came to the first day meanwhile is not asked for, and neither are the days since.
  shop.write('seeds/events.csv', `${SHOP['seeds/events.csv']}4,2024-01-01 09:00:00,1\n5,2024-01-02 23:00:00,1\n`);
  await shop.dql('seed --now 2024-01-09T12:00:00Z --target-path elsewhere');
  const again = await batchesOf(shop, 'retry --now 2024-01-09T13:00:00Z');
  expect(again).toEqual({
    exit: 0,
    status: 'success',
    reason: '2 batches failed before: 2024-01-02 to 2024-01-04',
    done: ['2024-01-02', '2024-01-03'],
    failed: [],
  });
  expect(await days(shop)).toEqual(['01 1 10', '02 2 105', '03 1 3']);
  expect((await shop.dql('retry')).stderr).toContain('Nothing to retry');

  // A model that was skipped is built for the range, and the time, of the first command.
  shop.write('models/events_checked.sql', "select * from {{ ref('events') }} where error('closed') is null");
  shop.write('models/days.sql', SHOP['models/days.sql'].replace("ref('events')", "ref('events_checked')"));
  shop.write(
    'models/events_checked.yml',
    'models: [{ name: events_checked, config: { materialized: table, event_time: ts } }]',
  );
  expect((await batchesOf(shop, 'build --event-time-start 2024-01-01 --event-time-end 2024-01-02')).status).toBe(
    'skipped',
  );
  shop.write('models/events_checked.sql', "select * from {{ ref('events') }}");
  expect(await batchesOf(shop, 'retry')).toMatchObject({ exit: 0, done: ['2024-01-01'] });
  expect(await days(shop)).toEqual(['01 2 110', '02 2 105', '03 1 3']);
});

test.each(['DATE', 'TIMESTAMP', 'TIMESTAMPTZ'])(
  'days are days of UTC whatever the time zone of the session, for a column of type %s',
  async (type) => {
    const shop = openShop({
      'project.yml': `name: shop
targets:
  dev: { path: shop.duckdb, settings: { TimeZone: America/Los_Angeles } }
`,
      'seeds/seeds.yml': `seeds:\n  - name: events\n    config: { event_time: ts, column_types: { ts: ${type} } }\n`,
      'seeds/events.csv':
        'id,ts\n1,2024-01-01 00:30:00+00\n2,2024-01-01 23:30:00+00\n3,2024-01-02 00:00:00+00\n4,2024-01-02 23:59:59+00\n5,2024-01-03 02:00:00+00\n',
      'models/days.sql': `{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='ts',
  begin='2024-01-01', batch_size='day', lookback=0) }}
select id, ts, '{{ model.batch.id[-2:] if model.batch else "" }}' as batch, '{{ model.batch.event_time_start if model.batch }}' as since from {{ ref('events') }}`,
    });
    const told = await shop.dql('build --now 2024-01-03T12:00:00Z');
    expect(`${told.code} ${told.stderr}`).toMatch(/^0 /);
    const rows = async () => (await shop.rows('select id, batch from days order by id')).map((row) => row.join(' '));
    expect(await rows()).toEqual(['1 01', '2 01', '3 02', '4 02', '5 03']);
    expect(await shop.rows('select max(since) from days')).toEqual([['2024-01-03T00:00:00+00:00']]);
    await shop.dql('build --event-time-start 2024-01-02 --event-time-end 2024-01-03');
    expect(await rows()).toEqual(['1 01', '2 01', '3 02', '4 02', '5 03']);
    expect((await shop.answer<VerifyAnswer>('verify --whole --now 2024-01-04')).checks).toMatchObject([
      { interval: 'whole', equal: true },
    ]);
  },
);

test('an event time that is none, or a range that is empty, is a usage error', async () => {
  const shop = openShop();
  for (const [flags, message] of [
    ['--event-time-start yesterday', '--event-time-start'],
    ['--event-time-start 2024-01-01 --event-time-end 2024-13-01', '2024-13-01'],
    ['--event-time-start 2024-01-02 --event-time-end 2024-01-02', 'is not before --event-time-end 2024-01-02'],
    ['--event-time-start 2024-01-02 --now 2024-01-01T00:00:00Z', 'is not before now'],
    ['--event-time-start 2024-02-30 --event-time-end 2024-03-02', '2024-02-30'],
  ] as const) {
    const told = await shop.dql(`build ${flags}`);
    expect([flags, told.code]).toEqual([flags, 2]);
    expect(told.stderr).toContain(message);
  }
});

test('batches side by side come to the same as one after another, also where one fails', async () => {
  const shop = openShop({
    'project.yml': `name: shop
targets:
  dev: { path: shop.duckdb, threads: 4 }
on-run-start: "set variable broken = 20"
`,
    'seeds/events.csv': `id,ts,amount\n${Array.from({ length: 31 }, (_, day) => `${day},2024-01-${String(day + 1).padStart(2, '0')} 08:00:00,${day + 1}`).join('\n')}\n`,
  });
  const together = SHOP['models/days.sql'].replace('lookback=0', 'lookback=0, concurrent_batches=true');
  // What on-run-start sets holds on every connection.
  const broken = together.replace(
    '100 / amount',
    "100 / (case when amount = getvariable('broken') then error('till broken') else amount end)",
  );
  shop.write('models/days.sql', broken);
  const first = await batchesOf(shop, 'build --now 2024-01-31T12:00:00Z');
  expect(first).toMatchObject({ exit: 1, status: 'partial success', failed: ['2024-01-20'] });
  expect(first.done).toHaveLength(30);
  expect(first.done).toEqual([...(first.done ?? [])].sort());
  shop.write('models/days.sql', together);
  expect(await batchesOf(shop, 'build --now 2024-01-31T13:00:00Z')).toMatchObject({
    exit: 0,
    done: ['2024-01-20', '2024-01-31'],
  });
  const side = await days(shop);
  shop.write('models/days.sql', SHOP['models/days.sql']);
  await shop.dql('build --full-refresh --now 2024-01-31T13:00:00Z');
  expect(side).toHaveLength(31);
  expect(await days(shop)).toEqual(side);
  expect(await shop.rows("select table_name from duckdb_tables() where table_name like '%batches'")).toEqual([]);
});

test('a failing test holds the whole run’s batches; a rollback remembers what was filled', async () => {
  const shop = openShop();
  await shop.dql('build --now 2024-01-03T12:00:00Z');
  shop.write('tests/few_events.sql', "select * from {{ ref('days') }} where events > 1");
  shop.write('seeds/events.csv', `${SHOP['seeds/events.csv']}4,2024-01-04 09:00:00,1\n5,2024-01-04 23:00:00,1\n`);
  expect((await shop.dql('build --now 2024-01-05T12:00:00Z')).code).toBe(1);
  expect(await days(shop)).toEqual(['01 1 10', '02 1 5', '03 1 3']);
  shop.remove('tests/few_events.sql');
  expect((await shop.dql('build --now 2024-01-05T12:00:00Z')).code).toBe(0);
  expect(await days(shop)).toEqual(['01 1 10', '02 1 5', '03 1 3', '04 2 200']);
  const back = await shop.answer<RollbackAnswer>('rollback days');
  expect(back.moved).toMatchObject([{ name: 'days' }]);
  expect(await days(shop)).toEqual(['01 1 10', '02 1 5', '03 1 3']);
  const again = await batchesOf(shop, 'build --now 2024-01-05T13:00:00Z');
  expect(again.reason).toBe('not filled yet: 2024-01-03 to 2024-01-05');
  expect(await days(shop)).toEqual(['01 1 10', '02 1 5', '03 1 3', '04 2 200']);
});

test('a build before its beginning fills nothing, and what it left out is a gap afterwards', async () => {
  const shop = openShop();
  expect(await batchesOf(shop, 'build --event-time-end 2023-06-01 --now 2024-01-03T12:00:00Z')).toMatchObject({
    exit: 0,
    reason: '0 batches asked for: the range ends before its beginning',
    done: [],
  });
  const verified = await shop.answer<VerifyAnswer>('verify --now 2024-01-03T12:30:00Z');
  expect(verified.checks).toMatchObject([{ interval: 'whole', equal: true, missing: 0 }]);
  expect((await batchesOf(shop, 'build --now 2024-01-03T13:00:00Z')).reason).toBe(
    'not filled yet: 2024-01-01 to 2024-01-03',
  );
  expect(await days(shop)).toEqual(['01 1 10', '02 1 5', '03 1 3']);

  const later = openShop({ 'models/days.sql': SHOP['models/days.sql'].replace('2024-01-01', '2024-01-03') });
  expect((await batchesOf(later, 'build --now 2024-01-02T12:00:00Z')).reason).toBe('first build; 0 batches');
  expect((await later.answer<VerifyAnswer>('verify --now 2024-01-02T13:00:00Z')).checks).toMatchObject([
    { equal: true },
  ]);
  expect((await batchesOf(later, 'build --now 2024-01-04T12:00:00Z')).done).toEqual(['2024-01-03', '2024-01-04']);
  expect(await days(later)).toEqual(['03 1 3']);
});

test('verify of larger batches than those that were filled takes only whole ones, and the whole where none is', async () => {
  const shop = openShop();
  await shop.dql('build --now 2024-01-20T01:00:00Z');
  const checked = async (size: string, begin: string, now: string) => {
    shop.write(
      'models/days.sql',
      SHOP['models/days.sql'].replace("batch_size='day'", `batch_size='${size}'`).replace('2024-01-01', begin),
    );
    const { checks } = await shop.answer<VerifyAnswer>(`verify --now ${now}`);
    return checks.map(({ interval, equal }) => [interval, equal]);
  };
  expect(await checked('month', '2024-01-01', '2024-01-20T02:00:00Z')).toEqual([['whole', true]]);
  expect(await checked('month', '2023-11-01', '2024-03-01')).toEqual([['whole', true]]);
  // Filled up to the twentieth: neither of the months is.
  expect(await checked('year', '2023-01-01', '2025-03-01')).toEqual([['whole', true]]);
});

test('rows that a batch answers and that are of another time are said, with their number and the least of their times', async () => {
  const shifted = SHOP['models/days.sql'].replace(
    "date_trunc('day', ts) as day",
    "date_trunc('day', ts - interval 9 hour) as day",
  );
  const shop = openShop({ 'models/days.sql': shifted });
  const built = await shop.dql('build --now 2024-01-03T12:00:00Z');
  expect(built.code).toBe(0);
  expect(built.stderr).toContain(
    'warning[run/rows-outside-batch]: microbatch model `days` left out 1 row: their `day` is not within the batch they were computed for, e.g. 2023-12-31 00:00:00 in the batch 2024-01-01 to 2024-01-02',
  );
  expect(await days(shop)).toEqual(['02 1 5', '03 1 3']);
  shop.write('models/days.sql', shifted.replace('ts - interval 9 hour', 'nullif(ts, ts)'));
  const all = await shop.dql('build --full-refresh --now 2024-01-03T12:00:00Z --warn-error');
  expect(all.code).toBe(1);
  expect(all.stderr).toContain(
    'left out 3 rows: their `day` is not within the batch they were computed for, e.g. NULL in',
  );
  shop.write('models/days.yml', 'models: [{ name: days, columns: [{ name: day, config: { meta: { pii: true } } }] }]');
  shop.write('models/days.sql', shifted);
  expect((await shop.dql('build --full-refresh --now 2024-01-03T12:00:00Z')).stderr).toContain('e.g. ••• in the batch');
});

test('batches of a model whose inputs have no event time have all their rows, and it is said that each reads everything', async () => {
  const shop = openShop({ 'seeds/seeds.yml': '' });
  const built = await shop.dql('build --now 2024-01-03T12:00:00Z');
  expect(built.stderr).toContain('warning[app/batches-read-everything]: each batch of microbatch model `days` reads');
  expect(built.stderr).not.toContain('rows-outside');
  expect(await days(shop)).toEqual(['01 1 10', '02 1 5', '03 1 3']);
  shop.write(
    'models/days.sql',
    `${SHOP['models/days.sql'].replace(' group by all', '')} where {{ narrowed('ts') }} group by all`,
  );
  shop.write(
    'macros/narrowed.sql',
    `{% macro narrowed(time) %}{% if model.batch %}{{ time }} >= '{{ model.batch.event_time_start }}'{% else %}true{% endif %}{% endmacro %}`,
  );
  const narrowed = await shop.dql('build --full-refresh --now 2024-01-03T12:00:00Z');
  expect(narrowed.stderr).not.toContain('batches-read-everything');
  // The first reads all three days, the second two.
  expect(narrowed.stderr).toContain('left out 3 rows');
  expect(await days(shop)).toEqual(['01 1 10', '02 1 5', '03 1 3']);
});

test('a configuration that is not whole is refused in the user’s words', async () => {
  const shop = openShop({ 'models/days.sql': SHOP['models/days.sql'].replace("begin='2024-01-01', ", '') });
  const told = await shop.dql('build');
  expect(told.code).toBe(1);
  expect(told.stderr).toContain('microbatch model `days` has no `begin`');
  for (const [from, to, message] of [
    ["begin='2024-01-01'", "begin='2024-02-30'", 'has `begin: 2024-02-30`, which is neither a date nor a time'],
    ["batch_size='day'", "batch_size='week'", 'hour, day, month, year or minutes like `5 minutes` is expected'],
  ] as const) {
    shop.write('models/days.sql', SHOP['models/days.sql'].replace(from, to));
    expect((await shop.dql('build')).stderr).toContain(message);
  }
  shop.write(
    'models/days.sql',
    SHOP['models/days.sql'].replace('count(*) as', "'{{ model.batch.id }}' as batch, count(*) as"),
  );
  const unguarded = (await shop.dql('build')).stderr;
  expect(unguarded).toContain('`model.batch` is there only while a batch of a microbatch model is built');
  expect(unguarded).toContain('{% if model.batch %} … {% else %} … {% endif %}');
});
