import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeFolder } from './make-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'dql-folder-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a folder and those above it are made, and made again nothing happens', () => {
  for (const again of [1, 2]) {
    makeFolder(join(folder, 'exports/daily/shops'));
    expect(statSync(join(folder, 'exports/daily/shops')).isDirectory(), String(again)).toBe(true);
  }
});

test('a file in the way is what the file system says it is', () => {
  writeFileSync(join(folder, 'report.csv'), 'id\n');
  expect(() => makeFolder(join(folder, 'report.csv'))).toThrow(/EEXIST/);
  expect(() => makeFolder(join(folder, 'report.csv/more'))).toThrow(/ENOTDIR|EEXIST/);
});

test.runIf(existsSync('/proc/self'))('where the system makes no folders it ends', () => {
  expect(() => makeFolder('/proc/exports/daily')).toThrow(/ENOENT/);
});
