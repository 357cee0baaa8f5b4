/** Hooks whose macros ask the warehouse while they are rendered, as packages that write the project's graph into tables do. */
import { afterEach, expect, test, vi } from 'vitest';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 60_000 });

let open: TemporaryProject | undefined;
afterEach(() => open?.close());

const FILES = {
  'macros/graph.sql': `{% macro insert_nodes(relation) %}
  {% for node in graph.nodes.values() if node.resource_type == 'model' %}
    {% call statement('insert') %}insert into {{ relation }} values ('{{ node.name }}', '{{ node.access | default('') }}'){% endcall %}
  {% endfor %}
  {% for node in graph.nodes.values() if node.resource_type == 'seed' %}
    {% call statement('insert') %}insert into {{ relation }} values ('{{ node.name }}', '{{ node.access | default('') }}'){% endcall %}
  {% endfor %}
  {% for metric in graph.metrics.values() %}
    {% call statement('insert') %}insert into {{ relation }} values ('{{ metric.name }}', '{{ metric.type_params.numerator | tojson }}'){% endcall %}
  {% endfor %}
{% endmacro %}`,
  'models/nodes.sql': `{{ config(materialized='table', post_hook="{{ insert_nodes(this) }}") }}
select ''::varchar as name, ''::varchar as said where false`,
  'models/names.sql': "{{ config(materialized='table') }} select name from {{ ref('nodes') }}",
  'seeds/codes.csv': 'code\n1\n',
  'models/metrics.yml': `semantic_models:
  - { name: names, model: ref('names'), measures: [{ name: total, agg: count }] }
metrics:
  - { name: many, label: Many, type: simple, type_params: { measure: total } }
`,
};

test('they see the node that was built, once, and it is built anew in each run', async () => {
  open = temporaryProject(FILES);
  expect((await open.dql('build')).code).toBe(0);
  const said = () => open?.rows('select name, said from nodes order by name');
  // Only models have access.
  expect(await said()).toEqual([
    ['codes', ''],
    ['many', 'null'],
    ['names', 'protected'],
    ['nodes', 'protected'],
  ]);
  open.write('models/orders.sql', 'select 1 as id');
  const { results } = await open.answer('build');
  const status = (name: string) => results.find(({ unique_id }) => unique_id.endsWith(`.${name}`))?.status;
  expect([status('nodes'), status('names'), status('codes')]).toEqual(['success', 'success', 'reused']);
  expect(await open.rows('select count(*) from names')).toEqual([[5n]]);
  expect((await open.dql('plan')).stdout).toContain('a hook asks the warehouse');
});

test('one that fails fails its node, and nothing of it is published', async () => {
  open = temporaryProject({
    ...FILES,
    'macros/graph.sql': `{% macro insert_nodes(relation) %}{% do run_query('insert into ' ~ relation ~ ' values (1)') %}{% endmacro %}`,
  });
  const { results } = await open.answer('build');
  const nodes = results.find(({ unique_id }) => unique_id.endsWith('.nodes'));
  expect(nodes).toMatchObject({ status: 'error', message: expect.stringContaining('2 columns') });
  expect(await open.rows("select count(*) from duckdb_views() where view_name in ('nodes', 'names')")).toEqual([[0n]]);
});

test('one that drops what was built keeps it from readers, and the rest is published', async () => {
  open = temporaryProject({ 'seeds/codes.csv': 'code\n1\n', 'models/days.sql': 'select 1 as day' });
  expect((await open.dql('build')).code).toBe(0);
  open.write('models/codes.yml', `seeds: [{ name: codes, config: { post_hook: "drop table {{ this }}" } }]`);
  const { code, stderr } = await open.dql('build --force');
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('a hook dropped what was built') });
  expect(await open.rows('from codes')).toEqual([[1]]);
  expect((await open.dql('build')).stderr).not.toContain('bug');
});

test('one that writes to what readers see is told what makes that possible', async () => {
  const files = (publish: string) => ({
    'models/days.sql': `{{ config(materialized='table', publish='${publish}') }} select 1 as day`,
    'macros/add.sql': "{% macro add() %}{% do run_query('insert into main.days values (2)') %}{% endmacro %}",
  });
  open = temporaryProject(files('view'));
  expect((await open.dql('build')).code).toBe(0);
  const refused = await open.dql('run-operation add');
  expect([refused.code, refused.stdout + refused.stderr]).toEqual([1, expect.stringContaining('`publish: table`')]);
  open.close();
  open = temporaryProject(files('table'));
  expect((await open.dql('build')).code).toBe(0);
  expect((await open.dql('run-operation add')).code).toBe(0);
  expect(await open.rows('from days order by all')).toEqual([[1], [2]]);
});
