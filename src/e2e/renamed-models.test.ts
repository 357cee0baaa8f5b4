import { afterAll, expect, test, vi } from 'vitest';
import type { RollbackAnswer, VersionsAnswer } from '../app/contract.ts';
import { temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

const orders = (amount: number, alias = 'orders') =>
  `{{ config(materialized='table', alias='${alias}') }}\nselect ${amount} as amount`;
const shop = temporaryProject({ 'models/orders.sql': orders(1) });
afterAll(() => shop.close());

const versions = async (words: string) =>
  (await shop.answer<VersionsAnswer>(words)).versions.map(
    ({ name, relation, version, state }) => `${name} ${relation}@${version} ${state}`,
  );

test('a model under another file name keeps its versions, under its new name', async () => {
  await shop.dql('build');
  shop.remove('models/orders.sql');
  shop.write('models/sales.sql', orders(1));
  const [result] = (await shop.answer('build')).results;
  expect(result).toMatchObject({ unique_id: 'model.shop.sales', status: 'reused' });
  expect(await versions('versions sales')).toEqual(['sales main.orders@1 published']);
});

test('a model under another alias is a new relation, and a rollback of it moves that one', async () => {
  shop.write('models/sales.sql', orders(1, 'sales'));
  await shop.dql('build');
  shop.write('models/sales.sql', orders(2, 'sales'));
  await shop.dql('build');
  expect(await versions('versions')).toEqual([
    'sales main.orders@1 published',
    'sales main.sales@2 published',
    'sales main.sales@1 kept',
  ]);
  expect((await shop.dql('versions')).stdout).toMatch(/sales \(main\.orders\) .*\n.*sales \(main\.sales\) /);

  const back = await shop.answer<RollbackAnswer>('rollback sales');
  expect(back.moved).toMatchObject([{ name: 'sales', from_version: 2, to_version: 1 }]);
  expect(await shop.rows('select (select amount from sales), (select amount from orders)')).toEqual([[1, 1]]);
});
