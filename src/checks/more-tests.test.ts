import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Json } from '../core/node-id.ts';
import type { Column } from '../engine/engine.ts';
import { memoryConnection } from '../testing/memory-connection.ts';
import { type CheckRequest, planCheck } from './check.ts';
import { type CheckOutcome, executeChecks } from './execute-checks.ts';
import { planChecks } from './plan-checks.ts';

const NOW = '2026-03-10T12:00:00Z';
let connection: Awaited<ReturnType<typeof memoryConnection>>;
beforeAll(async () => {
  connection = await memoryConnection();
});
afterAll(() => connection.close());

type Request = Partial<CheckRequest> & { readonly name: string };

async function outcome(rows: string, request: Request): Promise<CheckOutcome> {
  await connection.run(`create or replace table tested as ${rows}`);
  const columns: readonly Column[] = await connection.describe('select * from tested');
  const planned = planCheck({
    namespace: null,
    kwargs: {},
    relation: '"tested"',
    config: {},
    now: NOW,
    columns,
    ...request,
  });
  expect(planned.diagnostics).toEqual([]);
  if (!planned.value) throw new Error('no plan');
  const [only] = await executeChecks(connection, planChecks([], [planned.value]), { now: NOW });
  if (!only) throw new Error('no outcome');
  return only;
}
const verdictOf = async (rows: string, request: Request) => {
  const { verdict, message } = await outcome(rows, request);
  return verdict === 'error' ? message : verdict;
};

type Case = readonly [rows: string, kwargs: Readonly<Record<string, Json>>, verdict: string];
const cases: Readonly<
  Record<
    string,
    {
      readonly column?: string;
      readonly config?: Readonly<Record<string, Json>>;
      readonly history?: CheckRequest['history'];
      readonly cases: readonly Case[];
    }
  >
> = {
  matches_format: {
    column: 'v',
    cases: [
      ["select unnest(['ada@example.org', 'a.b+c@mail.example.co.uk', null]) as v", { format: 'email' }, 'pass'],
      ["select unnest(['ada@localhost']) as v", { format: 'email' }, 'fail'],
      ["select unnest(['@example.org']) as v", { format: 'email' }, 'fail'],
      ["select unnest(['3f2504e0-4f89-41d3-9a0c-0305e82c3301']) as v", { format: 'uuid' }, 'pass'],
      ["select unnest(['3f2504e0-4f89']) as v", { format: 'uuid' }, 'fail'],
      ["select unnest(['https://example.org/a?b=c', 'ftp://example.org']) as v", { format: 'url' }, 'pass'],
      ["select unnest(['example.org']) as v", { format: 'url' }, 'fail'],
      ["select unnest(['192.168.0.1', '255.255.255.255']) as v", { format: 'ipv4' }, 'pass'],
      ["select unnest(['192.168.0.256']) as v", { format: 'ipv4' }, 'fail'],
      [
        "select unnest(['::1', '2001:db8::ff00:42:8329', 'fe80:0:0:0:1:2:3:4', '::ffff:10.0.0.1', '::']) as v",
        { format: 'ipv6' },
        'pass',
      ],
      ["select unnest(['2001:db8']) as v", { format: 'ipv6' }, 'fail'],
      ["select unnest(['1::2::3']) as v", { format: 'ipv6' }, 'fail'],
      ["select unnest(['10.0.0.1', '::1']) as v", { format: 'ip' }, 'pass'],
      ["select unnest(['2024-02-29']) as v", { format: 'iso_date' }, 'pass'],
      ["select unnest(['2023-02-29']) as v", { format: 'iso_date' }, 'fail'],
      ["select unnest(['23:59', '00:00:01.5', '06:30Z']) as v", { format: 'iso_time' }, 'pass'],
      ["select unnest(['24:00']) as v", { format: 'iso_time' }, 'fail'],
      ["select unnest(['2024-02-29T06:30:00Z', '2024-02-29 06:30:00+02:00']) as v", { format: 'iso_datetime' }, 'pass'],
      ["select unnest(['2024-02-30T06:30:00Z']) as v", { format: 'iso_datetime' }, 'fail'],
      ["select unnest(['+49 (0)30 901820', '030/901820']) as v", { format: 'phone' }, 'pass'],
      ["select unnest(['call me']) as v", { format: 'phone' }, 'fail'],
      [
        "select unnest(['4111 1111 1111 1111', '5500-0000-0000-0004', '378282246310005']) as v",
        { format: 'credit_card' },
        'pass',
      ],
      ["select unnest(['4111 1111 1111 1112']) as v", { format: 'credit_card' }, 'fail'],
      ["select unnest(['-1', '+2', '30']) as v", { format: 'integer' }, 'pass'],
      ["select unnest(['1.0']) as v", { format: 'integer' }, 'fail'],
      ["select unnest(['1.50', '.5', '-3']) as v", { format: 'decimal' }, 'pass'],
      ["select unnest(['1,5']) as v", { format: 'decimal' }, 'fail'],
      ["select unnest(['5%', '12.5 %']) as v", { format: 'percent' }, 'pass'],
      ["select unnest(['5']) as v", { format: 'percent' }, 'fail'],
      ["select unnest(['$1,234.50', '12.00 EUR', '€ 5']) as v", { format: 'money' }, 'pass'],
      ["select unnest(['12.00']) as v", { format: 'money' }, 'fail'],
      ["select unnest(['EUR', 'USD']) as v", { format: 'currency' }, 'pass'],
      ["select unnest(['EURO']) as v", { format: 'currency' }, 'fail'],
      [`select unnest(['{"a": 1}', '[]', '3']) as v`, { format: 'json' }, 'pass'],
      ["select unnest(['{a: 1}']) as v", { format: 'json' }, 'fail'],
      ['select null::varchar as v', { format: 'json' }, 'vacuous'],
    ],
  },
  parses_as: {
    column: 'v',
    cases: [
      ["select unnest(['31.12.2025', null]) as v", { format: '%d.%m.%Y' }, 'pass'],
      ["select unnest(['12/31/2025']) as v", { format: '%d.%m.%Y' }, 'fail'],
    ],
  },
  column_type: {
    column: 'v',
    cases: [
      ['select 1::decimal(10,2) as v', { type: 'number' }, 'pass'],
      ['select 1::decimal(10,2) as v', { type: 'decimal(10, 2)' }, 'pass'],
      ['select 1::decimal(10,2) as v', { type: ['integer', 'varchar'] }, 'fail'],
      ["select 'a' as v", { type: 'string' }, 'pass'],
      ['select now() as v', { type: 'timestamp' }, 'pass'],
      ['select 1 as w', { type: 'integer' }, 'fail'],
    ],
  },
  columns: {
    cases: [
      ["select 1 as id, 'a' as email", { contain: ['ID'] }, 'pass'],
      ["select 1 as id, 'a' as email", { contain: ['store'] }, 'fail'],
      ["select 1 as id, 'a' as email", { set: ['email', 'id'] }, 'pass'],
      ["select 1 as id, 'a' as email", { set: ['id'] }, 'fail'],
      ["select 1 as id, 'a' as email", { ordered: ['id', 'email'] }, 'pass'],
      ["select 1 as id, 'a' as email", { ordered: ['email', 'id'] }, 'fail'],
      ["select 1 as id, 'a' as pii_email", { forbidden: ['pii*'] }, 'fail'],
      ["select 1 as id, 'a' as email", { forbidden: ['pii*'] }, 'pass'],
      ["select 1 as id, 'a' as email", { types: { id: 'integer', email: 'text' } }, 'pass'],
      ["select 1 as id, 'a' as email", { types: { id: 'text' } }, 'fail'],
      ["select 1 as id, 'a' as email", { index: { email: 2 } }, 'pass'],
      ["select 1 as id, 'a' as email", { index: { email: 1 } }, 'fail'],
      ["select 1 as id, 'a' as email", { min_count: 0 }, 'pass'],
      ["select 1 as id, 'a' as email", { max_count: 1 }, 'fail'],
    ],
  },
  contract: {
    cases: [
      [
        "select 1 as id, 'a' as email",
        {
          columns: [
            { name: 'email', data_type: 'string' },
            { name: 'id', data_type: 'int' },
          ],
        },
        'pass',
      ],
      [
        "select 1 as id, 'a' as email",
        {
          columns: [
            { name: 'email', data_type: 'string' },
            { name: 'id', data_type: 'int' },
          ],
          ordered: true,
        },
        'fail',
      ],
      ["select 1 as id, 'a' as email", { columns: [{ name: 'id', data_type: 'int' }] }, 'fail'],
      ["select 1 as id, 'a' as email", { columns: [{ name: 'id', data_type: 'int' }], allow_more: true }, 'pass'],
      ['select 1.5 as id', { columns: [{ name: 'id', data_type: 'int' }] }, 'fail'],
    ],
  },
  schema_unchanged: {
    history: {
      previousColumns: [
        { name: 'id', type: 'INTEGER' },
        { name: 'email', type: 'VARCHAR' },
      ],
    },
    cases: [
      ["select 1 as id, 'a' as email", {}, 'pass'],
      ["select 1 as id, 'a' as email, 2 as age", {}, 'warn'],
      ["select 1 as id, 'a' as email, 2 as age", { added: 'ignore' }, 'pass'],
      ["select 1 as id, 'a' as email, 2 as age", { added: 'error' }, 'fail'],
      ['select 1 as id', {}, 'fail'],
      ['select 1 as id', { removed: 'warn' }, 'warn'],
      ["select 1.5 as id, 'a' as email", {}, 'fail'],
      ["select 'a' as email, 1 as id", {}, 'pass'],
      ["select 'a' as email, 1 as id", { reordered: 'warn' }, 'warn'],
    ],
  },
  scalar: {
    cases: [
      ['select 3 as v', { sql: 'select max(v) from {object}', must_be: 3 }, 'pass'],
      ['select 3 as v', { sql: 'select max(v) from {object}', must_be_less_than: 3 }, 'fail'],
      ['select 3 as v', { sql: 'select max(v) from {object}', must_be_between: [1, 3] }, 'pass'],
      ['select 3 as v', { sql: 'select max(v) from {object}', must_not_be_between: [1, 3] }, 'fail'],
      ['select null::integer as v', { sql: 'select max(v) from {object};', must_be_less_than: 3 }, 'fail'],
      ["select 'nan'::double as v", { sql: 'select max(v) from {object}', must_be_greater_than: 3 }, 'fail'],
    ],
  },
  equality: {
    cases: [
      [
        "select unnest([1, 2, null]) as id, 'a' as name",
        { to: "(select 'a' as name, unnest([null, 2, 1]) as id)" },
        'pass',
      ],
      ['select unnest([1, 1, 2]) as id', { to: '(select unnest([1, 2]) as id)' }, 'fail'],
      ['select unnest([1, 2]) as id', { to: '(select unnest([1, 1, 2]) as id)' }, 'fail'],
      ['select 1 as id, 1.001 as price', { to: '(select 1 as id, 1.002 as price)' }, 'fail'],
      ['select 1 as id, 1.001 as price', { to: '(select 1 as id, 1.002 as price)', precision: 2 }, 'pass'],
      ['select 1 as id, 1.001 as price', { to: '(select 1 as id, 1.002 as price)', exclude: ['price'] }, 'pass'],
      ['select 1 as id, 1.001 as price', { to: '(select 1 as id, 1.002 as price)', columns: ['id'] }, 'pass'],
      [
        'select 1 as id, 1.001 as price',
        {
          to: '(select 1 as id, 1.002 as price)',
          key: ['id'],
          tolerance: 0.01,
        },
        'pass',
      ],
      [
        'select 1 as id, 1.001 as price',
        {
          to: '(select 1 as id, 1.002 as price)',
          key: ['id'],
          tolerance: '0.01%',
        },
        'fail',
      ],
      [
        'select 1 as id, null::double as price',
        {
          to: '(select 1 as id, 1.0::double as price)',
          key: ['id'],
          tolerance: 5,
        },
        'fail',
      ],
      ['select 1 as id where false', { to: '(select 1 as id where false)' }, 'vacuous'],
    ],
  },
  row_count_equals_other: {
    cases: [
      ['select 1 as team from range(4)', { to: '(select * from range(4))' }, 'pass'],
      ['select 1 as team from range(4)', { to: '(select * from range(5))' }, 'fail'],
      ['select 1 as team from range(4)', { to: '(select * from range(5))', tolerance: 1 }, 'pass'],
      ['select 1 as team from range(4)', { to: '(select * from range(5))', tolerance: '10%' }, 'fail'],
      ['select 1 as team from range(4)', { to: '(select * from range(2))', factor: 2 }, 'pass'],
      ['select 1 as team from range(4)', { to: '(select * from range(9))', to_where: 'range < 4' }, 'pass'],
      ["select unnest(['a', 'b']) as team", { to: "(select unnest(['a', 'c']) as team)" }, 'pass'],
      ["select unnest(['a', 'b']) as team", { to: "(select unnest(['a', 'c']) as team)", group_by: ['team'] }, 'fail'],
      [
        "select unnest(['a', null]) as team",
        {
          to: "(select unnest([null, 'a']) as squad)",
          group_by: ['team'],
          to_group_by: ['squad'],
        },
        'pass',
      ],
    ],
  },
  fewer_rows_than: {
    cases: [
      ['select 1 as id', { to: '(select * from range(2))' }, 'pass'],
      ['select 1 as id from range(2)', { to: '(select * from range(2))' }, 'fail'],
    ],
  },
  reconcile_metric: {
    cases: [
      [
        'select unnest([1.0, 2.0]) as amount',
        {
          expression: 'sum(amount)',
          to: '(select 3.0 as total)',
          to_expression: 'sum(total)',
        },
        'pass',
      ],
      ['select unnest([1.0, 2.5]) as amount', { expression: 'sum(amount)', to: '(select 3.0 as amount)' }, 'fail'],
      [
        'select unnest([1.0, 2.5]) as amount',
        {
          expression: 'sum(amount)',
          to: '(select 3.0 as amount)',
          tolerance: '20%',
        },
        'pass',
      ],
      ["select 'nan'::double as amount", { expression: 'sum(amount)', to: "(select 'nan'::double as amount)" }, 'fail'],
      ['select null::double as amount', { expression: 'sum(amount)', to: '(select 3.0 as amount)' }, 'fail'],
      [
        "select 'a' as team, 1 as amount",
        {
          expression: 'sum(amount)',
          to: "(select unnest(['a', 'b']) as team, unnest([1, 0]) as amount)",
          group_by: ['team'],
        },
        'fail',
      ],
    ],
  },
  cardinality_equality: {
    column: 'id',
    cases: [
      [
        'select unnest([1, 1, null]) as id',
        { to: '(select unnest([1, null, 1]) as order_id)', field: 'order_id' },
        'pass',
      ],
      ['select unnest([1, 1]) as id', { to: '(select unnest([1, 2]) as order_id)', field: 'order_id' }, 'fail'],
    ],
  },
  columns_sum_to: {
    cases: [
      ['select 1 as a, 2 as b, 3 as total', { columns: ['a', 'b'], total: 'total' }, 'pass'],
      ['select 1 as a, 2 as b, 4 as total', { columns: ['a', 'b'], total: 'total' }, 'fail'],
      ['select null as a, 2 as b, 4 as total', { columns: ['a', 'b'], total: 'total' }, 'fail'],
      ['select null as a, 2 as b, 4 as total', { columns: ['a', 'b'], total: 'total', on_null: 'ignore' }, 'vacuous'],
      ['select unnest([1, 2]) as a, 2 as b', { columns: ['a', 'b'], total: 7, per: 'relation' }, 'pass'],
      ['select unnest([1, 2]) as a, 2 as b', { columns: ['a', 'b'], total: 8, per: 'relation' }, 'fail'],
    ],
  },
  data_for_every_period: {
    cases: [
      ["select unnest([date '2026-03-01', date '2026-03-02']) as day", { column: 'day' }, 'pass'],
      ["select unnest([date '2026-03-01', date '2026-03-03']) as day", { column: 'day' }, 'fail'],
      [
        "select unnest([date '2026-03-06', date '2026-03-09']) as day",
        { column: 'day', except: 'isodow(period) > 5' },
        'pass',
      ],
      ["select unnest([date '2026-03-08', date '2026-03-09']) as day", { column: 'day', end: 'now' }, 'fail'],
      [
        "select unnest([date '2026-03-09', date '2026-03-10']) as day",
        { column: 'day', end: 'now', start: '2026-03-09' },
        'pass',
      ],
      ["select unnest([date '2026-03-01', date '2026-03-03']) as day", { column: 'day', interval: 2 }, 'pass'],
      ['select null::date as day', { column: 'day' }, 'fail'],
    ],
  },
  freshness: {
    column: 'at',
    cases: [
      ["select timestamp '2026-03-10 11:00:00' as at", { max_age: '1h' }, 'pass'],
      ["select timestamp '2026-03-10 10:59:59' as at", { max_age: '1 hour' }, 'fail'],
      ["select timestamptz '2026-03-10 13:00:00+02' as at", { max_age: '1 hour' }, 'pass'],
      ["select date '2026-03-10' as at", { max_age: '12 hours' }, 'pass'],
      [
        "select timestamp '2026-03-10 09:00:00' as at",
        {
          warn_after: { count: 1, period: 'hour' },
          error_after: { count: 4, period: 'hour' },
        },
        'warn',
      ],
      [
        "select timestamp '2026-03-10 07:00:00' as at",
        {
          warn_after: { count: 1, period: 'hour' },
          error_after: { count: 4, period: 'hour' },
        },
        'fail',
      ],
      ["select timestamp '2026-03-01' as at", { warn_after: '1 day' }, 'warn'],
      ["select unnest([timestamp '2026-03-01', timestamp '2027-01-01']) as at", { max_age: '1 day' }, 'fail'],
      [
        "select unnest([timestamp '2026-03-01', timestamp '2027-01-01']) as at",
        { max_age: '1 day', ignore_future: false },
        'pass',
      ],
      ["select timestamp '2027-01-01' as at", { max_age: '1 day' }, 'fail'],
      ['select null::timestamp as at', { max_age: '1 day' }, 'fail'],
    ],
  },
  freshness_sla: {
    column: 'at',
    cases: [
      ["select timestamp '2026-03-10 05:00:00' as at", { deadline: '06:00' }, 'pass'],
      ["select timestamp '2026-03-09 23:00:00' as at", { deadline: '06:00' }, 'fail'],
      ["select timestamp '2026-03-09 23:00:00' as at", { deadline: '06:00', timezone: 'Europe/Berlin' }, 'pass'],
      ["select timestamp '2026-03-09 23:00:00' as at", { deadline: '18:00' }, 'pass'],
      ["select timestamp '2026-03-08 23:00:00' as at", { deadline: '06:00', day_of_week: 'monday' }, 'fail'],
      ["select timestamp '2026-03-09 01:00:00' as at", { deadline: '06:00', day_of_week: 'Monday' }, 'pass'],
      ["select timestamp '2026-03-01 01:00:00' as at", { deadline: '06:00', day_of_month: 1 }, 'pass'],
    ],
  },
  execution_sla: {
    history: {
      runs: [
        {
          startedAt: '2026-03-10T05:30:00Z',
          completedAt: '2026-03-10T06:10:00Z',
          seconds: 2400,
          status: 'success',
        },
      ],
    },
    cases: [
      ['select 1', { deadline: '06:30' }, 'pass'],
      ['select 1', { deadline: '06:00' }, 'fail'],
      ['select 1', { deadline: '18:00' }, 'fail'],
    ],
  },
  duration_sla: {
    history: {
      runs: [
        {
          startedAt: '2026-03-10T05:30:00Z',
          completedAt: '2026-03-10T06:10:00Z',
          seconds: 2400,
          status: 'success',
        },
      ],
    },
    cases: [
      ['select 1', { max: '40 minutes' }, 'pass'],
      ['select 1', { max: '39 minutes' }, 'fail'],
    ],
  },
  volume_change: {
    history: {
      rowCounts: [500, 900, 1000, 1000, 1000, 1000, 1100, 1000].map((rows, day) => ({
        at: `2026-03-0${day + 2}T06:00:00Z`,
        rows,
      })),
    },
    cases: [
      ['select 1 from range(1000)', {}, 'pass'],
      ['select 1 from range(1060)', {}, 'warn'],
      ['select 1 from range(1100)', {}, 'warn'],
      ['select 1 from range(1101)', {}, 'fail'],
      ['select 1 from range(800)', { direction: 'rise' }, 'pass'],
      ['select 1 from range(800)', { direction: 'drop' }, 'fail'],
      ['select 1 from range(0)', {}, 'fail'],
      ['select 1 from range(800)', { error: '30%', warn: '25%' }, 'pass'],
      ['select 1 from range(1000)', { compared_to: 'mean', runs: 8, warn: 5 }, 'warn'],
      ['select 1 from range(900)', { compared_to: 'same_weekday' }, 'pass'],
      ['select 1 from range(800)', { min_rows: 2000 }, 'learning'],
      ['select 1 from range(800)', { compared_to: 'mean', runs: 20 }, 'learning'],
    ],
  },
  volume_anomaly: {
    cases: [
      [daily('100 + day % 7'), { timestamp_column: 'at' }, 'pass'],
      [daily('case when day = 59 then 0 else 100 + day % 7 end'), { timestamp_column: 'at' }, 'fail'],
      [daily('case when day = 59 then 300 else 100 + day % 7 end'), { timestamp_column: 'at' }, 'fail'],
      [
        daily('case when day = 59 then 300 else 100 + day % 7 end'),
        { timestamp_column: 'at', direction: 'drop' },
        'pass',
      ],
      [daily('case when day = 58 then 0 else 100 end'), { timestamp_column: 'at' }, 'pass'],
      [daily('case when day = 58 then 0 else 100 end'), { timestamp_column: 'at', detect: 2 }, 'fail'],
      [daily('case when dayofweek(at_day) in (0, 6) then 5 else 100 end'), { timestamp_column: 'at' }, 'pass'],
      [daily('case when day < 50 then 0 else 100 end'), { timestamp_column: 'at' }, 'learning'],
      ['select null::timestamp as at', { timestamp_column: 'at' }, 'learning'],
    ],
  },
  freshness_anomaly: {
    cases: [
      [
        "select timestamp '2026-03-10 11:30:00' - hours * interval 1 hour as at from range(40) t(hours)",
        { timestamp_column: 'at' },
        'pass',
      ],
      [
        "select timestamp '2026-03-10 05:30:00' - hours * interval 1 hour as at from range(40) t(hours)",
        { timestamp_column: 'at' },
        'fail',
      ],
      [
        "select timestamp '2026-03-10 05:30:00' - hours * interval 1 hour as at from range(5) t(hours)",
        { timestamp_column: 'at' },
        'learning',
      ],
    ],
  },
  event_freshness_anomaly: {
    cases: [
      [
        `select "at", "at" - interval 1 hour as event_at from (${daily('3')})`,
        { timestamp_column: 'at', event_column: 'event_at' },
        'pass',
      ],
      [
        `select "at", "at" - case when "at" >= timestamp '2026-03-09' then interval 9 hour else interval 1 hour end as event_at from (${daily('3')})`,
        { timestamp_column: 'at', event_column: 'event_at' },
        'fail',
      ],
    ],
  },
  column_anomaly: {
    column: 'price',
    cases: [
      [
        `select "at", (10 + dayofmonth("at") % 3)::double as price from (${daily('5')})`,
        { timestamp_column: 'at' },
        'pass',
      ],
      [
        `select "at", case when "at" < timestamp '2026-03-09' then 10.0::double end as price from (${daily('5')})`,
        { timestamp_column: 'at' },
        'fail',
      ],
      [
        `select "at", case when "at" < timestamp '2026-03-09' then 10.0::double else 40 end as price from (${daily('5')})`,
        { timestamp_column: 'at', metrics: ['mean'] },
        'fail',
      ],
    ],
  },
  all_columns_anomaly: {
    cases: [
      [`select "at", 'open' as status, 10.0::double as price from (${daily('5')})`, { timestamp_column: 'at' }, 'pass'],
      [
        `select "at", case when "at" < timestamp '2026-03-09' then 'open' else '' end as status, 10.0::double as price from (${daily('5')})`,
        { timestamp_column: 'at' },
        'fail',
      ],
      [
        `select "at", case when "at" < timestamp '2026-03-09' then 'open' else '' end as status, 10.0::double as price from (${daily('5')})`,
        { timestamp_column: 'at', exclude: ['STATUS'] },
        'pass',
      ],
    ],
  },
  moving_z_score_within: {
    column: 'price',
    cases: [
      [prices('100 + day % 7'), { timestamp_column: 'at' }, 'pass'],
      [prices('case when day = 59 then 20 else 100 + day % 7 end'), { timestamp_column: 'at' }, 'fail'],
      [prices('case when day = 59 then 20 else 100 + day % 7 end'), { timestamp_column: 'at', sigma: 400 }, 'pass'],
      [
        prices('case when day = 59 then 500 else 100 + day % 7 end'),
        { timestamp_column: 'at', sigma_lower: -400 },
        'fail',
      ],
      [
        prices('case when day = 59 then 500 else 100 + day % 7 end'),
        { timestamp_column: 'at', sigma_upper: 400 },
        'pass',
      ],
      // A constant history: what is like it passes, whatever departs from it does not.
      [prices('0.1'), { timestamp_column: 'at' }, 'pass'],
      [prices('0.1'), { timestamp_column: 'at', take_diffs: false, take_logs: false }, 'pass'],
      [prices('case when day = 59 then 0 else 100 end'), { timestamp_column: 'at' }, 'fail'],
      [prices('case when day = 59 then 0 else 100 end'), { timestamp_column: 'at', take_diffs: false }, 'fail'],
      [prices('case when day = 59 then 101 else 100 end'), { timestamp_column: 'at', sigma: 50 }, 'fail'],
      [prices('case when day = 40 then 0 else 100 end'), { timestamp_column: 'at', take_diffs: false }, 'pass'],
      [prices('case when day = 40 then 0 else 100 end'), { timestamp_column: 'at', test_periods: 20 }, 'fail'],
      // Weekly ups and downs are no change since a week before.
      [
        prices('100 * (1 + (day % 7)::integer // 6)'),
        { timestamp_column: 'at', lookback_periods: 7, trend_periods: 20 },
        'pass',
      ],
      [prices('100 * (1 + (day % 7)::integer // 6)'), { timestamp_column: 'at', sigma: 1.5 }, 'fail'],
      [prices('day'), { timestamp_column: 'at', period: 'month' }, 'learning'],
      // What is no number fails, and those after it are not compared with it.
      [prices("case when day = 59 then 'nan'::double else 100 + day % 7 end"), { timestamp_column: 'at' }, 'fail'],
      [prices("case when day = 45 then 'inf'::double else 100 end"), { timestamp_column: 'at' }, 'pass'],
      // NULL is 0, and so is its logarithm.
      [prices('case when day = 59 then null else 100 + day % 7 end'), { timestamp_column: 'at' }, 'fail'],
      [prices('null::integer'), { timestamp_column: 'at' }, 'pass'],
      [prices('100', 'interval 2 year'), { timestamp_column: 'at' }, 'learning'],
      ['select null::timestamp as at, 1 as price', { timestamp_column: 'at' }, 'learning'],
      [
        'select timestamp as at, 1 as price from (select now() as timestamp) where false',
        { timestamp_column: 'at' },
        'learning',
      ],
    ],
  },
  distribution_drift: {
    column: 'v',
    cases: [
      ...(['psi', 'js', 'kl', 'chi2', 'ks', 'wasserstein'] as const).flatMap((method): Case[] => [
        [
          'select range::double as v from range(1000)',
          {
            method,
            reference: '(select (range * 7 % 1000)::double as v from range(1000))',
          },
          'pass',
        ],
        [
          'select (range + 500)::double as v from range(1000)',
          {
            method,
            reference: '(select range::double as v from range(1000))',
          },
          'fail',
        ],
      ]),
      [
        "select case when range % 2 = 0 then 'a' else 'b' end as v from range(1000)",
        {
          reference: "(select case when range % 2 = 0 then 'a' else 'b' end as v from range(700))",
        },
        'pass',
      ],
      [
        "select case when range % 10 = 0 then 'a' else 'b' end as v from range(1000)",
        {
          reference: "(select case when range % 2 = 0 then 'a' else 'b' end as v from range(700))",
        },
        'fail',
      ],
      [
        "select case when range % 3 = 0 then 'a' else 'b' end as v from range(1000)",
        {
          warn: 0.05,
          reference: "(select case when range % 2 = 0 then 'a' else 'b' end as v from range(700))",
        },
        'warn',
      ],
      [
        "select case when range % 2 = 0 then 'a' end as v from range(1000)",
        { reference: "(select 'a' as v from range(700))" },
        'fail',
      ],
      ['select 1.0::double as v where false', { reference: '(select 1.0::double as v)' }, 'fail'],
    ],
  },
};

/** Sixty days up to and including yesterday, with so many rows a day. */
function daily(rows: string): string {
  return `select at_day + interval 8 hour as at from (select *, date '2026-01-09' + day::integer as at_day from range(60) t(day)), lateral (select unnest(range(${rows})))`;
}

/** Sixty days up to and including yesterday, or as long before, with a price each. */
function prices(price: string, before = 'interval 0 day'): string {
  return `select date '2026-01-09' + day::integer + interval 8 hour - ${before} as at, ${price} as price from range(60) t(day)`;
}

const table = Object.entries(cases).flatMap(([name, { cases: rows, ...about }]) =>
  rows.map(([sql, kwargs, verdict]) => ({
    name,
    about,
    sql,
    kwargs,
    verdict,
    title: JSON.stringify(kwargs),
  })),
);
test.each(table)('$name $title over $sql: $verdict', async ({ name, about, sql, kwargs, verdict }) => {
  expect(await verdictOf(sql, { name, kwargs, ...about })).toBe(verdict);
});

test('without history, tests over time are learning and let everything through', async () => {
  for (const name of ['volume_change', 'schema_unchanged'])
    expect(await outcome('select 1 as id', { name })).toMatchObject({
      verdict: 'learning',
      status: 'pass',
    });
});

/** Columns that are called as what a test computes beside them. */
test.each<
  [name: string, kwargs: Readonly<Record<string, Json>>, column?: string, config?: Readonly<Record<string, Json>>]
>([
  ['unique_combination', { columns: ['n_records', 'id'] }],
  ['unique_combination', { columns: ['n_records'] }, undefined, { group_by: ['id'] }],
  ['unique', {}, 'id', { group_by: ['n_records'] }],
  ['not_null', {}, 'id', { group_by: ['failures'] }],
  ['not_null', {}, 'id', { group_by: ['considered'] }],
  ['metric', { metric: 'sum', min: 0 }, 'id', { group_by: ['value', 'sum', 'considered_rows'] }],
  ['equality', { to: 'names' }],
  ['equality', { to: 'names', key: ['difference'] }],
  ['mutually_exclusive_ranges', { lower: 'id', upper: 'id + 1' }],
  ['z_score_within', { sigma: 5 }, 'id'],
  ['z_score_within', { sigma: 5, robust: true }, 'id'],
  [
    'moving_z_score_within',
    { timestamp_column: `timestamp '2026-03-10' - ("period" - 943) * interval 1 day` },
    'total',
  ],
  [
    'moving_z_score_within',
    { timestamp_column: 'timestamp' },
    'level',
    { group_by: ['period // 1000', 'group_1 // 1000'] },
  ],
])('%s %j is judged by its own figures where columns have their names', async (name, kwargs, column, config) => {
  const names = [
    ...['n_records', 'failures', 'considered', 'value', 'sum', 'considered_rows', 'side', 'n_here', 'only_in', 'copy'],
    ...['difference', 'lower_bound', 'upper_bound', 'next_lower_bound', 'is_last', 'distance', 'spread', 'is_odd'],
    ...['period', 'total', 'level', 'judged', 'mean', 'sigmas', 'group_1'],
  ];
  const sql = `select range as id, timestamp '2026-03-01' + range * interval 1 day as timestamp, ${names.map((each) => `1000 - 7 * range as "${each}"`).join(', ')} from range(1, 9)`;
  const to: Record<string, Json> = kwargs['to'] === undefined ? {} : { to: `(${sql})` };
  const about = { name, kwargs: { ...kwargs, ...to }, ...(column ? { column } : {}), ...(config ? { config } : {}) };
  expect(await verdictOf(sql, about)).toBe('pass');
});

test('a failing equality by key shows which columns differ', async () => {
  const { sample } = await outcome("select 1 as id, 'ada' as name, 2 as age", {
    name: 'equality',
    kwargs: { to: "(select 1 as id, 'eva' as name, 2 as age)", key: ['id'] },
  });
  expect(sample).toEqual({
    columns: ['id', 'name here', 'name there', 'age here', 'age there', 'difference'],
    rows: [['1', 'ada', 'eva', '2', '2', 'name']],
    truncated: false,
  });
});
