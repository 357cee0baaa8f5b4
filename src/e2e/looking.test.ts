import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { CompileAnswer, PlanView, ShowTable } from '../app/contract.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

const SHOP = {
  'seeds/orders.csv': 'id,customer,amount,ordered_on\n1,ada,10,2024-01-01\n2,bob,20,2024-01-01\n3,ada,30,2024-01-02\n',
  'seeds/seeds.yml': `seeds:
  - name: orders
    columns:
      - name: id
        data_tests: [unique, not_null]
sources:
  - name: files
    tables:
      - name: payments
        external: { location: data/payments.csv }
exposures:
  - name: board
    type: dashboard
    owner: { name: Ada }
    depends_on: [ref('customers')]
`,
  'data/payments.csv': 'order_id,paid\n1,true\n2,false\n',
  'models/stg_orders.sql': "{{ config(materialized='view') }}\nselect id, customer, amount from {{ ref('orders') }}",
  'models/customers.sql':
    "{{ config(materialized='table', post_hook='insert into audit values (1)') }}\nselect customer, sum(amount) as spent from {{ ref('stg_orders') }} group by all",
  'models/paid.sql': "select order_id from {{ source('files', 'payments') }} where paid",
  'models/asking.sql':
    "{% set found = run_query('select 40 + 2') %}select {{ found.columns[0].values()[0] if execute }} as answer from {{ ref('customers') }}",
  'analyses/rich.sql': "select * from {{ ref('customers') }} where spent > 30",
};

const open: TemporaryProject[] = [];
function openShop(more: Readonly<Record<string, string>> = {}): TemporaryProject {
  const project = temporaryProject({ ...SHOP, ...more });
  open.push(project);
  return project;
}
afterEach(() => {
  for (const project of open.splice(0)) project.close();
});

test('ls lists in the order of ids, in dbt’s four ways, and needs no warehouse', async () => {
  const shop = openShop();
  expect((await shop.dql('ls')).stdout.trim().split('\n')).toEqual([
    'exposure:shop.board',
    'shop.asking',
    'shop.customers',
    'shop.paid',
    'shop.stg_orders',
    'shop.orders',
    'source:shop.files.payments',
    'shop.not_null_orders_id',
    'shop.unique_orders_id',
  ]);
  expect((await shop.dql('ls --resource-type analysis --output path')).stdout.trim()).toBe('analyses/rich.sql');
  expect((await shop.dql('ls -s source:files --output name')).stdout.trim()).toBe('files.payments');
  expect((await shop.dql('ls -s customers --output json --output-keys name config.materialized')).stdout.trim()).toBe(
    '{"name":"customers","config.materialized":"table"}',
  );
  expect(existsSync(join(shop.folder, 'shop.duckdb'))).toBe(false);
});

test('ls tells of the semantic layer, by the words that select it', async () => {
  const shop = openShop({
    'models/semantic.yml': `semantic_models:
  - { name: spendings, model: ref('customers'), measures: [{ name: total, agg: sum, expr: spent }] }
metrics:
  - { name: spent, label: Spent, type: simple, type_params: { measure: total } }
saved_queries:
  - { name: monthly, query_params: { metrics: [spent] } }
`,
  });
  const listed = async (words: string) => (await shop.dql(`ls ${words}`)).stdout.trim().split('\n');
  const layer = ['metric:shop.spent', 'saved_query:shop.monthly', 'semantic_model:shop.spendings'];
  expect(await listed('-s customers+ --resource-type metric saved_query semantic_model')).toEqual(layer);
  for (const selector of layer) expect(await listed(`-s ${selector}`)).toEqual([selector]);
});

test('parse and compile write artifacts before anything was built, and create no warehouse', async () => {
  const shop = openShop();
  expect((await shop.dql('parse')).stdout).toContain('4 models');
  const compiled = await shop.answer<CompileAnswer>('compile');
  expect(compiled.nodes.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['asking', 'unique_orders_id', 'rich']),
  );
  const read = (path: string) => readFileSync(join(shop.folder, 'target', path), 'utf8');
  expect(read('compiled/shop/models/asking.sql')).toBe('select 42 as answer from "shop"."main"."customers"\n');
  expect(JSON.parse(read('manifest.json')).nodes['model.shop.asking'].compiled_code).toContain('select 42');
  expect(existsSync(join(shop.folder, 'shop.duckdb'))).toBe(false);
});

test('compile prints the one node that was named, and any template', async () => {
  const shop = openShop();
  expect((await shop.dql('compile -q -s stg_orders')).stdout.trim()).toBe(
    'select id, customer, amount from "shop"."main"."orders"',
  );
  expect((await shop.dql(['compile', '-q', '--inline', "from {{ ref('paid') }}"])).stdout.trim()).toBe(
    'from "shop"."main"."paid"',
  );
  const refused = await shop.dql('compile -s asking --no-introspect');
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('`asking` asks the warehouse')]);
  const wrong = await shop.dql(['compile', '--inline', "from {{ ref('custmers') }}"]);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('customers')]);
});

test('show reads what is published, files of sources at once, and says what is not built yet', async () => {
  const shop = openShop();
  const shown = async (words: readonly string[]): Promise<ShowTable & { readonly show: unknown }> =>
    JSON.parse((await shop.dql(['show', ...words, '--output', 'json'])).stdout);
  expect((await shown(['-s', 'paid'])).show).toEqual([{ order_id: 1 }]);
  const early = await shop.dql('show -s customers');
  expect([early.code, early.stderr]).toEqual([1, expect.stringContaining('`dql build` it first')]);
  expect(await shop.dql(['run-operation', '--sql', 'create table audit (seen int)'])).toMatchObject({ code: 0 });
  const built = await shop.dql('build');
  expect(`${built.code} ${built.stderr}`).toMatch(/^0 /);
  expect(await shown(['-s', 'customers', '--limit', '1'])).toMatchObject({ truncated: true, show: [{}] });
  expect((await shown(['--inline', "select max(spent) as m from {{ ref('customers') }}"])).show).toEqual([{ m: 40 }]);
  expect((await shown(['--inline', 'describe select 1 as one'])).show).toHaveLength(1);
  const typo = await shop.dql(['show', '--inline', "select spnt from {{ ref('customers') }}"]);
  expect([typo.code, typo.stderr]).toEqual([1, expect.stringContaining('column 8')]);
  expect((await shop.dql('show')).code).toBe(2);
});

test('a plan before the first build reads nothing but the project, and build carries out the same', async () => {
  const shop = openShop();
  await shop.dql(['run-operation', '--sql', 'create table audit (seen int)']);
  const plan = await shop.answer<PlanView>('plan');
  const row = (name: string) => plan.rows.find((each) => each.name === name);
  expect(row('customers')).toMatchObject({ action: 'build', reason: 'first build', publishes: true });
  expect(row('customers')?.notes).toEqual(['post-hook, outside promises 1 to 3: insert into audit values (1)']);
  expect(row('asking')).toMatchObject({ action: 'build', reason: 'rendered when its parents are built' });
  expect(row('unique_orders_id')).toMatchObject({ action: 'test', reason: 'guards orders' });
  const built = await shop.answer('build');
  expect(built.results.map(({ unique_id }) => unique_id).sort()).toEqual(plan.rows.map(({ node }) => node).sort());
  const again = await shop.answer<PlanView>('plan');
  expect(again.rows.filter(({ action }) => action !== 'reuse').map(({ name }) => name)).toEqual(['asking']);
  shop.write('models/stg_orders.sql', "select id, customer, amount * 2 as amount from {{ ref('orders') }}");
  const edited = await shop.answer<PlanView>('plan -s stg_orders');
  expect(edited.rows).toMatchObject([{ name: 'stg_orders', action: 'build', reason: 'code changed' }]);
});

test('test --explain says how each test would be answered, and runs none', async () => {
  const shop = openShop();
  expect((await shop.dql('test --explain')).stderr).toContain('has no warehouse yet');
  await shop.dql(['run-operation', '--sql', 'create table audit (seen int)']);
  await shop.dql('build');
  const { tests } = await shop.answer<{ tests: readonly object[] }>('test --explain');
  expect(tests).toMatchObject([
    { name: 'not_null_orders_id', relation: 'main.orders', how: 'union all' },
    { name: 'unique_orders_id', relation: 'main.orders', how: 'union all' },
  ]);
});
