/** What a real project leaves in target/, against dbt's documented shapes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type * as z from 'zod';
import { catalogArtifact, manifestArtifact, runResultsArtifact, sourcesArtifact } from '../testing/artifact-schemas.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let shop: TemporaryProject;
beforeAll(() => {
  shop = temporaryProject({
    'project.yml': `name: shop
on-run-start: ["set threads = 2"]
target: dev
targets:
  dev: { path: shop.duckdb, schema: main, threads: 2 }
`,
    '.env': 'DBT_ENV_CUSTOM_ENV_TEAM=sales\n',
    'raw/visits.csv': 'id,loaded_at\n1,2024-01-01 10:00:00\n',
    'seeds/orders.csv':
      'id,customer,placed_at\n1,7,2024-01-01 10:00:00\n2,7,2024-01-02 11:00:00\n2,8,2024-01-02 12:00:00\n',
    'macros/money.sql': '{% macro money(column) %}({{ column }} / 100.0){% endmacro %}',
    'models/docs.md': '{% docs paid %}What was paid.{% enddocs %}',
    'analyses/all.sql': "select * from {{ ref('stg_orders') }}",
    'models/stg_orders.sql': "select *, {{ money('id') }} as amount from {{ ref('orders') }}",
    'models/big.sql': "{{ config(materialized='ephemeral') }} select * from {{ ref('stg_orders') }} where amount > 0",
    'models/sums_v1.sql':
      "{{ config(materialized='table') }} select customer, count(*)::int as orders from {{ ref('big') }} group by all",
    'models/sums_v2.sql':
      "{{ config(materialized='table') }} select customer, count(*)::int as orders from {{ ref('big') }} group by all",
    'models/days.sql': `{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='day', begin='2024-01-01', batch_size='day') }}
      select date_trunc('day', placed_at) as day, count(*) as orders from {{ ref('orders') }} group by all`,
    'models/visits.sql': "select * from {{ source('raw', 'visits') }}",
    'models/broken.sql': "select nothing from {{ ref('stg_orders') }}",
    'models/below.sql': "select * from {{ ref('broken') }}",
    'models/off.sql': '{{ config(enabled=false) }} select 1 as one',
    'snapshots/history.sql': `{% snapshot history %}{{ config(unique_key='id', strategy='check', check_cols='all') }}
      select distinct on (id) * from {{ ref('orders') }}{% endsnapshot %}`,
    'tests/assert_paid.sql': "{{ config(severity='warn') }} select * from {{ ref('stg_orders') }} where amount < 1",
    'selectors.yml': 'selectors: [{ name: nightly, definition: { method: tag, value: night } }]\n',
    'models/shop.yml': `groups: [{ name: sales, owner: { name: Ada, email: ada@example.com } }]
models:
  - name: stg_orders
    description: orders as they came
    config: { group: sales, tags: [night], meta: { owner: Ada } }
    columns:
      - { name: id, description: "{{ doc('paid') }}", data_tests: [not_null, { unique: { config: { severity: warn, store_failures: true } } }] }
  - name: sums
    latest_version: 2
    config: { contract: { enforced: true } }
    columns:
      - { name: customer, data_type: integer, constraints: [{ type: not_null }] }
      - { name: orders, data_type: integer }
    versions: [{ v: 1 }, { v: 2 }]
sources:
  - name: raw
    config: { freshness: { warn_after: { count: 1, period: day }, error_after: { count: 3, period: day } } }
    tables:
      - { name: visits, external: raw/visits.csv, config: { loaded_at_field: loaded_at }, columns: [{ name: id }] }
      - { name: gone, config: { loaded_at_field: loaded_at } }
exposures:
  - { name: weekly, type: dashboard, owner: { name: Ada }, depends_on: ["ref('sums', v=2)"] }
unit_tests:
  - name: amounts
    model: stg_orders
    given: [{ input: ref('orders'), rows: [{ id: 200 }] }]
    expect: { rows: [{ amount: 2.0 }] }
macros:
  - { name: money, description: cents to euros, arguments: [{ name: column, type: string }] }
`,
  });
});
afterAll(() => shop.close());

/** Checks a file of target/ and answers it. */
function artifact<S extends z.ZodType>(name: string, schema: S): z.infer<S> {
  const checked = schema.safeParse(JSON.parse(readFileSync(join(shop.folder, 'target', name), 'utf8')));
  if (checked.success) return checked.data;
  const wrong = checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`${name} is not as documented:\n${wrong.join('\n')}`);
}

const kinds = (statuses: readonly { readonly status: string }[]) => new Set(statuses.map(({ status }) => status));

test('run_results.json and manifest.json of a build with every kind of node and of result', async () => {
  expect((await shop.dql('build --now 2024-01-03T00:00:00Z')).code).toBe(1);
  const results = artifact('run_results.json', runResultsArtifact);
  expect(kinds(results.results)).toEqual(new Set(['success', 'error', 'skipped', 'pass', 'warn']));
  expect(results.args).toMatchObject({ which: 'build', invocation_command: 'dql build --now 2024-01-03T00:00:00Z' });
  expect(
    results.results.find(({ unique_id }) => unique_id === 'model.shop.days')?.batch_results?.successful,
  ).toHaveLength(2);
  const manifest = artifact('manifest.json', manifestArtifact);
  expect(manifest.metadata).toMatchObject({ project_name: 'shop', adapter_type: 'duckdb', env: { TEAM: 'sales' } });
  expect(new Set(Object.values(manifest.nodes).map((node) => node.resource_type))).toEqual(
    new Set(['model', 'seed', 'snapshot', 'test', 'analysis', 'operation']),
  );
  for (const part of [
    'sources',
    'macros',
    'docs',
    'exposures',
    'groups',
    'unit_tests',
    'disabled',
    'selectors',
  ] as const)
    expect(Object.keys(manifest[part] ?? {}), part).not.toEqual([]);
  expect(manifest.metadata.invocation_id).toBe(results.metadata.invocation_id);
  const known = new Set([...Object.keys(manifest.nodes), ...Object.keys(manifest.unit_tests)]);
  expect(results.results.filter(({ unique_id }) => !known.has(unique_id))).toEqual([]);

  expect((await shop.dql('build --exclude broken below --now 2024-01-03T00:00:00Z')).code).toBe(0);
  expect(kinds(artifact('run_results.json', runResultsArtifact).results)).toContain('reused');
});

test('sources.json, fresh, old and unmeasurable', async () => {
  expect((await shop.dql('source freshness --now 2024-01-02T12:00:00Z')).code).toBe(1);
  const { results } = artifact('sources.json', sourcesArtifact);
  expect(kinds(results)).toEqual(new Set(['warn', 'runtime error']));
});

test('catalog.json has what was built and what was read', async () => {
  const told = await shop.dql('docs generate');
  expect(told.code, told.stderr).toBe(0);
  const catalog = artifact('catalog.json', catalogArtifact);
  expect(catalog.nodes['model.shop.sums.v2']).toMatchObject({
    metadata: { schema: 'main', name: 'sums_v2' },
    columns: { customer: { type: 'INTEGER', index: 1 } },
  });
  expect(Object.keys(catalog.sources)).toContain('source.shop.raw.visits');
});

test('a snapshot and tests that are written in one file each leave SQL of their own, whatever an earlier run left there', async () => {
  const people = temporaryProject({
    'seeds/people.csv': 'id,name\n1,Ada\n',
    'snapshots/people.yml': `snapshots:
  - name: history
    relation: ref('people')
    config: { strategy: check, unique_key: id, check_cols: all }
    columns: [{ name: name, data_tests: [not_null] }]
`,
    'target/compiled/shop/snapshots/people.yml': 'left by an earlier dql',
  });
  try {
    const told = await people.dql('build');
    expect(told.code, told.stderr).toBe(0);
    const compiled = (name: string) =>
      readFileSync(join(people.folder, 'target/compiled/shop/snapshots/people.yml', name), 'utf8');
    expect(compiled('history.sql')).toContain('"people"');
    expect(compiled('not_null_history_name.sql')).toContain('is null');
  } finally {
    people.close();
  }
});
