import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { memoryConnection } from '../../testing/memory-connection.ts';
import { attachedFile } from './attached-file.ts';
import { loadExtension, prepareTarget } from './prepare-target.ts';

let connection: Awaited<ReturnType<typeof memoryConnection>>;
const folder = mkdtempSync(join(tmpdir(), 'dql-prepare-'));
beforeAll(async () => {
  connection = await memoryConnection();
});
afterAll(() => {
  connection.close();
  rmSync(folder, { recursive: true });
});

const nothing = { settings: {}, configOptions: {}, extensions: [], createSecrets: [], attach: [] };
const attachment = (path: string, type?: string) => ({
  path,
  alias: 'lake',
  readOnly: false,
  options: {},
  ...(type ? { type } : {}),
});

test.each([
  ['lake.duckdb', undefined, '/shop/lake.duckdb'],
  ['/lakes/lake.duckdb', undefined, '/lakes/lake.duckdb'],
  ['lake.db', 'sqlite', '/shop/lake.db'],
  ['host=127.0.0.1 dbname=lake', 'postgres', undefined],
  ['s3://lakes/lake.duckdb', undefined, undefined],
  ['md:lake', undefined, undefined],
  ['ducklake:lake.db', undefined, undefined],
  [':memory:', undefined, undefined],
])('%s of type %s lies at %s', (path, type, file) => {
  expect(attachedFile(attachment(path, type), '/shop')).toBe(file);
});

test('secrets are made, each with all that it takes, before anything is attached', async () => {
  const secret = {
    type: 'http',
    bearer_token: "hush'd",
    scope: ['http://a', 'http://b'],
    extra_http_headers: { a: 'b' },
  };
  const target = {
    ...nothing,
    createSecrets: [secret, { name: 'sales', type: 'http', scope: 'http://c' }],
    attach: [attachment(':memory:')],
  };
  for (let opened = 0; opened < 2; opened += 1) await prepareTarget(connection, { folder, target }, false);
  const { rows } = await connection.query(
    "select name, type, persistent, array_to_string(scope, ' ') from duckdb_secrets() order by name",
  );
  expect(rows).toEqual([
    ['_dbt_secret_1', 'http', false, 'http://a http://b'],
    ['sales', 'http', false, 'http://c'],
  ]);
});

test('what an attachment is to be opened with is said to the engine, a secret too', async () => {
  const file = { ...attachment('small.duckdb'), alias: 'small', options: { block_size: 16384, storage_version: null } };
  await prepareTarget(connection, { folder, target: { ...nothing, attach: [file] } }, false);
  expect(
    (await connection.query("select block_size from pragma_database_size() where database_name = 'small'")).rows,
  ).toEqual([[16384n]]);
  const refused = { ...attachment('other.duckdb'), alias: 'other', options: { secret: 'sales' } };
  await expect(prepareTarget(connection, { folder, target: { ...nothing, attach: [refused] } }, false)).rejects.toThrow(
    /secret/,
  );
});

test('an extension is loaded, and installed first where it is not there', async () => {
  await loadExtension(connection, { name: 'json' });
  const statements = (from: number) => connection.statements.slice(from);
  const before = connection.statements.length;
  await connection.run("set extension_directory = '/nowhere'");
  await expect(loadExtension(connection, { name: 'nothing_like_it', repository: '/nowhere/at all' })).rejects.toThrow();
  expect(statements(before + 1)).toEqual([
    "load 'nothing_like_it'",
    "install 'nothing_like_it' from '/nowhere/at all'",
  ]);
});
