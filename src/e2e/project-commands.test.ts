import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { CleanAnswer, DebugAnswer, FreshnessResults, InitAnswer } from '../app/contract.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

const open: TemporaryProject[] = [];
function openProject(files: Readonly<Record<string, string>>): TemporaryProject {
  const project = temporaryProject(files);
  open.push(project);
  return project;
}
afterEach(() => {
  for (const project of open.splice(0)) project.close();
});

test('init writes a project that parses, with a schema line for editors, and overwrites nothing', async () => {
  const shell = openProject({});
  const folder = join(shell.folder, 'my shop');
  const made = await shell.dql(['init', 'my shop', '--ci', 'github', '--output', 'json']);
  const { files, next }: InitAnswer = JSON.parse(made.stdout);
  expect(files).toEqual(
    expect.arrayContaining(['project.yml', 'package.json', '.gitignore', '.github/workflows/dql.yml']),
  );
  expect(next).toEqual(expect.arrayContaining(['npm install', 'npm run dql -- build']));
  const read = (path: string) => readFileSync(join(folder, path), 'utf8');
  expect(JSON.parse(read('package.json'))).toMatchObject({
    name: 'my-shop',
    scripts: { dql: 'dql' },
    devDependencies: { 'dql-cli': '^0.1.0' },
  });
  expect(read('project.yml')).toMatch(
    /^# yaml-language-server: \$schema=node_modules\/dql-cli\/dist\/schema\/project\.json\n/,
  );
  expect(read('models/staging/staging.yml')).toContain(
    '$schema=../../node_modules/dql-cli/dist/schema/properties.json',
  );
  for (const file of files) expect(read(file)).not.toContain('npx dql');
  symlinkSync(join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'));
  const parsed = await shell.dql(['parse', '--project-dir', folder]);
  expect(`${parsed.code} ${parsed.stderr}`).toMatch(/^0 /);

  const again = await shell.dql(['init', 'my shop']);
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('is not empty')]);
  writeFileSync(join(folder, 'README.md'), 'mine');
  const forced = await shell.dql(['init', 'my shop', '--force', '--ci', 'gitlab', '--output', 'json']);
  expect(JSON.parse(forced.stdout).files).toEqual(['.gitlab-ci.yml']);
  expect(read('README.md')).toBe('mine');
});

test('init takes a folder in which only packages were installed, and says what is left to do', async () => {
  const shell = openProject({ 'new/package.json': '{"name":"mine"}' });
  mkdirSync(join(shell.folder, 'new/node_modules'));
  const { stdout } = await shell.dql('init new --output json');
  const answer: InitAnswer = JSON.parse(stdout);
  expect(answer.files).not.toContain('package.json');
  expect(answer.next).toEqual(expect.arrayContaining(['npm pkg set scripts.dql=dql']));
});

test('clean removes target/, and refuses what is outside, source or published data', async () => {
  const shop = openProject({ 'models/one.sql': 'select 1 as one' });
  expect((await shop.dql('build')).code).toBe(0);
  const { removed } = await shop.answer<CleanAnswer>('clean');
  expect(removed).toMatchObject([{ what: 'target', kind: 'folder' }]);
  expect(existsSync(join(shop.folder, 'target'))).toBe(false);
  expect((await shop.dql('clean')).stdout).toContain('nothing to remove');

  const withTargets = (folders: string, path = 'shop.duckdb') =>
    `name: shop\nclean-targets: [${folders}]\ntargets:\n  dev: { path: ${path} }\n`;
  const refused = async (folders: string, path?: string) => {
    shop.write('project.yml', withTargets(folders, path));
    const { code, stderr } = await shop.dql('clean');
    expect(code).toBe(2);
    return stderr;
  };
  expect(await refused('target, ../elsewhere')).toContain('not inside the project');
  expect(await refused('.')).toContain('not inside the project');
  expect(await refused('models')).toContain('would remove `models`');
  shop.write('project.yml', withTargets('target', 'target/shop.duckdb'));
  expect((await shop.dql('build')).code).toBe(0);
  expect(await refused('target', 'target/shop.duckdb')).toContain('holds published data: target/shop.duckdb');
  expect(existsSync(join(shop.folder, 'target/shop.duckdb'))).toBe(true);
});

test('clean --versions keeps what retention keeps, and what is published', async () => {
  const shop = openProject({
    'project.yml': 'name: shop\nretention: { versions: 0, days: 0 }\ntargets:\n  dev: { path: shop.duckdb }\n',
    'models/one.sql': "{{ config(materialized='table') }} select 1 as one",
  });
  await shop.dql('build');
  shop.write('models/one.sql', "{{ config(materialized='table') }} select 2 as one");
  await shop.dql('build');
  const { removed } = await shop.answer<CleanAnswer>('clean --versions');
  expect(removed).toMatchObject([{ what: '"shop"."main"."one"@1', kind: 'version' }]);
  expect(await shop.rows('select one from one')).toEqual([[2]]);
});

test('debug finds what is wrong without giving up at the first', async () => {
  const shop = openProject({ 'models/one.sql': "select * from {{ ref('onne') }}" });
  const told = await shop.dql('debug --output json');
  const { checks }: DebugAnswer = JSON.parse(told.stdout);
  expect(told.code).toBe(1);
  expect(checks.filter(({ ok }) => !ok)).toMatchObject([{ name: 'models', detail: expect.stringContaining('onne') }]);
  expect(checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['dql', 'node', 'duckdb', 'git', 'project', 'target', 'warehouse', 'ledger', 'extensions']),
  );
  shop.write('models/one.sql', 'select 1 as one');
  expect((await shop.dql('debug')).code).toBe(0);
});

test('source freshness takes no row of the future for fresh, and files by their age', async () => {
  const shop = openProject({
    'models/sources.yml': `sources:
  - name: raw
    schema: main
    freshness: { warn_after: { count: 1, period: day }, error_after: { count: 3, period: day } }
    loaded_at_field: loaded_at
    tables: [{ name: fresh }, { name: stale }, { name: empty }, { name: gone }, { name: prophetic }, { name: ignored, freshness: null }]
  - name: files
    freshness: { warn_after: { count: 12, period: hour } }
    tables: [{ name: payments, external: { location: payments.csv } }]
`,
    'payments.csv': 'id\n1\n',
  });
  const table = (name: string, hours: string) =>
    `create table ${name} as select timestamp '2030-01-10 12:00:00' - to_hours(h) as loaded_at from (values ${hours}) as v(h);`;
  const sql = `${table('fresh', '(1), (50)')}${table('stale', '(80)')}${table('prophetic', '(-24), (30)')}create table empty (loaded_at timestamp)`;
  expect((await shop.dql(['run-operation', '--sql', sql])).code).toBe(0);
  const told = await shop.dql('source freshness --now 2030-01-10T12:00:00Z --output json');
  expect(told.code).toBe(1);
  const { metadata, results }: FreshnessResults = JSON.parse(
    readFileSync(join(shop.folder, 'target/sources.json'), 'utf8'),
  );
  expect(metadata['dbt_schema_version']).toBe('https://schemas.getdbt.com/dbt/sources/v3.json');
  expect(Object.fromEntries(results.map(({ unique_id, status }) => [unique_id.split('.').at(-1), status]))).toEqual({
    payments: 'warn',
    fresh: 'pass',
    stale: 'error',
    empty: 'error',
    gone: 'runtime error',
    prophetic: 'warn',
  });
  expect(results.find(({ unique_id }) => unique_id.endsWith('fresh'))).toMatchObject({
    max_loaded_at: '2030-01-10T11:00:00.000Z',
    max_loaded_at_time_ago_in_s: 3600,
    snapshotted_at: '2030-01-10T12:00:00.000Z',
  });
  expect((await shop.dql('source freshness --now 2030-01-10T12:00:00Z')).stdout).toMatch(
    /warn +raw\.prophetic .*; one row says it is of the future, up to 2030-01-11 12:00 UTC, and did not count/,
  );
});

test('a time that a query of the user’s own answers may be of the future: then nobody knows how old the rows are', async () => {
  const shop = openProject({
    'models/sources.yml': `sources:
  - name: raw
    freshness: { warn_after: { count: 1, period: day } }
    tables: [{ name: loads, config: { loaded_at_query: "select timestamp '2031-01-01 00:00:00'" } }]
`,
  });
  const told = await shop.dql('source freshness --now 2030-01-10T12:00:00Z');
  expect(told.stdout).toMatch(/^warn .*its newest row is of the future \(2031-01-01 00:00 UTC\)/);
});
