/** A recorded run for the tests of reporters: what a small shop's build says, and the facts of its nodes. */
import type { NodeId } from '../core/node-id.ts';
import type { Describe, NodeDescription } from '../report/describe.ts';
import type { ReporterOptions } from '../report/reporter.ts';
import type { Terminal } from '../report/terminal.ts';
import type { NodeFacts, NodeResult, RunEvent, RunFacts, RunResults } from '../run/results.ts';

export function nodeResult(
  unique_id: NodeId,
  status: NodeResult['status'],
  more: Partial<Omit<NodeResult, 'meta'>> = {},
  facts: NodeFacts = {},
): NodeResult {
  return {
    unique_id,
    status,
    timing: [],
    thread_id: 'Thread-1',
    execution_time: 0.25,
    adapter_response: {},
    message: null,
    failures: null,
    compiled: true,
    compiled_code: null,
    relation_name: null,
    batch_results: null,
    ...more,
    meta: { dql: facts },
  };
}

export function runResults(results: readonly NodeResult[], facts: Partial<RunFacts> = {}): RunResults {
  return {
    metadata: { invocation_id: 'run-1', generated_at: '2001-07-02T06:00:00.000Z' },
    results,
    elapsed_time: 1.5,
    args: { which: 'build' },
    meta: {
      dql: {
        run_id: 'run-1',
        target: 'dev',
        exit_code: 0,
        interrupted: false,
        published: 0,
        publish_seconds: null,
        warnings: [],
        ...facts,
      },
    },
  };
}

/** The events of a run with these results, one node after another. */
export function eventsOf(results: RunResults): RunEvent[] {
  const total = results.results.length;
  return [
    {
      type: 'run-started',
      run_id: 'run-1',
      command: 'build',
      target: 'dev',
      threads: 4,
      total,
      at: '2001-07-02T06:00:00Z',
    },
    ...results.results.flatMap((result, index): RunEvent[] => [
      { type: 'node-started', node: result.unique_id, index: index + 1, at: '2001-07-02T06:00:00Z' },
      { type: 'node-finished', result, index: index + 1, done: index + 1, total },
    ]),
    { type: 'run-finished', results },
  ];
}

export const files: Readonly<Record<string, string>> = {
  'models/orders.yml':
    'models:\n  - name: orders\n    columns:\n      - name: order_id\n        data_tests:\n          - not_null\n',
  'models/customers.sql': "select *\nfrom {{ ref('stg_customer') }}\n",
};

const nodes: Readonly<Record<NodeId, NodeDescription>> = {
  'model.shop.orders': {
    name: 'orders',
    kind: 'model',
    materialized: 'table',
    relation: 'main.orders',
    path: 'models/orders.sql',
    line: 1,
    compiledPath: 'target/compiled/shop/models/orders.sql',
    parents: [],
  },
  'model.shop.customers': {
    name: 'customers',
    kind: 'model',
    materialized: 'view',
    relation: 'main.customers',
    path: 'models/customers.sql',
    line: 1,
    parents: [],
  },
  'model.shop.revenue': {
    name: 'revenue',
    kind: 'model',
    materialized: 'table',
    relation: 'main.revenue',
    parents: [],
  },
  'seed.shop.regions': { name: 'regions', kind: 'seed', materialized: 'seed', relation: 'main.regions', parents: [] },
  'test.shop.not_null_orders_order_id.1': {
    name: 'not_null_orders_order_id',
    kind: 'test',
    check: 'not_null',
    path: 'models/orders.yml',
    line: 6,
    column: 13,
    tests: 'model.shop.orders',
    testedColumn: 'order_id',
    description: 'Every order has a number.',
    hint: 'orders without a number come from the till',
    compiledPath: 'target/compiled/shop/models/orders.yml/not_null_orders_order_id.sql',
    parents: ['model.shop.orders'],
  },
  'test.shop.late_payments.2': {
    name: 'late_payments',
    kind: 'test',
    path: 'tests/late_payments.sql',
    line: 1,
    parents: ['model.shop.orders', 'model.shop.customers'],
  },
};
export const describeNode: Describe = (id) => nodes[id];

/** One node of every kind of ending. */
export const troubled: RunResults = runResults(
  [
    nodeResult('seed.shop.regions', 'reused', { execution_time: 0 }, { reason: 'unchanged' }),
    nodeResult(
      'model.shop.orders',
      'success',
      { execution_time: 2.5 },
      {
        rows: 1234567,
        reason: 'code changed',
        published: false,
        held: {
          reason: 'test `not_null_orders_order_id` failed',
          because: ['test.shop.not_null_orders_order_id.1'],
          serving_since: '2001-07-01T06:00:00Z',
          serving_version: 3,
          age_seconds: 86400,
        },
      },
    ),
    nodeResult(
      'test.shop.not_null_orders_order_id.1',
      'fail',
      { failures: 3, message: 'Got 3 results, configured to fail if != 0' },
      {
        considered: 1234567,
        sample: {
          columns: ['order_id', 'customer'],
          rows: [
            [null, 'Ada'],
            [null, 'Zoë <&> "李"'],
          ],
          truncated: true,
        },
      },
    ),
    nodeResult(
      'model.shop.customers',
      'error',
      {},
      {
        diagnostics: [
          {
            code: 'compile/unknown-ref',
            severity: 'error',
            message: 'model `stg_customer` does not exist',
            at: { file: 'models/customers.sql', start: 21, end: 35 },
            label: 'no model has this name',
            hint: 'did you mean `stg_customers`?',
          },
        ],
      },
    ),
    nodeResult(
      'test.shop.late_payments.2',
      'warn',
      { failures: 1, message: 'Got 1 result, configured to warn if != 0' },
      { sample: { columns: ['payment'], rows: [['17']], truncated: false } },
    ),
    nodeResult('model.shop.revenue', 'skipped', { execution_time: 0 }, { reason: 'its parent `customers` failed' }),
  ],
  { exit_code: 1, published: 0, publish_seconds: 0.01 },
);

export const reporterOptions: ReporterOptions = {
  describe: describeNode,
  readSource: (path) => files[path],
  command: 'build',
  version: '1.2.3',
  quiet: false,
  logLevel: 'info',
};

/** A terminal that remembers what was printed and drawn, with a clock that goes by hand. */
export function paperTerminal(settings: Partial<Pick<Terminal, 'columns' | 'colour' | 'live' | 'rows'>> = {}) {
  const printed: string[] = [];
  const blocks: string[] = [];
  const timers = new Map<() => void, number>();
  let clock = 0;
  const terminal: Terminal = {
    columns: 120,
    rows: 24,
    colour: false,
    live: false,
    ...settings,
    now: () => clock,
    print: (text) => printed.push(text),
    redraw: (block) => blocks.push(block),
    every(milliseconds, work) {
      timers.set(work, milliseconds);
      return () => timers.delete(work);
    },
  };
  return {
    terminal,
    blocks,
    timers,
    text: () => printed.join('\n'),
    /** Lets time go by and calls whatever is due in between. */
    pass(milliseconds: number) {
      for (const [work, every] of timers)
        for (let due = every; due <= milliseconds; due += every) {
          clock += every;
          work();
          clock -= every;
        }
      clock += milliseconds;
    },
  };
}
