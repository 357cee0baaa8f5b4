import { expect, test } from 'vitest';
import type { Json } from '../core/node-id.ts';
import { memoryConnection } from '../testing/memory-connection.ts';
import { planCheck, wrongArguments } from './check.ts';

const columns = [
  { name: 'order_id', type: 'INTEGER' },
  { name: 'country', type: 'VARCHAR' },
];

const planned = (
  name: string,
  kwargs: Readonly<Record<string, Json>>,
  config: Readonly<Record<string, Json>> = {},
  column: string | null = 'order_id',
) =>
  planCheck({
    name: name.split('.').at(-1) ?? name,
    namespace: name.includes('.') ? (name.split('.')[0] ?? null) : null,
    kwargs,
    column,
    relation: 'orders',
    config,
    columns,
    now: '2026-03-10T12:00:00Z',
  });

test.each<
  [
    name: string,
    kwargs: Readonly<Record<string, Json>>,
    config: Readonly<Record<string, Json>>,
    told: string,
    hint?: string,
  ]
>([
  ['accepted_values', { value: [1] }, {}, 'test `accepted_values` has no argument `value`', 'did you mean `values`?'],
  [
    'accepted_range',
    { min: 5, max: 1 },
    {},
    'test `accepted_range`: nothing lies between 5 and 1',
    'swap `min` and `max`',
  ],
  [
    'not_null',
    {},
    { warn_if: 'a lot' },
    'option `warn_if` of this test is wrong: `a lot` compares the number of failures with nothing',
    'write `warn_if: "> 10"`, `"> 1%"` or `"between 5 and 10"`',
  ],
  [
    'not_null',
    {},
    { error_if: '10' },
    'option `error_if` of this test is wrong: `10` compares the number of failures with nothing',
  ],
  [
    'not_null',
    {},
    { tolerance: 1 },
    'test `not_null` cannot honour `tolerance`',
    'these do: columns_sum_to, row_count_equals_other, equality, reconcile_metric',
  ],
  ['freshness', { max_age: '1 day' }, {}, 'test `freshness`: `order_id` is INTEGER, which is no time'],
  [
    'dbt_utils.recency',
    { field: 'at', datepart: 'dy', interval: 1 },
    {},
    '`dbt_utils.recency`: there is no datepart `dy`; there are second, minute, hour, day, week, month, quarter, year',
  ],
])('%s %j %j', (name, kwargs, config, told, hint) => {
  const { value, diagnostics } = planned(name, kwargs, config);
  expect(value).toBeUndefined();
  const found = diagnostics.find(({ message }) => message === told);
  expect(diagnostics.map(({ message }) => message)).toContain(told);
  if (hint !== undefined) expect(found?.hint).toBe(hint);
});

test('a missing argument is missing, whatever it would have to be; options are judged with it, before anything runs', () => {
  const told = (...given: Parameters<typeof wrongArguments>) => wrongArguments(...given).map(({ message }) => message);
  expect(told('compare_columns', { left: 'ordered_at' }, { mostly: 1.5, on_null: 'pass' })).toEqual([
    'test `compare_columns`: argument `operator` is missing',
    'test `compare_columns`: argument `right` is missing',
    'option `mostly` of this test must be at most 1, not 1.5',
    'option `on_null` of this test must be `ignore` or `fail`, not "pass"',
  ]);
  expect(told('length_equal', { column_name: 'code', value: null }, {})).toEqual([
    'test `length_equal`: argument `value` must be a number, not null',
  ]);
  expect(told('accepted_range', { column_name: 'id', min: 5, max: 1 }, {})).toEqual([
    'test `accepted_range`: nothing lies between 5 and 1',
  ]);
  expect(told('matches_regex', { column_name: 'code', regex: 'a(?=b)' }, {})).toEqual([
    "test `matches_regex`: the pattern `a(?=b)` looks around, which DuckDB's RE2 cannot",
  ]);
  expect(told('not_null', {}, {})).toEqual(['test `not_null` needs a column']);
  expect(told('columns', { column_name: 'id', set: ['id'] }, {})).toEqual([
    'test `columns` is about the whole relation, not about a column',
  ]);
  expect(told('unique', { column_name: 'id' }, { on_null: 'fail' })).toEqual(['test `unique` cannot honour `on_null`']);
  expect(told('accepted_values', { column_name: 'id', values: [1] }, { on_null: 'fail' })).toEqual([]);
  const sum = { column_name: 'id', metric: 'sum', min: 0 };
  expect(told('metric', sum, { mostly: 0.5 })).toEqual(['test `metric` cannot honour `mostly`']);
  expect(told('metric', sum, { warn_if: '> 1%' })).toEqual(['test `metric` cannot honour a percentage']);
  expect(told('metric', sum, { warn_if: '> 1%', group_by: 'country' })).toEqual([]);
  expect(
    told('cardinality_equality', { column_name: 'id', to: 'orders', field: 'id' }, { group_by: 'country' }),
  ).toEqual(['test `cardinality_equality` cannot be made for each group']);
  // What hangs on the relation is for later.
  expect(told('equality', { to: 'orders', key: ['id'] }, {})).toEqual([]);
  expect(told('distribution_drift', { column_name: 'id', reference: 'orders', method: 'ks' }, {})).toEqual([]);
  expect(told('not_null', { column_name: 'id' }, { warn_if: "{{ var('few') }}" })).toEqual([]);
});

test.each(['> 5%%', 'between 1% and 5', '> 5 % of rows'])('warn_if %j compares with nothing', (text) => {
  expect(planned('not_null', {}, { warn_if: text }).value).toBeUndefined();
});

test.each([
  '!= 0',
  '> 0.5 %',
  'between 1% and 5%',
  '% 10 = 0',
  '>10',
  ' between 5 and 10',
  'in (1, 2)',
  'not between 1 and 3',
  'is not null',
])('warn_if %j can follow a number', (text) => {
  expect(planned('not_null', {}, { warn_if: text }).diagnostics).toEqual([]);
});

test.each([
  ['unique_combination', null, { columns: ['order_id', 'contry'] }, {}],
  ['unique', 'order_id', {}, { group_by: ['contry'] }],
] as const)(
  'a column that %s names and nobody has is what the engine says is missing',
  async (name, column, kwargs, config) => {
    const connection = await memoryConnection();
    await connection.run('create table orders (order_id integer, country varchar)');
    const sql = planned(name, kwargs, config, column).value?.failing ?? '';
    await expect(connection.query(sql)).rejects.toThrow('Referenced column "contry" not found');
    connection.close();
  },
);
