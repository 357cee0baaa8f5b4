import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openToRead, openToWrite } from './open-target.ts';

test('who opens a file that is being opened already finds everything attached', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dql-open-'));
  const attach = [{ path: ':memory:', alias: 'pond', readOnly: false, options: {} }];
  const nothing = { settings: {}, configOptions: {}, extensions: [], createSecrets: [] };
  const target = { name: 'dev', path: 'shop.duckdb', database: 'shop', threads: 1, lockTimeout: 0, ...nothing, attach };
  const hooks = { onEvent: () => {}, signal: new AbortController().signal };
  await (await openToWrite({ folder, root: { name: 'shop' }, target }, {}, hooks)).close();
  const opened = await Promise.all(
    Array.from({ length: 3 }, () => openToRead({ folder, root: { name: 'shop' }, target }, {}, hooks)),
  );
  for (const warehouse of opened) {
    expect((await warehouse.databases()).map(({ name }) => name).sort()).toEqual(['pond', 'shop']);
    await warehouse.close();
  }
  rmSync(folder, { recursive: true });
});
