/** One change on its way: developed on a tenth of the sources and production's tables, built and tested on staging, promoted. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import type { PromoteAnswer } from '../app/contract.ts';
import { openWarehouse } from '../engine/open.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 60_000 });

const ROOT = fileURLToPath(new URL('../../package.json', import.meta.url));
const orders = (count: number) =>
  `id,customer,amount\n${Array.from({ length: count }, (_, id) => `${id},c${id % 50},${(id * 7) % 100}`).join('\n')}\n`;
const SHOP = {
  'project.yml': `name: shop
target: dev
targets:
  dev: { path: dev.duckdb, threads: 2, sample: 10% }
  staging: { path: live.duckdb, schema: staging, threads: 2 }
  prod: { path: live.duckdb, schema: main, threads: 2, serve: served/live.duckdb }
`,
  'raw/orders.csv': orders(2000),
  'models/sources.yml':
    'sources:\n  - name: raw\n    tables: [{ name: orders, external: { location: raw/orders.csv } }]\n',
  'models/stg_orders.sql': "{{ config(materialized='table') }}\nselect * from {{ source('raw', 'orders') }}",
  'models/customers.sql':
    "{{ config(materialized='table') }}\nselect customer, sum(amount) as spent from {{ ref('stg_orders') }} group by all",
  'models/report.sql': "select count(*) as customers, sum(spent) as spent from {{ ref('customers') }}",
  'models/models.yml':
    'models:\n  - name: customers\n    columns: [{ name: customer, data_tests: [unique] }, { name: spent, data_tests: [{ accepted_range: { arguments: { min: 0 } } }] }]\n',
};
let shop: TemporaryProject | undefined;
afterEach(() => shop?.close());

const ok = async (project: TemporaryProject, words: string) => {
  const told = await project.dql(words);
  expect(`${told.code} ${told.stderr}${told.stdout}`).toMatch(/^0 /);
};
/** Another process; what it says when the file is locked, else the first row. */
const elsewhere = (file: string, sql: string): unknown =>
  JSON.parse(
    execFileSync(
      process.execPath,
      [
        '-e',
        `const { DuckDBInstance } = require(require.resolve('@duckdb/node-api', { paths: [${JSON.stringify(ROOT)}] }));
DuckDBInstance.create(${JSON.stringify(file)}, { access_mode: 'READ_ONLY' })
  .then((instance) => instance.connect())
  .then((connection) => connection.runAndReadAll(${JSON.stringify(sql)}))
  .then((reader) => console.log(JSON.stringify(reader.getRowsJson()[0])), (error) => console.log(JSON.stringify(/lock/i.exec(error.message)?.[0] ?? error.message)));`,
      ],
      { encoding: 'utf8' },
    ),
  );

test('a change goes from dev over staging to production, and nobody who reads has to wait', async () => {
  const project = temporaryProject(SHOP);
  shop = project;
  await ok(project, 'build -t prod');
  const served = join(project.folder, 'served/live.duckdb');
  expect(elsewhere(served, 'select customers::int, spent::int from report')).toEqual([50, 99000]);

  // On dev only the changed model is built; its parent is production's.
  project.write(
    'models/report.sql',
    `${SHOP['models/report.sql'].replace('sum(spent)', 'max(spent)')} where spent > 0`,
  );
  await ok(project, 'build -s report --defer --state live.duckdb');
  const most = await project.rows('select max(spent)::int from customers', 'live.duckdb');
  // Read by dql, which attaches what the view is over.
  expect((await project.dql('show -s report --defer --state live.duckdb')).stdout).toContain(String(most[0]?.[0]));
  // What reads the sources reads a tenth of them, the same each time.
  await ok(project, 'build -s stg_orders');
  const [sampled] = await project.hashes(['stg_orders'], 'dev.duckdb').then(Object.values);
  const [[count] = []] = await project.rows('select count(*)::int from stg_orders', 'dev.duckdb');
  expect(Number(count)).toBeGreaterThan(150);
  expect(Number(count)).toBeLessThan(250);
  await ok(project, 'build -s stg_orders --force');
  expect(Object.values(await project.hashes(['stg_orders'], 'dev.duckdb'))).toEqual([sampled]);

  // Staging has seen nothing of it yet: what it has is stale.
  expect((await project.dql('promote --from staging --to prod')).code).toBe(1);
  await ok(project, 'build -t staging');

  // Meanwhile the data moved on, then the code: both are refused, and nothing is published.
  const before = await project.hashes(['report', 'customers'], 'live.duckdb');
  const refusals = async () => {
    const told = await project.dql('promote --from staging --to prod --output json');
    const { run_id, refused }: PromoteAnswer = JSON.parse(told.stdout);
    expect([told.code, run_id]).toEqual([1, null]);
    return Object.fromEntries(refused.map(({ name, reason }) => [name, reason]));
  };
  project.write('raw/orders.csv', orders(2100));
  expect((await refusals())['stg_orders']).toMatch(/^input changed \(raw.orders.*\) since it was built in `staging`$/);
  project.write('raw/orders.csv', orders(2000));
  const report = SHOP['models/report.sql'].replace('sum(spent)', 'min(spent)');
  project.write('models/report.sql', report);
  expect(await refusals()).toEqual({ report: 'code changed since it was built in `staging`' });
  // What staging had before is the code of the day again.
  await ok(project, 'build -t staging -s report');
  project.write('models/report.sql', report.replace('min(spent)', 'max(spent)'));
  await ok(project, 'build -t staging -s report');
  project.write('models/report.sql', report);
  expect((await refusals())['report']).toMatch(
    /^version \d+ is published in `staging`, and building it would give version \d+: run `dql build -t staging`$/,
  );
  expect(await project.hashes(['report', 'customers'], 'live.duckdb')).toEqual(before);

  project.write('models/report.sql', report.replace('min(spent)', 'sum(spent) * 2'));
  await ok(project, 'build -t staging');
  // A reader in this process asks all the time, one in another reads the served copy while this one holds the file.
  const warehouse = await openWarehouse('duckdb', {
    path: join(project.folder, 'live.duckdb'),
    readOnly: false,
    instanceSettings: {},
  });
  const connection = await warehouse.connect();
  expect(elsewhere(join(project.folder, 'live.duckdb'), 'from main.report')).toBe('lock');
  expect(elsewhere(served, 'select spent::int from report')).toEqual([99000]);
  let done = false;
  const seen: number[] = [];
  let slowest = 0;
  const reading = (async () => {
    while (!done) {
      const startedAt = performance.now();
      const { rows } = await connection.query('select spent::int from main.report');
      slowest = Math.max(slowest, performance.now() - startedAt);
      seen.push(Number(rows[0]?.[0]));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  await ok(project, 'promote --from staging --to prod');
  done = true;
  await reading;
  const { rows } = await connection.query('select spent::int from main.report');
  connection.close();
  await warehouse.close();
  expect(rows).toEqual([[198000]]);
  expect([...new Set(seen)].every((spent) => [99000, 198000].includes(spent))).toBe(true);
  expect(seen.length).toBeGreaterThan(5);
  // Waiting for a lock would last as long as the promotion.
  expect(slowest).toBeLessThan(1000);
  expect(elsewhere(served, 'select spent::int from report')).toEqual([198000]);
});
