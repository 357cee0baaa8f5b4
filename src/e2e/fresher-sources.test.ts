import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import type { FreshnessResults } from '../app/contract.ts';
import { temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 60_000 });

const shop = temporaryProject({
  'models/sources.yml': `sources:
  - name: raw
    schema: main
    loaded_at_field: loaded_at
    freshness: { warn_after: { count: 30, period: day } }
    tables:
      - { name: orders }
      - { name: payments }
      - { name: returns }
      - { name: countries, freshness: null }
`,
  'models/stg_orders.sql': "select * from {{ source('raw', 'orders') }}",
  'models/stg_payments.sql': "select * from {{ source('raw', 'payments') }}",
  'models/stg_returns.sql': "select * from {{ source('raw', 'returns') }}",
  'models/stg_countries.sql': "select * from {{ source('raw', 'countries') }}",
  'models/revenue.sql': "select * from {{ ref('stg_orders') }} union all select * from {{ ref('stg_payments') }}",
});
afterAll(() => shop.close());

const sql = (text: string) => shop.dql(['run-operation', '--sql', text]);
const measure = (now: string, ...chosen: readonly string[]) =>
  shop.answer<FreshnessResults>(['source freshness', '--now', now, ...chosen].join(' '));
const chosen = async (command: string, selection: string) => {
  const told = await shop.dql(`${command} --select ${selection} --state before --output json`);
  expect(`${told.code} ${told.stderr}`).toMatch(/^0 /);
  return told.stdout;
};
const models = (listed: string) =>
  [...listed.matchAll(/"unique_id": ?"(?:model|source)\.shop\.([\w.]+)"/g)].map(([, name]) => name).sort();

test('what reads sources with newer rows than then is built, and nothing else', async () => {
  const at = (day: number) => `timestamp '2030-01-${day} 12:00:00' as loaded_at`;
  const made = await sql(
    `create table orders as select ${at(10)}; create table payments as select ${at(10)}; create table countries as select 1 as loaded_at; create table returns as select ${at(10)}`,
  );
  expect(made.code).toBe(0);
  // Returns were not measured then.
  await measure('2030-01-11T00:00:00Z', '--select', 'source:raw.orders', 'source:raw.payments');
  expect((await shop.dql('build')).code).toBe(0);
  cpSync(join(shop.folder, 'target'), join(shop.folder, 'before'), { recursive: true });
  await sql(`insert into payments select ${at(11)}`);
  await measure('2030-01-12T00:00:00Z');
  expect(models(await chosen('ls', 'source_status:fresher'))).toEqual(['raw.payments', 'raw.returns']);
  expect(models(await chosen('ls', 'source_status:fresher+'))).toEqual(
    ['raw.payments', 'raw.returns', 'revenue', 'stg_payments', 'stg_returns'].sort(),
  );
  expect(models(await chosen('ls', 'source_status:fresher+1,resource_type:model'))).toEqual([
    'stg_payments',
    'stg_returns',
  ]);
  const built = JSON.parse(await chosen('build', 'source_status:fresher+'));
  expect(
    built.results.map(({ unique_id }: { readonly unique_id: string }) => unique_id.split('.').at(-1)).sort(),
  ).toEqual(['revenue', 'stg_payments', 'stg_returns']);
});

test('rows that were not loaded again are not fresher, nor are sources that nobody can measure', async () => {
  cpSync(join(shop.folder, 'target'), join(shop.folder, 'before'), { recursive: true });
  await measure('2030-01-13T00:00:00Z');
  const told = await shop.dql('ls --select source_status:fresher+ --state before');
  expect(told.code).toBe(0);
  expect(told.stdout).not.toContain('raw');
});

test('one of the two measurements missing is told, with what to do', async () => {
  const without = await shop.dql('ls --select source_status:fresher+');
  expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('--state PATH') });
  await shop.dql('clean');
  const never = await shop.dql('ls --select source_status:fresher+ --state before');
  expect(never).toMatchObject({ code: 2, stderr: expect.stringContaining('run `dql source freshness` first') });
});
