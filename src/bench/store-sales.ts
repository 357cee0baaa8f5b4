import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeRawFiles, storeSalesProject } from '../e2e/store-sales.ts';
import { type Figure, figure } from './figure.ts';
import { dql } from './measure.ts';

/** 1,017,209 days of shops, 32 features: everything, then only what a new week touches. */
export async function* storeSales(folder: string): AsyncGenerator<Figure> {
  for (const [path, text] of Object.entries(storeSalesProject())) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  await makeRawFiles(folder, { stores: 1115, files: { 'sales-1.csv': [0, 935] } });
  yield figure('store-sales', 'first build', dql(folder, 'build'));
  yield figure('store-sales', 'nothing changed', dql(folder, 'build'));
  await makeRawFiles(folder, { stores: 1115, files: { 'sales-2.csv': [935, 942] } });
  yield figure('store-sales', 'a new week', dql(folder, 'build'));
  yield figure('store-sales', 'a new week, features only', dql(folder, 'build', '--select', 'features', '--force'));
  yield figure('store-sales', 'all features again', dql(folder, 'build', '--select', 'features', '--full-refresh'));
  yield figure('store-sales', 'rollback of that', dql(folder, 'rollback'));
}
