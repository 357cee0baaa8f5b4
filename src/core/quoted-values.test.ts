import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { withoutQuotedValues } from './quoted-values.ts';

async function complaint(sql: string): Promise<string> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(`create table people as select 'ann@example.com' as email, ''' to INT32 when casting' as odd;
create table kept (email varchar primary key, age integer not null);
insert into kept values ('ann@example.com', 1);`);
    await connection.run(sql);
    throw new Error('it was expected to fail');
  } catch (error) {
    return error instanceof Error ? error.message : '';
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

test.each([
  [
    'select email::int from people',
    "Conversion Error: Could not convert string '•••' to INT32 when casting from source column email",
  ],
  [
    'select odd::int from people',
    "Conversion Error: Could not convert string '•••' to INT32 when casting from source column odd",
  ],
  [
    "insert into kept values ('ann@example.com', 2)",
    'Constraint Error: Duplicate key "•••" violates primary key constraint',
  ],
  ["insert into kept values ('zoe@example.com', null)", 'Constraint Error: NOT NULL constraint failed: kept.age'],
  [
    'select error(email) from people',
    'Invalid Input Error: what it says may quote personal data and is not shown here',
  ],
  ['select email::date from people', /^Conversion Error: /],
  ["select strptime(email, '%Y') from people", /^Invalid Input Error: what it says may quote/],
])('of what `%s` complains about no value is left', async (sql, said) => {
  const message = await complaint(sql);
  expect(message).not.toContain('expected to fail');
  const told = withoutQuotedValues(message);
  expect(told).toMatch(said);
  if (typeof said === 'string') expect(told).toBe(said);
  expect(told).not.toMatch(/ann@|zoe@/);
});

test('what is about code stays as it is', async () => {
  for (const sql of ["select 'ann@example.com' as email from nowhere", 'select emial from people', 'selct 1']) {
    const message = await complaint(sql);
    expect(withoutQuotedValues(message)).toBe(message);
  }
  expect(withoutQuotedValues('Got 3 results, configured to fail if != 0')).toBe(
    'Got 3 results, configured to fail if != 0',
  );
});
