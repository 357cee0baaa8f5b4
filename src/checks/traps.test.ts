/** What other tools let pass (or refuse) by accident, each by name. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Json } from '../core/node-id.ts';
import { memoryConnection } from '../testing/memory-connection.ts';
import { type CheckRequest, planCheck } from './check.ts';
import { executeChecks } from './execute-checks.ts';
import { planChecks } from './plan-checks.ts';

const NOW = '2026-03-10T12:00:00Z';
let connection: Awaited<ReturnType<typeof memoryConnection>>;
beforeAll(async () => {
  connection = await memoryConnection();
});
afterAll(() => connection.close());

async function verdict(rows: string, request: Partial<CheckRequest> & { readonly name: string }) {
  await connection.run(`create or replace table tested as ${rows}`);
  const columns = await connection.describe('select * from tested');
  const { value, diagnostics } = planCheck({
    namespace: null,
    kwargs: {},
    relation: '"tested"',
    config: {},
    now: NOW,
    columns,
    ...request,
  });
  if (!value) return diagnostics.map(({ message }) => message).join('; ');
  const [only] = await executeChecks(connection, planChecks([], [value]), {
    now: NOW,
  });
  return only?.verdict === 'error' ? only.message : only?.verdict;
}
const ofUtils = { namespace: 'dbt_utils' };
const ofExpectations = { namespace: 'dbt_expectations' };

test('an expression that is NULL is not true: dbt-utils lets `not (NULL >= 0)` pass', async () => {
  expect(
    await verdict('select null::integer as amount', {
      ...ofUtils,
      name: 'expression_is_true',
      kwargs: { expression: 'amount >= 0' },
    }),
  ).toBe('fail');
});

test('a range with NULL as its bound is not kept', async () => {
  expect(
    await verdict('select 5 as amount, null::integer as floor', {
      ...ofUtils,
      name: 'accepted_range',
      column: 'amount',
      kwargs: { min_value: 'floor' },
    }),
  ).toBe('fail');
});

test('NULL in a ranged column is left out, and fails where that is asked', async () => {
  const request = {
    name: 'accepted_range',
    column: 'amount',
    kwargs: { min: 0 },
  };
  expect(await verdict('select unnest([1, null]) as amount', request)).toBe('pass');
  expect(
    await verdict('select unnest([1, null]) as amount', {
      ...request,
      config: { on_null: 'fail' },
    }),
  ).toBe('fail');
});

test.each(['min', 'max', 'mean', 'median', 'sum', 'stdev'])(
  'the %s of no rows is not within bounds: dbt-expectations passes',
  async (figure) => {
    const request = {
      ...ofExpectations,
      name: `expect_column_${figure}_to_be_between`,
      column: 'amount',
      kwargs: { min_value: 0, max_value: 10 },
    };
    expect(await verdict('select 1.0 as amount where false', request)).toBe('fail');
    expect(await verdict('select null::double as amount', request)).toBe('fail');
  },
);

test('a row count for each group of an empty table says that nothing was considered', async () => {
  const request = {
    ...ofExpectations,
    name: 'expect_table_row_count_to_be_between',
    kwargs: { min_value: 1, group_by: ['team'] },
  };
  expect(await verdict("select 'a' as team where false", request)).toBe('fail');
});

test('a row test on an empty or all-NULL column is vacuous: Great Expectations calls it a success', async () => {
  const request = {
    ...ofExpectations,
    name: 'expect_column_values_to_be_between',
    column: 'amount',
    kwargs: { min_value: 0 },
  };
  expect(await verdict('select 1 as amount where false', request)).toBe('vacuous');
  expect(await verdict('select null::integer as amount', request)).toBe('vacuous');
  expect(
    await verdict('select null::integer as amount', {
      ...request,
      config: { on_empty: 'fail' },
    }),
  ).toBe('fail');
});

test('mostly counts among the rows with a value', async () => {
  const request = {
    name: 'accepted_range',
    column: 'amount',
    kwargs: { min: 0, mostly: 0.75 },
  };
  expect(await verdict('select unnest([1, 2, 3, -1, null, null, null, null]) as amount', request)).toBe('pass');
  expect(await verdict('select unnest([1, 2, -1, null, null, null, null]) as amount', request)).toBe('fail');
});

test('NULL in the list of accepted values does not make everything acceptable', async () => {
  const request = {
    name: 'accepted_values',
    column: 'status',
    kwargs: { values: ['paid', null] },
  };
  expect(await verdict("select unnest(['paid', 'lost']) as status", request)).toBe('fail');
  expect(
    await verdict("select unnest(['paid', null]) as status", {
      ...request,
      config: { on_null: 'fail' },
    }),
  ).toBe('pass');
});

test('NULL in the list of refused values refuses NULL', async () => {
  const request = {
    name: 'not_accepted_values',
    column: 'status',
    kwargs: { values: ['lost', null] },
  };
  expect(await verdict("select unnest(['paid', null]) as status", request)).toBe('fail');
});

test('NaN is in no range: DuckDB sorts it above infinity, so a lower bound alone lets it pass', async () => {
  const rows = "select unnest(['1', 'nan']::double[]) as amount";
  expect(
    await verdict(rows, {
      name: 'accepted_range',
      column: 'amount',
      kwargs: { min: 0 },
    }),
  ).toBe('fail');
  expect(
    await verdict(rows, {
      name: 'accepted_range',
      column: 'amount',
      columns: undefined,
      kwargs: { min: 0 },
    }),
  ).toBe('fail');
  expect(
    await verdict("select 'inf'::float as amount", {
      name: 'accepted_range',
      column: 'amount',
      kwargs: { min: 0 },
    }),
  ).toBe('fail');
});

test('a mean over NaN is not within bounds, and a deviation over infinity is a verdict, not an error', async () => {
  expect(
    await verdict("select unnest(['1', 'nan']::double[]) as amount", {
      name: 'metric',
      column: 'amount',
      kwargs: { metric: 'mean', min: 0 },
    }),
  ).toBe('fail');
  expect(
    await verdict("select unnest(['1', '2', 'inf']::double[]) as amount", {
      name: 'metric',
      column: 'amount',
      kwargs: { metric: 'stddev', min: 0 },
    }),
  ).toBe('fail');
});

test('NaN twice is the same value twice', async () => {
  expect(
    await verdict("select unnest(['nan', 'nan']::double[]) as amount", {
      name: 'unique',
      column: 'amount',
    }),
  ).toBe('fail');
});

test('recency of nothing is stale', async () => {
  const request = {
    ...ofUtils,
    name: 'recency',
    kwargs: { field: 'updated_at', datepart: 'day', interval: 1 },
  };
  expect(await verdict("select timestamp '2026-03-10' as updated_at where false", request)).toBe('fail');
  expect(await verdict('select null::timestamp as updated_at', request)).toBe('fail');
});

test('times in the future do not make old data fresh: in dbt-utils and in dbt source freshness they do', async () => {
  const request = {
    ...ofUtils,
    name: 'recency',
    kwargs: { field: 'updated_at', datepart: 'day', interval: 1 },
  };
  expect(await verdict("select unnest([timestamp '2026-01-01', timestamp '2999-01-01']) as updated_at", request)).toBe(
    'fail',
  );
  expect(await verdict("select timestamp '2999-01-01' as updated_at", request)).toBe('fail');
});

test('freshness reads times without a zone as UTC, whatever the session says', async () => {
  const request = {
    name: 'freshness',
    column: 'updated_at',
    kwargs: { max_age: '2 hours' },
  };
  await connection.run("set timezone = 'America/Los_Angeles'");
  try {
    for (const columns of [undefined, await connection.describe("select timestamp '2026-03-10' as updated_at")]) {
      expect(
        await verdict("select timestamp '2026-03-10 11:00' as updated_at", {
          ...request,
          columns,
        }),
      ).toBe('pass');
      expect(
        await verdict("select timestamp '2026-03-10 09:00' as updated_at", {
          ...request,
          columns,
        }),
      ).toBe('fail');
    }
    expect(await verdict("select timestamptz '2026-03-10 11:00:00+00' as updated_at", request)).toBe('pass');
    expect(
      await verdict("select timestamptz '2026-03-10 09:00:00+00' as updated_at", {
        ...request,
        columns: undefined,
      }),
    ).toBe('fail');
  } finally {
    await connection.run("set timezone = 'UTC'");
  }
});

test('equality sees duplicates: EXCEPT does not', async () => {
  const request = {
    ...ofUtils,
    name: 'equality',
    kwargs: { compare_model: '(select unnest([1, 2]) as id)' },
  };
  expect(await verdict('select unnest([1, 2, 2]) as id', request)).toBe('fail');
  expect(await verdict('select unnest([2, 1]) as id', request)).toBe('pass');
});

test.each<Readonly<Record<string, Json>>>([{}, { key: ['id'] }])(
  'rows with NaN, infinity and NULL equal themselves, and nothing else: %j',
  async (more) => {
    const rows = (other: string) =>
      `select unnest([1, 2, 3, 4]) as id, unnest(['nan', 'inf', null, ${other}]::double[]) as amount`;
    const request = { name: 'equality', kwargs: { to: `(${rows("'4'")})`, ...more } };
    expect(await verdict(rows("'4'"), request)).toBe('pass');
    for (const other of ["'5'", "'nan'", "'inf'", 'null']) expect(await verdict(rows(other), request)).toBe('fail');
    const tolerant = { ...request, config: { tolerance: 1 } };
    if ('key' in more) {
      expect(await verdict(rows("'5'"), tolerant)).toBe('pass');
      for (const other of ["'6'", "'nan'", 'null']) expect(await verdict(rows(other), tolerant)).toBe('fail');
    }
  },
);

test('groups that one side lacks are a difference in row counts: dbt-utils takes the difference with NULL for none', async () => {
  const request = {
    ...ofUtils,
    name: 'equal_rowcount',
    kwargs: {
      compare_model: "(select 'c' as team)",
      group_by_columns: ['team'],
    },
  };
  expect(await verdict("select 'a' as team", request)).toBe('fail');
});

test('0 is a bound: dbt-expectations takes it for none', async () => {
  expect(
    await verdict('select 1 as id', {
      ...ofExpectations,
      name: 'expect_table_column_count_to_be_between',
      kwargs: { max_value: 0 },
    }),
  ).toBe('fail');
  expect(
    await verdict('select -1 as amount', {
      ...ofExpectations,
      name: 'expect_column_values_to_be_between',
      column: 'amount',
      kwargs: { min_value: 0 },
    }),
  ).toBe('fail');
});

test('a constant history does not excuse a fall to nothing: a moving deviation of 0 passes', async () => {
  const rows = "select date '2026-01-01' + day::integer as day from range(67) t(day), range(100)";
  expect(
    await verdict(rows, {
      name: 'volume_anomaly',
      kwargs: { timestamp_column: 'day' },
    }),
  ).toBe('fail');
  const sales = (last: number) =>
    `select date '2026-01-09' + day::integer as day, case when day = 59 then ${last} else 100 end as amount from range(60) t(day)`;
  for (const take_diffs of [true, false]) {
    const request = {
      ...ofExpectations,
      name: 'expect_column_values_to_be_within_n_moving_stdevs',
      column: 'amount',
      kwargs: { date_column_name: 'day', take_diffs },
    };
    expect(await verdict(sales(0), request)).toBe('fail');
    expect(await verdict(sales(100), request)).toBe('pass');
  }
});

test('unique leaves NULLs out; in a combination NULL equals NULL unless rows with it are ignored', async () => {
  expect(
    await verdict('select unnest([1, null, null]) as id', {
      name: 'unique',
      column: 'id',
    }),
  ).toBe('pass');
  const rows = 'select 1 as id, null::integer as line from range(2)';
  expect(
    await verdict(rows, {
      ...ofUtils,
      name: 'unique_combination_of_columns',
      kwargs: { combination_of_columns: ['id', 'line'] },
    }),
  ).toBe('fail');
  expect(
    await verdict(rows, {
      ...ofExpectations,
      name: 'expect_compound_columns_to_be_unique',
      kwargs: { column_list: ['id', 'line'] },
    }),
  ).toBe('fail');
  expect(
    await verdict('select null as id, null as line from range(2)', {
      ...ofExpectations,
      name: 'expect_compound_columns_to_be_unique',
      kwargs: { column_list: ['id', 'line'] },
    }),
  ).toBe('vacuous');
});

test('columns unique within a record are compared with each other, not between rows', async () => {
  const request = {
    ...ofExpectations,
    name: 'expect_select_column_values_to_be_unique_within_record',
    kwargs: { column_list: ['home', 'away'] },
  };
  expect(await verdict("select 'a' as home, 'b' as away from range(2)", request)).toBe('pass');
  expect(await verdict("select 'a' as home, 'a' as away", request)).toBe('fail');
});

test('a column sorted by itself is no test of its order', async () => {
  expect(
    await verdict('select 1 as id', {
      ...ofExpectations,
      name: 'expect_column_values_to_be_increasing',
      column: 'id',
    }),
  ).toContain('sort_column');
});

test('bounds that bound nothing, bounds the wrong way round, and patterns RE2 cannot read are refused before anything runs', async () => {
  expect(await verdict('select 1 as id', { name: 'accepted_range', column: 'id' })).toContain('could not fail');
  expect(
    await verdict('select 1 as id', {
      name: 'accepted_range',
      column: 'id',
      kwargs: { min: 2, max: 1 },
    }),
  ).toContain('nothing lies between');
  expect(
    await verdict('select 1 as id', {
      name: 'matches_regex',
      column: 'id',
      kwargs: { regex: 'a(?=b)' },
    }),
  ).toContain('looks around');
});

test('text in several lines stays as it is inside the SQL', async () => {
  expect(
    await verdict("select 'a\nb' as note", {
      name: 'accepted_values',
      column: 'note',
      kwargs: { values: ['a\nb'] },
    }),
  ).toBe('pass');
  expect(
    await verdict("select 'a\nb' as note", {
      name: 'not_null',
      column: 'note',
      config: { where: "note = 'a\nb' -- one note" },
    }),
  ).toBe('pass');
});

test.each([
  ['value >= 0 or value is null', 3],
  ['value is null or "value" >= 0 and value <= 5', 6],
  ['VALUE > 0 OR value IS NULL', 4],
  ['value <> 7 or value is null', 1],
  ['value >= 0 or other is null', 3],
  ['value >= other or value is null', 5],
  ['value >= 0 or value is null or other = 1', 2],
  ['value >= 0 or value is not null', 1],
])('an alternative is judged as SQL does, however it is asked: %s', async (expression, failures) => {
  const rows =
    "(values (-1, 1), (-2, null), (-3, 2), (0, null), (7, 8), ('nan'::double, 1), ('inf'::double, 1), (null, 1)) as t(value, other)";
  const relation = `(select value, other from ${rows})`;
  const { value: check } = planCheck({
    name: 'expression_is_true',
    namespace: null,
    kwargs: { expression },
    relation,
    config: {},
    now: NOW,
  });
  const found = check && (await connection.query(check.measure));
  const [[plain] = []] = (await connection.query(`select count(*) from ${relation} where (${expression}) is not true`))
    .rows;
  expect(Number(found?.rows[0]?.[0])).toBe(Number(plain));
  expect(Number(plain)).toBe(failures);
});
