import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { shownIdentifier } from './quote.ts';

test('a name is shown without quotes exactly where DuckDB reads it without', async () => {
  expect(['orders', '_id2', 'Orders', 'zwei Wörter', 'say "hi"', '2nd'].map(shownIdentifier)).toEqual([
    'orders',
    '_id2',
    '"Orders"',
    '"zwei Wörter"',
    '"say ""hi"""',
    '"2nd"',
  ]);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const words = (await connection.runAndReadAll('select keyword_name from duckdb_keywords()')).getRowsJson();
    for (const word of words.map(String)) {
      const name = shownIdentifier(word);
      await connection.run(`create or replace table ${name} as select 1 as ${name}`);
      expect((await connection.runAndReadAll(`select ${name} from main.${name}`)).getRowsJson(), word).toEqual([[1]]);
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
});
