import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import {
  analyseQuery,
  type Catalog,
  columnFingerprints,
  deterministic,
  literalTables,
  parseTreeSql,
  readSyntaxTree,
} from './lineage.ts';
import { TABLES } from './queries.ts';
import { RandomQuery } from './random-query.ts';

const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
const connection = await instance.connect();
afterAll(() => instance.closeSync());
const rowsOf = async (sql: string): Promise<readonly (readonly unknown[])[]> =>
  (await connection.runAndReadAll(sql)).getRowsJson();

const schemas = new Map<string, readonly { readonly name: string; readonly type: string }[]>();
for (const [table, { columns, rows }] of Object.entries(TABLES)) {
  await connection.run(`create table ${table} (${columns}); insert into ${table} values ${rows.join(', ')}`);
  schemas.set(
    table,
    (await rowsOf(`describe ${table}`)).map((row) => ({ name: String(row[0]), type: String(row[1]) })),
  );
}
const catalog: Catalog = { columnsOf: ({ name }) => schemas.get(name.toLowerCase()) };

test('every query that DuckDB binds is analysed, with the names DESCRIBE gives', { timeout: 120_000 }, async () => {
  let bound = 0;
  let resolved = 0;
  const property = fc.asyncProperty(fc.gen(), async (gen) => {
    const sql = new RandomQuery((count) => gen(fc.nat, { max: Math.max(0, count - 1) })).query(2);
    const [row] = await rowsOf(parseTreeSql([sql]));
    const tree = readSyntaxTree(String(row?.[0]));
    // Whatever DuckDB parses, bound or not, must not crash the analysis.
    const lineage = analyseQuery(tree.value, catalog);
    columnFingerprints(tree.value, catalog);
    deterministic(tree.value);
    literalTables(tree.value);
    expect(JSON.parse(JSON.stringify(lineage))).toEqual(lineage);
    let described: readonly string[];
    try {
      described = (await rowsOf(`describe ${sql}`)).map((each) => String(each[0]));
    } catch {
      return;
    }
    bound++;
    if (lineage.unresolved.length === 0) {
      resolved++;
      const names = lineage.columns.map((column) => column.name);
      expect(names, sql).toEqual(described);
      return;
    }
    // What the tree alone does not tell, the binder's names do.
    const helped = analyseQuery(tree.value, catalog, { describedColumns: described.map((name) => ({ name })) });
    const names = helped.columns.map((column) => column.name);
    expect(names, sql).toEqual(described);
  });
  await fc.assert(property, {
    numRuns: Number(process.env.DQL_FUZZ_RUNS ?? 1500),
    seed: Number(process.env.DQL_FUZZ_SEED ?? 7),
  });
  // A grammar that makes nothing DuckDB binds would prove nothing.
  expect(bound).toBeGreaterThan(300);
  expect(resolved / bound).toBeGreaterThan(0.99);
});
