import { afterEach, expect, test, vi } from 'vitest';
import type { RunResults } from '../run/results.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

let shop: TemporaryProject;
afterEach(() => shop.close());

const examples = (...written: readonly string[]) => `models:
  - name: orders
    examples:
${written.join('')}`;

const BIGGEST = `      - name: biggest
        description: The biggest orders first
        sql: |
          select id, amount
          from {{ ref('orders') }}
          join {{ ref('customers') }} using (customer)
          order by amount desc
`;

const openShop = (yml: string) => {
  shop = temporaryProject({
    'models/orders.sql': "select 1 as id, 'ada' as customer, '12' as amount",
    // The example of `orders` reads it, and it reads `orders`.
    'models/customers.sql': "select distinct customer from {{ ref('orders') }}",
    'models/shop.yml': yml,
  });
};

const verdicts = (results: RunResults) =>
  Object.fromEntries(
    results.results
      .filter(({ unique_id }) => unique_id.startsWith('test.'))
      .map(({ unique_id, meta }) => [unique_id.split('.')[2], meta.dql.verdict]),
  );

test('an example of a model is a test that passes when the query runs, whatever rows it answers', async () => {
  openShop(examples(BIGGEST));
  expect(verdicts(await shop.answer('build'))).toEqual({ example_orders_biggest: 'pass' });
  expect((await shop.dql('ls -s tag:example --output name')).stdout.trim()).toBe('example_orders_biggest');
  expect((await shop.dql('compile -s example_orders_biggest')).code).toBe(0);
});

test('an example that no longer runs fails, to its last value, and holds what it shows', async () => {
  openShop(
    examples(
      BIGGEST,
      '      - { name: number, sql: "select amount::int as number, id from {{ ref(\'orders\') }}" }\n',
      '      - { name: nothing, sql: "select * from {{ ref(\'orders\') }} where id > 1" }\n',
    ),
  );
  expect(verdicts(await shop.answer('build'))).toEqual({
    example_orders_biggest: 'pass',
    example_orders_number: 'pass',
    example_orders_nothing: 'vacuous',
  });
  shop.write('models/orders.sql', "select 1 as id, 'ada' as customer, 'twelve' as amount");
  const told = await shop.dql('build');
  expect(told.code).toBe(1);
  expect(told.stderr + told.stdout).toContain(
    "Conversion Error: Could not convert string 'twelve' to INT32 when casting from source column amount",
  );
  expect(told.stderr + told.stdout).toContain('in the compiled SQL, line 3, column 14: select amount::int as number');
  expect(await shop.rows('select amount from orders')).toEqual([['12']]);
});

test('with `severity: warn` a broken example only warns', async () => {
  openShop(
    examples('      - { name: old, sql: "select total from {{ ref(\'orders\') }}", config: { severity: warn } }\n'),
  );
  const built = await shop.answer('build');
  expect(verdicts(built)).toEqual({ example_orders_old: 'warn' });
  expect(built.meta.dql.exit_code).toBe(0);
});

test('an example stands with what it reads, and says its name', async () => {
  openShop(examples('      - { name: other, sql: "select 1" }\n'));
  expect((await shop.dql('build')).stderr).toContain('the example `other` does not read `orders`');
  shop.write('models/shop.yml', examples('      - { sql: "select * from {{ ref(\'orders\') }}" }\n'));
  expect((await shop.dql('build')).stderr).toContain('`name` is missing at `examples[1]` in model `orders`');
});
