import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseTemplate, render, toValue } from './jinja.ts';

// What Jinja2 3.1.6 in its sandbox (as dbt runs it) prints for our snippets, made once with Python. `fails` is Python's class of error.
const { context, cases }: Differential = JSON.parse(
  readFileSync(new URL('differential.json', import.meta.url), 'utf8'),
);

interface Differential {
  readonly context: Readonly<Record<string, unknown>>;
  readonly cases: readonly {
    readonly name: string;
    readonly template: string;
    readonly expected?: string;
    readonly fails?: string;
  }[];
}

function rendered(template: string) {
  const names = new Map(Object.entries(context).map(([name, value]) => [name, toValue(value)]));
  // Jinja2's own rule for undefined names; dql's stricter one has tests of its own.
  const { value, diagnostics } = parseTemplate({ path: 'snippet.sql', text: template }, { undefined: 'lenient' });
  if (value === undefined) return { failed: diagnostics.map(({ message }) => message) };
  const outcome = render(value, { lookup: (name) => names.get(name), names: () => names.keys() });
  return outcome.kind === 'done' ? outcome.value : { failed: outcome };
}

test.each(cases.map((one) => [one.name, one] as const))(
  '%s renders as in Jinja2',
  (_, { template, expected, fails }) => {
    const result = rendered(template);
    if (fails === undefined) expect(result).toBe(expected);
    else expect(result, `Jinja2 answers ${fails}`).toHaveProperty('failed');
  },
);
