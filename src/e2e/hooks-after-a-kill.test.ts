/** A build that is killed before its post-hooks have run is not taken over: whatever is published had its hooks. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { killBefore } from '../testing/kill-before.ts';
import { executed, type StoryProject, storyProject } from '../testing/story-project.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const hook = "config(post_hook=\"update {{ this }} set checked = '{{ var('by', 'nobody') }}'\"";
const models = ['payments', 'customers', 'countries', 'prices'];

let shop: StoryProject;
beforeAll(async () => {
  shop = storyProject({
    'models/customers.sql': `{{ ${hook}, materialized='table') }}\nselect 1 as id, 'Ada' as name, '' as checked`,
    'models/payments.sql': `{{ ${hook}, materialized='incremental', unique_key='id') }}\nselect {{ var('day', 1) }} as id, '' as checked`,
    'snapshots/prices.sql': `{% snapshot prices %}{{ ${hook}, strategy='check', unique_key='id', check_cols=['price']) }}
select 1 as id, {{ var('day', 1) }} as price, '' as checked
{% endsnapshot %}`,
    'seeds/countries.csv': 'id,checked\n1,-\n',
    'seeds/_seeds.yml': `seeds:\n  - name: countries\n    config: { post_hook: "update {{ this }} set checked = '{{ var('by', 'nobody') }}'" }\n`,
  });
});
afterAll(() => shop.remove());

test.each([1, 2, 3, 4])('killed before hook %i', async (nth) => {
  const vars = ['--vars', `{by: run${nth}, day: ${nth}}`];
  // Everything is built anew each time: the hook's text is part of the code.
  const killed = await killBefore(
    shop,
    { statement: /^update \S+ set checked/, nth },
    'build',
    '--threads',
    '1',
    ...vars,
  );
  expect(killed.code, killed.stdout).toBe(null);
  const next = await shop.dql('build', ...vars);
  expect(next.code, next.stderr + next.stdout).toBe(0);
  for (const model of models)
    expect(await shop.query(`select distinct checked from main.${model} where id is not null`), model).toEqual([
      [`run${nth}`],
    ]);
  expect(executed(next).length).toBeGreaterThan(0);
  expect(await shop.query("from _dql.ledger_versions where state = 'building'")).toEqual([]);
  expect(executed(await shop.dql('build', ...vars))).toEqual([]);
});
