import { expect, test } from 'vitest';
import { parseTemplate, render, type Scope, toValue } from './jinja.ts';

const scopeOf = (names: Record<string, unknown>): Scope => ({
  lookup: (name) => (Object.hasOwn(names, name) ? toValue(names[name]) : undefined),
  names: () => Object.keys(names),
});

test('a model with a loop renders as in Jinja2', () => {
  const { value } = parseTemplate({
    path: 'models/totals.sql',
    text: "select {% for m in methods %}sum({{ m }}){{ ', ' if not loop.last }}{% endfor %} from orders",
  });
  expect(value && render(value, scopeOf({ methods: ['card', 'cash'] }))).toEqual({
    kind: 'done',
    value: 'select sum(card), sum(cash) from orders',
  });
});
