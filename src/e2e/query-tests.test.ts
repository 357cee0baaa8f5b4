/** Queries of failing rows take the options that every test takes: which rows are looked at, how many may fail, by what group. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Ended, type StoryProject, storyProject } from '../testing/story-project.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const files = {
  'project.yml': `name: post
target: dev
targets:
  dev: { path: shop.duckdb, schema: main, threads: 2 }
data_tests: { +where: no_such_column > 0 }
`,
  'data/carriers.csv': 'carrier,country\npost,UK\ncourier,FR\n',
  // Of 20 parcels the post loses its two, the courier two of ten.
  'models/parcels.sql': `{{ config(materialized='table') }}
select
  range as id, range < 4 as lost, 'person' || range % 3 || '@example.com' as email,
  case when range < 2 then 'post' when range < 12 then 'courier' else 'ship' end as carrier
from range(20)`,
  'models/lost.sql': "{{ config(materialized='ephemeral') }} select * from {{ ref('parcels') }} where lost",
  'models/_models.yml': `sources:
  - name: raw
    tables:
      - name: carriers
        external: { location: data/carriers.csv }
        columns:
          - name: country
            data_tests:
              - of_europe: { name: half_in_europe, config: { where: null, severity: warn, warn_if: '> 49%' } }
models:
  - name: parcels
    columns:
      - { name: email, config: { meta: { pii: true } } }
      - name: lost
        data_tests:
          - not_null: { config: { where: parcels.id >= 0 } }
          - not_true: { name: few_are_lost, config: { where: null, severity: warn, warn_if: '> 19%' } }
          - not_true: { name: few_by_carrier, config: { where: null, severity: warn, group_by: carrier, mostly: 0.8 } }
  - name: lost
    columns:
      - name: carrier
        data_tests:
          - not_post: { config: { where: null, severity: warn, warn_if: '>= 50%' } }
`,
  'tests/generic/own.sql': `{% test not_true(model, column_name) %}select * from {{ model }} where {{ column_name }}{% endtest %}
{% test not_post(model, column_name) %}select * from {{ model }} where {{ column_name }} = 'post'{% endtest %}
{% test of_europe(model, column_name) %}select * from {{ model }} where {{ column_name }} not in ('FR', 'DE'){% endtest %}`,
  'tests/share.sql': "{{ config(severity='warn', warn_if='> 19%') }}\nselect * from {{ ref('parcels') }} where lost",
  'tests/narrowed.sql':
    "{{ config(severity='warn', warn_if='> 49%', where='parcels.id < 8') }}\nselect * from {{ ref('parcels') }} where parcels.lost",
  'tests/narrowed_ephemeral.sql': `{{ config(severity='warn', where="carrier = 'post'") }}
select * from {{ ref('lost') }} as gone where gone.id >= 0`,
  'tests/of_two.sql': `{{ config(severity='warn', warn_if='> 50%', of="source('raw', 'carriers')") }}
select c.* from {{ ref('parcels') }} as p join {{ source('raw', 'carriers') }} as c using (carrier) where p.lost`,
  'tests/by_person.sql': `{{ config(severity='warn', group_by='who') }}
select carrier, email as who from {{ ref('parcels') }} where lost`,
  'tests/of_all.sql': "select * from {{ ref('parcels') }} where id < 0",
};

let post: StoryProject;
let built: Ended;
beforeAll(async () => {
  post = storyProject(files);
  built = await post.dql('build');
});
afterAll(() => post.remove());

const outcome = (name: string) => {
  const found = built.results?.results.find(({ unique_id }) => unique_id.split('.')[2] === name);
  return { status: found?.status, failures: found?.failures, message: found?.message, sample: found?.meta.dql.sample };
};

test.each([
  ['share', 4, 'Got 4 results, configured to warn if > 19%'],
  ['narrowed', 4, 'Got 4 results, configured to warn if > 49%'],
  ['narrowed_ephemeral', 2, 'Got 2 results, configured to warn if != 0'],
  ['of_two', 4, 'Got 4 results, configured to warn if > 50%'],
  ['few_are_lost', 4, 'Got 4 results, configured to warn if > 19%'],
  ['few_by_carrier', 1, 'Got 1 result, configured to warn if less than 80% hold'],
  ['not_post_lost_carrier', 2, 'Got 2 results, configured to warn if >= 50%'],
  ['half_in_europe', 1, 'Got 1 result, configured to warn if > 49%'],
])('%s warns', (name, failures, message) => {
  expect(outcome(name)).toMatchObject({ status: 'warn', failures, message });
});

test('groups are shown with how many fail, and of how many', () => {
  expect(outcome('few_by_carrier').sample).toMatchObject({
    columns: ['carrier', 'failures', 'considered'],
    rows: [['post', '2', '2']],
  });
});

test('a group that is personal data stays hidden, under whatever name', () => {
  const { sample } = outcome('by_person');
  expect(sample?.columns).toEqual(['who', 'failures']);
  expect(sample?.rows.map(([who]) => who)).toEqual(['•••', '•••', '•••']);
  expect(built.stdout + built.stderr).not.toContain('@example.com');
});

test('a project’s default `where` is for generic tests: queries of their own ignore it', () => {
  expect(outcome('of_all')).toMatchObject({ status: 'pass', failures: 0 });
  expect(built.code).toBe(0);
});

test('a `where` may call the relation by its name, whatever version of it is tested', () => {
  expect(outcome('not_null_parcels_lost')).toMatchObject({ status: 'pass', failures: 0 });
});

test('files in `checks/` are tests of the project’s own, generic ones too; in dbt’s projects they are other tools’', async () => {
  const tests = {
    'checks/no_ships.sql': 'select 1 as ship',
    'checks/generic/g.sql': '{% test g(model) %}select 1{% endtest %}',
  };
  const yml = { 'models/_.yml': 'models: [{ name: ports, data_tests: [g] }]\n', 'models/ports.sql': 'select 1 as id' };
  const own = storyProject({ 'project.yml': files['project.yml'], ...tests, ...yml });
  expect((await own.dql('ls', '--resource-type', 'test')).stdout).toMatch(/g_ports_[\s\S]*no_ships/);
  own.remove();
  const profile = 'post: { target: dev, outputs: { dev: { type: duckdb, path: shop.duckdb } } }';
  const dbts = storyProject({
    'dbt_project.yml': 'name: post\nprofile: post\n',
    'profiles.yml': profile,
    ...tests,
    'checks/soda.yml': 'checks for orders: [row_count > 0]',
    'models/ports.sql': 'select 1 as id',
  });
  dbts.write({ 'project.yml': null });
  expect((await dbts.dql('ls')).stdout.trim()).toBe('post.ports');
  dbts.remove();
});

test('compile prints what would run', async () => {
  expect((await post.dql('compile', '--select', 'narrowed')).stdout).toContain(
    'select * from (select * from "shop"."main"."parcels" where parcels.id < 8\n) as "parcels" where parcels.lost',
  );
  expect((await post.dql('compile', '--select', 'few_by_carrier')).stdout).toContain('count(*) as considered');
});

test('what nothing says the meaning of is refused where it is written, before anything is built', async () => {
  post.write({
    'tests/of_two.sql': files['tests/of_two.sql'].replace(/, of=.*?"\)/, ')'),
    'tests/share.sql': '{{ config(mostly=0.5) }}\nselect * from main.parcels',
    'tests/narrowed.sql': "{{ config(warn_if='> 1%', of='parcel') }}\nselect * from {{ ref('parcels') }}",
  });
  const { code, stderr } = await post.dql('build');
  expect(code).toBe(2);
  expect(stderr).toContain(
    'nothing says of which relation a percentage of this test speaks: it reads parcels and raw.carriers',
  );
  expect(stderr).toContain('name the one that is meant: `of: parcels`');
  expect(stderr).toContain('nothing says of which relation `mostly` of this test speaks: it reads none');
  expect(stderr).toContain('`of: parcel` names nothing that this test reads');
  expect(stderr).toContain('did you mean `parcels`?');
  post.write(files);
});
