import { expect, test, vi } from 'vitest';
import type { UseCaseName } from './app/contract.ts';
import * as library from './index.ts';

vi.setConfig({ testTimeout: 60_000 });

test('every use case of the command line is a function of the library', () => {
  // Does not compile while one is missing.
  const functions: { readonly [Name in UseCaseName]: unknown } = library;
  expect(typeof functions.build).toBe('function');
});

test('where the command line would end with exit code 2 the library rejects with DqlError', async () => {
  const failure = await library.build({ projectDir: '/nowhere/at/all' }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(library.DqlError);
});
