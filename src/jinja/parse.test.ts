import { expect, test } from 'vitest';
import { dehydrate, hydrate, parseTemplate, render } from './jinja.ts';
import { complaint, scopeOf } from './rendering.test.support.ts';

const parsed = (text: string, options = {}) => {
  const { value } = parseTemplate({ path: 'macros/all.sql', text }, options);
  if (value === undefined) throw new Error(`does not parse: ${text}`);
  return value;
};

const DBT_BLOCKS = `{% macro cents(column, scale=2) %}{{ column }}{% endmacro %}
{% data_test positive(model, column_name) %}select {{ column_name }} from {{ model }} where {{ column_name }} < 0{% enddata_test %}
{% materialization view, adapter='duckdb', supported_languages=['sql', 'python'] -%}x{%- endmaterialization %}
{% materialization seed, default %}y{% endmaterialization %}
{% snapshot orders_history %}{{ config(strategy='check') }}select * from {{ ref('orders') }}{% endsnapshot %}
{% docs orders %}One row an order, see {{ nothing }}.{% enddocs %}`;

test('dbt’s blocks are found with their parameters, options and bodies, and print nothing', () => {
  const template = parsed(DBT_BLOCKS);
  expect(template.blocks.map(({ kind, name, parameters, options }) => [kind, name, parameters, options])).toEqual([
    [
      'macro',
      'cents',
      [
        { name: 'column', hasDefault: false },
        { name: 'scale', hasDefault: true },
      ],
      {},
    ],
    [
      'test',
      'positive',
      [
        { name: 'model', hasDefault: false },
        { name: 'column_name', hasDefault: false },
      ],
      {},
    ],
    ['materialization', 'view', [], { adapter: 'duckdb', supported_languages: ['sql', 'python'] }],
    ['materialization', 'seed', [], { adapter: 'default' }],
    ['snapshot', 'orders_history', [], {}],
    ['docs', 'orders', [], {}],
  ]);
  const [macro, , , , snapshot, docs] = template.blocks;
  expect(macro?.text).toBe('{% macro cents(column, scale=2) %}{{ column }}{% endmacro %}');
  expect(docs?.body).toBe('One row an order, see {{ nothing }}.');
  expect(DBT_BLOCKS.slice(snapshot?.bodyStart).startsWith(snapshot?.body ?? '?')).toBe(true);
  expect(render(template, scopeOf({}))).toEqual({ kind: 'done', value: '\n'.repeat(5) });
});

test('calls are seen without rendering, those of a block apart from the rest', () => {
  const template = parsed(
    "{{ config(materialized='table', tags=['a', n]) }}{% if false %}{{ ref('shop', 'orders', v=-2) }}{% endif %}{% macro m() %}{{ adapter.dispatch('x', 'p')(1) }}{% endmacro %}",
  );
  expect(template.calls.map(({ name, positional, named }) => [name, positional, named])).toEqual([
    ['config', [], { materialized: 'table', tags: undefined }],
    ['ref', ['shop', 'orders'], { v: -2 }],
  ]);
  const [ref] = template.calls.filter(({ name }) => name === 'ref');
  expect(ref?.argumentSpans.map(({ start, end }) => template.file.text.slice(start, end))).toEqual([
    "'shop'",
    "'orders'",
  ]);
  expect(template.blocks[0]?.calls.map(({ name }) => name)).toEqual(['adapter.dispatch']);
});

test('free names are those a scope has to know: not bound ones, not guarded ones, not builtins', () => {
  const template = parsed(
    `{% set total = 1 %}{{ total + amount }}{% for row in rows if row.id %}{{ loop.index }}{{ row }}{{ late }}{% endfor %}
     {% if day is defined and day > 1 %}{{ day }}{% endif %}{{ owner | default(fallback) }}{{ range(3) }}{{ modules.re }}
     {% macro m(a, b=c) %}{{ a }}{{ b }}{{ varargs }}{{ x }}{% set x = 1 %}{% endmacro %}`,
  );
  expect(template.freeNames.map(({ name }) => name)).toEqual(['amount', 'rows', 'late', 'fallback']);
  expect(template.blocks[0]?.freeNames.map(({ name }) => name)).toEqual(['c']);
});

test('text without tags is plain', () => {
  expect(parsed('select 1').plain).toBe(true);
  expect(parsed('select {{ 1 }}').plain).toBe(false);
});

test.each([
  ['select {% if true %}1', 'jinja/unclosed-block', '{% if true %}'],
  ['{% for a in b %}{% if a %}{% endfor %}', 'jinja/wrong-nesting', '{% endfor'],
  ['select {{ amount', 'jinja/unclosed-tag', '{{'],
  ["{{ 'late }}", 'jinja/unclosed-string', "'"],
  ['{{ sum(a, b }}', 'jinja/unclosed-bracket', '('],
  ['{# late', 'jinja/unclosed-comment', '{#'],
  ['{% raw %}{{ x }}', 'jinja/unclosed-block', '{% raw %}'],
  ['{% docs orders %}x', 'jinja/unclosed-block', '{% docs orders %}'],
  ['{{ amount total }}', 'jinja/syntax', 'total'],
  ['{{ 1 + }}', 'jinja/syntax', '}}'],
  ['{% fro x in y %}', 'jinja/unknown-tag', 'fro'],
  ['{{ amount | roud }}', 'jinja/unknown-filter', 'roud'],
  ['{{ amount is nummber }}', 'jinja/unknown-test', 'nummber'],
  ['{{ a ? b }}', 'jinja/unexpected-character', '?'],
  ['{% break %}', 'jinja/outside-loop', 'break'],
  ['{% macro m(a=1, b) %}{% endmacro %}', 'jinja/syntax', 'b'],
  ['{{ "\\u12" }}', 'jinja/bad-escape', '\\u12'],
])('%s is an error at the right place', (text, code, at) => {
  expect(complaint(text)).toMatchObject({ code, at });
});

test('an error about nesting names the block that is open and its line', () => {
  const { diagnostics } = parseTemplate({ path: 'models/x.sql', text: 'select 1\n{% if a %}\n{% endfor %}' });
  expect(diagnostics[0]).toMatchObject({
    message: '`endfor` does not close the `if` block that is open.',
    hint: 'close `if` first, with `{% endif %}`',
    notes: ['the innermost open block is `if`, opened in line 2'],
  });
});

test('several mistakes are reported together', () => {
  const text = '{{ a b }} {{ ) }} {{ 1 + }} {% if %}';
  const { diagnostics } = parseTemplate({ path: 'models/x.sql', text });
  expect(diagnostics.map(({ at }) => text.slice(at?.start, at?.end))).toEqual(['b', ')', '}}', '%}']);
});

test.each(['select {{ amount', '{{ 1 + }} {{ sum(a', "{{ 'late"])(
  '%s: a mistake that ends the file is told once',
  (text) => {
    const { diagnostics } = parseTemplate({ path: 'models/x.sql', text });
    expect(diagnostics.filter(({ code }) => /unclosed/.test(code))).toHaveLength(1);
  },
);

test('a filter that does not exist is only a warning where it may never run', () => {
  const { value, diagnostics } = parseTemplate({
    path: 'x.sql',
    text: '{% if new_version %}{{ a | shiny }}{% endif %}',
  });
  expect(value).toBeDefined();
  expect(diagnostics).toMatchObject([{ severity: 'warning', code: 'jinja/unknown-filter' }]);
});

test('offsets are those of the file when the text is a piece of it', () => {
  const { diagnostics } = parseTemplate({ path: 'models/schema.yml', text: '{{ 1 + }}' }, { offset: 100 });
  expect(diagnostics[0]?.at).toEqual({ file: 'models/schema.yml', start: 107, end: 109 });
});

test('in Markdown only docs blocks count', () => {
  const text = 'Write `{{ ref(`, or {% fro %}.\n{# {% docs hidden %}x{% enddocs %} #}{% docs orders %}x{% enddocs %}';
  expect(parsed(text, { docsOnly: true }).blocks.map(({ name }) => name)).toEqual(['orders']);
});

test('trim and lstrip work as in Jinja2', () => {
  const text = 'a\n  {% if true %}\n  b\n  {% endif %}\nc\n';
  const { value } = parseTemplate(
    { path: 'x.sql', text },
    { trimBlocks: true, lstripBlocks: true, keepTrailingNewline: true },
  );
  expect(value && render(value, scopeOf({}))).toEqual({ kind: 'done', value: 'a\n  b\nc\n' });
});

test('a template kept as JSON is the same template', () => {
  const text = `${DBT_BLOCKS}{{ 1.0 }} {{ 123456789012345678901 }} {{ a or b and 'c' }} {% for x in [1, 2] %}{{ x }}{% endfor %}`;
  const file = { path: 'macros/all.sql', text };
  const template = parsed(text);
  const again = hydrate(JSON.parse(JSON.stringify(dehydrate(template))), file);
  expect({ ...again, program: null }).toEqual({ ...template, program: null });
  const scope = scopeOf({ a: '', b: 1 });
  expect(again && render(again, scope)).toEqual(render(template, scope));
  expect(hydrate({ version: 0 }, file)).toBeUndefined();
});
