import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ImpactAnswer } from '../app/contract.ts';
import { temporaryProject } from '../testing/temporary-project.ts';

const ORDERS = "select order_id, customer_id, amount, status from {{ ref('raw_orders') }} where status <> 'void'";
const DAILY = `{{ config(materialized='incremental', unique_key='customer_id') }}
select customer_id, sum(amount) as revenue, count(*) as orders from {{ ref('orders') }}
{% if is_incremental() %} where order_id > 2 {% endif %}
group by customer_id`;

const shop = temporaryProject({
  'seeds/raw_orders.csv': 'order_id,customer_id,amount,status\n1,7,10,paid\n2,7,20,paid\n3,8,30,void\n4,8,5,paid\n',
  'models/orders.sql': ORDERS,
  'models/everything.sql': "select * from {{ ref('orders') }}",
  'models/statuses.sql': "select distinct status from {{ ref('everything') }}",
  'models/customers.sql': DAILY,
  'models/best.sql': "select customer_id, revenue from {{ ref('customers') }} order by revenue desc limit 1",
  'models/models.yml': `models:
  - { name: orders, config: { meta: { owner: Platform } } }
  - { name: customers, config: { meta: { owner: Finance } } }
exposures:
  - { name: board_report, type: dashboard, owner: { name: Ada, email: ada@example.com }, depends_on: [ref('best')] }
`,
});
afterAll(() => shop.close());

/** The impact of one edit, which is taken back afterwards. */
async function impactOf(path: string, text: string, words = 'impact'): Promise<ImpactAnswer> {
  const before = { 'models/orders.sql': ORDERS, 'models/customers.sql': DAILY }[path] ?? '';
  shop.write(path, text);
  try {
    return await shop.answer<ImpactAnswer>(words);
  } finally {
    shop.write(path, before);
  }
}
const brief = ({ affected }: ImpactAnswer) =>
  affected.map(({ name, verdict, columns, reason }) => `${name} ${verdict} [${columns}] ${reason}`);

test('where a column comes from, as text and as diagrams; a wrong name gets a suggestion', async () => {
  expect((await shop.dql('lineage best.revenue --upstream')).stdout).toMatchInlineSnapshot(`
    "best.revenue (model)

    made from
      ├─ customers.revenue (model)  copied
      │  ├─ orders.amount (model)  aggregated
      │  │  ├─ raw_orders.amount (seed)  copied
      │  │  └─ raw_orders.status (seed)  filter
      │  ├─ orders.customer_id (model)  group
      │  └─ orders.order_id (model)  filter
      └─ customers.revenue (model)  order  (see above)
    "
  `);
  expect((await shop.dql('lineage best.revenue --upstream --depth 1 --output mermaid')).stdout).toMatchInlineSnapshot(`
    "flowchart LR
      n0["best.revenue"]
      n1["customers.revenue"]
      n1 -->|"copied"| n0
      n1 -.->|"order"| n0
      style n0 stroke-width:3px
    "
  `);
  expect((await shop.dql('lineage raw_orders.amount --downstream --depth 1 --output dot')).stdout).toContain(
    '"seed.shop.raw_orders#amount" -> "model.shop.orders#amount" [label="copied"]',
  );
  expect(await shop.dql('lineage best.revenues')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean `revenue`?'),
  });
}, 30_000);

test('nothing to compare with is said; then an edit is classified by what it does', async () => {
  expect(await shop.dql('impact')).toMatchObject({ code: 2, stderr: expect.stringContaining('dql build') });
  expect((await shop.dql('build')).code).toBe(0);
  expect((await shop.dql('impact')).stdout).toBe('No model changed in meaning against what target dev shows.\n');

  const layout = await impactOf('models/orders.sql', `-- the orders\n${ORDERS.replace('select', 'SELECT')}`);
  expect(layout).toMatchObject({ verdict: 'none', changes: [], affected: [], owners: [] });

  const expression = await impactOf('models/orders.sql', ORDERS.replace('amount,', 'amount * 2 as amount,'));
  // One column changed, but further down it decides which row is the best.
  expect(expression).toMatchObject({
    verdict: 'breaking',
    changes: [{ name: 'orders', verdict: 'partial', columns: [{ column: 'amount' }] }],
  });
  expect(brief(expression)).toEqual([
    'customers partial [revenue] orders.amount changed its expression',
    'everything partial [amount] orders.amount changed its expression',
    'best breaking [] orders.amount changed its expression, which is used in ordering here',
    'board_report breaking [] orders.amount changed its expression, which is used in ordering of best; orders.amount changed its expression',
  ]);
  expect(expression.owners).toEqual([
    { owner: 'Platform', nodes: ['orders'] },
    { owner: 'Finance', nodes: ['customers'] },
    { owner: 'Ada', nodes: ['board_report'] },
  ]);

  const filter = await impactOf('models/orders.sql', ORDERS.replace("<> 'void'", "= 'paid'"));
  expect(filter.verdict).toBe('breaking');
  expect(brief(filter).every((line) => line.includes('orders changed its filters'))).toBe(true);
  expect(filter.affected).toHaveLength(5);
}, 30_000);

test('a column that goes, or gets another name, reaches those who read it through a star', async () => {
  const renamed = await impactOf('models/orders.sql', ORDERS.replace('status from', 'status as state from'));
  expect(renamed.changes).toMatchObject([{ name: 'orders', verdict: 'breaking', reason: 'renamed: status → state' }]);
  expect(brief(renamed)).toEqual([
    'everything breaking [] its column status is gone with what it takes by *',
    'statuses breaking [] it reads everything.status, which was removed',
  ]);
}, 30_000);

test('an edit of what runs only when the table stands is seen, against a run and against a folder of artifacts', async () => {
  const { runs } = await shop.answer<{ readonly runs: readonly { readonly run_id: string }[] }>('history');
  mkdirSync(join(shop.folder, 'prod'));
  await shop.dql('compile --target-path prod');
  const edited = DAILY.replace('order_id > 2', 'order_id > 3');
  for (const words of ['impact', `impact --against ${runs[0]?.run_id}`, 'impact --state prod']) {
    const { changes } = await impactOf('models/customers.sql', edited, words);
    expect(changes.map(({ name, verdict, reason }) => `${name} ${verdict}: ${reason}`)).toEqual([
      'customers breaking: other rows, by its filters (in incremental runs only)',
    ]);
  }
  expect(await shop.dql('impact --against nosuchrun')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('keeps no run'),
  });
}, 30_000);

test('as Markdown for a pull request', async () => {
  shop.write('models/customers.sql', DAILY.replace('count(*)', 'count(distinct order_id)'));
  expect((await shop.dql('impact --output markdown')).stdout).toMatchInlineSnapshot(`
    "**partial** against what target dev shows

    | changed | verdict | columns | why |
    | --- | --- | --- | --- |
    | \`customers\` | partial | \`orders\` changed | other expression: orders |

    Nothing downstream is affected.
    "
  `);
}, 30_000);
