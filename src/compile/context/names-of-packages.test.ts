/** What packages of macros rely on when their macros, and those that a project puts in the place of dbt's, look up names. */
import { expect, test } from 'vitest';
import { compilerFrom } from '../../testing/compiler-from.ts';
import type { CompileRequest } from '../compile.ts';

const tools = (macros: string) => ({
  'dbt_packages/tools/dbt_project.yml': 'name: tools\n',
  'dbt_packages/tools/macros/tools.sql': macros,
});

function ordersOf(files: Readonly<Record<string, string>>, request: CompileRequest = {}): string {
  const { compiler, diagnostics } = compilerFrom(files);
  expect(diagnostics).toEqual([]);
  const outcome = compiler.compileNode('model.shop.orders', request);
  return outcome.kind === 'compiled' ? outcome.sql : JSON.stringify(outcome);
}

test('in a macro of a package, dbt’s names and the project’s macros count more than macros of the package itself', () => {
  const files = {
    ...tools(`{% macro model() %}{{ return(model.name) }}{% endmacro %}
{% macro current_timestamp() %}the package's{% endmacro %}
{% macro region() %}north{% endmacro %}
{% macro only_here() %}here{% endmacro %}
{% macro said() %}{{ tools.model() }} {{ current_timestamp() }} {{ region() }} {{ only_here() }}{% endmacro %}`),
    'macros/region.sql': '{% macro region() %}south{% endmacro %}',
    'models/orders.sql': "select '{{ tools.said() }}'",
  };
  expect(ordersOf(files)).toBe("select 'orders now() south here'");
});

test('a macro in the place of is_incremental() asks dbt’s own, which is among what the model depends on', () => {
  const files = {
    'macros/is_incremental.sql':
      "{% macro is_incremental() %}{{ return(var('whole', false) == false and dbt.is_incremental()) }}{% endmacro %}",
    'models/orders.sql':
      "{{ config(materialized='incremental') }}\nselect 1 as id{% if is_incremental() %} where false{% endif %}",
    'models/days.sql': "{{ config(materialized='incremental') }}\nselect {{ 1 if dbt.is_incremental() else 2 }} as day",
  };
  expect(ordersOf(files)).toBe('select 1 as id');
  expect(ordersOf(files, { isIncremental: true })).toBe('select 1 as id where false');
  const { nodes, macros } = compilerFrom(files).compiler.manifest;
  expect(nodes['model.shop.orders']?.depends_on.macros).toContain('macro.shop.is_incremental');
  expect(nodes['model.shop.days']?.depends_on.macros).toEqual(['macro.dbt.is_incremental']);
  expect(macros['macro.shop.is_incremental']?.depends_on.macros).toEqual(['macro.dbt.is_incremental']);
});

test('while the project is being read config.get() answers nothing, whatever is configured', () => {
  const files = {
    'models/days.sql': 'select 1 as day',
    'models/orders.sql': `{{ config(tags=['checked']) }}
{% if 'checked' in config.get('tags', ['checked']) %}{% if graph.nodes | length == 0 %}{{ exceptions.raise_compiler_error('too early') }}{% endif %}checked{% else %}{{ ref('days') }}{% endif %}`,
  };
  expect(ordersOf(files)).toBe('checked');
  expect(compilerFrom(files).compiler.manifest.nodes['model.shop.orders']).toMatchObject({
    tags: ['checked'],
    depends_on: { nodes: ['model.shop.days'] },
  });
});

test('while the project is being read model.config is what the project configures, and its entry and its own calls only afterwards', () => {
  const files = {
    'project.yml': 'name: shop\nmodels: { shop: { +materialized: table } }\ntargets: { dev: { path: shop.duckdb } }\n',
    'models/days.sql': 'select 1 as day',
    'models/orders.sql': `{{ config(materialized='incremental', meta={'late': true}) }}
{% if model.config.materialized == 'table' and model.config.meta == {} %}-- {{ ref('days') }} in {{ model.schema }}{% endif %}{{ model.config.materialized }}`,
  };
  expect(ordersOf(files)).toBe('incremental');
  expect(compilerFrom(files).compiler.manifest.nodes['model.shop.orders']?.depends_on.nodes).toEqual([
    'model.shop.days',
  ]);
});

test('what a macro writes into context is a name for the rest of the render', () => {
  const files = {
    ...tools(`{% macro keep(key, value) %}{% do context.update({key: value}) %}{% endmacro %}
{% macro kept(key) %}{{ return(context.get(key, 'nothing')) }}{% endmacro %}`),
    'models/orders.sql': `{% do tools.keep('day', 'monday') %}{% do context.update(region='north') -%}
select '{{ tools.kept('day') }} {{ context['region'] }} {{ context.pop('region') }} {{ tools.kept('region') }} {{ context.setdefault('tally', 3) }} {{ context.tally }} {{ 'day' in context }} {{ 'ref' in context.keys() }}'`,
    'models/days.sql': "select '{{ tools.kept('day') }}'",
  };
  expect(ordersOf(files)).toBe("select 'monday north north nothing 3 3 True True'");
  expect(compilerFrom(files).compiler.compileNode('model.shop.days')).toMatchObject({ sql: "select 'nothing'" });
});

test('adapter.dispatch() in the name of no package looks for the macro wherever there are macros', () => {
  const files = {
    'dbt_packages/tools/dbt_project.yml': 'name: tools\n',
    'dbt_packages/tools/macros/smaller.sql': `{% macro smaller(a, b) %}{{ return(adapter.dispatch('smaller', 'macros')(a, b)) }}{% endmacro %}
{% macro default__smaller(a, b) %}least({{ a }}, {{ b }}){% endmacro %}`,
    'dbt_packages/tools/models/days.sql':
      "select {{ tools.smaller('1', '2') }} as day, {{ adapter.dispatch('hash', 'nobody')('1') }} as key",
    'models/orders.sql': "select * from {{ ref('days') }}",
  };
  const { compiler, diagnostics } = compilerFrom(files);
  expect(diagnostics).toEqual([]);
  expect(compiler.compileNode('model.tools.days')).toMatchObject({
    sql: 'select least(1, 2) as day, md5(cast(1 as varchar)) as key',
  });
});

test('a model that is switched off may read variables that nobody gives', () => {
  const forecast = (enabled: boolean) => ({
    'models/forecast.sql': `{{ config(enabled=${enabled}) }} select * from {{ var('forecasts') }}`,
  });
  expect(compilerFrom(forecast(false)).diagnostics).toEqual([]);
  expect(compilerFrom(forecast(true)).diagnostics).toMatchObject([{ code: 'compile/unknown-var' }]);
});

test('a variable that is a template is rendered where it is read, with the names that are there', () => {
  const files = {
    'project.yml': `name: shop
targets: {dev: {path: shop.duckdb}}
vars:
  region: north
  place: "{{ var('region') }} of {{ this.identifier }}"
  began: '{{ run_started_at.astimezone(modules.pytz.timezone("UTC")).year }}'
  plain: {said: "{{ 1 }}"}
`,
    'models/orders.sql':
      "select '{{ var('place') }}' as place, {{ var('began') }} > 2000 as late, '{{ var('plain').said }}' as said",
  };
  expect(ordersOf(files)).toMatch(/^select 'north of orders' as place, \d{4} > 2000 as late, '\{\{ 1 \}\}' as said$/);
  expect(compilerFrom(files).compiler.compileNode('model.shop.orders')).toMatchObject({ readsTime: true });
});

test('macros that make relations say what dbt’s say', () => {
  const files = {
    'models/orders.sql': `{% set made, days = dbt.get_or_create_relation('shop', 'main', 'days', 'table') %}
{{ [made, days.type] | join(' ') }}
{{ dbt.get_create_table_as_sql(false, days, 'select 1') }}
{{ create_table_as(true, days, 'select 2') }}
{{ create_view_as(days, 'select 3') }}
{{ drop_table(days) }}`,
  };
  const { compiler } = compilerFrom(files);
  const asked = compiler.compileNode('model.shop.orders');
  if (asked.kind !== 'needs') throw new Error('it should ask whether the relation exists');
  const answers = [{ request: asked.request, answer: { kind: 'relation' as const, relation: null } }];
  const outcome = compiler.compileNode('model.shop.orders', { answers });
  expect(outcome.kind === 'compiled' && outcome.sql.replaceAll(/\s+/g, ' ')).toBe(
    'False table create table "shop"."main"."days" as ( select 1 ); create temporary table "days" as ( select 2 ); ' +
      'create view "shop"."main"."days" as ( select 3 ); drop table if exists "shop"."main"."days" cascade',
  );
});
