import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTemplate, render, type Scope, toValue } from './jinja.ts';

const NAMES: Record<string, unknown> = {
  orders: [
    { id: 1, status: 'paid' },
    { id: 2, status: null },
  ],
  columns: ['id', 'amount'],
  model: { name: 'orders', meta: { owner: 'ann' } },
  n: 3,
  text: 'late payments',
};
const scope: Scope = {
  lookup: (name) => (Object.hasOwn(NAMES, name) ? toValue(NAMES[name]) : undefined),
  names: () => Object.keys(NAMES),
};

/** Parses and, if that works, renders. Mistakes must come as values, so anything thrown fails the test. */
function survive(text: string): void {
  for (const undefinedMode of ['strict', 'lenient', 'chainable', 'debug'] as const) {
    const { value, diagnostics } = parseTemplate({ path: 'models/any.sql', text }, { undefined: undefinedMode });
    for (const { at } of diagnostics) expect((at?.start ?? 0) <= (at?.end ?? 0)).toBe(true);
    if (value === undefined) expect(diagnostics.length).toBeGreaterThan(0);
    else expect(render(value, scope, { maxOutput: 100_000 }).kind).not.toBe('needs');
  }
}

const pieces = fc.constantFrom(
  ...[
    '{{',
    '}}',
    '{%',
    '%}',
    '{#',
    '#}',
    '{%-',
    '-%}',
    '{{-',
    '-}}',
    '{%+',
    '+%}',
    ' ',
    '\n',
    '\r\n',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
  ],
  ...[
    ',',
    ':',
    '.',
    '|',
    '~',
    '=',
    '==',
    '<',
    '>=',
    '+',
    '-',
    '*',
    '**',
    '/',
    '//',
    '%',
    '!',
    '?',
    '\\',
    '"',
    "'",
    '0',
    '1',
    '2.5',
  ],
  ...[
    'for',
    'endfor',
    'in',
    'if',
    'elif',
    'else',
    'endif',
    'set',
    'endset',
    'macro',
    'endmacro',
    'call',
    'endcall',
    'filter',
  ],
  ...[
    'endfilter',
    'do',
    'with',
    'endwith',
    'raw',
    'endraw',
    'block',
    'endblock',
    'extends',
    'include',
    'import',
    'from',
    'as',
  ],
  ...[
    'test',
    'endtest',
    'snapshot',
    'endsnapshot',
    'docs',
    'enddocs',
    'break',
    'continue',
    'recursive',
    'not',
    'and',
    'or',
    'is',
  ],
  ...[
    'defined',
    'none',
    'true',
    'orders',
    'columns',
    'model',
    'n',
    'text',
    'loop',
    'caller',
    'varargs',
    'x',
    'return',
    'self',
    'super',
  ],
  ...[
    'upper',
    'join',
    'map',
    'sort',
    'length',
    'tojson',
    'format',
    'replace',
    'split',
    'items',
    'append',
    'modules',
    'range',
    '😀',
    'é',
  ],
);

test('any text at all is parsed and rendered without a JavaScript error', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), survive), { numRuns: 300 });
});

test('any heap of the language’s words is parsed and rendered without a JavaScript error', () => {
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 40 }).map((words) => words.join(' ')),
      survive,
    ),
    { numRuns: 600 },
  );
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 40 }).map((words) => words.join('')),
      survive,
    ),
    { numRuns: 600 },
  );
});

/** Expressions that mostly parse, over values of every kind. */
const expression: fc.Arbitrary<string> = fc.letrec<{ any: string; leaf: string }>((tie) => ({
  leaf: fc.constantFrom(
    ...[
      'none',
      'true',
      '0',
      '-7',
      '2.5',
      '1e300',
      '9007199254740993',
      "''",
      "'abc'",
      "'😀'",
      '[]',
      '[3, 1, 2]',
      '{}',
      "{'a': 1}",
      '(1,)',
    ],
    ...[
      'orders',
      'columns',
      'model',
      'n',
      'text',
      'missing',
      'model.missing',
      'range(3)',
      'model.items()',
      'set([1, 2])',
      'namespace(a=1)',
    ],
    ...[
      'modules.datetime.date(2024, 1, 31)',
      'modules.datetime.timedelta(days=1)',
      "('<b>' | e)",
      'columns.append',
      'dict',
      'cycler(1, 2)',
    ],
  ),
  any: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    fc
      .tuple(
        tie('any'),
        fc.constantFrom('+', '-', '*', '/', '//', '%', '~', '==', '<', 'in', 'and', 'or', 'not in', '!='),
        tie('any'),
      )
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc
      .tuple(
        tie('any'),
        fc.constantFrom(
          '[0]',
          '[-1]',
          '[1:]',
          '[::-1]',
          "['a']",
          '.a',
          '.name',
          '.x.y',
          '()',
          '(1)',
          '.upper()',
          '.split()',
          '.format(1, a=2)',
          '.items()',
          '.get(1)',
          '.pop()',
          '.index(1)',
        ),
      )
      .map(([a, tail]) => `${a}${tail}`),
    fc
      .tuple(
        tie('any'),
        fc.constantFrom(
          ...[
            'abs',
            'batch(2)',
            'capitalize',
            'center',
            'count',
            'default(1)',
            'dictsort',
            'e',
            'filesizeformat',
            'first',
            'float',
            'format(1)',
          ],
          ...[
            'groupby("a")',
            'indent',
            'int',
            'items',
            'join',
            'last',
            'list',
            'lower',
            'map("upper")',
            'map(attribute="a")',
            'max',
            'min',
            'pprint',
          ],
          ...[
            'reject',
            'replace("a", "b")',
            'reverse',
            'round',
            'round(2, "floor")',
            'safe',
            'select',
            'selectattr("a")',
            'slice(2)',
            'sort',
            'string',
          ],
          ...[
            'striptags',
            'sum',
            'title',
            'tojson',
            'trim',
            'truncate(3, true, "")',
            'unique',
            'upper',
            'urlencode',
            'urlize',
            'wordcount',
            'wordwrap(3)',
            'xmlattr',
            'attr("a")',
            'random',
          ],
        ),
      )
      .map(([a, filter]) => `(${a} | ${filter})`),
    fc
      .tuple(
        tie('any'),
        fc.constantFrom(
          'defined',
          'none',
          'string',
          'mapping',
          'odd',
          'divisibleby 3',
          'sequence',
          'in [1]',
          'lower',
          'callable',
          'gt 2',
        ),
      )
      .map(([a, name]) => `(${a} is ${name})`),
    fc.tuple(tie('any'), tie('any'), tie('any')).map(([a, b, c]) => `(${a} if ${b} else ${c})`),
    fc.tuple(fc.constantFrom('-', '+', 'not '), tie('any')).map(([sign, a]) => `(${sign}${a})`),
    fc.tuple(fc.constantFrom("'%s %d'", "'%(a)s'", "'%5.2f'"), tie('any')).map(([format, a]) => `(${format} % ${a})`),
    fc
      .tuple(
        fc.constantFrom('tojson', 'toyaml', 'set', 'zip', 'dict', 'fromjson', 'local_md5', 'joiner', 'namespace'),
        tie('any'),
      )
      .map(([name, a]) => `${name}(${a})`),
  ),
})).any;

test('any expression over any values is rendered or refused', () => {
  fc.assert(
    fc.property(expression, (text) => survive(`{{ ${text} }}`)),
    { numRuns: 1500 },
  );
  fc.assert(
    fc.property(expression, (text) => survive(`{% for a in ${text} %}{{ a }}{{ loop.last }}{% endfor %}`)),
    { numRuns: 500 },
  );
});

const LONG = 200_000;

test.each([
  ['braces', '{'.repeat(LONG)],
  ['opened blocks', '{%'.repeat(LONG / 2)],
  ['opened comments', '{#'.repeat(LONG / 2)],
  ['spaces before a tag', `${' '.repeat(LONG)}{%- if true -%}${' '.repeat(LONG)}{%- endif -%}`],
  ['spaces inside a tag', `{{${' '.repeat(LONG)}1${' '.repeat(LONG)}}}`],
  ['raw without an end', `{% raw %}${'{% '.repeat(LONG / 3)}`],
  ['spaces after block starts in raw', `{% raw %}${`{%${' '.repeat(50)}`.repeat(LONG / 52)}`],
  ['prints', '{{ n }}'.repeat(LONG / 7)],
  ['a long list', `{{ [${'1,'.repeat(LONG / 2)}] | length }}`],
  ['a long string', `{{ '${'a'.repeat(LONG)}' | length }}`],
  ['nested brackets', `{{ ${'['.repeat(LONG)}`],
  ['nested blocks', '{% if true %}'.repeat(LONG / 13)],
  ['a long sum', `{{ 1${' + 1'.repeat(LONG / 4)} }}`],
  ['many filters', `{{ text${' | upper'.repeat(LONG / 8)} }}`],
  ['digits', `{{ ${'9'.repeat(4000)} }}`],
])('long input of one kind (%s) takes time in proportion', (_, text) => {
  const started = performance.now();
  survive(text);
  // Four readings of 200,000 characters take some 0.2 s; anything quadratic would take minutes.
  expect(performance.now() - started).toBeLessThan(20_000);
});
