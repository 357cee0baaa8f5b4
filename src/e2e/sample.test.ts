import { afterEach, expect, test, vi } from 'vitest';
import type { RunResults } from '../run/results.ts';
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

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const SAMPLED = {
  'project.yml': 'name: shop\ntarget: dev\ntargets:\n  dev: { path: shop.duckdb, threads: 2, sample: 20% }\n',
  'raw/customers.csv': `id,name\n${numbers(200)
    .map((id) => `${id},c${id}`)
    .join('\n')}\n`,
  'raw/orders.csv': `id,customer_id\n${numbers(1000)
    .map((id) => `${id},${(id % 200) + 1}`)
    .join('\n')}\n`,
  'models/customers.sql': "select id as customer, name from {{ source('raw', 'customers') }}",
  'models/orders.sql':
    "with orders as (select * from {{ source('raw', 'orders') }}) select id, customer_id as customer from orders",
  'models/models.yml':
    "models:\n  - name: orders\n    columns: [{ name: customer, data_tests: [{ relationships: { arguments: { to: ref('customers'), field: customer } } }] }]\n",
};
const sources = (config: (table: string) => string) =>
  `sources:\n  - name: raw\n    tables:\n${['customers', 'orders'].map((name) => `      - { name: ${name}, external: { location: raw/${name}.csv }${config(name)} }\n`).join('')}`;
const joined = (shop: TemporaryProject) =>
  shop.rows(
    'select count(*)::int, (select count(*)::int from orders), (select count(*)::int from customers) from orders join customers using (customer)',
  );

test('on a sampled target rows that belong together stay together, as relationships tests of models say', async () => {
  open = temporaryProject({ ...SAMPLED, 'models/sources.yml': sources(() => '') });
  const built = await open.dql('build');
  expect(`${built.code} ${built.stderr}`).toMatch(/^0 /);
  expect(built.stderr).not.toContain('sampled-apart');
  const [[both, orders, customers] = []] = await joined(open);
  expect(both).toBe(orders);
  for (const share of [Number(orders) / 1000, Number(customers) / 200]) {
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.3);
  }
  const again: RunResults = await open.answer('build');
  const models = again.results.filter(({ unique_id }) => unique_id.startsWith('model.'));
  expect(models.map(({ status }) => status)).toEqual(['reused', 'reused']);
  // What is looked at is what was built.
  expect((await open.dql('verify')).code).toBe(0);
  expect((await open.dql('compile -s orders')).stdout).toContain('hash(coalesce(source_rows."customer_id"');
});

test('a test across sources that nothing holds together is warned of, until their sample_key says what does', async () => {
  const apart = {
    ...SAMPLED,
    'models/orders.sql': "select id, customer_id + 0 as customer from {{ source('raw', 'orders') }}",
  };
  open = temporaryProject({ ...apart, 'models/sources.yml': sources(() => '') });
  const told = await open.dql('build');
  expect(told.code).toBe(1);
  expect(told.stderr).toContain(
    'warning[app/sampled-apart]: `sample: 20%` takes rows of each source by themselves, so test `relationships_orders_customer__customer__ref_customers_` misses rows that are there',
  );
  open.write(
    'models/sources.yml',
    sources((name) => `, config: { sample_key: ${name === 'orders' ? 'customer_id + 0' : 'id'} }`),
  );
  const again = await open.dql('build');
  expect(`${again.code} ${again.stderr}`).toMatch(/^0 /);
  expect(again.stderr).not.toContain('sampled-apart');
  const [[both, orders] = []] = await joined(open);
  expect(both).toBe(orders);
  expect(Number(orders)).toBeLessThan(300);
});

test('another sample, or none, of files is built anew', async () => {
  open = temporaryProject({ ...SAMPLED, 'models/sources.yml': sources(() => '') });
  const shop = open;
  const built = async (words: string) => {
    expect((await shop.dql(words)).code).toBe(0);
    return Number((await shop.rows('select count(*)::int from orders'))[0]?.[0]);
  };
  const fifth = await built('build');
  expect(await built('build --empty')).toBe(0);
  expect(await built('build')).toBe(fifth);
  shop.write('project.yml', SAMPLED['project.yml'].replace('20%', '60%'));
  const most = await built('build');
  expect(most).toBeGreaterThan(450);
  shop.write('project.yml', SAMPLED['project.yml'].replace(', sample: 20%', ''));
  expect(await built('build')).toBe(1000);
});
