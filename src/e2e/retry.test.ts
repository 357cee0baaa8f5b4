import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import type { PlanView } from '../app/contract.ts';
import { openWarehouse } from '../engine/open.ts';
import type { RunResults } from '../run/results.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 30_000 });

const SHOP = {
  'seeds/orders.csv': 'id,amount\n1,10\n2,-20\n',
  'models/stg_orders.sql': "select id, amount from {{ ref('orders') }}",
  'models/totals.sql': "{{ config(materialized='table') }}\nselect sum(amount) as total from {{ ref('stg_orders') }}",
  'models/apart.sql': 'select 1 as one',
  'models/models.yml': `models:
  - name: stg_orders
    columns:
      - name: id
        data_tests: [not_null]
      - name: amount
        data_tests:
          - accepted_range: { arguments: { min: 0 } }
`,
  'macros/mark.sql': `{% macro mark(word='done') %}{% do run_query("create or replace table marks as select '" ~ word ~ "' as word") %}{{ return(word) }}{% endmacro %}`,
};

const open: TemporaryProject[] = [];
function openShop(more: Readonly<Record<string, string>> = {}): TemporaryProject {
  const project = temporaryProject({ ...SHOP, ...more });
  open.push(project);
  return project;
}
afterEach(() => {
  for (const project of open.splice(0)) project.close();
});

const statuses = ({ results }: RunResults) =>
  Object.fromEntries(results.map(({ unique_id, status }) => [unique_id.split('.')[2], status]));

test('retry goes on with what failed, was skipped or held, and with the tests that guard it', async () => {
  const shop = openShop();
  expect(statuses(await shop.answer('build'))).toMatchObject({ apart: 'success', totals: 'skipped' });
  shop.write('models/stg_orders.sql', "select id, abs(amount) as amount from {{ ref('orders') }}");
  const retried = await shop.answer('retry');
  expect(statuses(retried)).toEqual({
    stg_orders: 'success',
    totals: 'success',
    accepted_range_stg_orders_amount__0: 'pass',
    not_null_stg_orders_id: 'pass',
  });
  expect(retried.args).toMatchObject({ which: 'build' });
  expect(await shop.rows('select total from totals')).toEqual([[30n]]);
  const nothing = await shop.dql('retry');
  expect([nothing.code, nothing.stderr]).toEqual([0, expect.stringContaining('Nothing to retry')]);
  expect(nothing.stdout + nothing.stderr).not.toContain('Published');
});

test('retry takes over what was built, and could not be published because a test of another node held it', async () => {
  const shop = openShop({
    'models/pairs.sql':
      "{{ config(materialized='table') }}\nselect stg.id, big.n from {{ ref('big') }} as big, {{ ref('stg_orders') }} as stg",
    'models/big.sql': "{{ config(materialized='table') }}\nselect range as n from range(1000)",
    'tests/big_and_orders.sql':
      "select 1 from {{ ref('big') }} where (select min(amount) from {{ ref('stg_orders') }}) < 0",
  });
  const first = statuses(await shop.answer('build'));
  expect(first).toMatchObject({ big: 'success', big_and_orders: 'fail', pairs: 'skipped' });
  expect(await shop.rows("select count(*) from duckdb_views() where view_name = 'big'")).toEqual([[0n]]);
  shop.write('models/stg_orders.sql', "select id, abs(amount) as amount from {{ ref('orders') }}");
  const { results } = await shop.answer('retry');
  expect(results.find(({ unique_id }) => unique_id.endsWith('.big'))).toMatchObject({
    status: 'reused',
    meta: { dql: { published: true, reason: expect.stringMatching(/earlier run/) } },
  });
  expect(await shop.rows('select count(*) from pairs')).toEqual([[2000n]]);
});

test('a retry of a retry still knows the first command, its variables and target', async () => {
  const shop = openShop({ 'models/apart.sql': "select {{ var('one') }} as one from missing" });
  await shop.dql(['build', '--vars', '{one: 7}', '-s', 'apart']);
  await shop.dql('retry');
  shop.write('models/apart.sql', "select {{ var('one') }} as one");
  expect(statuses(await shop.answer('retry'))).toEqual({ apart: 'success' });
  expect(await shop.rows('select one from apart')).toEqual([[7]]);
});

test('retry goes on with a command that was killed, of which no run_results.json tells', async () => {
  const shop = openShop();
  shop.write('seeds/orders.csv', 'id,amount\n1,10\n');
  await shop.dql('build -s apart');
  await shop.dql(['build', '--vars', '{one: 7}', '-s', 'apart orders']);
  // What the ledger says of a run that nobody ended, beside the results of the run before it.
  const warehouse = await openWarehouse('duckdb', {
    path: join(shop.folder, 'shop.duckdb'),
    readOnly: false,
    instanceSettings: {},
  });
  const connection = await warehouse.connect();
  await connection.run(
    "update _dql.ledger_runs set ended_at = null, exit_code = null, status = 'running' where sequence = (select max(sequence) from _dql.ledger_runs)",
  );
  connection.close();
  await warehouse.close();
  const { code, stdout, stderr } = await shop.dql('retry --output json');
  expect([code, stderr]).toEqual([
    0,
    expect.stringMatching(/The last command, `build` of .*, ended before it could say how/),
  ]);
  const again = JSON.parse(stdout) as RunResults;
  expect(Object.keys(statuses(again))).toEqual(expect.arrayContaining(['apart', 'orders']));
  expect(again.args).toMatchObject({ vars: { one: 7 } });
  expect((await shop.dql('retry')).stderr).toContain('Nothing to retry');
});

test('retry says when there is nothing to go on from', async () => {
  const { code, stderr } = await openShop().dql('retry');
  expect([code, stderr]).toEqual([2, expect.stringContaining('there is no run_results.json')]);
});

test('a version whose post-hook failed is built again, not taken over', async () => {
  const shop = openShop({
    'seeds/orders.csv': 'id,amount\n1,10\n2,20\n3,30\n',
    'models/apart.sql': "{{ config(materialized='table', post_hook='insert into marks values (1)') }}\nselect 1 as one",
  });
  expect(statuses(await shop.answer('build'))).toMatchObject({ apart: 'error', totals: 'success' });
  const { rows } = await shop.answer<PlanView>('plan -s apart');
  expect(rows).toMatchObject([{ action: 'build' }]);
  await shop.dql(['run-operation', '--sql', 'create table marks (word int)']);
  expect(statuses(await shop.answer('build -s apart'))).toEqual({ apart: 'success' });
  expect(await shop.rows('select count(*) from marks')).toEqual([[1n]]);
});

test('run-operation calls a macro with arguments, once, and is a run in the history', async () => {
  const shop = openShop();
  expect((await shop.dql(['run-operation', 'mark', '--args', '{word: late}'])).code).toBe(0);
  expect(await shop.rows('select word from marks')).toEqual([['late']]);
  const { code, stdout } = await shop.dql(['run-operation', 'mark', '--args', '{word: "Größe"}']);
  expect([code, stdout]).toEqual([0, expect.stringContaining('Größe')]);
  expect(await shop.rows('select word from marks')).toEqual([['Größe']]);
  const { runs } = await shop.answer<{ runs: readonly object[] }>('history');
  expect(runs[0]).toMatchObject({ command: 'run-operation', status: 'success' });
  const typo = await shop.dql('run-operation mrk');
  expect([typo.code, typo.stderr]).toEqual([2, expect.stringContaining('did you mean `mark`?')]);
  const wrong = await shop.dql(['run-operation', '--sql', 'drop table nothing_here']);
  expect([wrong.code, wrong.stdout]).toEqual([1, expect.stringContaining('nothing_here')]);
});

test('a node whose source is not there yet is tried again, with longer pauses, and the ledger counts the attempts', async () => {
  const late = (config: string) =>
    `{{ config(materialized='table', ${config}) }}\nselect * from read_csv('{{ var('folder') }}/late.csv')`;
  const shop = openShop({
    'models/late.sql': late("retries=1, retry_delay='10ms'"),
    'models/apart.sql': 'select 1 as one',
  });
  const words = ['build', '-s', 'late', '--vars', `{folder: "${shop.folder}"}`, '--output', 'json'];
  const attempts = (stdout: string) => (JSON.parse(stdout) as RunResults).results[0]?.meta.dql.attempts;
  const gone = await shop.dql(words);
  expect([gone.code, attempts(gone.stdout)]).toEqual([1, 2]);
  // 0.2, 0.4, 0.8 seconds: the file comes in between.
  shop.write('models/late.sql', late("retries=5, retry_delay='200ms'"));
  setTimeout(() => shop.write('late.csv', 'id\n1\n'), 900);
  const came = await shop.dql(words);
  expect(came.code, came.stderr).toBe(0);
  expect(attempts(came.stdout)).toBeGreaterThan(2);
  expect(attempts(came.stdout)).toBeLessThan(6);
  expect(await shop.rows("select max(attempts) from _dql.node_runs where node like '%.late'")).toEqual([
    [attempts(came.stdout)],
  ]);
});

test('the target says how often where the model does not, and a wrong column is never tried again', async () => {
  const yml = (retries: string) =>
    `name: shop\ntarget: dev\ntargets:\n  dev: { path: shop.duckdb, schema: main, retries: ${retries}, retry_delay: 10ms }\n`;
  const shop = openShop({
    'models/late.sql': "select * from read_csv('nowhere.csv')",
    'models/apart.sql': 'select two as one',
  });
  for (const [retries, late] of [
    ['2', 3],
    ['{ query_attempts: 4 }', 4],
  ] as const) {
    shop.write('project.yml', yml(retries));
    const told = await shop.dql('build -s late apart --output json');
    const { results } = JSON.parse(told.stdout) as RunResults;
    const attemptsOf = (name: string) => results.find(({ unique_id }) => unique_id.endsWith(name))?.meta.dql.attempts;
    expect([attemptsOf('.late'), attemptsOf('.apart')]).toEqual([late, 1]);
  }
});

/** Another process that holds a DuckDB file for so long. */
async function holding(file: string, milliseconds: number): Promise<void> {
  const script = `const { DuckDBInstance } = require(require.resolve('@duckdb/node-api', { paths: [${JSON.stringify(ROOT)}] }));
DuckDBInstance.create(${JSON.stringify(file)})
  .then((instance) => instance.connect())
  .then((connection) => connection.run('create table if not exists orders as select 7 as id'))
  .then(() => console.log('held'));
setTimeout(() => process.exit(), ${milliseconds});`;
  await once(spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout, 'data');
}
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('a file that another process holds is waited for as `retries` says, and the run tells so', async () => {
  const shop = openShop();
  const theirs = join(shop.folder, 'theirs.duckdb');
  const attached = (config: string) =>
    `{{ config(materialized='table', pre_hook="attach if not exists '${theirs}' as theirs (read_only)", ${config}) }}\nselect id from theirs.orders`;
  await holding(theirs, 3000);
  shop.write('models/apart.sql', attached('retries=0'));
  const refused = await shop.dql('build -s apart');
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/theirs\.duckdb is held by .*PID \d+/)]);
  shop.write('models/apart.sql', attached("retries=8, retry_delay='100ms'"));
  const came = await shop.dql('build -s apart');
  expect(came.code, came.stderr).toBe(0);
  expect(came.stderr).toMatch(/trying `apart` again in 0\.1s \(2 of 9\): .*is held by/);
  expect(await shop.rows('select id from apart')).toEqual([[7]]);
});

test('a test that could not be answered for a passing reason is asked again, as often as what it is about', async () => {
  const shop = openShop({
    'models/late.sql':
      "{{ config(retries=5, retry_delay='200ms') }}\nselect * from read_csv('{{ var('folder') }}/late.csv')",
    'models/models.yml': 'models: [{ name: late, columns: [{ name: id, data_tests: [not_null] }] }]',
    'late.csv': 'id\n1\n',
  });
  const words = ['--vars', `{folder: "${shop.folder}"}`];
  expect((await shop.dql(['build', '-s', 'late', ...words])).code).toBe(0);
  shop.remove('late.csv');
  setTimeout(() => shop.write('late.csv', 'id\n2\n'), 900);
  const told = await shop.dql(['test', '-s', 'late', '--output', 'json', ...words]);
  expect(told.code, told.stderr).toBe(0);
  expect(told.stderr).toMatch(/trying `not_null_late_id` again in 0\.2s \(2 of 6\): IO Error/);
  const { results } = JSON.parse(told.stdout) as RunResults;
  expect(results).toMatchObject([{ status: 'pass', meta: { dql: { attempts: expect.any(Number) } } }]);
});
