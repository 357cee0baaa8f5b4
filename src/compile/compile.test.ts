import { expect, test } from 'vitest';
import type { Diagnostic } from '../core/diagnostic.ts';
import { compilerFrom } from '../testing/compiler-from.ts';
import type { CompileOutcome, CompileRequest } from './compile.ts';
import type { Answer, Asked } from './needs.ts';

const ORDERS = { 'seeds/raw_orders.csv': 'id,status\n1,placed\n' };

const codes = (diagnostics: readonly Diagnostic[]) => diagnostics.map(({ code }) => code);

/** SQL of a node that needs nothing from the warehouse. */
function sqlOf(files: Readonly<Record<string, string>>, id: string, request: CompileRequest = {}): string {
  const { compiler, diagnostics } = compilerFrom(files);
  expect(diagnostics).toEqual([]);
  const outcome = compiler.compileNode(id, request);
  if (outcome.kind !== 'compiled') throw new Error(JSON.stringify(outcome));
  return outcome.sql;
}

/** Answers needs in turn until the node is compiled. */
function compiledWith(
  files: Readonly<Record<string, string>>,
  id: string,
  answers: readonly Answer[],
): { readonly outcome: CompileOutcome; readonly asked: readonly Asked[] } {
  const { compiler, diagnostics } = compilerFrom(files);
  expect(diagnostics).toEqual([]);
  const asked: Asked[] = [];
  for (;;) {
    const outcome = compiler.compileNode(id, { answers: asked });
    if (outcome.kind !== 'needs') return { outcome, asked };
    const answer = answers[asked.length];
    if (answer === undefined) throw new Error(`nobody answers ${JSON.stringify(outcome.request)}`);
    asked.push({ request: outcome.request, answer });
  }
}

test('a ref becomes the quoted public name, and an edge', () => {
  const { compiler, diagnostics } = compilerFrom({
    ...ORDERS,
    'models/staging/stg_orders.sql': "select * from {{ ref('raw_orders') }}\n",
  });
  expect(diagnostics).toEqual([]);
  const node = compiler.manifest.nodes['model.shop.stg_orders'];
  expect(node).toMatchObject({
    fqn: ['shop', 'staging', 'stg_orders'],
    path: 'staging/stg_orders.sql',
    original_file_path: 'models/staging/stg_orders.sql',
    relation_name: '"shop"."main"."stg_orders"',
    refs: [{ name: 'raw_orders', package: null, version: null }],
    depends_on: { nodes: ['seed.shop.raw_orders'], macros: [] },
    raw_code: "select * from {{ ref('raw_orders') }}",
  });
  expect(compiler.graph.parents('model.shop.stg_orders')).toEqual(['seed.shop.raw_orders']);
  expect(compiler.manifest.child_map['seed.shop.raw_orders']).toEqual(['model.shop.stg_orders']);
  expect(compiler.compileNode('model.shop.stg_orders')).toMatchObject({
    kind: 'compiled',
    sql: 'select * from "shop"."main"."raw_orders"',
  });
});

test('a run prints staged names but answers public ones', () => {
  const files = {
    ...ORDERS,
    'models/orders.sql': "{% set r = ref('raw_orders') %}select '{{ r.identifier }}' as name from {{ r }}",
  };
  const relationOf = () => ({
    database: 'shop',
    schema: 'main',
    identifier: 'raw_orders',
    rendered: '"_dql"."raw_orders__7"',
  });
  expect(sqlOf(files, 'model.shop.orders', { relationOf })).toBe(
    `select 'raw_orders' as name from "_dql"."raw_orders__7"`,
  );
});

test('is_incremental() says what the run says', () => {
  const files = {
    ...ORDERS,
    'models/orders.sql':
      "{{ config(materialized='incremental') }}select * from {{ ref('raw_orders') }}{% if is_incremental() %} where id > (select max(id) from {{ this }}){% endif %}",
  };
  expect(sqlOf(files, 'model.shop.orders')).toBe('select * from "shop"."main"."raw_orders"');
  expect(sqlOf(files, 'model.shop.orders', { isIncremental: true })).toBe(
    'select * from "shop"."main"."raw_orders" where id > (select max(id) from "shop"."main"."orders")',
  );
});

test('ephemeral models become CTEs, before a WITH of the query itself and through each other', () => {
  const files = {
    ...ORDERS,
    'models/paid.sql': "{{ config(materialized='ephemeral') }}select * from {{ ref('raw_orders') }}",
    'models/late.sql': "{{ config(materialized='ephemeral') }}select * from {{ ref('paid') }}",
    'models/report.sql':
      "-- all late orders\nwith recursive days as (select 1 as n)\nselect * from {{ ref('late') }}, days",
    'models/plain.sql': "select * from {{ ref('late') }}",
  };
  expect(sqlOf(files, 'model.shop.report')).toBe(`-- all late orders
with recursive __dbt__cte__paid as (
select * from "shop"."main"."raw_orders"
), __dbt__cte__late as (
select * from __dbt__cte__paid
), days as (select 1 as n)
select * from __dbt__cte__late, days`);
  expect(sqlOf(files, 'model.shop.plain')).toMatch(/^with __dbt__cte__paid as \(/);
});

test('macros are called with the names of the node that uses them', () => {
  const files = {
    'macros/money.sql':
      '{% macro cents(column) %}({{ column }} / 100)::decimal(16, 2){% endmacro %}\n{% macro whoami() %}{{ this.name }}{% endmacro %}',
    'models/payments.sql': "select {{ cents('amount') }} as amount, '{{ whoami() }}' as model",
  };
  expect(sqlOf(files, 'model.shop.payments')).toBe(
    "select (amount / 100)::decimal(16, 2) as amount, 'payments' as model",
  );
  const { compiler } = compilerFrom(files);
  expect(compiler.manifest.nodes['model.shop.payments']?.depends_on.macros).toEqual([
    'macro.shop.cents',
    'macro.shop.whoami',
  ]);
});

test("dbt's cross-database macros are there, and a project can replace each", () => {
  const model = {
    'models/dates.sql':
      "select {{ dbt.dateadd('day', 3, 'ordered_at') }} as due, {{ dbt.type_string() }}, {{ dbt.concat(['a', 'b']) }}",
  };
  expect(sqlOf(model, 'model.shop.dates')).toBe(
    'select date_add(ordered_at, interval (3) day) as due, varchar, a || b',
  );
  const own = { ...model, 'macros/own.sql': '{% macro duckdb__type_string() %}text{% endmacro %}' };
  expect(sqlOf(own, 'model.shop.dates')).toContain('text');
});

test('a query is asked for, answered, and asked once even when others follow', () => {
  const files = {
    ...ORDERS,
    'models/pivot.sql': `{% set statuses = run_query("select distinct status from " ~ ref('raw_orders')).columns[0].values() %}
{%- set most = run_query("select max(id) from " ~ ref('raw_orders')) -%}
{%- do log('statuses: ' ~ statuses | join(', '), info=true) -%}
select {% for status in statuses %}count(*) filter (status = '{{ status }}') as {{ status }}, {% endfor %}{{ most.rows[0][0] }} as most`,
  };
  const guarded = {
    ...files,
    'models/pivot.sql': `{% if execute %}${files['models/pivot.sql']}{% endif %}-- depends_on: {{ ref('raw_orders') }}`,
  };
  const { outcome, asked } = compiledWith(guarded, 'model.shop.pivot', [
    { kind: 'query', table: { columns: [{ name: 'status', type: 'VARCHAR' }], rows: [['placed'], ['paid']] } },
    { kind: 'query', table: { columns: [{ name: 'max', type: 'BIGINT' }], rows: [[12n]] } },
  ]);
  expect(asked.map(({ request }) => (request.kind === 'query' ? request.sql : request.kind))).toEqual([
    'select distinct status from "shop"."main"."raw_orders"',
    'select max(id) from "shop"."main"."raw_orders"',
  ]);
  if (outcome.kind !== 'compiled') throw new Error(JSON.stringify(outcome));
  expect(outcome.sql).toContain("count(*) filter (status = 'paid') as paid, 12 as most");
  // Effects of the two attempts that stopped to ask are gone.
  expect(outcome.logs).toEqual([{ level: 'info', message: 'statuses: placed, paid' }]);
});

test('temporary relations are named without a place, as DuckDB keeps them in none', () => {
  const files = { ...ORDERS, 'models/days.sql': "select '{{ make_temp_relation(this, '__tmp') }}' as name" };
  expect(sqlOf(files, 'model.shop.days')).toBe(`select '"days__tmp"' as name`);
});

test('columns of an answer are renamed, and ref carries what packages read of the configuration', () => {
  const { outcome } = compiledWith(
    {
      'project.yml': 'name: shop\nversion: 2.1.0\nvars: {region: north}\ntargets: {dev: {path: shop.duckdb}}\n',
      'models/days.sql': `{% if execute %}{% set conf = builtins.ref.config -%}
{% set asked = run_query('select 1') -%}
select '{{ asked.rename({'ID': 'id'}).rows[0]['id'] }} {{ asked.rename(['key']).column_names | join }} {{ conf.project_name }} {{ conf.dependencies['shop'].version }} {{ conf.vars.to_dict() }} {{ conf.vars is mapping }} {{ conf.vars | tojson }}' as said{% endif %}`,
    },
    'model.shop.days',
    [{ kind: 'query', table: { columns: [{ name: 'ID', type: 'INTEGER' }], rows: [[7]] } }],
  );
  expect(outcome).toMatchObject({
    sql: `select '7 key shop 2.1.0 {'region': 'north'} True {"region": "north"}' as said`,
  });
});

test('columns of a relation and its existence are asked for', () => {
  const files = {
    ...ORDERS,
    'models/star.sql': `{% set there = adapter.get_relation(this.database, this.schema, 'archive') %}
select {% for column in adapter.get_columns_in_relation(ref('raw_orders')) %}{{ column.name }}{{ ', ' if not loop.last }}{% endfor %}, {{ there is none }} as gone`,
  };
  const { outcome } = compiledWith(files, 'model.shop.star', [
    { kind: 'relation', relation: null },
    {
      kind: 'columns',
      columns: [
        { name: 'id', type: 'INTEGER' },
        { name: 'status', type: 'VARCHAR' },
      ],
    },
  ]);
  expect(outcome).toMatchObject({ kind: 'compiled', code: 'select id, status, True as gone' });
});

test('a query that fails is the error of the template', () => {
  const files = {
    'models/broken.sql': "{% if execute %}{% do run_query('select * from nowhere') %}{% endif %}select 1",
  };
  const { outcome } = compiledWith(files, 'model.shop.broken', [
    { kind: 'failed', message: 'Table nowhere does not exist' },
  ]);
  expect(outcome).toMatchObject({
    kind: 'failed',
    diagnostics: [{ code: 'compile/query-failed', message: 'Table nowhere does not exist' }],
  });
});

test('a ref that only a run reaches is an error that says what to write', () => {
  const { compiler, diagnostics } = compilerFrom({
    ...ORDERS,
    'models/hidden.sql': "{% if execute %}select * from {{ ref('raw_orders') }}{% endif %}",
  });
  expect(diagnostics).toEqual([]);
  expect(compiler.compileNode('model.shop.hidden')).toMatchObject({
    kind: 'failed',
    diagnostics: [
      {
        code: 'compile/undeclared-ref',
        hint: "put this line at the top of the file: -- depends_on: {{ ref('raw_orders') }}",
      },
    ],
  });
});

test('vars and environment variables that were read are told', () => {
  const { compiler } = compilerFrom(
    {
      'models/daily.sql':
        "select '{{ var('day', 'today') }}' as day, '{{ var('region') }}' as region, '{{ env_var('TEAM') }}' as team",
    },
    { vars: { region: 'west' }, environment: { TEAM: 'data' } },
  );
  expect(compiler.compileNode('model.shop.daily')).toMatchObject({
    kind: 'compiled',
    sql: "select 'today' as day, 'west' as region, 'data' as team",
    varsRead: { region: 'west' },
    envRead: { TEAM: 'data' },
  });
});

test('everything that leads nowhere is said at once, each at its place with what was meant', () => {
  const { diagnostics } = compilerFrom(
    {
      ...ORDERS,
      'models/a.sql': "select * from {{ ref('raw_order') }}",
      'models/b.sql': "select * from {{ source('shop', 'payments') }}",
      'models/c.sql': 'select {{ cent(1) }}',
      'models/d.sql': "select '{{ var('regoin') }}'",
      'models/e.sql': "{{ config(materialized='tabel') }}select 1",
      'macros/money.sql': '{% macro cents(x) %}{{ x / hundred }}{% endmacro %}',
      'models/schema.yml': `models:
  - name: a
    description: "{{ doc('order') }}"
    config: {group: finance}
    columns: [{name: id, data_tests: [not_nul]}]
  - name: aa
`,
      'models/docs.md': '{% docs orders %}Orders.{% enddocs %}',
    },
    { vars: { region: 'west' } },
  );
  expect(
    diagnostics.map(({ code, message, hint, at }) => `${code} ${at?.file}: ${message} (${hint})`).sort(),
  ).toMatchInlineSnapshot(`
    [
      "compile/unknown-doc models/schema.yml: there is no docs block \`order\` (did you mean \`orders\`?)",
      "compile/unknown-group models/a.sql: the model \`a\` is in a group \`finance\`, which does not exist (declare it under \`groups:\` in a property file)",
      "compile/unknown-materialization models/e.sql: the model \`e\` is materialized as \`tabel\`, which does not exist (did you mean \`table\`?)",
      "compile/unknown-name macros/money.sql: \`hundred\` is not defined (undefined)",
      "compile/unknown-ref models/a.sql: the model \`a\` reads ref('raw_order'), which does not exist (did you mean \`raw_orders\`?)",
      "compile/unknown-source models/b.sql: the model \`b\` reads source('shop', 'payments'), which does not exist (declare it under \`sources:\` in a property file)",
      "compile/unknown-test models/schema.yml: there is no data test \`not_nul\` (did you mean \`not_null\`?)",
      "compile/unknown-var models/d.sql: the variable \`regoin\` has no value (did you mean \`region\`?)",
      "compile/unused-properties models/schema.yml: there is no model \`aa\`, so nothing comes of these properties (did you mean \`a\`?)",
      "jinja/undefined-name models/c.sql: \`cent\` is not defined. (did you mean \`cents\`?)",
    ]
  `);
});

test('a cycle is the path that closes it, with the files', () => {
  const { diagnostics } = compilerFrom({
    'models/a.sql': "select * from {{ ref('c') }}",
    'models/b.sql': "select * from {{ ref('a') }}",
    'models/c.sql': "select * from {{ ref('b') }}",
  });
  expect(diagnostics).toMatchObject([
    {
      code: 'compile/cycle',
      message:
        'these read each other in a circle: a (models/a.sql) → c (models/c.sql) → b (models/b.sql) → a (models/a.sql)',
      at: { file: 'models/a.sql' },
    },
  ]);
});

test('a relation written out where a ref belongs is a warning, and an error when the project is strict', () => {
  const files = {
    ...ORDERS,
    'models/orders.sql': "select * from {{ ref('raw_orders') }}",
    'models/report.sql': `select * -- from main.orders
from "main"."orders" join range(3) on true where note = 'from main.orders'`,
  };
  const { diagnostics } = compilerFrom(files);
  expect(diagnostics).toMatchObject([
    {
      code: 'compile/literal-reference',
      severity: 'warning',
      hint: "write {{ ref('orders') }}",
      at: { start: 34, end: 49 },
    },
  ]);
  const strict = { 'project.yml': 'name: shop\nstrict: true\ntargets: {dev: {path: shop.duckdb}}\n', ...files };
  expect(compilerFrom(strict).diagnostics).toMatchObject([{ code: 'compile/literal-reference', severity: 'error' }]);
});

test('two models of one name are an error that names both files', () => {
  const { diagnostics } = compilerFrom({ 'models/eu/orders.sql': 'select 1', 'models/us/orders.sql': 'select 1' });
  expect(diagnostics).toMatchObject([
    {
      code: 'compile/duplicate-name',
      message: 'model `orders` is defined twice: in models/eu/orders.sql and in models/us/orders.sql',
    },
  ]);
});

test('unchanged files are not parsed again', () => {
  const files = {
    ...ORDERS,
    'models/orders.sql': "select * from {{ ref('raw_orders') }}",
    'models/top.sql': "{% if true %}select * from {{ ref('orders') }}{% endif %}",
  };
  const first = compilerFrom(files).compiler;
  const reuse = new Map(first.parsedTemplates);
  expect(JSON.parse(JSON.stringify([...reuse]))).toEqual([...reuse]);
  const again = compilerFrom(files, { reuse }).compiler;
  expect(again.manifest).toEqual(first.manifest);
  for (const [key, parsed] of again.parsedTemplates) expect(parsed).toBe(reuse.get(key));
  const changed = compilerFrom(files, { reuse, vars: { region: 'west' } }).compiler;
  const renewed = [...changed.parsedTemplates].filter(([key, parsed]) => reuse.get(key) !== parsed);
  expect(renewed.map(([key]) => key.split('\0')[1])).toEqual(['models/top.sql']);
});

test('a file is parsed again when a variable that it asked for changes, is set, or is not set any more', () => {
  const files = { 'models/orders.sql': "{{ config(materialized=env_var('KIND', 'view')) }}select 1 as id" };
  const kindWith = (environment: Record<string, string>, before?: Record<string, string>) => {
    const reuse = before && new Map(compilerFrom(files, { environment: before }).compiler.parsedTemplates);
    const { manifest } = compilerFrom(files, { environment, ...(reuse ? { reuse } : {}) }).compiler;
    return manifest.nodes['model.shop.orders']?.config.materialized;
  };
  expect(kindWith({}, {})).toBe('view');
  expect(kindWith({ KIND: 'table' }, {})).toBe('table');
  expect(kindWith({ KIND: 'incremental' }, { KIND: 'table' })).toBe('incremental');
  expect(kindWith({}, { KIND: 'table' })).toBe('view');
});

test('names that change from run to run are told', () => {
  const { compiler } = compilerFrom({
    'models/stamp.sql': "select '{{ invocation_id }}' as run",
    'models/still.sql': 'select 1',
  });
  expect(compiler.compileNode('model.shop.stamp')).toMatchObject({ readsTime: true });
  expect(compiler.compileNode('model.shop.still')).toMatchObject({ readsTime: false });
});

test('hooks and operations are rendered with results, and macros called from the command line answer values', () => {
  const { compiler, diagnostics } = compilerFrom({
    'project.yml': `name: shop
targets: {dev: {path: shop.duckdb}}
on-run-end: ["{{ remember(results) }}"]
`,
    'models/orders.sql': '{{ config(post_hook="insert into log values (\'{{ this.identifier }}\')") }}select 1 as id',
    'macros/remember.sql':
      "{% macro remember(results) %}{% for r in results %}insert into log values ('{{ r.node.name }}', '{{ r.status }}', '{{ r.to_dict()['status'] ~ r.node.to_dict().name }}');{% endfor %}{% endmacro %}\n{% macro twice(n) %}{{ return(n * 2) }}{% endmacro %}",
  });
  expect(codes(diagnostics)).toEqual([]);
  const operation = compiler.manifest.nodes['operation.shop.shop-on-run-end-0'];
  expect(operation).toMatchObject({ tags: ['on-run-end'], fqn: ['shop', 'hooks', 'shop-on-run-end-0'] });
  const results = [{ unique_id: 'model.shop.orders', status: 'success' }];
  expect(
    compiler.renderHook('operation.shop.shop-on-run-end-0', operation?.raw_code ?? '', { extra: { results } }),
  ).toMatchObject({
    kind: 'rendered',
    text: "insert into log values ('orders', 'success', 'successorders');",
  });
  // dbt has no such word: macros that count what did not succeed would count it.
  const reused = [{ unique_id: 'model.shop.orders', status: 'reused' }];
  expect(
    compiler.renderHook('operation.shop.shop-on-run-end-0', operation?.raw_code ?? '', { extra: { results: reused } }),
  ).toMatchObject({ text: "insert into log values ('orders', 'success', 'successorders');" });
  const hook = compiler.manifest.nodes['model.shop.orders']?.config['post-hook'];
  expect(hook).toEqual([{ sql: "insert into log values ('{{ this.identifier }}')", transaction: true, index: null }]);
  expect(compiler.renderHook('model.shop.orders', "insert into log values ('{{ this.identifier }}')")).toMatchObject({
    text: "insert into log values ('orders')",
  });
  expect(compiler.callMacro('twice', { n: 21 })).toMatchObject({ kind: 'called', value: 42 });
  expect(compiler.callMacro('twise', {})).toMatchObject({
    kind: 'failed',
    diagnostics: [{ hint: 'did you mean `twice`?' }],
  });
});

test('unit tests may replace what macros, vars and the environment say', () => {
  const { compiler } = compilerFrom({
    ...ORDERS,
    'models/orders.sql':
      "select '{{ var('day', 'today') }}' as day, {{ is_incremental() }} as inc, '{{ env_var('TEAM', 'none') }}' as team from {{ ref('raw_orders') }}",
  });
  const overrides = { macros: { is_incremental: true }, vars: { day: 'monday' }, env_vars: { TEAM: 'data' } };
  expect(compiler.compileNode('model.shop.orders', { overrides })).toMatchObject({
    sql: `select 'monday' as day, True as inc, 'data' as team from "shop"."main"."raw_orders"`,
  });
});

test('dates of a query and the start of the run are Python datetimes', () => {
  const files = {
    'models/days.sql': `{% if execute %}{% set row = run_query('select current_date, now(), 1.50').rows[0] -%}
select '{{ row[0].strftime("%d.%m.%Y") }}', '{{ row[1] }}', {{ row[2] + 1 }}, '{{ run_started_at.strftime("%Y-%m-%d %H:%M") }}', '{{ modules.datetime.datetime.now().year }}'{% endif %}`,
  };
  const columns = [
    { name: 'a', type: 'DATE' },
    { name: 'b', type: 'TIMESTAMP' },
    { name: 'c', type: 'DECIMAL(3,2)' },
  ];
  const { outcome } = compiledWith(files, 'model.shop.days', [
    { kind: 'query', table: { columns, rows: [['2026-02-03', '2026-02-03 04:05:06', '1.50']] } },
  ]);
  expect(outcome).toMatchObject({
    code: "select '03.02.2026', '2026-02-03 04:05:06', 2.5, '2026-03-04 05:06', '2026'",
    readsTime: true,
  });
});
