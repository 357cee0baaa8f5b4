import { expect, test } from 'vitest';
import { paperTerminal } from '../testing/recorded-run.ts';
import type { DiffAnswer, ImpactAnswer } from './answers.ts';
import { diffMarkdown, diffText } from './diff.ts';
import { impactMarkdown, impactText } from './impact.ts';

const { terminal: page } = paperTerminal();

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
    "Left is prod, right is dev.

    | relation | rows | added | removed | changed | schema | columns that changed |
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

test('diff: of what only one side has nothing is counted, and nothing is said of rows', () => {
  const [first] = difference.relations;
  const alone = { left_rows: null, right_rows: null, added: null, removed: null, changed: null, duplicate_keys: 0 };
  const relations = first ? [{ ...first, ...alone, schema: [], columns: [], sample: null, note: 'only in prod' }] : [];
  expect(diffText({ ...difference, relations }, page)).toMatchInlineSnapshot(`
    "prod against dev

    orders  0.40s
      only in prod

    0 equal, 1 different"
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
      verdict: 'partial',
      columns: ['amount'],
      owner: 'Finance',
      reason: 'reads orders.amount',
    },
  ],
  owners: [{ owner: 'Finance', nodes: ['orders', 'weekly'] }],
};

test('impact: what changed, who is affected, whom to ask', () => {
  expect(impactText(impact, page)).toMatchInlineSnapshot(`
    "1 changed model against prod: breaking
      breaking orders  a column was removed
               amount: removed, not selected any more

    1 node affected
      node   │ kind     │ verdict │ columns │ owner   │ why
      ───────┼──────────┼─────────┼─────────┼─────────┼────────────────────
      weekly │ exposure │ partial │ amount  │ Finance │ reads orders.amount

    to tell
      Finance: orders, weekly"
  `);
  expect(impactMarkdown(impact)).toMatchInlineSnapshot(`
    "**breaking** against prod

    | changed | verdict | columns | why |
    | --- | --- | --- | --- |
    | \`orders\` | breaking | \`amount\` removed | a column was removed |

    | affected | kind | verdict | columns | owner | why |
    | --- | --- | --- | --- | --- | --- |
    | \`weekly\` | exposure | partial | \`amount\` | Finance | reads orders.amount |

    To tell:

    - Finance: \`orders\` \`weekly\`"
  `);
});
