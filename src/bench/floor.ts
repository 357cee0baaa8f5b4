/** The floor: DuckDB's own client executing given statements one after another, with no framework around. */
import { readFileSync, rmSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

const [statementsFile = '', database = ''] = process.argv.slice(2);
const statements: readonly string[] = JSON.parse(readFileSync(statementsFile, 'utf8'));
for (const file of [database, `${database}.wal`]) rmSync(file, { force: true });
const instance = await DuckDBInstance.create(database);
const connection = await instance.connect();
await connection.run('set enable_progress_bar_print = false');
for (const statement of statements) await connection.run(statement);
connection.closeSync();
instance.closeSync();
