import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** A package as npm would have put it, with nothing kept yet. */
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'dql-installed-'));
  mkdirSync(join(home, 'dist/cli'), { recursive: true });
  cpSync(join(root, 'dist/chunks'), join(home, 'dist/chunks'), { recursive: true });
  for (const file of programFiles(join(root, 'dist/cli')))
    cpSync(join(root, 'dist/cli', file), join(home, 'dist/cli', file));
  cpSync(join(root, 'package.json'), join(home, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
  mkdirSync(join(home, 'shop/models'), { recursive: true });
  writeFileSync(join(home, 'shop/project.yml'), 'name: shop\ntargets: { dev: { path: shop.duckdb } }\n');
  writeFileSync(join(home, 'shop/models/orders.sql'), 'select 1 as order_id');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const programFiles = (folder: string) => readdirSync(folder).filter((file) => /\.c?js$/.test(file));
const kept = () => readdirSync(join(home, 'dist/cli')).filter((file) => file.endsWith('.bytecode'));
const dql = (...words: readonly string[]) =>
  execFileSync(process.execPath, [join(home, 'dist/cli/dql.cjs'), ...words], {
    cwd: join(home, 'shop'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

test('the first build keeps the bytecode of the program; bytes that are not bytecode are compiled over', () => {
  dql('--version');
  expect(kept()).toEqual([]);
  dql('build');
  expect(kept()).toHaveLength(1);
  const models = dql('ls');
  writeFileSync(join(home, 'dist/cli', kept()[0] ?? ''), 'spoilt');
  expect(dql('ls')).toBe(models);
  expect(JSON.parse(dql('build', '--output', 'json')).results[0].status).toBe('reused');
});

test('where nothing can be kept it works without', () => {
  const [program = ''] = programFiles(join(home, 'dist/cli')).filter((file) => /^program.*\.cjs$/.test(file));
  for (const kind of ['bytecode', 'first.bytecode'])
    mkdirSync(join(home, `dist/cli/${program}.${process.version}-${process.arch}.${kind}`));
  const before = readdirSync(join(home, 'dist/cli'));
  expect(JSON.parse(dql('build', '--output', 'json')).results[0].status).toBe('success');
  expect(readdirSync(join(home, 'dist/cli'))).toEqual(before);
});
