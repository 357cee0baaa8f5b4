import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { compilerFrom } from '../testing/compiler-from.ts';

const ORDERS = { 'seeds/raw_orders.csv': 'id,status\n1,placed\n' };

/** The manifest of a project without any diagnostics. */
function manifestOf(files: Readonly<Record<string, string>>, options: Parameters<typeof compilerFrom>[1] = {}) {
  const { compiler, diagnostics } = compilerFrom(files, options);
  expect(diagnostics).toEqual([]);
  return compiler.manifest;
}

test("generic tests have dbt's ids, names, edges and metadata", () => {
  const { nodes, child_map } = manifestOf({
    ...ORDERS,
    'models/orders.sql': "select * from {{ ref('raw_orders') }}",
    'models/marts/schema.yml': `models:
  - name: orders
    columns:
      - name: id
        config: {tags: [key]}
        data_tests:
          - not_null
          - relationships: {arguments: {to: ref('raw_orders'), field: id}, config: {severity: warn, where: "id > 0"}}
      - name: status
        data_tests:
          - accepted_values:
              values: [placed, shipped, completed, return_pending, returned]
`,
  });
  const tests = Object.values(nodes).filter((node) => node.resource_type === 'test');
  expect(tests.map(({ unique_id, alias, path, fqn }) => ({ unique_id, alias, path, fqn }))).toMatchInlineSnapshot(`
    [
      {
        "alias": "not_null_orders_id",
        "fqn": [
          "shop",
          "marts",
          "not_null_orders_id",
        ],
        "path": "not_null_orders_id.sql",
        "unique_id": "test.shop.not_null_orders_id.84ef11d8fe",
      },
      {
        "alias": "relationships_orders_id__id__ref_raw_orders_",
        "fqn": [
          "shop",
          "marts",
          "relationships_orders_id__id__ref_raw_orders_",
        ],
        "path": "relationships_orders_id__id__ref_raw_orders_.sql",
        "unique_id": "test.shop.relationships_orders_id__id__ref_raw_orders_.86b40383a9",
      },
      {
        "alias": "accepted_values_orders_1ce6ab157c285f7cd2ac656013faf758",
        "fqn": [
          "shop",
          "marts",
          "accepted_values_orders_status__placed__shipped__completed__return_pending__returned",
        ],
        "path": "accepted_values_orders_1ce6ab157c285f7cd2ac656013faf758.sql",
        "unique_id": "test.shop.accepted_values_orders_status__placed__shipped__completed__return_pending__returned.be6b5b5ec3",
      },
    ]
  `);
  const [notNull, relationships] = tests;
  expect(notNull).toMatchObject({
    attached_node: 'model.shop.orders',
    column_name: 'id',
    file_key_name: 'models.orders',
    tags: ['key'],
    original_file_path: 'models/marts/schema.yml',
    test_metadata: {
      name: 'not_null',
      namespace: null,
      kwargs: { column_name: 'id', model: "{{ get_where_subquery(ref('orders')) }}" },
    },
    config: { severity: 'ERROR', schema: 'dbt_test__audit', materialized: 'test' },
    schema: 'main_dbt_test__audit',
    relation_name: null,
  });
  expect(relationships).toMatchObject({
    config: { severity: 'warn', where: 'id > 0' },
    refs: [
      { name: 'raw_orders', package: null, version: null },
      { name: 'orders', package: null, version: null },
    ],
    depends_on: { nodes: ['seed.shop.raw_orders', 'model.shop.orders'] },
  });
  expect(child_map['model.shop.orders']).toHaveLength(3);
});

test('a test of the project goes before a built-in one of the same name', () => {
  const { compiler } = compilerFrom({
    ...ORDERS,
    'tests/generic/not_null.sql':
      '{% test not_null(model, column_name, share=1) %}select * from {{ model }} where {{ column_name }} is null -- {{ share }}{% endtest %}',
    'seeds/schema.yml': `seeds:
  - name: raw_orders
    config: {where: ignored}
    columns:
      - name: id
        data_tests:
          - unique
          - not_null: {arguments: {share: "{{ 1 + 1 }}"}, config: {where: id > 0}}
`.replace('    config: {where: ignored}\n', ''),
  });
  const outcomes = Object.values(compiler.manifest.nodes)
    .filter((node) => node.resource_type === 'test')
    .map((node) => compiler.compileNode(node.unique_id));
  expect(outcomes).toMatchObject([
    {
      kind: 'check',
      name: 'unique',
      columnName: 'id',
      relation: '"shop"."main"."raw_orders"',
      where: null,
      kwargs: {},
    },
    {
      kind: 'compiled',
      sql: 'select * from (select * from "shop"."main"."raw_orders" where id > 0) dbt_subquery where id is null -- 2',
    },
  ]);
});

test('the macro of a test may configure it, also where dispatch leads, and read models; what is written beside the test wins', () => {
  const { nodes, child_map } = manifestOf({
    ...ORDERS,
    'models/calendar.sql': 'select 1 as day',
    'models/orders.sql': "select * from {{ ref('raw_orders') }}",
    'tests/generic/on_known_days.sql': `{% test on_known_days(model, column_name, most=0) %}
  {{ return(adapter.dispatch('test_on_known_days')(model, column_name, most)) }}
{% endtest %}
{% macro default__test_on_known_days(model, column_name, most) %}
  {{ config(severity='warn', fail_calc='sum(days)', error_if='> ' ~ most, tags=['calendar']) }}
  {% set calendar = ref('calendar') %}
  {% if not execute %}{{ return('') }}{% endif %}
  select count(*) as days from {{ model }} where {{ column_name }} not in (select day from {{ calendar }})
{% endmacro %}`,
    'models/schema.yml': `models:
  - name: orders
    columns:
      - name: id
        data_tests:
          - on_known_days
          - on_known_days: {name: strictly, arguments: {most: 3}, config: {severity: error}}
`,
  });
  const configs = Object.values(nodes)
    .filter((node) => node.resource_type === 'test')
    .map(({ name, config, depends_on }) => [name, config['severity'], config['error_if'], depends_on.nodes]);
  expect(configs).toEqual([
    ['on_known_days_orders_id', 'warn', '> 0', ['model.shop.orders', 'model.shop.calendar']],
    ['strictly', 'error', '> 3', ['model.shop.orders', 'model.shop.calendar']],
  ]);
  expect(Object.values(nodes).find(({ name }) => name === 'strictly')).toMatchObject({
    config: { fail_calc: 'sum(days)', tags: ['calendar'] },
    tags: ['calendar'],
  });
  expect(child_map['model.shop.calendar']).toHaveLength(2);
});

test('a check on an ephemeral model comes with the CTE it reads', () => {
  const { compiler } = compilerFrom({
    'models/days.sql': "{{ config(materialized='ephemeral') }}select 1 as day",
    'models/schema.yml': 'models: [{name: days, columns: [{name: day, data_tests: [not_null]}]}]',
  });
  const [id = ''] = Object.keys(compiler.manifest.nodes).filter((key) => key.startsWith('test.'));
  expect(compiler.compileNode(id)).toMatchObject({
    kind: 'check',
    relation: '__dbt__cte__days',
    ctes: [{ id: 'model.shop.days', name: '__dbt__cte__days', sql: 'select 1 as day' }],
  });
});

test('sources take identifier, freshness and files from their source, and their tests its name', () => {
  const manifest = manifestOf({
    'models/src.yml': `sources:
  - name: shop
    schema: "{{ var('raw_schema', 'raw') }}"
    loaded_at_field: loaded_at
    tags: [raw]
    freshness: {warn_after: {count: 1, period: day}}
    tables:
      - name: orders
        identifier: ORDERS
        columns: [{name: id, data_tests: [not_null]}]
      - name: events
        freshness: null
        external: {location: 'data/{name}.parquet'}
      - name: clicks
        config: {external_location: "read_csv('data/{name}.csv', header = true)"}
`,
    'models/orders.sql':
      "select * from {{ source('shop', 'orders') }} join {{ source('shop', 'events') }} using (id) join {{ source('shop', 'clicks') }} using (id)",
  });
  expect(manifest.sources['source.shop.shop.orders']).toMatchObject({
    schema: 'raw',
    identifier: 'ORDERS',
    relation_name: '"shop"."raw"."ORDERS"',
    loaded_at_field: 'loaded_at',
    tags: ['raw'],
    freshness: { warn_after: { count: 1, period: 'day' }, error_after: { count: null, period: null }, filter: null },
    fqn: ['shop', 'shop', 'orders'],
  });
  expect(manifest.sources['source.shop.shop.events']).toMatchObject({
    freshness: null,
    relation_name: "read_parquet('data/events.parquet')",
  });
  expect(Object.keys(manifest.nodes)[1]).toMatch(/^test\.shop\.source_not_null_shop_orders_id\.[0-9a-f]{10}$/);
  const { compiler } = compilerFrom({
    'models/src.yml': `sources: [{name: shop, tables: [{name: clicks, config: {external_location: "read_csv('data/{name}.csv', header = true)"}}]}]`,
    'models/clicks.sql': "select * from {{ source('shop', 'clicks') }}",
  });
  expect(compiler.compileNode('model.shop.clicks')).toMatchObject({
    sql: "select * from read_csv('data/clicks.csv', header = true)",
  });
});

const VERSIONED = {
  'models/orders_v1.sql': 'select 1 as id',
  'models/orders_new.sql': 'select 1 as id, 2 as total',
  'models/readers.sql': "select * from {{ ref('orders') }} join {{ ref('orders', v=1) }} using (id)",
  'models/schema.yml': `models:
  - name: orders
    description: All orders
    latest_version: 2
    columns:
      - {name: id, data_tests: [not_null]}
      - {name: total}
    versions:
      - v: 1
        columns: [{include: all, exclude: [total]}]
      - v: 2
        defined_in: orders_new
        description: With totals
`,
};

test('model versions are nodes of their own; a plain ref means the latest', () => {
  const { compiler, diagnostics } = compilerFrom(VERSIONED);
  expect(diagnostics).toEqual([]);
  const { nodes } = compiler.manifest;
  expect(nodes['model.shop.orders.v1']).toMatchObject({
    name: 'orders',
    alias: 'orders_v1',
    version: 1,
    latest_version: 2,
    fqn: ['shop', 'orders', 'v1'],
    description: 'All orders',
  });
  expect(Object.keys(nodes['model.shop.orders.v1']?.columns ?? {})).toEqual(['id']);
  expect(nodes['model.shop.orders.v2']).toMatchObject({
    description: 'With totals',
    alias: 'orders_v2',
    original_file_path: 'models/orders_new.sql',
  });
  expect(nodes['model.shop.readers']?.depends_on.nodes).toEqual(['model.shop.orders.v2', 'model.shop.orders.v1']);
  expect(compiler.compileNode('model.shop.readers')).toMatchObject({
    sql: 'select * from "shop"."main"."orders_v2" join "shop"."main"."orders_v1" using (id)',
  });
  expect(Object.keys(nodes).filter((id) => id.startsWith('test.'))).toEqual([
    expect.stringMatching(/^test\.shop\.not_null_orders_v1_id\./),
    expect.stringMatching(/^test\.shop\.not_null_orders_v2_id\./),
  ]);
  const unknown = compilerFrom({ ...VERSIONED, 'models/readers.sql': "select * from {{ ref('orders', v=3) }}" });
  expect(unknown.diagnostics).toMatchObject([{ code: 'compile/unknown-ref', hint: 'its versions are 1, 2' }]);
});

test('private models stay in their group', () => {
  const files = {
    'models/ledger.sql': 'select 1 as id',
    'models/books.sql': "select * from {{ ref('ledger') }}",
    'models/report.sql': "select * from {{ ref('ledger') }}",
    'models/schema.yml': `groups: [{name: finance, owner: {name: Ada}}]
models:
  - {name: ledger, config: {group: finance, access: private}}
  - {name: books, config: {group: finance}}
`,
  };
  const { compiler, diagnostics } = compilerFrom(files);
  expect(diagnostics).toMatchObject([{ code: 'compile/private-ref', at: { file: 'models/report.sql' } }]);
  expect(compiler.manifest.group_map).toEqual({ finance: ['model.shop.books', 'model.shop.ledger'] });
});

test('configuration comes from folders, property files and the file, the nearest winning', () => {
  const manifest = manifestOf({
    'project.yml': `name: shop
targets: {dev: {path: shop.duckdb}}
models:
  shop:
    +materialized: table
    +tags: [all]
    marts: {+schema: marts, +meta: {team: data}}
`,
    'models/marts/orders.sql': "{{ config(materialized='view', tags='file', meta={'tier': 1}) }}select 1 as id",
    'models/marts/schema.yml':
      'models: [{name: orders, config: {alias: all_orders, tags: [yaml], materialized: incremental}}]',
    'models/other.sql': 'select 1',
  });
  expect(manifest.nodes['model.shop.orders']).toMatchObject({
    config: { materialized: 'view', tags: ['all', 'yaml', 'file'], meta: { team: 'data', tier: 1 } },
    schema: 'main_marts',
    alias: 'all_orders',
    relation_name: '"shop"."main_marts"."all_orders"',
    tags: ['all', 'yaml', 'file'],
  });
  expect(manifest.nodes['model.shop.other']?.config.materialized).toBe('table');
});

test('generate_schema_name of the project decides about schemas, with the node at hand', () => {
  const files = {
    'models/staging/stg_orders.sql': "{{ config(schema='lake') }}select 1 as id",
    'macros/names.sql': `{% macro generate_schema_name(custom_schema_name, node) %}
  {% if custom_schema_name is none %}{{ target.schema }}{% else %}{{ node.fqn[1] }}_{{ custom_schema_name }}{% endif %}
{% endmacro %}`,
  };
  expect(manifestOf(files).nodes['model.shop.stg_orders']?.schema).toBe('staging_lake');
});

test('snapshots are blocks in files or entries in YAML', () => {
  const manifest = manifestOf({
    ...ORDERS,
    'snapshots/history.sql':
      "{% snapshot orders_history %}{{ config(strategy='check', unique_key='id', check_cols='all', target_schema='history') }}select * from {{ ref('raw_orders') }}{% endsnapshot %}",
    'snapshots/more.yml':
      "snapshots: [{name: status_history, relation: ref('raw_orders'), config: {strategy: check, unique_key: id, check_cols: [status]}}]",
  });
  expect(manifest.nodes['snapshot.shop.orders_history']).toMatchObject({
    fqn: ['shop', 'history', 'orders_history'],
    schema: 'history',
    config: { materialized: 'snapshot', strategy: 'check', check_cols: 'all' },
    depends_on: { nodes: ['seed.shop.raw_orders'] },
  });
  expect(manifest.nodes['snapshot.shop.status_history']).toMatchObject({
    raw_code: "select * from {{ ref('raw_orders') }}",
    depends_on: { nodes: ['seed.shop.raw_orders'] },
  });
});

test('exposures, unit tests and docs have their places', () => {
  const manifest = manifestOf({
    ...ORDERS,
    'models/orders.sql': "select * from {{ ref('raw_orders') }}",
    'models/docs.md': '# Words\n{% docs orders %}\nAll **orders**.\n{% enddocs %}',
    'models/schema.yml': `models: [{name: orders, description: "{{ doc('orders') }}"}]
exposures: [{name: weekly, type: dashboard, owner: {name: Ada}, depends_on: [ref('orders')]}]
unit_tests:
  - name: keeps_all
    model: orders
    given: [{input: ref('raw_orders'), rows: [{id: 1}]}]
    expect: {rows: [{id: 1}]}
`,
  });
  expect(manifest.nodes['model.shop.orders']).toMatchObject({
    description: 'All **orders**.',
    doc_blocks: ['doc.shop.orders'],
    patch_path: 'shop://models/schema.yml',
  });
  expect(manifest.exposures['exposure.shop.weekly']).toMatchObject({
    depends_on: { nodes: ['model.shop.orders'] },
    fqn: ['shop', 'weekly'],
  });
  expect(manifest.unit_tests['unit_test.shop.orders.keeps_all']).toMatchObject({
    depends_on: { nodes: ['model.shop.orders'] },
    given: [{ input: "ref('raw_orders')", rows: [{ id: 1 }], format: 'dict', fixture: null }],
  });
  expect(manifest.parent_map['unit_test.shop.orders.keeps_all']).toEqual(['model.shop.orders']);
});

test('disabled nodes are set aside, with their tests, and reading one is an error', () => {
  const files = {
    'models/old.sql': '{{ config(enabled=false) }}select 1 as id',
    'models/schema.yml': 'models: [{name: old, columns: [{name: id, data_tests: [unique]}]}]',
  };
  const manifest = manifestOf(files);
  expect(Object.keys(manifest.nodes)).toEqual([]);
  expect(Object.keys(manifest.disabled)).toEqual([
    'model.shop.old',
    expect.stringMatching(/^test\.shop\.unique_old_id/),
  ]);
  const reading = compilerFrom({ ...files, 'models/new.sql': "select * from {{ ref('old') }}" });
  expect(reading.diagnostics).toMatchObject([{ code: 'compile/disabled-ref', at: { file: 'models/new.sql' } }]);
});

test('packages keep their names apart: two-argument refs, namespaced macros, dispatch', () => {
  const { compiler, diagnostics } = compilerFrom({
    'project.yml': `name: shop
targets: {dev: {path: shop.duckdb}}
dispatch: [{macro_namespace: tools, search_order: [shop, tools]}]
`,
    'dbt_packages/tools/dbt_project.yml': 'name: tools\nmodels: {tools: {+materialized: table, +schema: tools}}\n',
    'dbt_packages/tools/models/days.sql': "select {{ plus_one('1') }} as day",
    'dbt_packages/tools/macros/plus.sql': `{% macro plus_one(x) %}{{ return(adapter.dispatch('plus_one', 'tools')(x)) }}{% endmacro %}
{% macro default__plus_one(x) %}{{ x }} + 1{% endmacro %}
{% macro wide() %}{{ narrow() }}{% endmacro %}
{% macro narrow() %}from tools{% endmacro %}`,
    'models/days.sql': "select * from {{ ref('tools', 'days') }} -- {{ tools.wide() }} {{ tools.plus_one(2) }}",
    'macros/own.sql': '{% macro duckdb__plus_one(x) %}{{ x }} plus one{% endmacro %}',
  });
  expect(diagnostics).toEqual([]);
  expect(compiler.manifest.nodes['model.tools.days']?.config.materialized).toBe('table');
  expect(compiler.manifest.nodes['model.shop.days']?.depends_on.nodes).toEqual(['model.tools.days']);
  expect(compiler.compileNode('model.shop.days')).toMatchObject({
    sql: 'select * from "shop"."main_tools"."days" -- from tools 2 plus one',
  });
  expect(compiler.manifest.macros['macro.tools.plus_one']?.depends_on.macros).toEqual(['macro.shop.duckdb__plus_one']);
});

test('what property files render is checked again, and texts become what their keys want', () => {
  const files = {
    'models/orders.sql': 'select 1 as id',
    'models/schema.yml': `models:
  - name: orders
    config: {enabled: "{{ env_var('WITH_ORDERS') }}", materialized: "{{ var('kind') }}"}
    columns: [{name: id, data_tests: [{not_null: {config: {where: "id > {{ var('first') }}"}}}]}]
`,
  };
  const manifest = manifestOf(files, { environment: { WITH_ORDERS: 'true' }, vars: { kind: 'table', first: 3 } });
  expect(manifest.nodes['model.shop.orders']?.config).toMatchObject({ enabled: true, materialized: 'table' });
  expect(Object.values(manifest.nodes)[1]?.config['where']).toBe('id > 3');
  const wrong = compilerFrom(files, { environment: { WITH_ORDERS: 'perhaps' }, vars: { kind: 'table', first: 3 } });
  expect(wrong.diagnostics).toMatchObject([{ severity: 'error', at: { file: 'models/schema.yml' } }]);
});

test('an unknown key in config() is refused with what was meant', () => {
  const { diagnostics } = compilerFrom({ 'models/orders.sql': "{{ config(materialised='table') }}select 1 as id" });
  expect(diagnostics).toMatchObject([
    { severity: 'error', at: { file: 'models/orders.sql', start: 3 }, hint: expect.stringContaining('materialized') },
  ]);
});

test('a model and a seed of one name are an error', () => {
  const { diagnostics } = compilerFrom({ ...ORDERS, 'models/raw_orders.sql': 'select 1 as id' });
  expect(diagnostics).toMatchObject([
    {
      code: 'compile/duplicate-name',
      message:
        '`raw_orders` (a model and a seed) is defined twice: in models/raw_orders.sql and in seeds/raw_orders.csv',
    },
  ]);
});

test('a column has all keys that dbt’s has, for macros that read them from graph', () => {
  const { compiler } = compilerFrom({
    'models/days.sql': 'select 1 as day',
    'models/shop.md': '{% docs day %}A day.{% enddocs %}',
    'models/shop.yml': `models:
  - name: days
    columns: [{name: day, description: "{{ doc('day') }}", config: {tags: [time]}}, {name: night}]
`,
  });
  const { columns } = compiler.manifest.nodes['model.shop.days'] ?? {};
  expect(columns?.['day']).toEqual({
    name: 'day',
    description: 'A day.',
    meta: {},
    data_type: null,
    constraints: [],
    quote: null,
    config: { meta: {}, tags: ['time'] },
    tags: ['time'],
    granularity: null,
    doc_blocks: ['doc.shop.day'],
  });
  expect(columns?.['night']).toMatchObject({ config: { meta: {}, tags: [] }, doc_blocks: [] });
});

test('who describes a seed among the models has its tests, and is told where the rest belongs', () => {
  const { compiler, diagnostics } = compilerFrom({
    'seeds/countries.csv': 'code\nde\n',
    'models/shop.yml':
      'models:\n  - name: countries\n    description: All of them.\n    columns: [{name: code, data_tests: [not_null]}]\n',
  });
  expect(diagnostics).toMatchObject([
    {
      code: 'compile/unused-properties',
      severity: 'warning',
      message: '`countries` is a seed and no model, so nothing but tests comes of these properties',
      hint: 'move the entry to `seeds:`',
    },
  ]);
  const { nodes } = compiler.manifest;
  expect(nodes['seed.shop.countries']).toMatchObject({ description: '', columns: {} });
  const tests = Object.values(nodes).filter(({ resource_type: type }) => type === 'test');
  expect(tests).toMatchObject([
    { name: 'not_null_countries_code', file_key_name: 'models.countries', attached_node: 'seed.shop.countries' },
  ]);
});

test('what a package’s model configures for another engine is no matter, and what nobody knows a warning', () => {
  const call = "{{ config(materialized='table', transient=true, grain='a day') }} select 1 as day";
  const installed = {
    'dbt_packages/tools/dbt_project.yml': 'name: tools\n',
    'dbt_packages/tools/models/days.sql': call,
  };
  expect(compilerFrom(installed).diagnostics).toMatchObject([
    { code: 'project/unknown-key-in-package', severity: 'warning', message: expect.stringContaining('`grain`') },
  ]);
  const own = compilerFrom({ 'models/days.sql': call }).diagnostics;
  expect(own.map(({ code, severity }) => `${code} ${severity}`).sort()).toEqual([
    'project/other-engine warning',
    'project/unknown-key error',
  ]);
});

test('checksums of files are those that dbt writes: of their text without blank ends', () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const { nodes } = compilerFrom({
    'models/days.sql': '\nselect 1 as day\n',
    'seeds/countries.csv': 'code\nde\n',
  }).compiler.manifest;
  expect(nodes['model.shop.days']?.checksum).toEqual({ name: 'sha256', checksum: sha256('select 1 as day') });
  expect(nodes['seed.shop.countries']?.checksum).toEqual({ name: 'sha256', checksum: sha256('code\nde') });
});

test('the semantic layer stands on models, and exposures on metrics, as in dbt; its descriptions are rendered', () => {
  const { parent_map, child_map, semantic_models } = manifestOf({
    ...ORDERS,
    'models/orders.sql': "select * from {{ ref('raw_orders') }}",
    'models/docs.md': '{% docs flow %}how orders *flow*{% enddocs %}',
    'models/metrics.yml': `semantic_models:
  - name: flow
    description: "{{ doc('flow') }}"
    model: ref('orders')
    measures: [{name: total, agg: count, expr: id}]
metrics:
  - {name: orders_total, type: simple, type_params: {measure: total}}
  - {name: share, type: ratio, type_params: {numerator: orders_total, denominator: {name: orders_total}}}
saved_queries:
  - {name: monthly, query_params: {metrics: [orders_total, share]}}
exposures:
  - {name: board, type: dashboard, owner: {name: Ada}, depends_on: [metric('share'), metric('unheard_of')]}
`,
  });
  expect(parent_map).toMatchObject({
    'semantic_model.shop.flow': ['model.shop.orders'],
    'metric.shop.orders_total': ['semantic_model.shop.flow'],
    'metric.shop.share': ['metric.shop.orders_total'],
    'saved_query.shop.monthly': ['metric.shop.orders_total', 'metric.shop.share'],
    'exposure.shop.board': ['metric.shop.share'],
  });
  expect(child_map['model.shop.orders']).toContain('semantic_model.shop.flow');
  expect(semantic_models['semantic_model.shop.flow']).toMatchObject({ description: 'how orders *flow*' });
});

test('what names a row: a constraint, else what tests say is unique and never null, unique, unique together', () => {
  const entries = {
    by_constraint:
      '{ constraints: [{ type: primary_key, columns: [b, a] }], columns: [{ name: c, data_tests: [unique] }] }',
    by_column:
      '{ columns: [{ name: a, constraints: [{ type: primary_key }] }, { name: c, data_tests: [unique, not_null] }] }',
    by_both: '{ columns: [{ name: a, data_tests: [unique] }, { name: b, data_tests: [not_null, unique] }] }',
    by_unique: '{ columns: [{ name: a, data_tests: [unique] }, { name: b, data_tests: [not_null] }] }',
    together:
      '{ data_tests: [unique_combination_of_columns: { arguments: { combination_of_columns: [a, b] } }], columns: [{ name: a, data_tests: [not_null] }] }',
    by_nothing: '{ columns: [{ name: a, data_tests: [not_null] }] }',
  };
  const { nodes } = manifestOf({
    'macros/together.sql':
      '{% test unique_combination_of_columns(model, combination_of_columns) %}select 1{% endtest %}',
    ...Object.fromEntries(Object.keys(entries).map((name) => [`models/${name}.sql`, 'select 1 as a, 2 as b, 3 as c'])),
    'models/models.yml': `models:\n${Object.entries(entries)
      .map(([name, entry]) => `  - { name: ${name}, ${entry.slice(2)}\n`)
      .join('')}`,
  });
  const keys = Object.keys(entries).map((name) => [name, nodes[`model.shop.${name}`]?.primary_key]);
  expect(Object.fromEntries(keys)).toEqual({
    by_constraint: ['b', 'a'],
    by_column: ['a'],
    by_both: ['b'],
    by_unique: ['a'],
    together: ['a', 'b'],
    by_nothing: [],
  });
});
