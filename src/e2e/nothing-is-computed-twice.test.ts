/** Promise 4: what did not change is not computed again, counted in the nodes and tests that are really executed. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Ended, executed, resultOf, type StoryProject, storyProject } from '../testing/story-project.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const orders = (name: string) => `select id, country, ${name} as customer, amount
from (values (1, 'NL', 'Ada', 10), (2, 'NL', 'Grace', 20), (3, 'DE', 'Emmy', 30)) as rows (id, country, name, amount)`;

const tests = (countries: string) => `models:
  - name: orders
    config: { materialized: table }
    columns:
      - name: id
        data_tests: [unique, not_null]
      - name: country
        data_tests:
          - accepted_values: { arguments: { values: [${countries}] } }
  - name: by_country
    config: { materialized: table }
    columns: [{ name: country, data_tests: [unique] }]
`;

const ALL = [
  'accepted_values_orders_country__NL__DE',
  'by_country',
  'customers',
  'not_null_orders_id',
  'orders',
  'report',
  'unique_by_country_country',
  'unique_orders_id',
];

let shop: StoryProject;
let last: Ended;
const build = async (...words: readonly string[]): Promise<readonly string[]> => {
  last = await shop.dql('build', ...words);
  expect(last.code, last.stderr + last.stdout).toBe(0);
  return executed(last);
};

beforeAll(async () => {
  shop = storyProject({
    'models/orders.sql': orders('name'),
    'models/_models.yml': tests('NL, DE'),
    'models/by_country.sql': "select country, sum(amount) as amount from {{ ref('orders') }} group by country",
    'models/customers.sql': "{{ config(materialized='table') }}\nselect distinct customer from {{ ref('orders') }}",
    'models/report.sql': "{{ config(materialized='table') }}\nselect max(amount) as best from {{ ref('by_country') }}",
  });
  expect(await build()).toEqual(ALL);
});
afterAll(() => shop.remove());

test('a second build executes nothing', async () => {
  expect(await build()).toEqual([]);
  expect(resultOf(last, 'orders')).toMatchObject({ status: 'reused', meta: { dql: { reason: 'unchanged' } } });
});

test('a comment, other spaces and other capitals rebuild nothing', async () => {
  shop.write({
    'models/orders.sql': `-- every order\n${orders('name').replace('select', 'SELECT  \n ').replace('from', '/* here */ FROM')}\n`,
  });
  expect(await build()).toEqual([]);
});

test('a changed column rebuilds only the models that read it', async () => {
  shop.write({ 'models/orders.sql': orders('upper(name)') });
  expect(await build()).toEqual([
    'accepted_values_orders_country__NL__DE',
    'customers',
    'not_null_orders_id',
    'orders',
    'unique_orders_id',
  ]);
  expect(await shop.query('select min(customer) from main.customers')).toEqual([['ADA']]);
});

test('other code with the same rows stops where it is', async () => {
  shop.write({ 'models/orders.sql': orders('upper(trim(name))') });
  expect(await build()).toEqual(['orders']);
  expect(resultOf(last, 'orders').meta.dql.reason).toMatch(/same rows/);
  expect(await build()).toEqual([]);
});

test('a changed test is the only thing that runs', async () => {
  shop.write({ 'models/_models.yml': tests('NL, DE, FR') });
  expect(await build()).toEqual(['accepted_values_orders_country__NL__DE__FR']);
});

test('--force computes everything, as dbt does', async () => {
  expect(await build('--force')).toEqual(ALL.map((name) => name.replace('NL__DE', 'NL__DE__FR')));
});

test('a model that asks the clock is built every time, and what reads equal rows of it is not', async () => {
  shop.write({
    'models/months.sql': "{{ config(materialized='table') }}\nselect date_trunc('century', now())::date as century",
    'models/centuries.sql': "{{ config(materialized='table') }}\nselect count(*) as centuries from {{ ref('months') }}",
  });
  expect(await build()).toEqual(['centuries', 'months']);
  expect(await build()).toEqual(['months']);
  expect(resultOf(last, 'months').meta.dql.reason).toMatch(/not deterministic.*now/);
});

test('a model whose hook writes random values into it is built every time, one whose hook logs elsewhere is not', async () => {
  const hooked = (hook: string) =>
    `{{ config(materialized='table', post_hook="${hook}") }}\nselect 0.5::double as share`;
  shop.write({
    'macros/shuffled.sql': '{% macro shuffled(relation) %}update {{ relation }} set share = random(){% endmacro %}',
    'models/drawn.sql': hooked('{{ shuffled(this) }}'),
    'models/logged.sql': hooked("create or replace table main.log as select '{{ this }}' as built, now() as at"),
  });
  expect(await build()).toEqual(['drawn', 'logged', 'months']);
  expect(await build()).toEqual(['drawn', 'months']);
  expect(resultOf(last, 'drawn').meta.dql.reason).toContain('a hook writes values into it');
  shop.write({ 'macros/shuffled.sql': null, 'models/drawn.sql': null, 'models/logged.sql': null });
});

test('the time and the id of the run are inputs, and so are answers of the warehouse', async () => {
  shop.write({
    'models/months.sql': null,
    'models/centuries.sql': null,
    'models/stamp.sql': "{{ config(materialized='table') }}\nselect '{{ run_started_at }}' as at",
    'models/run.sql': "{{ config(materialized='table') }}\nselect '{{ invocation_id }}' as id",
    'models/best.sql': `{{ config(materialized='table') }}
{% set best = run_query('select max(amount) from ' ~ ref('by_country')) %}
select {{ best.columns[0].values()[0] if execute else 0 }} as best`,
    'models/lucky.sql': `{{ config(materialized='table') }}
{% set best = run_query('select max(amount) from ' ~ ref('by_country')) %}
select {{ best.columns[0].values()[0] if execute else 0 }} + random() as best`,
  });
  expect(await build()).toEqual(['best', 'lucky', 'run', 'stamp']);
  expect(await build()).toEqual(['lucky', 'run', 'stamp']);
  expect(resultOf(last, 'best')).toMatchObject({ status: 'reused', meta: { dql: { reason: 'unchanged' } } });
  expect(resultOf(last, 'stamp').meta.dql.reason).toMatch(/reads the time of the run/);
  shop.write({ 'models/orders.sql': orders('upper(trim(name))').replace('30)', '90)') });
  expect(await build()).toEqual(expect.arrayContaining(['best', 'by_country']));
  expect(await shop.query('select best::int from main.best')).toEqual([[90]]);
});
