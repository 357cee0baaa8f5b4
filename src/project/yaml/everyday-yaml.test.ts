import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDocument, stringify } from 'yaml';
import { type Places, readEverydayYaml } from './everyday-yaml.ts';

/** What the full parser says: its value, or that the text is wrong. */
const slowly = (text: string): { readonly value: unknown } | 'error' => {
  const document = parseDocument(text, { merge: true, prettyErrors: false, logLevel: 'silent' });
  return document.errors.length > 0 ? 'error' : { value: document.toJS() };
};

const agrees = (text: string): void => {
  const quick = readEverydayYaml(text);
  if (quick !== undefined) expect({ text, ...quick }).toEqual({ text, ...(slowly(text) as object) });
};

const PROPERTY_FILE = `version: 2   # as dbt has it

models:
  - name: orders
    description: >
      Orders of the shop,
      one row each.

      Paid or not.
    config:
      materialized: table
      tags: [daily, 'finance', "core team"]
      meta: {owner: ann, weight: 1.5, nested: {deep: [1, 2, {x: y}]}}
    columns:
      - name: order_id
        data_tests: [unique, not_null]
      - name: status
        description: 'it''s "open", paid or late'
        data_tests:
        - accepted_values:
            arguments:
              values: ['open', "paid", late]   # three
              quote: true
            config: {severity: warn, where: "created_at > current_date - 7"}

  - name: customers
    description: |
      # People
        - indented
      who buy: often
    latest_version: 2
    tests:
      -
        relationships:
          to: ref('orders')
          field: order_id
  -   name: payments
      description: a long text that
        goes on here

        and here
      url: https://example.com/a#b
      empty:
      nothing: ~
      numbers: [-1, 0x1f, 0o17, 1e3, .5, 12.]
`;

test('reads a property file as the full parser does, and everything in it is everyday YAML', () => {
  expect(readEverydayYaml(PROPERTY_FILE)).toEqual(slowly(PROPERTY_FILE));
});

test.each([
  '',
  '# only a comment\n',
  '---\na: 1\n',
  'a:\n- 1\n- 2\nb: x\n',
  '- - 1\n  - 2\n- x\n',
  'a: "tab\\tand \\"quotes\\""\n',
  "a: 'it''s'\n",
  'a: [\n  1,\n  2,\n  ]\n',
  'a: {b: 1, "c d": [x y, -z]}\n',
  'a: |-\n  one\n  two\nb: >-\n  one\n  two\n',
  'a: x:y\nb: x#y\n',
  'a: 12:30\n',
  'a: "b" # c\n',
  'a:    \n  b: 1',
])('reads %j as the full parser does', (text) => {
  expect(readEverydayYaml(text)).toEqual(slowly(text));
});

test.each([
  ['a tab', 'a:\n\t- b\n'],
  ['an anchor', 'a: &x 1\nb: *x\n'],
  ['a duplicate key', 'a: 1\na: 2\n'],
  ['wrong indentation', 'a:\n    b: 1\n  c: 2\n'],
  ['a missing bracket', 'a: [1, 2\nb: 3\n'],
  ['a second key on the line', 'a: b: c\n'],
  ['a bare template', 'a: {{ var("x") }}\n'],
  ['a key that is no text', 'true: 1\n'],
  ['a document end', 'a: 1\n...\n'],
])('leaves %s to the full parser', (_, text) => {
  expect(readEverydayYaml(text)).toBeUndefined();
});

const word = fc.constantFrom(
  'orders',
  'name',
  'order id',
  'yes',
  'null',
  '1.0',
  '-3',
  'a: b',
  "it's",
  '"x"',
  '',
  '#x',
  'x #y',
  '{{ ref }}',
  ' lead',
  '2024-01-01',
  'two\nlines',
  '~',
  '- a',
  'é',
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    word,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      word.filter((key) => key !== ''),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value;

test('whatever it accepts of written values, the full parser reads the same', () => {
  fc.assert(
    fc.property(
      json,
      fc.constantFrom(2, 4),
      fc.boolean(),
      fc.constantFrom(0, 80),
      (value, indent, indentSeq, lineWidth) => {
        agrees(stringify(value, { indent, indentSeq, lineWidth }));
      },
    ),
    { numRuns: 300 },
  );
});

const PIECES = [
  'a',
  'b c',
  ':',
  ': ',
  '- ',
  '-',
  '\n',
  '\n  ',
  '\n    ',
  ' ',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  ',',
  ', ',
  '#',
  ' #',
  '|',
  '>',
  '>-',
  '1',
  '~',
  '?',
  '&',
  '*',
  '!',
  '%',
  '@',
  '\\',
  '\\n',
  'é',
  '---',
  'true',
  '<<',
];

test('whatever it accepts of random text, the full parser reads the same', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }), (pieces) => agrees(pieces.join(''))),
    { numRuns: 4000 },
  );
});

test('whatever it accepts of a damaged property file, the full parser reads the same', () => {
  const position = fc.nat(PROPERTY_FILE.length);
  fc.assert(
    fc.property(position, fc.nat(6), fc.constantFrom('', ...PIECES), (start, removed, added) => {
      agrees(PROPERTY_FILE.slice(0, start) + added + PROPERTY_FILE.slice(start + removed));
    }),
    { numRuns: 400 },
  );
});

test('knows where keys and values stand', () => {
  const text = 'models:\n  - name: orders\n    tags: [daily, "core"]\n    columns:\n      - name: id\n    empty:\n';
  const places: Places = new Map();
  const root = readEverydayYaml(text, places)?.value;
  const written: Record<string, string> = {};
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, { start, end }] of places.get(value) ?? []) {
      written[`${path}/${key}`] = text.slice(start, end);
      visit(Reflect.get(value, key), `${path}/${key}`);
    }
  };
  visit(root, '');
  expect(written).toMatchObject({
    '/models/0/name': 'orders',
    '/models/0/tags': '[daily, "core"]',
    '/models/0/tags/0': 'daily',
    '/models/0/tags/1': '"core"',
    '/models/0/columns/0': 'name: id',
    '/models/0/columns/0/name': 'id',
    '/models/0/empty': 'empty',
  });
});
