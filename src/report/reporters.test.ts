import { expect, test } from 'vitest';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { RunResults } from '../run/results.ts';
import { eventsOf, nodeResult, paperTerminal, reporterOptions, runResults, troubled } from '../testing/recorded-run.ts';
import { type ReporterName, reporters } from './index.ts';

function told(kind: ReporterName, results: RunResults | undefined, diagnostics: readonly Diagnostic[] = []): string {
  const paper = paperTerminal();
  const reporter = reporters[kind](paper.terminal, reporterOptions);
  if (results) for (const event of eventsOf(results)) reporter.hear(event);
  reporter.close(results, diagnostics);
  return paper.text();
}

const broken: Diagnostic = {
  code: 'compile/unknown-ref',
  severity: 'error',
  message: 'model `stg_customer` does not exist, 100%',
  at: { file: 'models/customers.sql', start: 21, end: 35 },
  label: 'no model has this name',
  hint: 'did you mean `stg_customers`?',
};

test('json: every event is a line, the results are not repeated at the end', () => {
  const lines = told('json', troubled, [broken])
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line));
  expect(lines.map(({ type }) => type)).toEqual([...eventsOf(troubled).map(({ type }) => type), 'diagnostic']);
  expect(lines.every(({ v }) => v === 1)).toBe(true);
  expect(lines.at(-2)).toMatchObject({ run_id: 'run-1', exit_code: 1, elapsed_time: 1.5 });
  expect(lines.at(-2)).not.toHaveProperty('results');
  expect(lines[2]).toMatchObject({ result: { status: 'reused' }, node: { name: 'regions', kind: 'seed' } });
});

test('github: the worst first, on the YAML line and the SQL line', () => {
  expect(told('github', troubled)).toMatchInlineSnapshot(`
    "::error file=models/customers.sql,line=2,endLine=2,col=13,title=error%3A customers::model \`stg_customer\` does not exist%0Ano model has this name%0Ahint: did you mean \`stg_customers\`?
    ::error file=models/orders.yml,line=6,col=13,title=fail%3A not_null_orders_order_id::Got 3 results, configured to fail if != 0%0A3 of 1234567 rows%0Aorder_id │ customer%0A─────────┼─────────────%0ANULL     │ Ada%0ANULL     │ Zoë <&> "李"%0A… and more%0Aabout: Every order has a number.%0Ahint: orders without a number come from the till%0Acompiled: target/compiled/shop/models/orders.yml/not_null_orders_order_id.sql
    ::warning file=tests/late_payments.sql,line=1,title=warn%3A late_payments::Got 1 result, configured to warn if != 0%0Apayment%0A───────%0A     17"
  `);
});

test('github: a project that cannot be read is annotated, special characters escaped', () => {
  expect(told('github', undefined, [broken])).toMatchInlineSnapshot(
    `"::error file=models/customers.sql,line=2,endLine=2,col=13,title=compile/unknown-ref::model \`stg_customer\` does not exist, 100%25%0Ano model has this name%0Ahint: did you mean \`stg_customers\`?"`,
  );
});

test('github: a broken test is annotated once where it stands in YAML, and in its SQL file on the line', () => {
  const wrong = (file: string, start: number) =>
    ({
      code: 'run/binder',
      severity: 'error',
      message: 'no such column',
      at: { file, start, end: start + 4 },
    }) as const;
  const failing = (id: string, diagnostic: ReturnType<typeof wrong>) =>
    nodeResult(id, 'error', {}, { diagnostics: [diagnostic] });
  const lines = told(
    'github',
    runResults(
      [
        failing('test.shop.not_null_orders_order_id.1', wrong('models/orders.yml', 90)),
        failing('test.shop.late_payments.2', wrong('models/customers.sql', 9)),
      ],
      { exit_code: 1 },
    ),
  );
  expect(lines.split('\n').map((line) => line.split(',title')[0])).toEqual([
    '::error file=models/orders.yml,line=6,col=10',
    '::error file=tests/late_payments.sql,line=1',
    '::error file=models/customers.sql,line=2,endLine=2,col=1',
  ]);
});

test('github: no more than ten of a level, the last one says how many are missing', () => {
  const many = runResults(
    Array.from({ length: 30 }, (_, index) =>
      nodeResult(`test.shop.late_${index}.x`, index < 14 ? 'fail' : 'warn', { failures: index, message: 'late' }),
    ),
    { exit_code: 1 },
  );
  const lines = told('github', many).split('\n');
  expect(lines.filter((line) => line.startsWith('::error'))).toHaveLength(10);
  expect(lines.filter((line) => line.startsWith('::warning'))).toHaveLength(10);
  expect(lines[0]).toContain('late_13');
  expect(lines[9]).toContain('title=5 more error');
  expect(lines[9]).toContain('late_4');
});

test('github-summary: failures first, what is held back, counts', () => {
  expect(told('github-summary', troubled)).toMatchInlineSnapshot(`
    "## ❌ Failed: dql build

    ### Failed (2)

    <details><summary><b>customers</b> error · <code>models/customers.sql:1</code></summary>

    \`\`\`text
    error[compile/unknown-ref]: model \`stg_customer\` does not exist
      ┌─ models/customers.sql:2:13
      │
    2 │ from {{ ref('stg_customer') }}
      │             ^^^^^^^^^^^^^^ no model has this name
      = hint: did you mean \`stg_customers\`?
    \`\`\`

    </details>

    <details><summary><b>not_null_orders_order_id</b> fail · <code>models/orders.yml:6</code></summary>

    \`\`\`text
    Got 3 results, configured to fail if != 0
    3 of 1234567 rows
    order_id │ customer
    ─────────┼─────────────
    NULL     │ Ada
    NULL     │ Zoë <&> "李"
    … and more
    about: Every order has a number.
    hint: orders without a number come from the till
    compiled: target/compiled/shop/models/orders.yml/not_null_orders_order_id.sql
    \`\`\`

    </details>

    ### Held back

    | node | why | readers see | age |
    | --- | --- | --- | --- |
    | \`main.orders\` | test \\\`not\\_null\\_orders\\_order\\_id\\\` failed | version 3 of 2001-07-01 06:00 UTC | 24 h |

    ### Warnings (1)

    <details><summary><b>late_payments</b> warn · <code>tests/late_payments.sql:1</code></summary>

    \`\`\`text
    Got 1 result, configured to warn if != 0
    payment
    ───────
         17
    \`\`\`

    </details>

    ### Counts

    | pass | warn | error | skip | reused | total | published | seconds |
    | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
    | 1 | 1 | 2 | 1 | 1 | 6 | 0 | 1.5 |

    <details><summary>1 skipped</summary>

    - \`revenue\` its parent \\\`customers\\\` failed

    </details>

    <details><summary>Slowest</summary>

    | node | kind | time | rows |
    | --- | --- | ---: | ---: |
    | \`main.orders\` | table | 2.50s | 1,234,567 |
    | \`not_null_orders_order_id\` | test | 0.25s |  |
    | \`main.customers\` | view | 0.25s |  |
    | \`late_payments\` | test | 0.25s |  |

    </details>"
  `);
});

test('github-summary: markup in data stays data, and GitHub’s limit of 1 MiB is kept', () => {
  const nasty = runResults(
    Array.from({ length: 50 }, (_, index) =>
      nodeResult(
        `test.shop.late_${index}.x`,
        'fail',
        { failures: 1, message: '</details><img src=x> ```' },
        {
          sample: {
            columns: ['note'],
            rows: Array.from({ length: 900 }, () => ['```x'.padEnd(40, '<')]),
            truncated: true,
          },
        },
      ),
    ),
    { exit_code: 1 },
  );
  const markdown = told('github-summary', nasty);
  expect(Buffer.byteLength(markdown)).toBeLessThan(1024 * 1024);
  expect(markdown).toContain('Cut here');
  expect(markdown).not.toMatch(/^(?!.*`).*<img/m);
});

test('gitlab: its five fields, the same fingerprint when only a count changed', () => {
  const issues = (failures: number): Record<string, unknown>[] =>
    JSON.parse(
      told(
        'gitlab',
        runResults([
          nodeResult('test.shop.not_null_orders_order_id.1', 'fail', { failures, message: `Got ${failures}` }),
        ]),
        [broken],
      ),
    );
  expect(issues(3)).toMatchInlineSnapshot(`
    [
      {
        "check_name": "compile/unknown-ref",
        "description": "model \`stg_customer\` does not exist, 100% (did you mean \`stg_customers\`?)",
        "fingerprint": "46d3dd7a7f3a1cc2",
        "location": {
          "lines": {
            "begin": 2,
          },
          "path": "models/customers.sql",
        },
        "severity": "critical",
      },
      {
        "check_name": "not_null",
        "description": "not_null_orders_order_id: Got 3",
        "fingerprint": "5b47edc4eee05fb9",
        "location": {
          "lines": {
            "begin": 6,
          },
          "path": "models/orders.yml",
        },
        "severity": "major",
      },
    ]
  `);
  expect(issues(3).map(({ fingerprint }) => fingerprint)).toEqual(issues(4).map(({ fingerprint }) => fingerprint));
  expect(new Set(issues(3).map(({ fingerprint }) => fingerprint)).size).toBe(2);
});

test('sarif: definition problems with their region; rules are listed once', () => {
  const log = JSON.parse(told('sarif', troubled, [broken]));
  expect(log).toMatchInlineSnapshot(`
    {
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
      "runs": [
        {
          "columnKind": "utf16CodeUnits",
          "results": [
            {
              "level": "error",
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "models/customers.sql",
                    },
                    "region": {
                      "endColumn": 27,
                      "endLine": 2,
                      "startColumn": 13,
                      "startLine": 2,
                    },
                  },
                },
              ],
              "message": {
                "text": "model \`stg_customer\` does not exist, 100%
    no model has this name
    did you mean \`stg_customers\`?",
              },
              "partialFingerprints": {
                "dql/v1": "46d3dd7a7f3a1cc2",
              },
              "ruleId": "compile/unknown-ref",
              "ruleIndex": 0,
            },
            {
              "level": "error",
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "models/customers.sql",
                    },
                    "region": {
                      "endColumn": 27,
                      "endLine": 2,
                      "startColumn": 13,
                      "startLine": 2,
                    },
                  },
                },
              ],
              "message": {
                "text": "model \`stg_customer\` does not exist
    no model has this name
    did you mean \`stg_customers\`?",
              },
              "partialFingerprints": {
                "dql/v1": "cd47ebe54d2a32a4",
              },
              "ruleId": "compile/unknown-ref",
              "ruleIndex": 0,
            },
          ],
          "tool": {
            "driver": {
              "name": "dql",
              "rules": [
                {
                  "id": "compile/unknown-ref",
                  "shortDescription": {
                    "text": "compile: unknown ref",
                  },
                },
              ],
              "version": "1.2.3",
            },
          },
        },
      ],
      "version": "2.1.0",
    }
  `);
});

test('tap: a point a node, comments for what is not good', () => {
  expect(told('tap', troubled)).toMatchInlineSnapshot(`
    "TAP version 14
    1..6
    ok 1 - seed regions
    ok 2 - model orders
    not ok 3 - test not_null_orders_order_id
    # models/orders.yml:6: Got 3 results, configured to fail if != 0
    # 3 of 1234567 rows
    # order_id │ customer
    # ─────────┼─────────────
    # NULL     │ Ada
    # NULL     │ Zoë <&> "李"
    # … and more
    # about: Every order has a number.
    # hint: orders without a number come from the till
    # compiled: target/compiled/shop/models/orders.yml/not_null_orders_order_id.sql
    not ok 4 - model customers
    # models/customers.sql:1: error[compile/unknown-ref]: model \`stg_customer\` does not exist
    #   ┌─ models/customers.sql:2:13
    #   │
    # 2 │ from {{ ref('stg_customer') }}
    #   │             ^^^^^^^^^^^^^^ no model has this name
    #   = hint: did you mean \`stg_customers\`?
    ok 5 - test late_payments (warning)
    # tests/late_payments.sql:1: Got 1 result, configured to warn if != 0
    # payment
    # ───────
    #      17
    ok 6 - model revenue # SKIP its parent \`customers\` failed"
  `);
});

test('tap: a project with errors bails out', () => {
  expect(told('tap', undefined, [broken])).toMatch(
    /^TAP version 14\n# error\[compile[\s\S]*\nBail out! the project has errors$/,
  );
});
