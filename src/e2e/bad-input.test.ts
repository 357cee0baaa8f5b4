/** What people get wrong, and what they are told: the place, in their words, and what to do. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

let open: TemporaryProject | undefined;
afterEach(() => open?.close());
async function told(
  files: Readonly<Record<string, string>>,
  words = 'build',
): Promise<{ code: number; stderr: string }> {
  open?.close();
  open = temporaryProject(files);
  return open.dql(words);
}

test('a seed’s row with a field too few or too many, a value of another type, a quote left open, nothing at all', async () => {
  const seed = (text: string, yml = 'seeds: []') => told({ 'seeds/people.csv': text, 'seeds/seeds.yml': yml });
  const few = await seed('id,name,country\n1,Ada,UK\n2,Bob\n');
  expect(few.code).toBe(1);
  expect(few.stderr).toContain('seed `people`: it has 3 columns but line 3 has 2');
  expect(few.stderr).toContain('seeds/people.csv:3:1');
  // DuckDB would have taken the rows before it for notes and loaded none.
  expect((await seed('id,name\n1,Ada\n2,Bob,x\n')).stderr).toContain('it has 2 columns but line 3 has 3');
  const typed = 'seeds: [{ name: people, config: { column_types: { id: integer } } }]';
  expect((await seed('id,name\n1,Ada\nzwei,Bob\n', typed)).stderr).toContain(
    '`zwei` in column `id`, line 3, is no INT32',
  );
  expect((await seed('id,name\n1,"Ada\n2,Bob\n')).stderr).toContain('opened in line 2 is never closed');
  expect((await seed('')).stderr).toContain('seed `people`: it is empty');
});

test('a source whose file is not there, or is not what it is called', async () => {
  const source = {
    'models/sources.yml': 'sources:\n  - name: raw\n    tables: [{ name: flights, external: raw/flights.parquet }]\n',
    'models/flights.sql': "select * from {{ source('raw', 'flights') }}",
  };
  const missing = await told(source);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('the source `raw.flights` cannot be read: no file is there: raw/flights.parquet');
  expect(missing.stderr).toContain('see its `external` in models/sources.yml');
  const ofPackage = await told({
    ...source,
    'models/sources.yml':
      'sources:\n  - name: raw\n    tables: [{ name: flights, external: node_modules/flights/data.csv }]\n',
  });
  expect(ofPackage.stderr).toContain('run `npm install` in the project');
  const junk = await told({ ...source, 'raw/flights.parquet': 'no parquet' });
  expect(junk.stderr).toMatch(/the source `raw.flights` cannot be read: .*Parquet/);
});

test('a query that breaks its contract: each column, what was promised and what came', async () => {
  const { code, stderr } = await told({
    'models/orders.sql': "select '1' as id, 2 as other",
    'models/orders.yml': `models:
  - name: orders
    config: { contract: { enforced: true } }
    columns: [{ name: id, data_type: integer }, { name: name, data_type: varchar }]
`,
  });
  expect(code).toBe(1);
  expect(stderr).toContain('`orders` does not keep its contract: 3 columns differ');
  for (const note of [
    'id: data type mismatch, contract INTEGER, query VARCHAR',
    'name: missing in the query',
    'other: missing in the contract',
  ])
    expect(stderr).toContain(note);
});

test('a literal reference to what the project builds: a warning with the call to write, an error where it is strict', async () => {
  const shop = { 'models/orders.sql': 'select 1 as id', 'models/paid.sql': 'select *\nfrom main.orders' };
  const warned = await told(shop, 'ls');
  expect(warned.code).toBe(0);
  expect(warned.stderr).toContain('warning[compile/literal-reference]');
  expect(warned.stderr).toContain('models/paid.sql:2:6');
  expect(warned.stderr).toContain("write {{ ref('orders') }}");
  const yml = 'name: shop\nstrict: true\ntarget: dev\ntargets: { dev: { path: shop.duckdb } }\n';
  expect(await told({ ...shop, 'project.yml': yml }, 'ls')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('error[compile/literal-reference]'),
  });
});

test('a model of two statements: the second is shown, where it would have been ignored', async () => {
  const { code, stderr } = await told({
    'models/orders.sql': 'select 1 as id;\nselect 2 as id',
    'models/days.sql': "{{ config(materialized='incremental') }} select 1 as day;\n",
  });
  expect(code).toBe(1);
  expect(stderr).toContain('a second statement follows here, but a node is one query');
  expect(stderr).toContain('models/orders.sql:2:1');
  expect(stderr).toMatch(/Built .*main\.days/);
});

test('indentation that does not fit is said to be that', async () => {
  const { code, stderr } = await told({ 'models/orders.yml': 'models:\n  - name: orders\n   description: x\n' });
  expect(code).toBe(2);
  expect(stderr).toContain('the indentation of this line does not fit the lines above');
  expect(stderr).toContain('models/orders.yml:3:4');
});

test('a warehouse of a newer dql, of a newer DuckDB, or no warehouse at all is refused and left as it is', async () => {
  expect((await told({ 'models/orders.sql': 'select 1 as id' })).code).toBe(0);
  if (!open) throw new Error('no project');
  const file = join(open.folder, 'shop.duckdb');
  const refused = async (words: string) => {
    const before = readFileSync(file);
    for (const command of ['build', 'history'])
      expect(await open?.dql(command)).toMatchObject({ code: 2, stderr: expect.stringContaining(words) });
    expect(readFileSync(file).equals(before)).toBe(true);
  };
  const whole = readFileSync(file);
  writeFileSync(file, ofVersion(whole, 250n));
  await refused('written by another version of DuckDB; nothing was changed');
  writeFileSync(file, 'these are no tables');
  await refused('not a valid DuckDB database file');
  writeFileSync(file, whole);
  expect((await open.dql(['run-operation', '--sql', 'update _dql.ledger_meta set version = 99'])).code).toBe(0);
  await refused('a newer dql has written to this warehouse: upgrade dql, nothing was changed');
});

test('an argument that a test does not have is told before anything is built; a templated one waits for its value', async () => {
  const tested = (test: string) => ({
    'models/orders.sql': 'select 1 as id',
    'models/orders.yml': `models:\n  - name: orders\n    columns:\n      - name: id\n        data_tests:\n          - ${test}\n`,
  });
  const misspelt = await told(tested('accepted_values: { arguments: { value: [1] } }'));
  expect(misspelt.code).toBe(2);
  expect(misspelt.stderr).toContain('test `accepted_values` has no argument `value`');
  expect(misspelt.stderr).toContain('models/orders.yml:6:13');
  expect(misspelt.stderr).toContain('did you mean `values`?');
  expect(await open?.dql('history')).toMatchObject({ stdout: expect.not.stringContaining('build') });
  expect((await told(tested('accepted_range: { min: 1, where: "id > 0" }'))).code).toBe(0);
  expect((await told(tested('accepted_range: { arguments: { min: "{{ 0 + 1 }}" } }'))).code).toBe(0);
  const crossed = await told(tested('accepted_range: { arguments: { min: 5, max: 1 } }'));
  expect([crossed.code, crossed.stderr]).toEqual([2, expect.stringContaining('nothing lies between 5 and 1')]);
  const later = await told(tested('accepted_range: { arguments: { strict: "{{ 4 + 1 }}", max: 1 } }'));
  expect([later.code, later.stderr]).toEqual([
    1,
    expect.stringContaining('argument `strict` must be `true` or `false`, not 5'),
  ]);
  // The project's own test of that name takes what it likes.
  const own = '{% test accepted_values(model, column_name, value) %}select 1 where false{% endtest %}';
  const mine = await told({
    ...tested('accepted_values: { arguments: { value: [1] } }'),
    'tests/generic/accepted_values.sql': own,
  });
  expect(mine.code).toBe(0);
});

test('a folder that cannot be made', async () => {
  const yml = 'name: shop\ntarget: dev\ntargets: { dev: { path: notes.txt/shop.duckdb } }\n';
  const { code, stderr } = await told({
    'project.yml': yml,
    'notes.txt': 'a file',
    'models/orders.sql': 'select 1 as id',
  });
  expect(code).toBe(2);
  expect(stderr).toContain('notes.txt cannot be made');
});

/** A DuckDB file that says it has another storage version: 8 bytes at 12, under the checksum at 0 of the first block's rest. */
function ofVersion(file: Buffer, version: bigint): Buffer {
  const forged = Buffer.from(file);
  forged.writeBigUInt64LE(version, 12);
  let sum = 5381n;
  for (let at = 8; at < 4096; at += 8) sum ^= BigInt.asUintN(64, forged.readBigUInt64LE(at) * 0xbf58476d1ce4e5b9n);
  forged.writeBigUInt64LE(sum, 0);
  return forged;
}
