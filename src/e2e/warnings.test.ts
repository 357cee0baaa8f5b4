import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { WARNINGS } from '../app/warning-names.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

const YML = (flags = '') => `name: shop
${flags}target: dev
targets:
  dev: { path: shop.duckdb, schema: main, threads: 2 }
`;
const SHOP = {
  'models/orders.sql': 'select 1 as id union all select 2',
  'models/models.yml':
    'models:\n  - name: orders\n    columns:\n      - name: id\n        data_tests:\n          - accepted_values: { arguments: { values: [1] }, config: { severity: warn } }\n',
};
/** A model that is written with a literal name, which is a warning of the compiler. */
const LITERAL = { 'models/paid.sql': 'select * from main.orders' };
/** A template that warns when it is rendered. */
const WARY = { 'models/wary.sql': "{% do exceptions.warn('late data') %} select 1 as one" };

let open: TemporaryProject | undefined;
const openShop = (files: Record<string, string> = {}): TemporaryProject => {
  open = temporaryProject({ ...SHOP, ...files });
  return open;
};
afterEach(() => open?.close());

const options = (text: string) => ['--warn-error-options', text];

test('--warn-error stops at the warnings of the project, too, before anything is built', async () => {
  const shop = openShop(LITERAL);
  expect(await shop.dql('ls')).toMatchObject({ code: 0 });
  const told = await shop.dql('build --warn-error');
  expect(told.code).toBe(2);
  expect(told.stderr).toContain('error[compile/literal-reference]');
  expect(told.stderr).toContain('a warning, and an error with --warn-error');
});

test('a warning that is named under `warn` stays one, the others are errors', async () => {
  const shop = openShop(LITERAL);
  const told = await shop.dql(['build', ...options('{error: all, warn: [compile/literal-reference]}')]);
  expect(told.code).toBe(1);
  expect(told.stderr).toContain('warning[compile/literal-reference]');
  expect(told.stderr).toContain('Got 1 result, configured to fail');
});

test('only what is named under `error` is an error: by dql’s code or dbt’s event', async () => {
  const shop = openShop();
  expect(await shop.dql(['build', ...options('{error: [LogTestResult]}')])).toMatchObject({ code: 1 });
  expect(await shop.dql(['build', ...options('{error: [checks/test-warned]}')])).toMatchObject({ code: 1 });
  expect(await shop.dql(['build', ...options('{include: [NoNodesForSelectionCriteria]}')])).toMatchObject({ code: 0 });
  expect(await shop.dql(['ls', '-s', 'tag:x', ...options('{error: [NoNodesForSelectionCriteria]}')])).toMatchObject({
    code: 2,
  });
});

test('what is silenced is not shown: of the compiler, of a template, of a test, whose status stays', async () => {
  const shop = openShop({ ...LITERAL, ...WARY });
  const loud = await shop.dql('build --force');
  expect(loud.stderr).toContain('literal-reference');
  expect(loud.stderr).toContain('late data');
  expect(loud.stderr).toContain('configured to warn');
  const quiet = await shop.dql([
    'build',
    '--force',
    ...options('{"silence": ["compile/literal-reference", "JinjaLogWarning", "LogTestResult"]}'),
  ]);
  expect(quiet.code).toBe(0);
  expect(quiet.stderr).not.toMatch(/literal-reference|late data|configured to warn/);
  expect(quiet.stderr).toContain('WARN=1');
});

test('a template’s own warning fails its node where warnings are errors, built anew or not', async () => {
  const shop = openShop(WARY);
  expect(await shop.dql('build')).toMatchObject({ code: 0 });
  const told = await shop.dql(['build', ...options('{error: [JinjaLogWarning]}')]);
  expect(told.code).toBe(1);
  expect(told.stderr).toContain('late data');
});

test('project.yml says it for everybody, the environment more, the command line most', async () => {
  const shop = openShop({ 'project.yml': YML('flags:\n  warn_error_options: { error: [LogTestResult] }\n') });
  expect(await shop.dql('build')).toMatchObject({ code: 1 });
  expect(await shop.dql(['build', ...options('{}')])).toMatchObject({ code: 0 });
  shop.write('.env', "DBT_WARN_ERROR_OPTIONS='{silence: [LogTestResult]}'\n");
  const quiet = await shop.dql('build');
  expect(quiet.code).toBe(0);
  expect(quiet.stderr).not.toContain('configured to warn');
  shop.write('.env', 'DQL_WARN_ERROR=true\n');
  expect(await shop.dql('build')).toMatchObject({ code: 1 });
});

test('names that are none, and options that contradict each other, are refused', async () => {
  const shop = openShop();
  expect(await shop.dql(['build', ...options('{error: [LogTestResults]}')])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean `LogTestResult`?'),
  });
  expect(await shop.dql(['build', '--warn-error', ...options('{silence: [LogTestResult]}')])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('contradict each other'),
  });
  shop.write('project.yml', YML('flags: { fail_fast: perhaps }\n'));
  expect(await shop.dql('build')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('`fail_fast: perhaps` under `flags` of project.yml'),
  });
  shop.write('project.yml', YML('flags: { warn_eror: true }\n'));
  expect(await shop.dql('parse')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('did you mean `warn_error`?'),
  });
});

test('every warning that is written anywhere in dql can be named', () => {
  const root = join(import.meta.dirname, '..');
  const given = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.startsWith('testing'))
    .flatMap((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return [...text.matchAll(/code: '([a-z]+\/[a-z-]+)',\s+severity: (?:'warning'|\w+ \? [^,]*'warning')/g)].map(
        ([, code = '']) => code,
      );
    });
  expect(given.length).toBeGreaterThan(10);
  // The user chose it in project.yml: there is nothing to put right.
  expect(given.filter((code) => !(code in WARNINGS) && code !== 'plan/publish-as-ready')).toEqual([]);
});
