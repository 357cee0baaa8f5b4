import { expect, test } from 'vitest';
import {
  callValue,
  evaluate,
  hostFunction,
  hostObject,
  invokeValue,
  macroValue,
  parseTemplate,
  render,
  type Scope,
  suspend,
  TemplateError,
  toJson,
  toValue,
  type Value,
} from './jinja.ts';
import { complaint, rendering, scopeOf } from './rendering.test.support.ts';

const text = (source: string, values: Record<string, Value> = {}) => {
  const outcome = rendering(source, values);
  return outcome.kind === 'done' ? outcome.value : outcome;
};

/** All macros of a file, bound to a scope that holds them and `more`. */
function library(source: string, more: Record<string, Value> = {}): Record<string, Value> {
  const { value } = parseTemplate({ path: 'macros/money.sql', text: source });
  const names: Record<string, Value> = { ...more };
  const scope: Scope = scopeOf(names);
  for (const block of value?.blocks ?? [])
    if (value !== undefined && block.kind !== 'docs') names[block.name] = macroValue(block, value, () => scope);
  return names;
}

test('a model with a loop renders as in Jinja2', () => {
  const model = "select {% for m in methods %}sum({{ m }}){{ ', ' if not loop.last }}{% endfor %} from orders";
  expect(text(model, { methods: ['card', 'cash'] })).toBe('select sum(card), sum(cash) from orders');
});

test('an undefined name is an error that names its neighbour, unless it is tested or has a default', () => {
  expect(complaint('select {{ ordres }}', { orders: 1 })).toEqual({
    code: 'jinja/undefined-name',
    message: '`ordres` is not defined.',
    at: 'ordres',
    hint: 'did you mean `orders`?',
  });
  expect(complaint('{% if ordres %}x{% endif %}')?.at).toBe('ordres');
  expect(text("{{ ordres is defined }} {{ ordres | default('none') }}")).toBe('False none');
});

test('a missing attribute is false and empty, but never prints and cannot be called', () => {
  const model = toValue({ name: 'orders', meta: {} });
  expect(text('{{ 1 if model.meta.owner else 2 }}{% for x in model.tags %}x{% endfor %}', { model })).toBe('2');
  expect(complaint('{{ model.nmae }}', { model })).toEqual({
    code: 'jinja/undefined-attribute',
    message: 'A dict has no `nmae`.',
    at: 'model.nmae',
    hint: 'did you mean `name`?',
  });
  expect(complaint('{{ model.upper() }}', { model })?.code).toBe('jinja/undefined-attribute');
  expect(complaint('{{ model.meta.owner.name }}', { model })?.message).toBe('A dict has no `owner`.');
});

test('an inline if without an else prints nothing', () => {
  expect(text("a{{ ',' if false }}b")).toBe('ab');
});

test('macros answer real values with return, also from deep inside', () => {
  const macros = library(`
    {% macro doubled(n) %}before{% for i in range(9) %}{% if i == n %}{% do return(i * 2) %}{% endif %}{% endfor %}after{% endmacro %}
    {% macro listed(n) %}{{ return([n, doubled(n)]) }}{% endmacro %}
    {% macro nested(n) %}{% set ignored = return(n) %}{% endmacro %}
    {% macro called() %}{% call each() %}{{ return('from the caller') }}{% endcall %}{% endmacro %}
    {% macro each() %}{{ caller() }}{% endmacro %}`);
  expect(text('{{ doubled(3) + 1 }} {{ listed(2) }} {{ nested(none) }} {{ called() }}', macros)).toBe(
    '7 [2, 4] None from the caller',
  );
  expect(complaint('{{ return(1) }}')?.code).toBe('jinja/outside-macro');
});

test('a macro sees its own scope, not the variables of its caller', () => {
  const macros = library('{% macro name() %}{{ suffix }}{% endmacro %}', { suffix: 'scope' });
  expect(text("{% set suffix = 'local' %}{{ name() }}", macros)).toBe('scope');
});

test('errors inside macros name every call on the way, as a stack trace does', () => {
  const macros = library(
    '{% macro outer(d) %}\n  {{ inner(d) }}{% endmacro %}\n{% macro inner(d) %}{{ d.total + 1 }}{% endmacro %}',
  );
  const outcome = rendering('select\n  {{ outer({}) }}', macros);
  expect(outcome).toMatchObject({
    kind: 'failed',
    diagnostic: {
      code: 'jinja/undefined-attribute',
      at: { file: 'macros/money.sql' },
      notes: ['in `inner`, called at macros/money.sql:2:6', 'in `outer`, called at models/orders.sql:2:6'],
    },
  });
});

test('a macro that calls itself for ever is stopped, and the chain stays short', () => {
  const outcome = rendering('{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}');
  expect(outcome).toMatchObject({ kind: 'failed', diagnostic: { code: 'jinja/too-deep' } });
  if (outcome.kind === 'failed') expect(outcome.diagnostic.notes?.length).toBeLessThan(20);
});

test('wrong arguments of a macro are errors, never dropped', () => {
  const macros = library('{% macro cents(column, scale=2) %}{{ column }}{% endmacro %}');
  expect(complaint("{{ cents('a', 2, 3) }}", macros)?.message).toBe('`cents` takes at most 2, not 3.');
  expect(complaint("{{ cents('a', scael=3) }}", macros)).toMatchObject({
    code: 'jinja/unknown-argument',
    hint: 'its parameters are `column`, `scale`',
  });
});

test('a host function that needs something stops the render, and nothing swallows it', () => {
  const run_query = hostFunction('run_query', ({ positional }) => suspend({ sql: positional[0] }));
  const macros = library("{% macro rows() %}{{ return(run_query('select 1') | default([])) }}{% endmacro %}", {
    run_query,
  });
  expect(rendering('{% set all = rows() %}{{ set(all, none) }}', macros)).toEqual({
    kind: 'needs',
    request: { sql: 'select 1' },
  });
});

test('what a host function throws is reported where it was called', () => {
  const ref = hostFunction('ref', () => {
    throw new TemplateError('There is no model `ordrs`.', {
      code: 'compile/unknown-ref',
      hint: 'did you mean `orders`?',
    });
  });
  expect(complaint("select * from {{ ref('ordrs') }}", { ref })).toEqual({
    code: 'compile/unknown-ref',
    message: 'There is no model `ordrs`.',
    at: "ref('ordrs')",
    hint: 'did you mean `orders`?',
  });
});

test('host functions see where and by which macros they were called, and can call back', () => {
  const seen: unknown[] = [];
  const log = hostFunction('log', ({ positional, named }, site) => {
    seen.push(
      positional,
      [...named],
      site.stack.map(({ macro }) => macro),
    );
    return invokeValue(named.get('then') ?? null, [1]);
  });
  const macros = library(
    '{% macro twice(n) %}{{ return(n * 2) }}{% endmacro %}{% macro outer() %}{{ log("x", then=twice) }}{% endmacro %}',
    { log },
  );
  expect(text('{{ outer() }}', macros)).toBe('2');
  expect(seen).toEqual([['x'], [['then', macros.twice]], ['outer']]);
});

test('host objects have attributes, print, compare and cannot be called by accident', () => {
  const relation = hostObject({
    name: 'Relation',
    get: (name) => (name === 'schema' ? 'main' : undefined),
    names: () => ['schema', 'identifier'],
    text: () => '"main"."orders"',
    hash: () => 'main.orders',
  });
  const values = {
    this: relation,
    twin: hostObject({ name: 'Relation', get: () => undefined, hash: () => 'main.orders' }),
  };
  expect(
    text('{{ this }} {{ this.schema }} {{ this == twin }} {{ twin in [this] }} {{ this is callable }}', values),
  ).toBe('"main"."orders" main True True False');
  expect(complaint('{{ this.shema }}', values)?.hint).toBe('did you mean `schema`?');
  expect(complaint('{{ this() }}', values)?.message).toBe('A Relation cannot be called.');
});

test('evaluate keeps the value of a single expression and converts with dbt’s filters', () => {
  const of = (source: string) => {
    const { value } = parseTemplate({ path: 'models/schema.yml', text: source });
    return value && evaluate(value, scopeOf({ days: 30, on: 'true' }));
  };
  expect(of('{{ [days, none] }}')).toEqual({ kind: 'done', value: [30, null] });
  expect(of("{{ 'True' | as_bool }}")).toEqual({ kind: 'done', value: true });
  expect(of("{{ '42' | as_number }}")).toEqual({ kind: 'done', value: 42 });
  expect(of('last {{ days }} days')).toEqual({ kind: 'done', value: 'last 30 days' });
  expect(of("{{ 'perhaps' | as_bool }}")).toMatchObject({ kind: 'failed', diagnostic: { code: 'jinja/wrong-value' } });
  expect(of('{{ dyas }}')).toMatchObject({ kind: 'failed', diagnostic: { hint: 'did you mean `days`?' } });
});

test('callValue calls macros and host functions from outside', () => {
  const macros = library(
    '{% macro cents(column, scale=2) %}({{ column }} / 100)::numeric(16, {{ scale }}){% endmacro %}',
  );
  expect(callValue(macros.cents, ['amount'], { scale: 4 })).toEqual({
    kind: 'done',
    value: '(amount / 100)::numeric(16, 4)',
  });
  expect(callValue(macros.cents, [], new Map([['colunm', 1]]))).toMatchObject({ kind: 'failed' });
});

test('the time comes from the scope alone', () => {
  const now = '{{ modules.datetime.datetime.now(modules.pytz.utc).isoformat() }} {{ modules.datetime.date.today() }}';
  expect(text(now, { __now__: Date.UTC(2024, 1, 29, 12) })).toBe('2024-02-29T12:00:00+00:00 2024-02-29');
  expect(complaint(now)?.code).toBe('jinja/no-clock');
});

test('values go to JSON and back, and what JSON cannot say is an error', () => {
  const json = { a: [1, 2.5, null, true, 'x'], b: { c: [] } };
  expect(toJson(toValue(json))).toEqual(json);
  expect(() => toJson(hostFunction('ref', () => null))).toThrow('A function cannot be written as JSON.');
});

test('loops and output without an end are stopped', () => {
  const endless = '{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}';
  expect(complaint(endless)?.code).toBe('jinja/endless');
  const { value } = parseTemplate({
    path: 'models/big.sql',
    text: "{% for a in range(99) %}{{ 'x' * 999 }}{% endfor %}",
  });
  expect(value && render(value, scopeOf({}), { maxOutput: 5000 })).toMatchObject({
    diagnostic: { code: 'jinja/too-long' },
  });
});

test('binding thousands of macros costs next to nothing until they are called', () => {
  const source = Array.from(
    { length: 5000 },
    (_, index) => `{% macro m${index}() %}{{ other_${index}() }}{% endmacro %}`,
  ).join('\n');
  const { value } = parseTemplate({ path: 'macros/many.sql', text: source });
  const started = performance.now();
  for (let round = 0; round < 20; round++)
    for (const block of value?.blocks ?? [])
      if (value !== undefined)
        macroValue(block, value, () => {
          throw new Error('the scope was asked for');
        });
  // 100,000 bindings; measured some 30 ms.
  expect(performance.now() - started).toBeLessThan(2000);
});
