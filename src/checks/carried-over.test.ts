/** Tests as the YAML of other packages has them: they pass and fail where those packages' own macros do, as tried with dbt. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Json } from '../core/node-id.ts';
import { memoryConnection } from '../testing/memory-connection.ts';
import { planCheck } from './check.ts';
import { executeChecks } from './execute-checks.ts';
import { planChecks } from './plan-checks.ts';

const NOW = '2026-03-10T12:00:00Z';
let connection: Awaited<ReturnType<typeof memoryConnection>>;
beforeAll(async () => {
  connection = await memoryConnection();
  await connection.run(`create table people as
select *
from (values (1, 'ada@example.org', 2, 3, 5, timestamp '2026-03-08 00:30:00'), (2, 'eva@example.org', 4, 4, 8, timestamp '2026-03-09 01:00:00'))
  as people(id, email, one, other, together, seen_at)`);
  await connection.run('create table visits as select 1 as visit, 2 as person, 3 as day');
});
afterAll(() => connection.close());

type Case = readonly [test: string, kwargs: Readonly<Record<string, Json>>, column: string | null, verdict: string];

async function verdictOf([name, kwargs, column]: Case, group_by?: readonly string[]): Promise<string> {
  const [namespace = '', test = ''] = name.split('.');
  const planned = planCheck({
    namespace,
    name: test,
    kwargs,
    column,
    relation: '"people"',
    config: group_by === undefined ? {} : { group_by: [...group_by] },
    now: NOW,
    columns: await connection.describe('select * from people'),
  });
  if (!planned.value) return planned.diagnostics.map(({ message }) => message).join();
  const [only] = await executeChecks(connection, planChecks([], [planned.value]), { now: NOW });
  return (only?.verdict === 'error' ? only.message : only?.verdict) ?? 'nothing';
}

const EMAIL = { regex_list: ['@', '&'] };
const LIKE = { like_pattern_list: ['%@%', '%&%'] };
const cases: readonly Case[] = [
  // One of the patterns that does not match is enough, unless all are asked for.
  ['dbt_expectations.expect_column_values_to_not_match_regex_list', EMAIL, 'email', 'pass'],
  ['dbt_expectations.expect_column_values_to_not_match_regex_list', { ...EMAIL, match_on: 'all' }, 'email', 'fail'],
  ['dbt_expectations.expect_column_values_to_not_match_regex_list', { regex_list: ['@', 'org'] }, 'email', 'fail'],
  ['dbt_expectations.expect_column_values_to_match_regex_list', EMAIL, 'email', 'pass'],
  ['dbt_expectations.expect_column_values_to_match_regex_list', { ...EMAIL, match_on: 'all' }, 'email', 'fail'],
  ['dbt_expectations.expect_column_values_to_not_match_like_pattern_list', LIKE, 'email', 'pass'],
  [
    'dbt_expectations.expect_column_values_to_not_match_like_pattern_list',
    { ...LIKE, match_on: 'all' },
    'email',
    'fail',
  ],
  ['dbt_expectations.expect_column_values_to_match_like_pattern_list', LIKE, 'email', 'pass'],
  // Places count from 1, and 0 says nothing.
  ['dbt_expectations.expect_column_to_exist', { column_index: 1 }, 'id', 'pass'],
  ['dbt_expectations.expect_column_to_exist', { column_index: 2 }, 'id', 'fail'],
  ['dbt_expectations.expect_column_to_exist', { column_index: 0 }, 'email', 'pass'],
  // A total that is a column is summed as well.
  [
    'dbt_expectations.expect_multicolumn_sum_to_equal',
    { column_list: ['one', 'other'], sum_total: 'together' },
    null,
    'pass',
  ],
  [
    'dbt_expectations.expect_multicolumn_sum_to_equal',
    { column_list: ['one', 'other'], sum_total: 'together + 1' },
    null,
    'fail',
  ],
  ['dbt_expectations.expect_multicolumn_sum_to_equal', { column_list: ['one', 'other'], sum_total: 13 }, null, 'pass'],
  ['dbt_expectations.expect_table_column_count_to_equal_other_table', { compare_model: '"visits"' }, null, 'fail'],
  ['dbt_expectations.expect_table_column_count_to_equal_other_table', { compare_model: '"people"' }, null, 'pass'],
  [
    'dbt_expectations.expect_column_distinct_count_to_equal_other_table',
    { compare_column_name: 'email' },
    'id',
    'pass',
  ],
  ['dbt_expectations.expect_column_distinct_count_to_equal_other_table', { compare_column_name: '1' }, 'id', 'fail'],
  ['dbt_expectations.expect_column_distinct_count_to_equal_other_table', {}, 'id', 'pass'],
  [
    'dbt_expectations.expect_column_distinct_count_to_equal_other_table',
    { row_condition: 'id = 1', compare_row_condition: 'id = 2' },
    'id',
    'pass',
  ],
  [
    'dbt_expectations.expect_column_distinct_count_to_equal_other_table',
    { compare_row_condition: 'id = 2' },
    'id',
    'fail',
  ],
  // Rows there are narrowed as rows here unless that is said apart, and what is compared with is the relation itself unless that is said.
  [
    'dbt_expectations.expect_column_distinct_count_to_equal_other_table',
    { compare_model: '"people"', row_condition: 'id = 1' },
    'id',
    'pass',
  ],
  [
    'dbt_expectations.expect_table_row_count_to_equal_other_table',
    { compare_model: '"people"', row_condition: 'id = 1' },
    null,
    'pass',
  ],
  [
    'dbt_expectations.expect_table_row_count_to_equal_other_table',
    { compare_model: '"people"', row_condition: 'id = 1', compare_row_condition: 'true' },
    null,
    'fail',
  ],
  [
    'dbt_expectations.expect_table_aggregation_to_equal_other_table',
    { expression: 'sum(one)', compare_model: '"people"', row_condition: 'id = 1' },
    null,
    'pass',
  ],
  ['dbt_expectations.equal_expression', { expression: 'sum(one)', compare_expression: 'sum(other)' }, null, 'fail'],
  [
    'dbt_expectations.equal_expression',
    { expression: 'sum(one)', compare_expression: 'sum(other)', tolerance: 1 },
    null,
    'pass',
  ],
  [
    'dbt_expectations.equal_expression',
    { expression: 'sum(one)', compare_expression: 'sum(other)', group_by: ['id'], row_condition: 'id = 2' },
    null,
    'pass',
  ],
  [
    'dbt_expectations.equal_expression',
    {
      expression: 'sum(one)',
      compare_expression: 'sum(other)',
      row_condition: 'id = 2',
      compare_row_condition: 'id = 1',
    },
    null,
    'fail',
  ],
  // 3 is half as much more than 2, but a third of it away from 3.
  [
    'dbt_expectations.equal_expression',
    { expression: 'sum(one)', compare_expression: 'sum(other)', group_by: ['id'], tolerance_percent: 0.4 },
    null,
    'fail',
  ],
  [
    'dbt_expectations.equal_expression',
    { expression: 'sum(other)', compare_expression: 'sum(one)', group_by: ['id'], tolerance_percent: 0.4 },
    null,
    'pass',
  ],
  [
    'dbt_expectations.equal_expression',
    { expression: 'count(*)', compare_model: '"visits"', group_by: ['id'], compare_group_by: ['person'] },
    null,
    'fail',
  ],
  // The period that may be missing is called after its length.
  [
    'dbt_expectations.expect_row_values_to_have_data_for_every_n_datepart',
    { date_col: 'seen_at', test_start_date: '2026-03-07', test_end_date: '2026-03-09' },
    null,
    'fail',
  ],
  [
    'dbt_expectations.expect_row_values_to_have_data_for_every_n_datepart',
    {
      date_col: 'seen_at',
      date_part: 'day',
      test_start_date: '2026-03-07',
      test_end_date: '2026-03-09',
      exclusion_condition: "not (date_day = cast('2026-03-07' as date))",
    },
    null,
    'pass',
  ],
  // Eleven hours into the second day is a day, not two.
  ['dbt_utils.recency', { field: 'seen_at', datepart: 'day', interval: 1 }, null, 'fail'],
  ['dbt_utils.recency', { field: 'seen_at', datepart: 'day', interval: 1, ignore_time_component: true }, null, 'pass'],
  ['dbt_utils.recency', { field: 'seen_at', datepart: 'day', interval: 0, ignore_time_component: true }, null, 'fail'],
];
test.each(cases)('%s %j on %s: %s', async (...each) => {
  expect(await verdictOf(each)).toBe(each[3]);
});

test('what is compared with a second figure can be asked of groups', async () => {
  const sums = (sum_total: string): Case => [
    'dbt_expectations.expect_multicolumn_sum_to_equal',
    { column_list: ['one', 'other'], sum_total },
    null,
    '',
  ];
  expect(await verdictOf(sums('together'), ['id'])).toBe('pass');
  expect(await verdictOf(sums('5'), ['id'])).toBe('fail');
});

test('a `where` of the test and a `row_condition` both narrow the rows, also those of a relation compared with itself', async () => {
  const verdict = async (name: string, kwargs: Readonly<Record<string, Json>>, where: string) => {
    const namespace = 'dbt_expectations';
    const { value } = planCheck({ namespace, name, kwargs, relation: '"people"', config: { where }, now: NOW });
    const [only] = await executeChecks(connection, planChecks([], value ? [value] : []), { now: NOW });
    return only?.verdict;
  };
  const one = { value: 1, row_condition: 'one < 4 -- not Eva' };
  expect(await verdict('expect_table_row_count_to_equal', one, 'one > 0 -- nobody')).toBe('pass');
  expect(await verdict('expect_table_row_count_to_equal', one, 'one > 2')).toBe('fail');
  const itself = { expression: 'sum(one)', compare_expression: 'sum(other)' };
  expect(await verdict('equal_expression', itself, 'id = 2')).toBe('pass');
  expect(await verdict('equal_expression', itself, 'id = 1')).toBe('fail');
});

test('deviations of moving sums that cannot be are refused in words', async () => {
  const within = (kwargs: Readonly<Record<string, Json>>): Case => [
    'dbt_expectations.expect_column_values_to_be_within_n_moving_stdevs',
    { date_column_name: 'seen_at', ...kwargs },
    'one',
    '',
  ];
  expect(await verdictOf(within({ sigma_threshold_lower: 3 }))).toContain('nothing lies between 3 and 3');
  expect(await verdictOf(within({ period: 'dai' }))).toContain('argument `period` must be one of `minute`');
  expect(await verdictOf(within({ date_column_name: null }))).toContain('argument `timestamp_column` is missing');
  await connection.run("create or replace table refunds as select -1 as one, timestamp '2026-03-08' as seen_at");
  const refunds = planCheck({
    name: 'moving_z_score_within',
    namespace: null,
    kwargs: { timestamp_column: 'seen_at' },
    column: 'one',
    relation: '"refunds"',
    config: {},
    now: NOW,
  });
  const [only] = await executeChecks(connection, planChecks([], refunds.value ? [refunds.value] : []), { now: NOW });
  expect(only?.message).toContain('give the test `take_logs: false`');
});
