import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeRawFiles, storeSalesProject } from '../e2e/store-sales.ts';
import { type Figure, figure } from './figure.ts';
import { dql, duckdb, floor, type Measured, median } from './measure.ts';
import { writeStatements } from './statements.ts';

/** 1,017,209 days of shops, 32 features: everything, then only what a new week touches. */
export async function* storeSales(folder: string): AsyncGenerator<Figure> {
  for (const [path, text] of Object.entries(storeSalesProject())) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  await makeRawFiles(folder, { stores: 1115, files: { 'sales-1.csv': [0, 935] } });
  const first = dql(folder, 'build');
  // The engine alone: reads the raw files, makes every stage, writes the Parquet files; then with the 13 tests, one query each.
  const alone = floor(folder, writeStatements(folder, 'models'));
  yield figure('store-sales', 'first build, beside its SQL without the tests', first, alone, '≤ 1.1 × floor');
  yield figure('store-sales', 'first build, beside all of its SQL', first, floor(folder, writeStatements(folder)));
  yield figure('store-sales', 'nothing changed', dql(folder, 'build'));
  await makeRawFiles(folder, { stores: 1115, files: { 'sales-2.csv': [935, 942] } });
  yield figure('store-sales', 'a new week', dql(folder, 'build'));
  const features = median(3, () => dql(folder, 'build', '--select', 'features', '--force'));
  // Its ratio is the first build's share that computing the features of the new week takes.
  yield figure('store-sales', 'a new week, features only', features, first, '≤ 0.15 × first build');
  const again = dql(folder, 'build', '--select', 'features', '--full-refresh');
  yield figure('store-sales', 'all features again, beside their SQL alone', again, await featuresAlone(folder));
  yield figure('store-sales', 'rollback of that', dql(folder, 'rollback'));
}

/** Of the last build, as it was executed. */
async function featuresAlone(folder: string): Promise<Measured> {
  const sql = readFileSync(join(folder, 'target/run/store_sales/models/features.sql'), 'utf8');
  const seconds = await duckdb(join(folder, 'store-sales.duckdb'), `create table alone as\n${sql}`, 'drop table alone');
  return { seconds, peakMb: 0, stdout: '' };
}
