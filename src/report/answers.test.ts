import { expect, test } from 'vitest';
import { paperTerminal } from '../testing/recorded-run.ts';
import type { LsAnswer, ShowAnswer } from './answers.ts';
import { coverageText } from './coverage.ts';
import { freshnessText } from './freshness.ts';
import { inspectText } from './inspect.ts';
import { lsText } from './ls.ts';
import { planText } from './plan.ts';
import { showJson, showText } from './show.ts';

const { terminal: page } = paperTerminal();

test('plan: action, cost, reason; notes below their node; totals', () => {
  const row = {
    name: 'orders',
    kind: 'model',
    materialized: 'table',
    relation: 'main.orders',
    publishes: true,
    notes: [],
  };
  expect(
    planText(
      {
        command: 'build',
        target: 'dev',
        project_nodes: 430,
        estimated_seconds: 12.3,
        warnings: [],
        rows: [
          {
            ...row,
            node: 'a',
            action: 'build',
            reason: 'code changed',
            estimated_seconds: 12,
            estimated_rows: 1200000,
            notes: ['rendered when its parents are built'],
          },
          {
            ...row,
            node: 'b',
            name: 'not_null_orders_id',
            kind: 'test',
            materialized: null,
            relation: null,
            action: 'test',
            reason: 'its model is built',
            estimated_seconds: null,
            estimated_rows: null,
          },
          {
            ...row,
            node: 'c',
            relation: 'main.regions',
            action: 'reuse',
            reason: 'unchanged',
            estimated_seconds: null,
            estimated_rows: null,
          },
        ],
      },
      page,
    ),
  ).toMatchInlineSnapshot(`
    "Plan of dql build for target dev: 3 of 430 nodes
      build  table       main.orders          ~12.0s  ~1,200,000 rows  code changed
               rendered when its parents are built
      test   test        not_null_orders_id                            its model is built
      reuse  table       main.regions                                  unchanged
    Plan: 1 to build, 1 to test, 1 to reuse, about 12.3s."
  `);
});

const listed: LsAnswer = {
  rows: [
    {
      unique_id: 'model.shop.orders',
      selector: 'shop.staging.orders',
      name: 'orders',
      path: 'models/staging/orders.sql',
      node: { name: 'orders', config: { materialized: 'table' }, tags: ['nightly'], 'a.b': 1, raw_code: 'select 1' },
    },
  ],
  warnings: [],
};

test('ls: a line a node; JSON with dbt’s keys or those asked for, nested ones too', () => {
  expect(lsText(listed, 'selector', [])).toBe('shop.staging.orders');
  expect(lsText(listed, 'path', [])).toBe('models/staging/orders.sql');
  expect(lsText(listed, 'json', [])).toBe('{"name":"orders","tags":["nightly"],"config":{"materialized":"table"}}');
  expect(lsText(listed, 'json', ['config.materialized', 'a.b', 'config.nothing'])).toBe(
    '{"config.materialized":"table","a.b":1}',
  );
});

const shown: ShowAnswer = {
  tables: [
    {
      node: 'model.shop.orders',
      name: 'orders',
      columns: [
        { name: 'order_id', type: 'INTEGER' },
        { name: 'customer', type: 'VARCHAR' },
        { name: 'items', type: 'INTEGER[]' },
      ],
      rows: [
        [1, 'Zoë', [1, 2]],
        [20, '李 小龙', null],
        [300, 'two\nlines\u001b[31m', []],
      ],
      truncated: true,
    },
  ],
  warnings: [],
};

test('show: numbers stand right, wide letters count double, nothing in the data reaches the terminal raw', () => {
  expect(showText(shown, page)).toMatchInlineSnapshot(`
    "orders

    order_id │ customer          │ items
    ─────────┼───────────────────┼──────
           1 │ Zoë               │ [1,2]
          20 │ 李 小龙           │ NULL
         300 │ two↵lines\\x1b[31m │ []

    3 rows, and more (--limit)"
  `);
});

test('show: a narrow terminal clips cells, and names the columns it has no room for', () => {
  const wide: ShowAnswer = {
    tables: [
      {
        node: null,
        name: 'query',
        columns: Array.from({ length: 8 }, (_, index) => ({ name: `column_number_${index}`, type: 'VARCHAR' })),
        rows: [Array.from({ length: 8 }, () => 'a long value that nobody needs')],
        truncated: false,
      },
    ],
    warnings: [],
  };
  const drawn = showText(wide, paperTerminal({ columns: 40 }).terminal);
  expect(drawn).toMatchInlineSnapshot(`
    "query

    column_num… │ column_num… │ column_num…
    ────────────┼─────────────┼────────────
    a long val… │ a long val… │ a long val…
    not shown for lack of room: column_number_3, column_number_4, column_number_5, column_number_6, column_number_7

    1 row"
  `);
});

test('show: JSON in dbt’s shape', () => {
  expect(JSON.parse(showJson(shown))).toMatchObject({
    node: 'orders',
    show: [
      { order_id: 1, customer: 'Zoë', items: [1, 2] },
      { order_id: 20, items: null },
      { order_id: 300, items: [] },
    ],
  });
});

test('inspect: the rows with the file and row they come from', () => {
  expect(
    inspectText(
      {
        test: 't',
        name: 'not_null_orders_order_id',
        status: 'fail',
        message: 'Got 1 result',
        failures: 1,
        considered: 1000,
        failing_since: '2001-07-01T06:00:00Z',
        last_run: '2001-07-02T06:00:00Z',
        path: 'models/orders.yml',
        line: 6,
        sql: 'select *\nfrom main.orders\nwhere order_id is null',
        rows: { columns: ['order_id', 'customer'], rows: [[null, 'Ada']], truncated: false },
        origins: [
          {
            relation: 'raw.orders',
            file: 'data/orders.csv',
            row_number: null,
            places: [
              { file: 'data/orders.csv', row_number: 17 },
              { file: 'data/orders.csv', row_number: 21 },
            ],
            matches: 9,
          },
        ],
        about: null,
        hint: null,
        owner: null,
      },
      page,
    ),
  ).toMatchInlineSnapshot(`
    "not_null_orders_order_id
      status        fail: Got 1 result
      defined in    models/orders.yml:6
      failing since 2001-07-01 06:00 UTC
      last run      2001-07-02 06:00 UTC
      rows          1 failing row of 1,000

    from                         │ order_id │ customer
    ─────────────────────────────┼──────────┼─────────
    orders.csv:17, 21 and 7 more │ NULL     │ Ada

    select *
    from main.orders
    where order_id is null"
  `);
});

test('coverage and freshness: a line each', () => {
  expect(
    coverageText(
      {
        percent: 50,
        fail_under: 80,
        models: [
          {
            node: 'a',
            name: 'orders',
            exposed_by: ['weekly'],
            owner: 'Finance',
            percent: 50,
            missing: ['no range on amount'],
            inherited: { null: ['not_null_stg_orders_id'] },
            dimensions: { schema: true, null: true, uniqueness: true, range: false, freshness: null, volume: false },
          },
        ],
      },
      page,
    ),
  ).toMatchInlineSnapshot(`
    "model  │ schema │ null │ uniqueness │ range │ freshness │ volume │  % │ exposed by │ owner
    ───────┼────────┼──────┼────────────┼───────┼───────────┼────────┼────┼────────────┼────────
    orders │ ✓      │ ↑    │ ✓          │ ✗     │ ·         │ ✗      │ 50 │ weekly     │ Finance

    orders: ↑ null by not_null_stg_orders_id
    orders: ✗ no range on amount
    50.0% covered, at least 80% wanted"
  `);
  const result = {
    max_loaded_at: '2001-07-01T00:00:00Z',
    snapshotted_at: null,
    max_loaded_at_time_ago_in_s: 108_000,
    criteria: null,
    error: null,
    adapter_response: {},
    timing: [],
    thread_id: '',
    execution_time: 0,
  };
  expect(
    freshnessText(
      {
        metadata: {},
        elapsed_time: 1,
        results: [
          { ...result, unique_id: 'source.shop.raw.events', status: 'warn' },
          { ...result, unique_id: 'source.shop.raw.payments', status: 'runtime error', error: 'no such file' },
        ],
      },
      () => undefined,
      page,
    ),
  ).toMatchInlineSnapshot(`
    "warn          raw.events    newest row of 2001-07-01 00:00 UTC, 30 h old
    runtime error raw.payments  no such file"
  `);
});
