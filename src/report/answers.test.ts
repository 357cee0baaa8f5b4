import { expect, test } from 'vitest';
import { paperTerminal } from '../testing/recorded-run.ts';
import type { DiffAnswer, HistoryRun, ImpactAnswer, LineageAnswer, LsAnswer, ShowAnswer } from './answers.ts';
import { coverageText } from './coverage.ts';
import { diffMarkdown, diffText } from './diff.ts';
import { freshnessText } from './freshness.ts';
import { historyText, rollbackText, versionsText } from './history.ts';
import { impactMarkdown, impactText } from './impact.ts';
import { inspectText } from './inspect.ts';
import { lineageDot, lineageMermaid, lineageText } from './lineage.ts';
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

const run: HistoryRun = {
  run_id: '2f61c0',
  command: 'build',
  args: {},
  target: 'dev',
  status: 'error',
  exit_code: 1,
  started_at: '2001-07-02T06:00:00Z',
  finished_at: '2001-07-02T06:01:15Z',
  seconds: 75,
  git_sha: '0123456789abcdef',
  git_dirty: true,
  user: 'ada',
  dql_version: '1.2.3',
  engine_version: '1.5.6',
  built: 1200,
  reused: 3,
  failed: 1,
  held: 1,
  published: 1199,
  nodes: [],
};

test('history: the runs and what is held back; one run with its nodes', () => {
  const held = {
    node: 'model.shop.orders',
    name: 'orders',
    reason: 'test `late_payments` failed',
    serving_since: '2001-07-01T06:00:00Z',
    serving_version: 3,
    age_seconds: 93_600,
  };
  expect(historyText({ runs: [run], held: [held] }, paperTerminal({ columns: 160 }).terminal)).toMatchInlineSnapshot(`
    "run    │ started              │ command │ target │ status │   took │ built │ reused │ failed │ held │ published │ git
    ───────┼──────────────────────┼─────────┼────────┼────────┼────────┼───────┼────────┼────────┼──────┼───────────┼─────────────────────
    2f61c0 │ 2001-07-02 06:00 UTC │ build   │ dev    │ error  │ 1m 15s │ 1,200 │      3 │      1 │    1 │     1,199 │ 01234567 and changes

    1 held back
      orders  test \`late_payments\` failed; readers see version 3 of 2001-07-01 06:00 UTC, 26 h old"
  `);
  const node = {
    node: 'model.shop.orders',
    name: 'orders',
    status: 'success',
    reason: 'code changed',
    rows: 12,
    seconds: 1,
    version: 4,
    published: false,
    failures: null,
    message: null,
  };
  expect(historyText({ runs: [{ ...run, nodes: [node] }], held: [] }, page)).toMatchInlineSnapshot(`
    "Run 2f61c0
      command    build
      target     dev
      status     error (exit 1)
      started    2001-07-02 06:00 UTC
      took       1m 15s
      git        01234567 and changes
      user       ada
      versions   dql 1.2.3, engine 1.5.6
      published  1,199

    node   │ status  │ version │ published │ rows │ failures │  took │ why
    ───────┼─────────┼─────────┼───────────┼──────┼──────────┼───────┼─────────────
    orders │ success │       4 │ no        │   12 │          │ 1.00s │ code changed"
  `);
  expect(historyText({ runs: [], held: [] }, page)).toContain('No run');
});

test('versions and rollback say which data, from when, of which commit', () => {
  expect(
    versionsText(
      {
        versions: [
          {
            node: 'a',
            name: 'orders',
            version: 3,
            state: 'published',
            untested: true,
            run_id: '2f61c0',
            built_at: '2001-07-02T06:00:00Z',
            published_at: '2001-07-02T06:00:01Z',
            git_sha: '0123456789abcdef',
            rows: 1234567,
            bytes: 52_428_800,
          },
        ],
      },
      page,
    ),
  ).toMatchInlineSnapshot(`
    "node   │ version │ state             │ built             │ published         │      rows │    size │ run    │ git
    ───────┼─────────┼───────────────────┼───────────────────┼───────────────────┼───────────┼─────────┼────────┼─────────
    orders │       3 │ published, untes… │ 2001-07-02 06:00… │ 2001-07-02 06:00… │ 1,234,567 │ 52.4 MB │ 2f61c0 │ 01234567"
  `);
  expect(
    rollbackText(
      {
        run_id: 'r2',
        to: 'run 2f61c0',
        git_sha: '0123456789abcdef',
        moved: [
          { node: 'a', name: 'orders', from_version: 4, to_version: 3 },
          { node: 'b', name: 'revenue', from_version: 1, to_version: null },
        ],
        inconsistent: [{ node: 'c', name: 'report', reason: 'was built from orders@4' }],
        seconds: 0.012,
      },
      page,
    ),
  ).toMatchInlineSnapshot(`
    "Rolled back 2 nodes to run 2f61c0 (git 01234567) in 0.01s
      orders  version 4 → 3
      revenue  version 1 → none: it did not exist then

    No longer consistent (--with-descendants takes them along)
      report  was built from orders@4

    This is run r2; dql history shows the one before it, to return to."
  `);
});

const lineage: LineageAnswer = {
  root: 'model.shop.orders#amount',
  nodes: [
    { id: 'model.shop.orders#amount', label: 'orders.amount', kind: 'column', distance: 0 },
    { id: 'p', label: 'stg_payments.cents', kind: 'column', distance: -1 },
    { id: 's', label: 'raw."odd".cents', kind: 'column', distance: -2 },
    { id: 'f', label: 'stg_payments.status', kind: 'column', distance: -1 },
    { id: 'd', label: 'daily.revenue', kind: 'column', distance: 1 },
  ],
  edges: [
    { from: 'p', to: 'model.shop.orders#amount', use: 'direct', transformation: 'derived' },
    { from: 'f', to: 'model.shop.orders#amount', use: 'indirect', transformation: 'filter' },
    { from: 's', to: 'p', use: 'direct', transformation: 'copied' },
    { from: 's', to: 'f', use: 'direct', transformation: null },
    { from: 'model.shop.orders#amount', to: 'd', use: 'direct', transformation: 'aggregated' },
  ],
  unresolved: [{ node: 'f', reason: 'reads a file whose columns are not known' }],
};

test('lineage: trees, Mermaid, Graphviz', () => {
  expect(lineageText(lineage)).toMatchInlineSnapshot(`
    "orders.amount (column)

    made from
      ├─ stg_payments.cents (column)  derived
      │  └─ raw."odd".cents (column)  copied
      └─ stg_payments.status (column)  filter
         └─ raw."odd".cents (column)

    used by
      └─ daily.revenue (column)  aggregated

    not analysed
      stg_payments.status (column): reads a file whose columns are not known"
  `);
  expect(lineageMermaid(lineage)).toMatchInlineSnapshot(`
    "flowchart LR
      n0["orders.amount"]
      n1["stg_payments.cents"]
      n2["raw.#quot;odd#quot;.cents"]
      n3["stg_payments.status"]
      n4["daily.revenue"]
      n1 -->|"derived"| n0
      n3 -.->|"filter"| n0
      n2 -->|"copied"| n1
      n2 --> n3
      n0 -->|"aggregated"| n4
      style n0 stroke-width:3px"
  `);
  expect(lineageDot(lineage)).toMatchInlineSnapshot(`
    "digraph lineage {
      rankdir=LR;
      node [shape=box];
      "model.shop.orders#amount" [label="orders.amount", penwidth=2];
      "p" [label="stg_payments.cents"];
      "s" [label="raw.\\"odd\\".cents"];
      "f" [label="stg_payments.status"];
      "d" [label="daily.revenue"];
      "p" -> "model.shop.orders#amount" [label="derived"];
      "f" -> "model.shop.orders#amount" [style=dashed, label="filter"];
      "s" -> "p" [label="copied"];
      "s" -> "f";
      "model.shop.orders#amount" -> "d" [label="aggregated"];
    }"
  `);
});

test('lineage: a cycle of edges ends', () => {
  const edges = [
    { from: 'a', to: 'b', use: null, transformation: null },
    { from: 'b', to: 'a', use: null, transformation: null },
  ];
  expect(lineageText({ root: 'a', nodes: [], edges, unresolved: [] })).toContain('see above');
});

const difference: DiffAnswer = {
  left: 'prod',
  right: 'dev',
  relations: [
    {
      name: 'orders',
      left: 'main.orders',
      right: 'dev.orders',
      equal: false,
      left_rows: 1000,
      right_rows: 1001,
      schema: [{ column: 'amount', change: 'type', left: 'INTEGER', right: 'DECIMAL(18,3)' }],
      key: ['order_id'],
      added: 2,
      removed: 1,
      changed: 21,
      duplicate_keys: 1,
      null_keys: 0,
      columns: [{ column: 'amount', changed: 21, rate: 0.021 }],
      sample: {
        columns: ['order_id', 'column', 'left', 'right'],
        rows: [['7', 'note', null, 'a|b<i>']],
        truncated: false,
      },
      seconds: 0.4,
      note: null,
    },
    {
      name: 'regions',
      left: 'main.regions',
      right: 'dev.regions',
      equal: true,
      left_rows: 4,
      right_rows: 4,
      schema: [],
      key: [],
      added: 0,
      removed: 0,
      changed: 0,
      duplicate_keys: 0,
      null_keys: 0,
      columns: [],
      sample: null,
      seconds: 0.01,
      note: null,
    },
  ],
};

test('diff: schema, rows by key, columns, examples; equal relations only counted', () => {
  expect(diffText(difference, page)).toMatchInlineSnapshot(`
    "prod against dev

    orders  0.40s
      column amount: INTEGER → DECIMAL(18,3)
      rows: 1,000 → 1,001
      2 added, 1 removed, 21 changed by order_id
      1 key that occurs more than once
      amount: 21 rows changed (2.10%)
      order_id │ column │ left │ right
      ─────────┼────────┼──────┼───────
             7 │ note   │ NULL │ a|b<i>

    1 equal, 1 different"
  `);
  expect(diffMarkdown(difference)).toMatchInlineSnapshot(`
    "| relation | rows | added | removed | changed | schema | columns that changed |
    | --- | ---: | ---: | ---: | ---: | --- | --- |
    | \`orders\` | 1,000 → 1,001 | 2 | 1 | 21 | column amount: INTEGER → DECIMAL\\(18,3\\) | \`amount\` 2.10% |

    - \`orders\`: 1 key that occurs more than once

    <details><summary>Examples from orders</summary>

    | order\\_id | column | left | right |
    | --- | --- | --- | --- |
    | 7 | note | NULL | a\\|b&lt;i&gt; |

    </details>"
  `);
});

const impact: ImpactAnswer = {
  against: 'prod',
  verdict: 'breaking',
  changes: [
    {
      node: 'a',
      name: 'orders',
      verdict: 'breaking',
      reason: 'a column was removed',
      columns: [{ column: 'amount', change: 'removed', reason: 'not selected any more' }],
    },
  ],
  affected: [
    {
      node: 'e',
      name: 'weekly',
      kind: 'exposure',
      columns: ['amount'],
      owner: 'Finance',
      reason: 'reads orders.amount',
    },
  ],
};

test('impact: what changed, who is affected, whom to ask', () => {
  expect(impactText(impact, page)).toMatchInlineSnapshot(`
    "1 changed model against prod: breaking
      breaking orders  a column was removed
               amount: removed, not selected any more

    1 node affected
      node   │ kind     │ columns │ owner   │ why
      ───────┼──────────┼─────────┼─────────┼────────────────────
      weekly │ exposure │ amount  │ Finance │ reads orders.amount"
  `);
  expect(impactMarkdown(impact)).toMatchInlineSnapshot(`
    "| changed | verdict | columns | why |
    | --- | --- | --- | --- |
    | \`orders\` | breaking | \`amount\` removed | a column was removed |

    | affected | kind | columns | owner | why |
    | --- | --- | --- | --- | --- |
    | \`weekly\` | exposure | \`amount\` | Finance | reads orders.amount |"
  `);
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
        origins: [{ relation: 'raw.orders', file: 'data/orders.csv', row_number: 17 }],
        hint: null,
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

    from               │ order_id │ customer
    ───────────────────┼──────────┼─────────
    data/orders.csv:17 │ NULL     │ Ada

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
            dimensions: { schema: true, null: true, uniqueness: true, range: false, freshness: null, volume: false },
          },
        ],
      },
      page,
    ),
  ).toMatchInlineSnapshot(`
    "model  │ schema │ null │ uniqueness │ range │ freshness │ volume │  % │ exposed by │ owner
    ───────┼────────┼──────┼────────────┼───────┼───────────┼────────┼────┼────────────┼────────
    orders │ ✓      │ ✓    │ ✓          │ ✗     │ ·         │ ✗      │ 50 │ weekly     │ Finance

    orders: no range on amount
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
