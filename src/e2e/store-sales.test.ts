/**
 * The store-sales pipeline from its first build to a rollback, with few shops so that it takes seconds; the bench runs it whole
 * (1,115 shops, 1,017,209 rows). Its features were compared with an independent implementation at full size.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Ended, resultOf, type StoryProject, statuses, storyProject } from '../testing/story-project.ts';
import { makeRawFiles, storeSalesProject } from './store-sales.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const STORES = 12;
const CALENDAR = 12;
const PROMOTION = 5;
const COMPETITION = 3;
const LAGS = 4;
const ROLLING = 8;

let shop: StoryProject;
let twin: StoryProject;
const open = (): StoryProject => storyProject(storeSalesProject(), 'store-sales.duckdb');
const testsOf = (ended: Ended, status: string): readonly string[] =>
  (ended.results?.results ?? [])
    .filter((result) => result.unique_id.startsWith('test.') && result.status === status)
    .map((result) => result.unique_id.split('.')[2] ?? '')
    .sort();

beforeAll(async () => {
  [shop, twin] = [open(), open()];
  await makeRawFiles(shop.folder, { stores: STORES, files: { 'sales-1.csv': [0, 935] } });
  await makeRawFiles(twin.folder, { stores: STORES, files: { 'sales-1.csv': [0, 935], 'sales-2.csv': [935, 942] } });
});
afterAll(() => {
  shop.remove();
  twin.remove();
});

test('the first build: 13 tests of the raw file pass, 32 features, Parquet outputs', async () => {
  const ended = await shop.dql('build');
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
  expect(testsOf(ended, 'pass')).toHaveLength(13);
  const raw = await shop.query('select count(*)::int from (describe main.cleaned)');
  expect(await shop.query('select count(*)::int from (describe main.features)')).toEqual([
    [Number(raw[0]?.[0]) + CALENDAR + PROMOTION + COMPETITION + LAGS + ROLLING],
  ]);
  expect(
    await shop.query(
      `select count(*) = (select count(*) from main.features) from '${shop.folder}/exports/features.parquet'`,
    ),
  ).toEqual([[true]]);
});

test('a new week: only what it touches runs, and lags are right across the seam', async () => {
  await makeRawFiles(shop.folder, { stores: STORES, files: { 'sales-2.csv': [935, 942] } });
  const ended = await shop.dql('build');
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
  expect(statuses(ended)).toEqual({
    stores: 'reused',
    sales: 'success',
    cleaned: 'success',
    features: 'success',
    features_file: 'success',
    features_by_year: 'success',
  });
  // Two weeks of rows: the new one and the corrected one before it.
  expect(resultOf(ended, 'features').meta.dql.rows).toBe(14 * STORES);
  expect((await twin.dql('build')).code).toBe(0);
  expect(await shop.published()).toEqual(await twin.published());
});

test('a file without the column Store: exactly 2 of 13 tests fail, nothing downstream runs, what is published stays', async () => {
  const before = await shop.published();
  await makeRawFiles(shop.folder, {
    stores: STORES,
    files: { 'sales-1.csv': [0, 935], 'sales-2.csv': [935, 942] },
    columns: '* exclude ("Store")',
  });
  const ended = await shop.dql('build');
  expect(ended.code).toBe(1);
  expect([...testsOf(ended, 'fail'), ...testsOf(ended, 'error')].sort()).toEqual([
    'sales_has_its_columns',
    'store_is_known',
  ]);
  expect(testsOf(ended, 'pass')).toHaveLength(11);
  expect(statuses(ended)).toEqual({
    stores: 'reused',
    sales: 'skipped',
    cleaned: 'skipped',
    features: 'skipped',
    features_file: 'skipped',
    features_by_year: 'skipped',
  });
  expect(await shop.published()).toEqual(before);
});

test('three outliers warn with their values, and the exit code is 0', async () => {
  await makeRawFiles(shop.folder, {
    stores: STORES,
    files: { 'sales-1.csv': [0, 935], 'sales-2.csv': [935, 942] },
    columns: `* replace (case when "Store" <= 3 and "Date" = '2015-07-30' then 90000 + "Store" else "Sales" end as "Sales")`,
  });
  const ended = await shop.dql('build');
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
  const warned = resultOf(ended, 'sales_is_believable');
  expect(warned).toMatchObject({ status: 'warn', failures: 3 });
  for (const value of ['90001', '90002', '90003']) {
    expect(JSON.stringify(warned.meta.dql.sample)).toContain(value);
    expect(ended.stdout + ended.stderr).toContain(value);
  }
  expect(await shop.query('select max(Sales) from main.features where "Date" = \'2015-07-30\'')).toEqual([[90003]]);
});

test('a rollback to the version before gives the same bytes', async () => {
  const back = await shop.dql('rollback');
  expect(back.code, back.stderr + back.stdout).toBe(0);
  expect(await shop.published()).toEqual(await twin.published());
});

test('edited features: the three stages before are reused as unchanged', async () => {
  await makeRawFiles(shop.folder, { stores: STORES, files: { 'sales-1.csv': [0, 935], 'sales-2.csv': [935, 942] } });
  expect((await shop.dql('build')).code).toBe(0);
  const sql = shop.read('models/features.sql');
  shop.write({ 'models/features.sql': sql.replace('DayOfWeek >= 6', 'DayOfWeek >= 7') });
  const ended = await shop.dql('build', '--full-refresh');
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
  expect(statuses(ended)).toMatchObject({
    stores: 'reused',
    sales: 'reused',
    cleaned: 'reused',
    features: 'success',
    features_file: 'success',
  });
  expect(await shop.query('select count(*)::int from main.features where DayOfWeek = 6 and IsWeekend = 1')).toEqual([
    [0],
  ]);
});
