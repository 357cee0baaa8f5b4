import { expect, test } from 'vitest';
import { EngineError } from '../core/engine-error.ts';
import { troubleOutside } from './trouble-outside.ts';

const fileError = (code: string) => Object.assign(new Error(`${code}: open 'target/manifest.json'`), { code });

test.each([
  ['run/full', new EngineError('IO Error: Could not write file "shop.duckdb.wal": No space left on device', 'full')],
  [
    'run/read-only',
    new EngineError('TransactionContext Error: Cannot open "shop.duckdb.wal": Permission denied', 'other'),
  ],
  ['run/transient', new EngineError('IO Error: Could not read from file "shop.duckdb"', 'transient')],
  ['disk/full', fileError('ENOSPC')],
  ['disk/not-allowed', fileError('EACCES')],
  ['disk/not-allowed', fileError('EROFS')],
])('%s is told with what to do, not as a bug', (code, error) => {
  expect(troubleOutside(error)).toMatchObject({
    code,
    message: error.message,
    hint: expect.stringMatching(/then try|free|writable/),
  });
});

test('a full disk is told with the commands that make room on it', () => {
  const full = new EngineError('IO Error: Could not write file "shop.duckdb.wal": No space left on device', 'full');
  expect(troubleOutside(full)?.hint).toMatch(/`dql clean --versions`.*`dql clean`/);
});

test('what nobody can mend from outside stays a bug', () => {
  expect(troubleOutside(new EngineError('Binder Error: no such column', 'binder'))).toBe(undefined);
  expect(troubleOutside(new TypeError('undefined is not a function'))).toBe(undefined);
});
