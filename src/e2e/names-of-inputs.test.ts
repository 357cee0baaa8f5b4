import { afterEach, expect, test, vi } from 'vitest';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

let open: TemporaryProject | undefined;
afterEach(() => open?.close());

test('a model names its inputs as dbt’s models do, by their own names, in every way it can be built', async () => {
  open = temporaryProject({
    'raw/countries.csv': 'code,name\nDE,Germany\nFR,France\n',
    'models/sources.yml': 'sources:\n  - name: raw\n    tables: [{ name: countries, external: raw/countries.csv }]\n',
    'models/orders.sql':
      "select 1 as id, 'DE' as country, date '2024-01-01' as day union all select 2, 'FR', date '2024-01-02'",
    'models/orders.yml': 'models: [{ name: orders, config: { event_time: day } }]\n',
    'models/named.sql': `{{ config(materialized='table') }}
      select orders.id, countries.name from {{ ref('orders') }} -- of the shop
      join {{ source('raw', 'countries') }} on countries.code = orders.country`,
    'tests/assert_names.sql': "select named.id from {{ ref('named') }} where named.name is null",
  });
  expect(await open.dql('build')).toMatchObject({ code: 0 });
  expect(await open.rows('select * from named order by id')).toEqual([
    [1, 'Germany'],
    [2, 'France'],
  ]);
  expect(await open.dql('build --force --empty')).toMatchObject({ code: 0 });
  expect(await open.dql(['build', '--sample', '{start: 2024-01-02, end: 2024-01-03}'])).toMatchObject({ code: 0 });
  expect(await open.rows('select name from named')).toEqual([['France']]);
});
