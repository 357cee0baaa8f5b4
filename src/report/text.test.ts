import { expect, test } from 'vitest';
import type { RunResults } from '../run/results.ts';
import { eventsOf, nodeResult, paperTerminal, reporterOptions, runResults, troubled } from '../testing/recorded-run.ts';
import { text } from './text.ts';
import { widthOf, withoutColour } from './width.ts';

function told(results: RunResults, settings = {}, options = {}) {
  const paper = paperTerminal(settings);
  const reporter = text(paper.terminal, { ...reporterOptions, ...options });
  for (const event of eventsOf(results)) reporter.hear(event);
  reporter.close(results, []);
  return paper;
}

test('in a pipe: a line a node, failures first in the summary, the counts last', () => {
  expect(told(troubled).text()).toMatchInlineSnapshot(`
    "dql 1.2.3 · build · target dev · 4 threads · 6 nodes
      Reused   [  0.00s] seed        main.regions                                                      unchanged
      Held     [  2.50s] table       main.orders                                       1,234,567 rows  test \`not_null_order…
      Fail     [  0.25s] test        not_null_orders_order_id                                  3 rows  models/orders.yml:6 …
      Error    [  0.25s] view        main.customers                                                    model \`stg_customer\`…
      Warn     [  0.25s] test        late_payments                                              1 row  tests/late_payments.…
      Skipped  [       ] table       main.revenue                                                      its parent \`customer…

    2 failed

      error customers  models/customers.sql:1
        error[compile/unknown-ref]: model \`stg_customer\` does not exist
          ┌─ models/customers.sql:2:13
          │
        2 │ from {{ ref('stg_customer') }}
          │             ^^^^^^^^^^^^^^ no model has this name
          = hint: did you mean \`stg_customers\`?

      fail not_null_orders_order_id  models/orders.yml:6
        Got 3 results, configured to fail if != 0
        3 failing rows of 1,234,567
        order_id │ customer
        ─────────┼─────────────
        NULL     │ Ada
        NULL     │ Zoë <&> "李"
        … and more
        about: Every order has a number.
        hint: orders without a number come from the till
        compiled: target/compiled/shop/models/orders.yml/not_null_orders_order_id.sql
        all rows: dql inspect not_null_orders_order_id

    1 held back
      main.orders  test \`not_null_orders_order_id\` failed
        readers see version 3 of 2001-07-01 06:00 UTC, 24 h old

    1 warning

      warn late_payments  tests/late_payments.sql:1
        Got 1 result, configured to warn if != 0
        payment
        ───────
             17
        all rows: dql inspect late_payments

    To go on after a fix: dql retry
    Finished in 1.50s.
    Done. PASS=1 WARN=1 ERROR=2 SKIP=1 REUSED=1 TOTAL=6"
  `);
});

test('at a terminal the running nodes and what is left are redrawn, and taken away at the end', () => {
  const paper = paperTerminal({ live: true, columns: 80 });
  const reporter = text(paper.terminal, reporterOptions);
  const [started, first] = eventsOf(troubled);
  if (!started || !first) throw new Error('no events');
  reporter.hear(started);
  reporter.hear(first);
  paper.pass(1200);
  expect(paper.blocks.at(-1)).toMatchInlineSnapshot(`
    "  Running  [  0.10s] main.regions
      ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 0/6 · 6 left · 0.10s"
  `);
  for (const event of eventsOf(troubled).slice(2, 5)) reporter.hear(event);
  paper.pass(100);
  expect(paper.blocks.at(-1)).toMatchInlineSnapshot(`"  ━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 2/6 · 4 left · 1.30s"`);
  reporter.close(troubled, []);
  expect(paper.blocks.at(-1)).toBe('');
  expect(paper.timers.size).toBe(0);
});

test('the live block never grows beyond the terminal', () => {
  const paper = paperTerminal({ live: true, columns: 80, rows: 8 });
  const reporter = text(paper.terminal, reporterOptions);
  reporter.hear({ type: 'run-started', run_id: 'r', command: 'run', target: 'dev', threads: 50, total: 50, at: '' });
  for (let index = 0; index < 50; index += 1)
    reporter.hear({ type: 'node-started', node: `model.shop.orders_${index}`, index, at: '' });
  paper.pass(100);
  expect(paper.blocks.at(-1)?.split('\n').length).toBeLessThanOrEqual(7);
  expect(paper.blocks.at(-1)).toContain('more running');
});

test('a pipe that was silent for long says that it is alive', () => {
  const paper = paperTerminal();
  const reporter = text(paper.terminal, reporterOptions);
  for (const event of eventsOf(troubled).slice(0, 2)) reporter.hear(event);
  paper.pass(29_000);
  expect(paper.text()).not.toContain('still running');
  paper.pass(31_000);
  expect(paper.text()).toContain('still running after 59.0s: main.regions (59.0s); 6 nodes left');
});

test('a narrow terminal still says why a model was built, and a line without a detail ends at its last word', () => {
  const results = runResults([
    nodeResult('model.shop.orders', 'success', {}, { rows: 1_234_567, reason: 'code changed' }),
    nodeResult('test.shop.not_null_orders_order_id.1', 'pass', { failures: 0 }),
  ]);
  const [, orders = '', passed = ''] = told(results, { columns: 80, colour: true }).text().split('\n');
  expect(withoutColour(orders)).toBe('  Built    [  0.25s] table       main.orders      1,234,567 rows  code changed');
  expect(widthOf(orders)).toBeLessThanOrEqual(80);
  expect(passed).toMatch(/order_id$/);
});

test('quiet tells only what went wrong', () => {
  const fine = runResults([nodeResult('model.shop.orders', 'success', {}, { rows: 3 })]);
  expect(told(fine, {}, { quiet: true }).text()).toBe('');
  const wrong = told(troubled, {}, { quiet: true }).text();
  expect(wrong).toContain('2 failed');
  expect(wrong).toContain('held back');
  expect(wrong).not.toContain('Done.');
  expect(wrong).not.toContain('late_payments');
});

test('a good run ends green and short', () => {
  const fine = runResults(
    [
      nodeResult('model.shop.orders', 'success', { execution_time: 75 }, { rows: 1, reason: 'code changed' }),
      nodeResult('test.shop.not_null_orders_order_id.1', 'pass', { failures: 0 }, { verdict: 'vacuous' }),
    ],
    { published: 1, publish_seconds: 0.004 },
  );
  expect(told(fine).text()).toMatchInlineSnapshot(`
    "dql 1.2.3 · build · target dev · 4 threads · 2 nodes
      Built    [ 1m 15s] table       main.orders                                                1 row  code changed
      Pass     [  0.25s] test        not_null_orders_order_id                                          vacuous: no row was …

    Published 1 node in 0.00s, all at once.
    Finished in 1.50s.
    Done. PASS=2 WARN=0 ERROR=0 SKIP=0 REUSED=0 TOTAL=2"
  `);
});

test('colour adds, never carries: without codes the words are the same', () => {
  const uncoloured = withoutColour(told(troubled, { colour: true }).text());
  expect(uncoloured).toBe(told(troubled).text());
  expect(told(troubled, { colour: true }).text()).not.toBe(uncoloured);
});

test('log lines are told by their level', () => {
  const heard = (logLevel: 'debug' | 'info' | 'warn' | 'none') => {
    const paper = paperTerminal();
    const reporter = text(paper.terminal, { ...reporterOptions, logLevel });
    for (const level of ['debug', 'info', 'warn'] as const)
      reporter.hear({ type: 'log', level, message: level, node: null });
    return paper.text().split('\n').filter(Boolean);
  };
  expect(heard('debug')).toEqual(['debug', 'info', 'warning: warn']);
  expect(heard('info')).toEqual(['info', 'warning: warn']);
  expect(heard('warn')).toEqual(['warning: warn']);
  expect(heard('none')).toEqual([]);
});

test('what holds the warehouse is said, even quietly', () => {
  const paper = paperTerminal();
  text(paper.terminal, { ...reporterOptions, quiet: true }).hear({
    type: 'waiting-for-lock',
    file: '/data/shop.duckdb',
    holder: 'node (PID 32003)',
    seconds: 4,
  });
  expect(paper.text()).toBe('waiting for /data/shop.duckdb, 4.00s at most: node (PID 32003) holds it');
});
