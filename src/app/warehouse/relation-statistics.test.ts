import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Warehouse } from '../../engine/engine.ts';
import { openWarehouse } from '../../engine/open.ts';
import { type Analysed, relationStatistics, type Standing } from './relation-statistics.ts';

let folder: string;
let warehouse: Warehouse;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dql-statistics-'));
  warehouse = await openWarehouse('duckdb', { path: ':memory:', readOnly: false, instanceSettings: {} });
  await run(`create table customers as select 1 as id, 'ann@example.com' as email`);
});
afterEach(async () => {
  await warehouse.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(sql: string) {
  const connection = await warehouse.connect();
  await connection.run(sql);
  connection.close();
}

const customers = (contentId?: string): Standing => ({
  id: 'model.shop.customers',
  from: 'customers',
  rows: 1,
  columns: [
    { name: 'id', type: 'INTEGER' },
    { name: 'email', type: 'VARCHAR' },
  ],
  contentId,
});

const nothingPersonal: Analysed = { isPersonal: () => false, relations: [] };
const emailIsPersonal: Analysed = { isPersonal: (_, column) => column === 'email', relations: [] };

const statistics = (relations: readonly Standing[], analysed: Analysed | Promise<Analysed> = nothingPersonal) =>
  relationStatistics(
    relations,
    Promise.resolve(analysed),
    () => warehouse.connect(),
    folder,
    new AbortController().signal,
  );

const kept = () => readFileSync(join(folder, '.dql/statistics.json'), 'utf8');

test('what is known by content is not measured again', async () => {
  const first = await statistics([customers('customers@1')]);
  expect(first.measured.get('model.shop.customers')).toMatchObject({ rows: 1, columns: { email: { distinct: 1 } } });
  await run('drop table customers');
  expect((await statistics([customers('customers@1')])).measured).toEqual(first.measured);
  expect((await statistics([customers('customers@2')])).errors).toHaveLength(1);
});

test('values that turn out to be personal after they were counted are neither told nor kept', async () => {
  const { measured } = await statistics([customers('customers@1')], emailIsPersonal);
  expect(measured.get('model.shop.customers')?.columns).toMatchObject({
    id: { min: '1' },
    email: { null_share: 0, distinct: 1, min: null, max: null, histogram: null, frequent: null },
  });
  expect(kept()).not.toContain('ann@');
});

test('what is kept is measured again when a column became personal, or is no longer', async () => {
  const emailOf = async (analysed: Analysed) =>
    (await statistics([customers('customers@1')], analysed)).measured.get('model.shop.customers')?.columns.email?.min;
  expect(await emailOf(nothingPersonal)).toBe('ann@example.com');
  expect(await emailOf(emailIsPersonal)).toBeNull();
  expect(kept()).not.toContain('ann@');
  expect(await emailOf(nothingPersonal)).toBe('ann@example.com');
});

test('relations that only the analysis knows are measured after it, and what it fails with is told', async () => {
  const { contentId: _, ...found } = customers();
  const { measured } = await statistics([], { ...nothingPersonal, relations: [{ ...found, contentId: undefined }] });
  expect([...measured.keys()]).toEqual(['model.shop.customers']);
  await expect(statistics([customers()], Promise.reject(new Error('a ref leads nowhere')))).rejects.toThrow('nowhere');
});
