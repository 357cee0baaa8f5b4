import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

let open: TemporaryProject | undefined;
afterEach(() => open?.close());

/**
 * Data that tests elsewhere let pass or call a success: a model, a test of it as a project writes it down, and what dql says. dbt-utils' and
 * dbt-expectations' names are theirs; no package is installed.
 */
const TRAPS: readonly (readonly [story: string, rows: string, test: string, verdict: string])[] = [
  [
    'null_expression',
    'select null::integer as amount',
    'dbt_utils.expression_is_true: { arguments: { expression: amount >= 0 } }',
    'fail',
  ],
  [
    'null_bound',
    'select 5 as amount, null::integer as floor',
    'dbt_utils.accepted_range: { arguments: { column_name: amount, min_value: floor } }',
    'fail',
  ],
  [
    'mean_of_nothing',
    'select 1.0::double as amount where false',
    'dbt_expectations.expect_column_mean_to_be_between: { arguments: { column_name: amount, min_value: 0 } }',
    'fail',
  ],
  [
    'groups_of_nothing',
    "select 'a' as team where false",
    'dbt_expectations.expect_table_row_count_to_be_between: { arguments: { min_value: 1, group_by: [team] } }',
    'fail',
  ],
  [
    'no_rows',
    'select 1 as amount where false',
    'dbt_expectations.expect_column_values_to_be_between: { arguments: { column_name: amount, min_value: 0 } }',
    'vacuous',
  ],
  [
    'all_null',
    'select null::integer as amount',
    'accepted_range: { arguments: { column_name: amount, min: 0 } }',
    'vacuous',
  ],
  [
    'mostly_null',
    'select unnest([1, 2, -1, null, null, null]) as amount',
    'accepted_range: { arguments: { column_name: amount, min: 0, mostly: 0.75 } }',
    'fail',
  ],
  [
    'null_in_the_list',
    "select unnest(['paid', 'lost']) as status",
    'accepted_values: { arguments: { column_name: status, values: [paid, null] } }',
    'fail',
  ],
  [
    'null_is_listed',
    "select unnest(['paid', null]) as status",
    'accepted_values: { arguments: { column_name: status, values: [paid, null] } }',
    'pass',
  ],
  [
    'nan_in_range',
    "select 'nan'::double as amount",
    'accepted_range: { arguments: { column_name: amount, min: 0 } }',
    'fail',
  ],
  [
    'mean_of_nan',
    "select unnest([1, 'nan'::double]) as amount",
    'metric: { arguments: { column_name: amount, metric: mean, min: 0 } }',
    'fail',
  ],
  [
    'stale_nothing',
    'select now()::timestamp as seen where false',
    'dbt_utils.recency: { arguments: { field: seen, datepart: day, interval: 1 } }',
    'fail',
  ],
  [
    'stale_null',
    'select null::timestamp as seen',
    'freshness: { arguments: { column_name: seen, max_age: 1 day } }',
    'fail',
  ],
  [
    'stale_behind_the_future',
    "select unnest([timestamp '2020-01-01', timestamp '2999-01-01']) as seen",
    'dbt_utils.recency: { arguments: { field: seen, datepart: day, interval: 1 } }',
    'fail',
  ],
  [
    'from_the_future',
    "select timestamp '2999-01-01' as seen",
    'not_in_future: { arguments: { column_name: seen } }',
    'fail',
  ],
  [
    'doubled_rows',
    'select unnest([1, 2, 2]) as id',
    "dbt_utils.equality: { arguments: { compare_model: ref('twice') } }",
    'fail',
  ],
  [
    'other_groups',
    "select 'a' as team",
    "dbt_utils.equal_rowcount: { arguments: { compare_model: ref('teams'), group_by_columns: [team] } }",
    'fail',
  ],
  [
    'zero_is_a_bound',
    'select 1 as id',
    'dbt_expectations.expect_table_column_count_to_be_between: { arguments: { max_value: 0 } }',
    'fail',
  ],
  [
    'fall_after_constant_days',
    'select current_date - 67 + day::integer as day from range(66) as t(day), range(100)',
    'volume_anomaly: { arguments: { timestamp_column: day } }',
    'fail',
  ],
  [
    'fall_after_constant_sums',
    'select current_date - 67 + day::integer as day, case day when 66 then 0 else 100 end as amount from range(67) as t(day)',
    'dbt_expectations.expect_column_values_to_be_within_n_moving_stdevs: { arguments: { column_name: amount, date_column_name: day } }',
    'fail',
  ],
  [
    'null_is_not_listed',
    "select unnest(['paid', null]) as status",
    'accepted_values: { arguments: { column_name: status, values: [paid] }, config: { on_null: fail } }',
    'fail',
  ],
  [
    'null_refers_to_nothing',
    'select unnest([1, null]) as id',
    "relationships: { arguments: { column_name: id, to: ref('twice'), field: id }, config: { on_null: fail } }",
    'fail',
  ],
  ['unique_but_for_null', 'select unnest([1, null, null]) as id', 'unique: { arguments: { column_name: id } }', 'pass'],
  [
    'null_equals_null',
    'select 1 as id, null::integer as line from range(2)',
    'dbt_utils.unique_combination_of_columns: { arguments: { combination_of_columns: [id, line] } }',
    'fail',
  ],
  [
    'both_at_home',
    "select 'a' as home, 'a' as away",
    'dbt_expectations.expect_select_column_values_to_be_unique_within_record: { arguments: { column_list: [home, away] } }',
    'fail',
  ],
];

test('what passes elsewhere by accident fails, or says that it considered nothing', async () => {
  open = temporaryProject({
    'models/twice.sql': 'select unnest([1, 2]) as id',
    'models/teams.sql': "select 'c' as team",
    ...Object.fromEntries(TRAPS.map(([name, rows]) => [`models/${name}.sql`, rows])),
    'models/traps.yml': `models:\n${TRAPS.map(([name, , written]) => `  - name: ${name}\n    data_tests:\n      - ${written.replace('{ arguments:', `{ name: is_${name}, arguments:`)}\n`).join('')}`,
  });
  const verdicts = await open.tests('build', ({ meta }) => meta.dql.verdict);
  expect(verdicts).toEqual(Object.fromEntries(TRAPS.map(([name, , , verdict]) => [`is_${name}`, verdict])));
  // Failing rows never reach a reader; a vacuous test keeps nothing back.
  const failing = TRAPS.filter(([, , , verdict]) => verdict === 'fail').map(([name]) => name);
  const readable = await open.rows("select table_name from information_schema.tables where table_schema = 'main'");
  expect(readable.flat().filter((name) => failing.includes(String(name)))).toEqual([]);
  expect(readable.flat()).toEqual(
    expect.arrayContaining(['no_rows', 'all_null', 'null_is_listed', 'unique_but_for_null']),
  );
});

test('every status has dbt’s word in run_results', async () => {
  open = temporaryProject({
    'seeds/given.csv': 'id,status\n1,a\n',
    'models/rows.sql': "select coalesce(id, 0) as id, status from {{ ref('given') }}",
    'models/nothing.sql': 'select 1 as id where false',
    'models/broken.sql': "select * from {{ ref('rows') }}",
    'models/below.sql': "select * from {{ ref('broken') }}",
    'models/words.yml': `models:
  - name: rows
    data_tests:
      - not_null: { name: passes, arguments: { column_name: status } }
      - not_null: { name: is_proved, arguments: { column_name: id } }
      - accepted_values: { name: warns, arguments: { column_name: status, values: [b] }, config: { severity: warn } }
      - accepted_values: { name: informs, arguments: { column_name: status, values: [b] }, config: { severity: info } }
      - volume_change: { name: learns, arguments: { error: 10 } }
  - name: nothing
    data_tests: [{ not_null: { name: is_vacuous, arguments: { column_name: id } } }]
  - name: broken
    data_tests:
      - accepted_values: { name: fails, arguments: { column_name: status, values: [b] } }
      - expression_is_true: { name: errs, arguments: { expression: nonsense > 1 } }
  - name: below
    data_tests: [{ not_null: { name: is_skipped, arguments: { column_name: id } } }]
`,
  });
  expect(await open.tests('build', ({ status, meta }) => `${meta.dql.verdict}: ${status}`)).toEqual({
    passes: 'pass: pass',
    is_proved: 'proved: pass',
    warns: 'warn: warn',
    informs: 'info: pass',
    learns: 'learning: pass',
    is_vacuous: 'vacuous: pass',
    fails: 'fail: fail',
    errs: 'error: error',
    is_skipped: 'skipped: skipped',
  });
});

test('rows that a passing test tolerates are no failures in run_results, but their number is kept', async () => {
  open = temporaryProject({
    'models/orders.sql': 'select unnest([1, null, null]) as id',
    'models/orders.yml': `models:
  - name: orders
    columns:
      - name: id
        data_tests:
          - not_null: { name: most_have_one, config: { mostly: 0.3 } }
          - not_null: { name: few_lack_one, config: { error_if: "> 2", warn_if: "> 2" } }
          - not_null: { name: told_only, config: { severity: info } }
          - not_null: { name: some_lack_one, config: { error_if: "> 5" } }
`,
  });
  await open.tests('build', ({ status }) => status);
  const { results } = JSON.parse(readFileSync(join(open.folder, 'target/run_results.json'), 'utf8'));
  const numbers = results.flatMap(
    (result: { unique_id: string; failures: number; meta: { dql: { failures?: number } } }) =>
      result.unique_id.startsWith('test.')
        ? [[result.unique_id.split('.')[2], result.failures, result.meta.dql.failures]]
        : [],
  );
  expect(Object.fromEntries(numbers.map(([name, ...rest]: readonly unknown[]) => [name, rest]))).toEqual({
    most_have_one: [0, 2],
    few_lack_one: [0, 2],
    told_only: [0, 2],
    some_lack_one: [2, undefined],
  });
});

test('a verdict about the age of rows is kept no longer than the rows are young enough', async () => {
  open = temporaryProject({
    'seeds/visits.csv': 'id,seen\n1,2026-01-01 10:00:00\n',
    'seeds/visits.yml': `seeds:
  - name: visits
    data_tests:
      - not_null: { name: stays, arguments: { column_name: id } }
      - not_before: { name: ages, arguments: { column_name: seen, age: 90000 days } }
      - dbt_expectations.expect_row_values_to_have_recent_data:
          { name: young, arguments: { column_name: seen, datepart: day, interval: 90 } }
`,
  });
  const built = async (day: string) =>
    open?.tests(`build --now ${day}T10:00:00Z`, ({ status, meta }) =>
      meta.dql.verdict_from === undefined ? status : `kept ${status}`,
    );
  await built('2026-01-02');
  expect(await built('2026-03-31')).toEqual({ stays: 'kept pass', ages: 'pass', young: 'kept pass' });
  expect(await built('2026-04-02')).toEqual({ stays: 'kept pass', ages: 'pass', young: 'fail' });
});
