import { expect, test } from 'vitest';
import { compilerFrom } from '../../testing/compiler-from.ts';
import type { Asked } from '../needs.ts';

/** Counts in `graph` how often it was called; asks the warehouse in between. */
const COUNTING = {
  'macros/count.sql': `{% macro count(asks=false) %}
  {%- set tally = graph.setdefault('tally', {'calls': [], 'days': {}}) -%}
  {%- do tally.calls.append(invocation_id) -%}
  {%- if asks %}{% do run_query('select 1') %}{% endif -%}
  {%- do tally.days.update({tally.calls | length: 'seen'}) -%}
  {{- return([tally.calls | length, tally.days | length, graph.nodes | length]) -}}
{% endmacro %}`,
  'models/orders.sql': 'select {{ count() | join(" as a, ") }} as b',
};

test('what a template writes into graph is seen by no other, but by those of the same run', () => {
  const { compiler } = compilerFrom(COUNTING);
  const called = (by: typeof compiler) => by.callMacro('count', {});
  expect(called(compiler)).toMatchObject({ value: [1, 1, 1] });
  expect(called(compiler)).toMatchObject({ value: [1, 1, 1] });
  const run = compiler.remembering();
  expect(called(run)).toMatchObject({ value: [1, 1, 1] });
  expect(called(run)).toMatchObject({ value: [2, 2, 1] });
  expect(run.compileNode('model.shop.orders')).toMatchObject({ sql: 'select 3 as a, 3 as a, 1 as b' });
  expect(called(compiler)).toMatchObject({ value: [1, 1, 1] });
});

test('a render that stops to ask the warehouse leaves nothing in graph: it is rendered again', () => {
  const run = compilerFrom(COUNTING).compiler.remembering();
  for (const times of [1, 2]) {
    const asking = run.callMacro('count', { asks: true });
    if (asking.kind !== 'needs') throw new Error('it should ask');
    const answered: Asked = {
      request: asking.request,
      answer: { kind: 'query', table: { columns: [{ name: '1', type: 'INTEGER' }], rows: [[1]] } },
    };
    expect(run.callMacro('count', { asks: true }, { answers: [answered] })).toMatchObject({
      value: [times, times, 1],
    });
  }
});
