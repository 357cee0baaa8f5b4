/** `publish: as_ready`: each node is published once it passed; the plan says which promise that gives up. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { resultOf, type StoryProject, storyProject } from '../testing/story-project.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const day = (number: number) => `select ${number} as day`;
const models = (number: number) => ({
  'models/early.sql': `{{ config(materialized='table', publish='table') }}\n${day(number)}`,
  'models/second.sql': `{{ config(materialized='table') }}\nselect day from {{ ref('early') }}`,
  'models/other.sql': `{{ config(materialized='table') }}\n${day(number)}`,
});
const forever =
  'select count(*) as day from range(1000000) as a, range(1000000) as b where hash(a.range, b.range) % 7 = 3';

let shop: StoryProject;
const days = (name: string) => shop.query(`select day from main.${name}`);

beforeAll(async () => {
  shop = storyProject({
    'project.yml':
      'name: shop\npublish: as_ready\ntarget: dev\ntargets:\n  dev: { path: shop.duckdb, schema: main, threads: 2 }\n',
    ...models(1),
    'models/late.sql': `{{ config(materialized='table') }}\nselect max(day) as day from {{ ref('second') }}`,
    'models/over.sql':
      "select early.day from {{ ref('early') }} as early, {{ ref('second') }} as second, {{ ref('other') }} as other",
    'models/_models.yml': 'models:\n  - name: other\n    columns: [{ name: day, data_tests: [not_null] }]\n',
  });
  const first = await shop.dql('build');
  expect(first.code, first.stderr + first.stdout).toBe(0);
});
afterAll(() => shop.remove());

test('the plan and the run say that promise 2 is given up', async () => {
  const plan = await shop.dql('plan');
  expect(plan.stdout + plan.stderr).toMatch(/promise 2/);
  const again = await shop.dql('build');
  expect(again.results?.meta.dql.warnings).toEqual([expect.objectContaining({ code: 'plan/publish-as-ready' })]);
});

test('what passed before an interruption is published, a failing node is not, and a view over several follows each of them', async () => {
  shop.write({
    ...models(2),
    'models/other.sql': "{{ config(materialized='table') }}\nselect null::int as day",
    'models/late.sql': `{{ config(materialized='table') }}\nselect (${forever}) as day from {{ ref('second') }}`,
  });
  const run = shop.start('build', '--exclude', 'over');
  while (!/not_null_other_day/.test(run.said()) || !/second/.test(run.said()))
    await new Promise((resolve) => setTimeout(resolve, 50));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  run.process.kill('SIGINT');
  const ended = await run.ended;
  expect(ended.code, ended.stderr).toBe(130);
  expect([await days('early'), await days('second'), await days('other'), await days('late')]).toEqual([
    [[2]],
    [[2]],
    [[1]],
    [[1]],
  ]);
  expect(await days('over')).toEqual([[2]]);
  expect(resultOf(ended, 'second').meta.dql.published).toBe(true);
});

test('a run that ends well leaves everything new, each relation once', async () => {
  shop.write({
    ...models(3),
    'models/late.sql': `{{ config(materialized='table') }}\nselect max(day) as day from {{ ref('second') }}`,
  });
  const ended = await shop.dql('build');
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
  for (const name of ['early', 'second', 'other', 'late', 'over']) expect(await days(name), name).toEqual([[3]]);
  expect(
    await shop.query(
      'select alias, count(*)::int from _dql.ledger_publications p join _dql.ledger_runs r using (run_id) join _dql.ledger_versions v using (relation, version) where r.sequence = (select max(sequence) from _dql.ledger_runs) group by alias having count(*) > 1',
    ),
  ).toEqual([]);
});
