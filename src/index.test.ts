import { expect, test, vi } from 'vitest';
import type { UseCaseName } from './app/contract.ts';
import * as library from './index.ts';
import { temporaryProject } from './testing/temporary-project.ts';

vi.setConfig({ testTimeout: 60_000 });

test('every use case of the command line is a function of the library', () => {
  // Does not compile while one is missing.
  const functions: { readonly [Name in UseCaseName]: unknown } = library;
  expect(typeof functions.build).toBe('function');
});

test('`flags` of project.yml hold for the library as for the command line; its caller counts more', async () => {
  const shop = temporaryProject({
    'project.yml':
      'name: shop\nflags: { warn_error: true }\ntarget: dev\ntargets: { dev: { path: shop.duckdb, schema: main } }\n',
    'models/orders.sql': 'select 1 as id',
    'tests/assert_none.sql': "{{ config(severity='warn') }} select * from {{ ref('orders') }}",
  });
  const projectDir = shop.folder;
  expect((await library.build({ projectDir })).meta.dql.exit_code).toBe(1);
  expect((await library.build({ projectDir, warnError: false })).meta.dql.exit_code).toBe(0);
  shop.close();
});

test('where the command line would end with exit code 2 the library rejects with DqlError', async () => {
  const failure = await library.build({ projectDir: '/nowhere/at/all' }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(library.DqlError);
});
