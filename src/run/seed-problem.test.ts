import { expect, test } from 'vitest';
import { problemIn } from './seed-problem.ts';

/** What is wrong, and the row that is shown. */
function problem(text: string, message = '', delimiter = ','): string | undefined {
  const found = problemIn(text, delimiter, message);
  return found && `${found.message} «${text.slice(found.row.start, found.row.end)}»`;
}

test('a row with a field too few or too many is named, with its line', () => {
  expect(problem('id,name,country\n1,Ada,UK\n2,Bob\n')).toBe('it has 3 columns but line 3 has 2 «2,Bob»');
  expect(problem('id,name\r\n1,Ada\r\n2,Bob,x\r\n')).toBe('it has 2 columns but line 3 has 3 «2,Bob,x»');
  expect(problem('id;name\n"1;2";x\n3\n', '', ';')).toBe('it has 2 columns but line 3 has 1 «3»');
});

test('values in quotes may hold delimiters, lines and quotes; blank lines are no rows', () => {
  expect(problem('\ufeffid,name\n1,"a, ""b""\nc"\n\n2,d\n')).toBeUndefined();
  expect(problem('id,name\n1,"a\nb"\n2\n')).toBe('it has 2 columns but line 4 has 1 «2»');
});

test('a quote that is never closed is shown where it is opened', () => {
  expect(problem('id,name\n1,"Ada\n2,Bob\n')).toBe('the quote that is opened in line 2 is never closed «1,"Ada»');
});

test('a value that is not of the column’s type is found', () => {
  expect(
    problem(
      'id,name\n1,Ada\nzwei,Bob\n',
      "Could not convert string 'zwei' to INT32 when casting from source column id",
    ),
  ).toBe('`zwei` in column `id`, line 3, is no INT32 «zwei,Bob»');
});

test('a file without a header', () => {
  expect(problem('')).toBe('it is empty «»');
  expect(problem('\n\n')).toBe('it is empty «»');
});

test('where no value may be told neither it nor its row is shown', () => {
  const found = problemIn(
    'id,email\nann@example.com,x\n',
    ',',
    "Could not convert string 'ann@example.com' to INT32 when casting from source column id",
  )?.withoutValues();
  expect([found?.message, found?.row]).toEqual(['the value in column `id`, line 2, is no INT32', { start: 0, end: 0 }]);
});
