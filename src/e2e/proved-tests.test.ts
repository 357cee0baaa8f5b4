import { afterEach, expect, test, vi } from 'vitest';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

const open: TemporaryProject[] = [];
afterEach(() => {
  for (const project of open.splice(0)) project.close();
});

/** Customers of a shop, with a model of one row each, and tests that its SQL answers. */
function shop(files: Readonly<Record<string, string>> = {}): TemporaryProject {
  const project = temporaryProject({
    'seeds/orders.csv': 'id,customer,amount\n1,ada,10\n2,ada,\n3,bob,4\n3,bob,5\n',
    'models/customers.sql': `{{ config(materialized='table') }}
select customer, coalesce(sum(amount), 0) as spent, case when sum(amount) > 9 then 'high' else 'low' end as segment
from {{ ref('orders') }}
group by customer`,
    'models/latest.sql': `with numbered as (select *, row_number() over (partition by id order by amount desc) as nth from {{ ref('orders') }})
select * from numbered where nth = 1`,
    'models/shop.yml': `models:
  - name: customers
    columns:
      - name: customer
        data_tests: [unique, not_null]
      - name: spent
        data_tests: [not_null]
      - name: segment
        data_tests:
          - accepted_values: { arguments: { values: [high, low, churned] } }
  - name: latest
    columns:
      - name: id
        data_tests: [unique]
`,
    ...files,
  });
  open.push(project);
  return project;
}

const verdicts = async (project: TemporaryProject, words: string) =>
  Object.fromEntries(
    (await project.answer(words)).results
      .filter(({ unique_id }) => unique_id.startsWith('test.'))
      .map(({ unique_id, meta }) => [
        unique_id.split('.')[2]?.replace(/__.*/, ''),
        `${meta.dql.verdict} ${meta.dql.verdict === 'proved' ? meta.dql.because : ''}`.trim(),
      ]),
  );

test('what the SQL of a model makes true is proved while it is built, and asked of the rows by dql test', async () => {
  const project = shop();
  expect(await verdicts(project, 'build')).toEqual({
    accepted_values_customers_segment: 'proved every branch of its case is written down',
    not_null_customers_customer: 'pass',
    not_null_customers_spent: 'proved coalesce ends in a value',
    unique_customers_customer: 'proved group by customer',
    unique_latest_id: 'proved row_number() = 1 for each id',
  });
  expect(new Set(Object.values(await verdicts(project, 'test --force')))).toEqual(new Set(['pass']));
});

test('rows that a hook adds are not what the SQL says', async () => {
  const hooked = shop({
    'models/latest.sql': `{{ config(materialized='table', post_hook='insert into {{ this }} select * from {{ this }}') }}
select distinct id from {{ ref('orders') }}`,
  });
  expect(await verdicts(hooked, 'build --select +latest')).toEqual({ unique_latest_id: 'fail' });
});

test('where a macro could hide a function of the engine nothing is proved', async () => {
  const project = shop({
    'project.yml': `name: shop
target: dev
targets:
  dev: { path: shop.duckdb, schema: main, threads: 2 }
on-run-start: ["create or replace macro main.count(x) as null"]
`,
  });
  expect(new Set(Object.values(await verdicts(project, 'build')))).toEqual(new Set(['pass']));
});
