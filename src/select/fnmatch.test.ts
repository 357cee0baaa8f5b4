import { expect, test } from 'vitest';
import { wildcard } from './fnmatch.ts';

test.each([
  ['orders', 'orders', true],
  ['orders', 'Orders', false],
  ['stg_*', 'stg_', true],
  ['stg_*', 'my_stg_orders', false],
  ['*', '', true],
  ['a*b*c', 'a.b/c', true],
  ['a**c', 'abc', true],
  ['order?', 'orders', true],
  ['order?', 'order', false],
  ['v[12]', 'v2', true],
  ['v[12]', 'v3', false],
  ['v[!12]', 'v3', true],
  ['v[0-9]', 'v7', true],
  ['v[9-0]', 'v7', false],
  ['v[!9-0]', 'v7', true],
  ['v[]x]', 'v]', true],
  ['v[!]x]', 'va', true],
  ['v[', 'v[', true],
  ['v[ab', 'v[ab', true],
  ['v[^a]', 'v^', true],
  ['v[a-]', 'v-', true],
  ['a.c*', 'abc', false],
  ['(a|b)*', '(a|b)c', true],
  ['über?', 'über1', true],
])('%s holds %s: %s', (pattern, text, expected) => {
  expect(wildcard(pattern)(text)).toBe(expected);
});
