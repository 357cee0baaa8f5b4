import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Diagnostic } from '../core/diagnostic.ts';
import { frame, frames } from './frame.ts';
import { widthOf } from './width.ts';

/** Draws a diagnostic about what stands between « and ». */
function framed(marked: string, more: Partial<Diagnostic> = {}, columns?: number): string {
  const start = marked.indexOf('«');
  const end = marked.indexOf('»') - 1;
  const text = marked.replace('«', '').replace('»', '');
  return frame(
    {
      code: 'compile/unknown-ref',
      severity: 'error',
      message: 'model `ordrs` does not exist',
      at: { file: 'models/daily.sql', start, end },
      label: 'no model has this name',
      ...more,
    },
    { readSource: () => text, colour: false, ...(columns ? { columns } : {}) },
  );
}

test('a frame shows the line, marks the place, says what to do', () => {
  expect(framed("select * from {{ ref(«'ordrs'») }}", { hint: 'did you mean `orders`?' })).toBe(
    `error[compile/unknown-ref]: model \`ordrs\` does not exist
  ┌─ models/daily.sql:1:22
  │
1 │ select * from {{ ref('ordrs') }}
  │                      ^^^^^^^ no model has this name
  = hint: did you mean \`orders\`?`,
  );
});

test('the gutter grows with the line number, and Windows line ends are not shown', () => {
  expect(framed(`${'-- late payments\r\n'.repeat(9)}select «amont»\r\nfrom orders`)).toMatchInlineSnapshot(`
    "error[compile/unknown-ref]: model \`ordrs\` does not exist
       ┌─ models/daily.sql:10:8
       │
    10 │ select amont
       │        ^^^^^ no model has this name"
  `);
});

test('tabs and wide letters leave the caret under its word', () => {
  expect(framed("\tselect '注文', «amont»")).toMatchInlineSnapshot(`
    "error[compile/unknown-ref]: model \`ordrs\` does not exist
      ┌─ models/daily.sql:1:15
      │
    1 │     select '注文', amont
      │                    ^^^^^ no model has this name"
  `);
  expect(framed("select «'🍋🍋'» from 'x'").split('\n').at(-1)).toBe('  │        ^^^^^^ no model has this name');
});

test('a span over several lines marks each; beyond five the middle is left out', () => {
  expect(framed('select\n  «a,\n  b»\nfrom orders')).toMatchInlineSnapshot(`
    "error[compile/unknown-ref]: model \`ordrs\` does not exist
      ┌─ models/daily.sql:2:3
      │
    2 │   a,
      │   ^^
    3 │   b
      │   ^ no model has this name"
  `);
  expect(framed('«a\nb\nc\nd\ne\nf»')).toMatchInlineSnapshot(`
    "error[compile/unknown-ref]: model \`ordrs\` does not exist
      ┌─ models/daily.sql:1:1
      │
    1 │ a
      │ ^
    2 │ b
      │ ^
    3 │ c
      │ ^
      ·
    6 │ f
      │ ^ no model has this name"
  `);
});

test('an empty span at the end of the file still gets a caret', () => {
  expect(framed('select 1\n«»')).toMatchInlineSnapshot(`
    "error[compile/unknown-ref]: model \`ordrs\` does not exist
      ┌─ models/daily.sql:2:1
      │
    2 │
      │ ^ no model has this name"
  `);
});

test('a long line is cut around the place', () => {
  const drawn = framed(`select ${'a, '.repeat(200)}«amont»${', b'.repeat(200)}`, {}, 60);
  for (const line of drawn.split('\n').slice(3, 4)) expect(widthOf(line)).toBeLessThanOrEqual(60);
  const [, , , source = '', marks = ''] = drawn.split('\n');
  expect(source.slice(marks.indexOf('^'), marks.lastIndexOf('^') + 1)).toBe('amont');
});

test('without the file there is its name, and what would stand under the caret is a note', () => {
  const drawn = frame(
    {
      code: 'project/bad-key',
      severity: 'warning',
      message: 'unknown key',
      at: { file: 'project.yml', start: 3, end: 4 },
      label: 'here',
      notes: ['in macro `cents`, macros/money.sql:3'],
    },
    { readSource: () => undefined, colour: false },
  );
  expect(drawn).toMatchInlineSnapshot(`
    "warning[project/bad-key]: unknown key
      ┌─ project.yml
      = note: here
      = note: in macro \`cents\`, macros/money.sql:3"
  `);
});

test('all of them come together, errors first, with how many there are', () => {
  const one = (severity: 'error' | 'warning', message: string) => ({ code: 'a/b', severity, message });
  expect(frames([one('warning', 'old'), one('error', 'broken')], { readSource: () => undefined, colour: false })).toBe(
    'error[a/b]: broken\n\nwarning[a/b]: old\n\n1 error, 1 warning',
  );
});

test('control characters in a file cannot reach the terminal', () => {
  expect(framed('select «\u001b[2J» 1')).not.toContain('\u001b');
});

test('the carets stand under exactly the marked text, whatever stands before it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', '注', '\t', 'é', '🍋', ' '), { maxLength: 12 }),
      fc.array(fc.constantFrom('x', '文'), { minLength: 1, maxLength: 5 }),
      (before, marked) => {
        const lines = framed(`${before.join('')}«${marked.join('')}»;`).split('\n');
        const marks = lines[4] ?? '';
        const first = marks.indexOf('^');
        expect(widthOf((lines[3] ?? '').slice(0, (lines[3] ?? '').lastIndexOf(marked.join(''))))).toBe(first);
        expect(marks.lastIndexOf('^') + 1 - first).toBe(widthOf(marked.join('')));
      },
    ),
  );
});
