import { expect, test } from 'vitest';
import { pythonRepr, pythonText } from './python-repr.ts';

// The right column is what python3 prints for repr() of the left.
test.each([
  [null, 'None'],
  [true, 'True'],
  [3, '3'],
  [0.5, '0.5'],
  [0.00001, '1e-05'],
  ["it's", '"it\'s"'],
  ['both \' and "', `'both \\' and "'`],
  ['a\\b\n\t\u0000', "'a\\\\b\\n\\t\\x00'"],
  ['Grüße 🎈', "'Grüße 🎈'"],
  ['\u00a0\u200b', "'\\xa0\\u200b'"],
  [['a', 1, { b: [false] }], "['a', 1, {'b': [False]}]"],
])('%j is written %s', (value, expected) => {
  expect(pythonRepr(value)).toBe(expected);
});

test('text stays as it is', () => {
  expect(pythonText("it's")).toBe("it's");
});
