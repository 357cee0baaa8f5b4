import { afterEach, expect, test, vi } from 'vitest';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

const SHOP = {
  'seeds/orders.csv':
    'id,customer,ordered_at\n1,7,2024-01-01 08:00:00\n2,7,2024-01-02 09:00:00\n3,8,2024-01-03 10:00:00\n4,9,2024-01-03 12:00:00\n',
  'seeds/customers.csv': 'customer\n7\n8\n9\n',
  'seeds/seeds.yml': 'seeds:\n  - name: orders\n    config: { event_time: ordered_at }\n',
  'models/placed.sql':
    "{{ config(materialized='table') }} select o.* from {{ ref('orders') }} as o join {{ ref('customers') }} using (customer)",
};
const NOON = '--now 2024-01-03T12:00:00Z';
let open: TemporaryProject | undefined;
const openShop = (files: Record<string, string> = {}): TemporaryProject => {
  open = temporaryProject({ ...SHOP, ...files });
  return open;
};
afterEach(() => open?.close());

const placed = async (shop: TemporaryProject) =>
  (await shop.rows('select id from placed order by id')).map(([id]) => Number(id));

test('--sample reads that much event time, and only of what says when its rows happened', async () => {
  const shop = openShop();
  expect(await shop.dql(['build', '--sample', '1 day', ...NOON.split(' ')])).toMatchObject({ code: 0 });
  // From noon to noon, the end not included; customers have no event time and are all there.
  expect(await placed(shop)).toEqual([3]);
  expect(await shop.rows('select count(*)::int from customers')).toEqual([[3]]);

  await shop.dql(['run', '--sample', "{start: 2024-01-02, end: '2024-01-03 11:00:00'}"]);
  expect(await placed(shop)).toEqual([2, 3]);
});

test('the same window again is reused, another one or none is not', async () => {
  const shop = openShop();
  const status = async (...words: string[]) => {
    const told = await shop.dql(['build', ...words, '--output', 'json']);
    const { results } = JSON.parse(told.stdout);
    return results.find((result: { unique_id: string }) => result.unique_id === 'model.shop.placed').status;
  };
  const january = ['--sample', '{start: 2024-01-01, end: 2024-01-02}'];
  expect(await status(...january)).toBe('success');
  expect(await status(...january)).toBe('reused');
  expect(await status()).toBe('success');
  expect(await placed(shop)).toEqual([1, 2, 3, 4]);
});

test('retry samples the rows of the first command, whatever the time is by then', async () => {
  const shop = openShop({
    'models/late.sql': "{{ config(materialized='table') }} select error('not yet') from {{ ref('orders') }}",
  });
  expect(await shop.dql(['build', '--sample', '1 day', ...NOON.split(' ')])).toMatchObject({ code: 1 });
  shop.write('models/late.sql', "select array_agg(id) as ids from {{ ref('orders') }}");
  expect(await shop.dql(['retry', '--now', '2025-06-01T00:00:00Z'])).toMatchObject({ code: 0 });
  expect(await shop.rows('select ids::varchar from late')).toEqual([['[3]']]);
});

test('batches that the window touches are computed whole', async () => {
  const shop = openShop({
    'models/days.sql': `{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='day',
      begin='2024-01-01', batch_size='day', lookback=0) }}
      select date_trunc('day', ordered_at) as day, count(*)::int as orders from {{ ref('orders') }} group by all`,
  });
  const days = () => shop.rows("select strftime(day, '%d'), orders from days order by all");
  await shop.dql(['build', '--sample', '12 hours', '--now', '2024-01-03T18:00:00Z']);
  expect(await days()).toEqual([['03', 2]]);
  await shop.dql(['build', '--now', '2024-01-03T18:00:00Z']);
  expect(await days()).toEqual([
    ['01', 1],
    ['02', 1],
    ['03', 2],
  ]);
});

test('a window that changes nothing is said, and one that is none is refused', async () => {
  const shop = openShop({ 'seeds/seeds.yml': 'seeds: []\n' });
  const whole = await shop.dql(['build', '--sample', '3 days']);
  expect(whole.code).toBe(0);
  expect(whole.stderr).toContain('no input of what is built has an `event_time`');
  expect(await shop.dql(['build', '--sample', 'a bit'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('`a bit` is not a window of time'),
  });
  expect(await shop.dql(['build', '--sample', '{start: 2024-02-01, end: 2024-01-01}'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('ends before it begins'),
  });
});

test('--empty and --sample stand where the model gives its input another name', async () => {
  const shop = openShop();
  expect(await shop.dql('build --empty')).toMatchObject({ code: 0 });
  expect(await placed(shop)).toEqual([]);
});
