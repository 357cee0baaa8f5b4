import { expect, test } from 'vitest';
import { readDataTest } from './data-test.ts';

test('a bare name is a test without arguments', () => {
  expect(readDataTest('unique')).toEqual({
    test: 'unique',
    arguments: {},
    config: {},
    argumentsPath: [],
    configPath: [],
  });
});

test('arguments stand under `arguments` or beside it, configuration under `config` or beside it', () => {
  expect(
    readDataTest({
      accepted_values: {
        name: 'status_is_known',
        description: 'only states we handle',
        arguments: { values: ['open', 'paid'] },
        quote: true,
        severity: 'warn',
        config: { where: 'amount > 0' },
      },
    }),
  ).toEqual({
    test: 'accepted_values',
    name: 'status_is_known',
    description: 'only states we handle',
    arguments: { values: ['open', 'paid'], quote: true },
    config: { severity: 'warn', where: 'amount > 0' },
    argumentsPath: ['accepted_values', 'arguments'],
    configPath: ['accepted_values', 'config'],
  });
});

test('`test_name` makes the map itself the settings', () => {
  expect(readDataTest({ name: 'paid_later', test_name: 'dbt_utils.accepted_range', min_value: 0 })).toMatchObject({
    test: 'dbt_utils.accepted_range',
    name: 'paid_later',
    arguments: { min_value: 0 },
  });
});

test.each([
  [{}, 'this test has no name'],
  [
    { unique: null, not_null: null },
    'a test is one name with its settings below it, but `unique`, `not_null` stand side by side',
  ],
  [{ unique: 'id' }, 'the settings of the test `unique` are a map of arguments, name and config'],
  [{ unique: { config: [] } }, '`config` of the test `unique` is a map of settings'],
  [
    { unique: { severity: 'warn', config: { severity: 'error' } } },
    '`severity` of the test `unique` is written twice, beside `config` and in it',
  ],
])('%j is refused', (item, problem) => {
  expect(readDataTest(item)).toMatchObject({ problem });
});
