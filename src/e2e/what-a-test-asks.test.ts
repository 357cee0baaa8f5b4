/** What a test's kept verdict hangs on, besides the rows: everything that its question is made of, each changed alone. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { executed, type StoryProject, storyProject } from '../testing/story-project.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const project = (most: number) => `name: shop
target: dev
vars: { most: ${most} }
targets:
  dev: { path: shop.duckdb, schema: main, threads: 2 }
`;
const macros = (most: number, least: number, greatest: number) => `{% macro most() %}${most}{% endmacro %}
{% macro nobody_calls() %}1{% endmacro %}
{% test at_least(model, column_name) %}select * from {{ model }} where {{ column_name }} < ${least}{% endtest %}
{% test sums_below(model, column_name) %}select sum({{ column_name }}) from {{ model }} having sum({{ column_name }}) > {{ greatest() }}{% endtest %}
{% macro greatest() %}${greatest}{% endmacro %}`;
const large = (from: number) =>
  `{{ config(materialized='ephemeral') }} select * from {{ ref('orders') }} where amount > ${from}`;

const files = {
  'project.yml': project(90),
  'macros/limits.sql': macros(90, 1, 900),
  'models/orders.sql': "{{ config(materialized='table') }} select range as id, range + 1 as amount from range(20)",
  'models/large.sql': large(10),
  'tests/below_var.sql': "select * from {{ ref('orders') }} where amount > {{ var('most') }}",
  'tests/below_macro.sql': "select * from {{ ref('orders') }} where amount > {{ most() }}",
  'tests/below_env.sql': "select * from {{ ref('orders') }} where amount > {{ env_var('MOST', '90') }}",
  'tests/plain.sql': "select * from {{ ref('orders') }} where amount > 90",
  'models/_models.yml': `models:
  - name: orders
    columns: [{ name: amount, data_tests: [not_null, at_least, sums_below] }]
  - name: large
    columns: [{ name: amount, data_tests: [{ accepted_range: { name: large_range, arguments: { min: 5 } } }] }]
`,
};

let shop: StoryProject;
beforeAll(async () => {
  shop = storyProject(files);
  expect((await shop.dql('build')).code).toBe(0);
  expect(executed(await shop.dql('build'))).toEqual([]);
});
afterAll(() => shop.remove());

const asked = async (environment: Readonly<Record<string, string>> = {}): Promise<readonly string[]> =>
  executed(await shop.startWith(environment, 'build').ended);

const changes: Readonly<Record<string, readonly [Readonly<Record<string, string>>, readonly string[]]>> = {
  'a variable': [{ 'project.yml': project(10) }, ['below_var']],
  'a macro': [{ 'macros/limits.sql': macros(10, 1, 900) }, ['below_macro']],
  'the body of a generic test': [{ 'macros/limits.sql': macros(90, 10, 900) }, ['at_least_orders_amount']],
  'a macro that a generic test calls': [{ 'macros/limits.sql': macros(90, 1, 9) }, ['sums_below_orders_amount']],
  'the ephemeral model that it looks at': [{ 'models/large.sql': large(3) }, ['large_range']],
};

for (const [what, [changed, expected]] of Object.entries(changes))
  test(`${what}: the test that it is part of is asked again, and no other`, async () => {
    shop.write(changed);
    expect(await asked()).toEqual(expected);
    shop.write(files);
    expect(await asked()).toEqual(expected);
    expect(await asked()).toEqual([]);
  });

test('a variable of the environment that is set: the test that asked for it is asked again', async () => {
  expect(await asked({ MOST: '10' })).toEqual(['below_env']);
  expect(await asked()).toEqual(['below_env']);
  expect(await asked()).toEqual([]);
});

test('a macro that nobody calls changes no question', async () => {
  shop.write({ 'macros/limits.sql': files['macros/limits.sql'].replace('nobody_calls() %}1', 'nobody_calls() %}2') });
  expect(await asked()).toEqual([]);
});

test('what its answer hangs on besides rows and words is not known, so it is asked every time', async () => {
  const moving = {
    'tests/of_clock.sql': "select * from {{ ref('orders') }} where get_current_timestamp() < timestamp '2000-01-01'",
    'tests/of_file.sql': "select * from read_csv('limits.csv') as limits where most < 0",
    'limits.csv': 'most\n1\n',
  };
  shop.write(moving);
  await asked();
  expect(await asked()).toEqual(['of_clock', 'of_file']);
  shop.write({ 'limits.csv': 'most\n-1\n' });
  expect((await shop.dql('build')).code).toBe(1);
  shop.write(Object.fromEntries(Object.keys(moving).map((path) => [path, null])));
});

test('the SQL of a verdict that was kept is among the artifacts, by the names that readers know', async () => {
  const nothing = { compiled: false, compiled_code: null };
  const written = (id: string) => {
    const { nodes } = JSON.parse(shop.read('target/manifest.json'));
    const { results } = JSON.parse(shop.read('target/run_results.json'));
    const result = results.find((each: { readonly unique_id: string }) => each.unique_id === id) ?? nothing;
    const file = shop.read(
      `target/compiled/shop/${id.endsWith('plain') ? 'tests' : 'models/_models.yml'}/${nodes[id].name}.sql`,
    );
    return { manifest: nodes[id].compiled_code, result: result.compiled_code, file: file.trimEnd() };
  };
  const same = (sql: string) => ({ manifest: sql, result: sql, file: sql });
  const ids = JSON.parse(shop.read('target/manifest.json')).parent_map;
  const notNull = Object.keys(ids).find((id) => id.includes('.not_null_orders_amount.')) ?? '';
  const expected: Readonly<Record<string, string>> = {
    'test.shop.plain': 'select * from "shop"."main"."orders" where amount > 90',
    [notNull]: 'select "amount", * exclude ("amount")\nfrom "shop"."main"."orders"\nwhere "amount" is null',
  };
  // As on a machine of CI: the warehouse is kept, the checkout is new.
  rmSync(join(shop.folder, 'target'), { recursive: true });
  expect((await shop.dql('build')).code).toBe(0);
  for (const [id, sql] of Object.entries(expected)) expect(written(id)).toEqual(same(sql));
  // And when nothing is as much as looked up.
  expect((await shop.dql('build')).code).toBe(0);
  for (const [id, sql] of Object.entries(expected)) expect(written(id)).toEqual(same(sql));
  expect((await shop.dql('docs', 'generate')).code).toBe(0);
  const { nodes } = JSON.parse(shop.read('target/manifest.json'));
  for (const [id, sql] of Object.entries(expected)) expect(nodes[id].compiled_code).toBe(sql);
});
