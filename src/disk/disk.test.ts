import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readDotenv } from './dotenv.ts';
import { ignoreRules } from './ignore-rules.ts';
import { findProjectRoot, readProjectFiles } from './read-project.ts';
import { writeTarget } from './write-target.ts';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folderWith(files: Readonly<Record<string, string | Buffer>>): string {
  const root = mkdtempSync(join(tmpdir(), 'dql-disk-'));
  made.push(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

const reading = (root: string, options: Partial<Parameters<typeof readProjectFiles>[1]> = {}) =>
  readProjectFiles(root, { environment: { HOME: root }, ...options });

test('the project’s folder is found from below, project.yml before dbt_project.yml', () => {
  const root = folderWith({
    'dbt_project.yml': 'name: outer',
    'inner/project.yml': 'name: inner',
    'inner/models/a.sql': '',
  });
  expect(findProjectRoot(join(root, 'inner/models'))).toBe(join(root, 'inner'));
  expect(findProjectRoot(root)).toBe(root);
  expect(findProjectRoot(tmpdir())).toBeUndefined();
});

test('text of the configured folders and packages is read; outputs and strangers are not', async () => {
  const root = folderWith({
    'project.yml': 'name: shop\nmodel-paths: [models, ./more/]\n',
    'models/core/orders.sql': 'select 1',
    'models/core/orders.yml': 'models: []',
    'models/notes.txt': 'x',
    'models/node_modules/x.sql': 'x',
    'more/late.sql': 'select 2',
    'seeds/regions.csv': 'id\n1\n',
    'tests/fixtures/rows.csv': 'id\n2\n',
    'target/compiled/orders.sql': 'x',
    'src/other.sql': 'x',
    'selectors.yml': 'selectors: []',
    'dbt_packages/utils/dbt_project.yml': 'name: utils\nmacro-paths: [sql]\n',
    'dbt_packages/utils/sql/star.sql': 'x',
    'dbt_packages/utils/macros/unused.sql': 'x',
    'dbt_packages/nothing/readme.md': 'x',
  });
  const files = await reading(root);
  expect(files.problems).toEqual([]);
  expect(files.files.map(({ path }) => path).sort()).toEqual([
    'dbt_packages/utils/dbt_project.yml',
    'dbt_packages/utils/sql/star.sql',
    'models/core/orders.sql',
    'models/core/orders.yml',
    'more/late.sql',
    'project.yml',
    'selectors.yml',
  ]);
  expect(files.data).toEqual([
    {
      path: 'seeds/regions.csv',
      bytes: 5,
      checksum: createHash('sha256').update('id\n1\n').digest('hex'),
      text: 'id\n1\n',
    },
    {
      path: 'tests/fixtures/rows.csv',
      bytes: 5,
      checksum: createHash('sha256').update('id\n2\n').digest('hex'),
      text: 'id\n2\n',
    },
  ]);
});

test('folders in the spelling of older projects are read', async () => {
  const root = folderWith({
    'dbt_project.yml': 'name: shop\nsource-paths: [transformations]\ndata-paths: [data]\n',
    'transformations/orders.sql': 'select 1',
    'data/raw_orders.csv': 'id\n1\n',
    'models/strange.sql': 'select 2',
    'seeds/strange.csv': 'id\n2\n',
  });
  const { files, data } = await reading(root);
  expect([...files, ...data].map(({ path }) => path).sort()).toEqual([
    'data/raw_orders.csv',
    'dbt_project.yml',
    'transformations/orders.sql',
  ]);
});

test('a project folder `.` leaves target, logs and packages out', async () => {
  const root = folderWith({
    'project.yml': 'name: shop\nmodel-paths: ["."]\n',
    'orders.sql': 'x',
    'target/run/orders.sql': 'x',
    'dbt_packages/u/a.sql': 'x',
  });
  const { files } = await reading(root);
  expect(files.map(({ path }) => path)).toEqual(['project.yml', 'orders.sql']);
});

test('a seed beyond a mebibyte comes as size and sha256, without text', async () => {
  const root = folderWith({ 'project.yml': 'name: shop', 'seeds/big.csv': Buffer.alloc(1024 * 1024 + 1, 'a') });
  const { data } = await reading(root);
  expect(data).toEqual([
    {
      path: 'seeds/big.csv',
      bytes: 1024 * 1024 + 1,
      checksum: createHash('sha256')
        .update('a'.repeat(1024 * 1024 + 1))
        .digest('hex'),
    },
  ]);
});

test('.dbtignore and .dqlignore leave files out', async () => {
  const root = folderWith({
    'project.yml': 'name: shop',
    '.dbtignore': '# drafts\ndraft_*\n/models/old/\n',
    '.dqlignore': '*.wip.sql\n!draft_kept.sql\n',
    'models/orders.sql': '',
    'models/draft_a.sql': '',
    'models/draft_kept.sql': '',
    'models/old/b.sql': '',
    'models/c.wip.sql': '',
    'models/x/old/d.sql': '',
  });
  const { files } = await reading(root);
  expect(files.filter(({ path }) => path.startsWith('models/')).map(({ path }) => path)).toEqual([
    'models/draft_kept.sql',
    'models/orders.sql',
    'models/x/old/d.sql',
  ]);
});

test.each([
  ['*.sql', 'a/b.sql', true],
  ['/b.sql', 'a/b.sql', false],
  ['a/**/c', 'a/x/y/c', true],
  ['a/**/c', 'a/c', true],
  ['a/**', 'a/b', true],
  ['a?.sql', 'ab.sql', true],
  ['[ab].sql', 'c.sql', false],
  ['a.sql', 'axsql', false],
  ['x\\#y', 'x#y', true],
])('the rule %s fits %s: %s', (rule, path, fits) => {
  expect(ignoreRules(rule)(path, false)).toBe(fits);
});

test('.env lies under the shell’s variables', async () => {
  const root = folderWith({ 'project.yml': 'name: shop', '.env': 'SCHEMA=from_file\nOTHER=o\n' });
  const { environment } = await reading(root, { environment: { HOME: root, SCHEMA: 'from_shell' } });
  expect(environment).toEqual({ HOME: root, SCHEMA: 'from_shell', OTHER: 'o' });
});

test('.env knows quotes, export, comments, several lines and expansion', () => {
  const text = [
    '# settings',
    'export PLAIN=some value   # not this',
    'HASH=a#b',
    "LITERAL='no ${PLAIN} \\n'",
    'DOUBLE="line\\none \\"two\\" \\$PLAIN"',
    'LINES="first',
    'second"  # after',
    'EXPANDED=${PLAIN}-$HOME-${MISSING:-else}-${NOTHING}',
    'EMPTY=',
    'not a line',
    'OPEN="never',
  ].join('\n');
  const { value, diagnostics } = readDotenv({ path: '.env', text }, { HOME: '/home/ann' });
  expect(value).toEqual({
    PLAIN: 'some value',
    HASH: 'a#b',
    LITERAL: 'no ${PLAIN} \\n',
    DOUBLE: 'line\none "two" $PLAIN',
    LINES: 'first\nsecond',
    EXPANDED: 'some value-/home/ann-else-',
    EMPTY: '',
  });
  expect(diagnostics.map(({ at, message }) => `${text.slice(at?.start, at?.end)}: ${message}`)).toEqual([
    'not a line: this line of .env is not NAME=value, so it is left out',
    '"never: the quote of `OPEN` in .env is never closed, so it is left out',
  ]);
});

test('profiles.yml is looked for where asked, in the project, then in ~/.dbt', async () => {
  const root = folderWith({
    'project.yml': 'name: shop',
    'home/.dbt/profiles.yml': 'home: 1',
    'asked/profiles.yml': 'asked: 1',
  });
  const home = { environment: { HOME: join(root, 'home') } };
  const profiles = async (options: Parameters<typeof reading>[1]) =>
    (await reading(root, options)).files.find(({ path }) => path.endsWith('profiles.yml'))?.text;
  expect(await profiles(home)).toBe('home: 1');
  expect(await profiles({ ...home, profilesDir: 'asked' })).toBe('asked: 1');
  writeFileSync(join(root, 'profiles.yml'), 'own: 1');
  expect(await profiles(home)).toBe('own: 1');
  expect(await profiles({ ...home, profilesDir: 'asked' })).toBe('asked: 1');
  expect(await profiles({ environment: { ...home.environment, DBT_PROFILES_DIR: join(root, 'asked') } })).toBe(
    'asked: 1',
  );
});

test('what cannot be read is said, and the rest is read', async () => {
  const root = folderWith({
    'project.yml': 'name: shop',
    'models/latin.sql': Buffer.from([0x73, 0xe9, 0x6c]),
    'models/orders.sql': 'select 1',
  });
  symlinkSync(join(root, 'gone.sql'), join(root, 'models/link.sql'));
  const { files, problems } = await reading(root);
  expect(files.map(({ path }) => path)).toContain('models/orders.sql');
  expect(problems?.map(({ code, message }) => `${code} ${message}`)).toEqual([
    'disk/not-utf8 models/latin.sql is not UTF-8 text',
    'disk/unreadable models/link.sql cannot be read: it does not exist (a broken link?)',
  ]);
});

test('links to folders are followed, circles are not', async () => {
  const root = folderWith({ 'project.yml': 'name: shop', 'models/orders.sql': 'x', 'shared/late.sql': 'x' });
  symlinkSync(join(root, 'shared'), join(root, 'models/shared'));
  symlinkSync(join(root, 'models'), join(root, 'models/again'));
  const { files } = await reading(root);
  expect(files.map(({ path }) => path)).toEqual(['project.yml', 'models/orders.sql', 'models/shared/late.sql']);
});

test('target files are written whole, the same content is left alone, nothing leaves the folder', () => {
  const root = folderWith({});
  expect(
    writeTarget(root, [
      { path: 'compiled/shop/orders.sql', text: 'select 1' },
      { path: 'manifest.json', text: '{}' },
    ]),
  ).toBe(2);
  expect(readFileSync(join(root, 'compiled/shop/orders.sql'), 'utf8')).toBe('select 1');
  const old = new Date('2020-01-01');
  utimesSync(join(root, 'manifest.json'), old, old);
  expect(
    writeTarget(root, [
      { path: 'manifest.json', text: '{}' },
      { path: 'compiled/shop/orders.sql', text: 'select 2' },
    ]),
  ).toBe(1);
  expect(statSync(join(root, 'manifest.json')).mtime).toEqual(old);
  expect(readdirSync(root).sort()).toEqual(['compiled', 'manifest.json']);
  expect(() => writeTarget(root, [{ path: '../escape', text: '' }])).toThrow('lies outside');
});

test('a file that cannot be replaced leaves no temporary file behind', () => {
  const root = folderWith({ 'manifest.json/inside': '' });
  expect(() => writeTarget(root, [{ path: 'manifest.json', text: '{}' }])).toThrow();
  expect(readdirSync(root)).toEqual(['manifest.json']);
});
