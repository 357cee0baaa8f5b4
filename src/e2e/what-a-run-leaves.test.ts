/** What everybody else finds after a run: comments in the warehouse, the catalogue, words on what is held, the ledger, the way back to a commit. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { HistoryAnswer, RollbackAnswer, VersionsAnswer } from '../app/contract.ts';
import { executed, resultOf, type StoryProject, statuses, storyProject } from '../testing/story-project.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const orders = (id: string) => `{{ config(materialized='table') }}\nselect ${id} as id, 20 as amount`;
const clock = (hour: number) => `{{ config(materialized='table') }}\nselect ${hour} as hour`;

let shop: StoryProject;
const answer = async <T>(...words: readonly string[]): Promise<T> =>
  JSON.parse((await shop.dql(...words, '--output', 'json')).stdout);
const git = (...words: readonly string[]) =>
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...words], {
    cwd: shop.folder,
    encoding: 'utf8',
  }).trim();
const comments = () =>
  shop.query(`select view_name, comment from duckdb_views() where schema_name = 'main' and not internal
    union all select concat(table_name, '.', column_name), comment from duckdb_columns()
    where schema_name = 'main' and database_name = 'shop' and comment is not null order by all`);

const COMMENTS = [
  ['apart', null],
  ['clock', null],
  ['largest', 'The order with "most" in it'],
  ['largest.id', 'Its number'],
  ['orders', "Every order, it's all there is"],
  ['orders.id', 'Number of the order'],
];

beforeAll(async () => {
  shop = storyProject({
    '.gitignore': 'target/\n*.duckdb*\n',
    'project.yml': `name: shop
target: dev
targets:
  dev: { path: shop.duckdb, schema: main, threads: 1 }
models:
  +persist_docs: { relation: true, columns: true }
`,
    'models/orders.sql': orders('1'),
    'models/largest.sql': "select max(id) as id from {{ ref('orders') }}",
    'models/apart.sql': "{{ config(materialized='incremental', unique_key='id') }}\nselect 1 as id",
    'models/clock.sql': clock(1),
    'models/_models.yml': `models:
  - name: orders
    description: Every order, it's all there is
    columns: [{ name: id, description: Number of the order, data_tests: [not_null] }]
  - name: largest
    description: The order with "most" in it
    columns: [{ name: id, description: Its number }]
`,
  });
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '--message', 'Orders');
  const first = await shop.dql('build');
  expect(first.code, first.stderr + first.stdout).toBe(0);
});
afterAll(() => shop.remove());

test('comments stand on relations and columns, and again after each swap and each way back', async () => {
  expect(await comments()).toEqual(COMMENTS);
  shop.write({ 'models/orders.sql': orders('2') });
  expect((await shop.dql('build')).code).toBe(0);
  expect(await shop.query('from main.largest')).toEqual([[2]]);
  expect(await comments()).toEqual(COMMENTS);
  expect((await shop.dql('rollback')).code).toBe(0);
  expect(await shop.query('from main.largest')).toEqual([[1]]);
  expect(await comments()).toEqual(COMMENTS);
});

test('a description that is edited reaches readers although nothing is built, and one that is taken away goes', async () => {
  const described = shop.read('models/_models.yml');
  shop.write({
    'models/_models.yml': described
      .replace('The order with "most" in it', 'The greatest number')
      .replace('description: Number of the order, ', ''),
  });
  await shop.dql('build');
  const ended = await shop.dql('build');
  expect([ended.code, executed(ended).includes('largest')]).toEqual([0, false]);
  const edited = COMMENTS.filter(([name]) => name !== 'orders.id').map(([name, text]) =>
    name === 'largest' ? [name, 'The greatest number'] : [name, text],
  );
  expect(await comments()).toEqual(edited);
  shop.write({ 'models/_models.yml': described });
  expect((await shop.dql('build')).code).toBe(0);
  expect(await comments()).toEqual(COMMENTS);
});

test('the catalogue names materializations, not the views that point to them', async () => {
  const docs = await shop.dql('docs', 'generate');
  expect(docs.code, docs.stderr).toBe(0);
  const catalog = JSON.parse(shop.read('target/catalog.json'));
  const types = Object.values<{ metadata: { name: string; type: string; comment: string } }>(catalog.nodes).map(
    ({ metadata }) => `${metadata.name}: ${metadata.type}`,
  );
  expect(types.sort()).toEqual(['apart: incremental', 'clock: table', 'largest: view', 'orders: table']);
});

test('what is held is told with its reason and age: by the run, by the history, until it is mended', async () => {
  shop.write({ 'models/orders.sql': orders('null::int') });
  const ended = await shop.dql('build');
  expect(ended.code).toBe(1);
  expect(ended.stdout + ended.stderr).toMatch(
    /main\.largest {2}test `not_null_orders_id` failed\n\s+readers see version \d of \d{4}-\d\d-\d\d \d\d:\d\d UTC, \d+ s old/,
  );
  const { held } = await answer<HistoryAnswer>('history');
  expect([...held].sort((one, other) => one.name.localeCompare(other.name))).toEqual(
    ['largest', 'orders'].map((name) =>
      expect.objectContaining({
        name,
        reason: 'test `not_null_orders_id` failed',
        serving_since: expect.stringMatching(/^\d{4}-/),
        age_seconds: expect.any(Number),
      }),
    ),
  );
  expect((await shop.dql('history')).stdout).toMatch(/orders {2}test `not_null_orders_id` failed; readers see version/);
});

test('`dql run` publishes what was held, without tests, and that is remembered', async () => {
  const ran = await shop.dql('run');
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout + ran.stderr).toMatch(/Published \d nodes in .*, all at once, untested\./);
  expect(await shop.query('from main.orders')).toEqual([[null, 20]]);
  const { versions } = await answer<VersionsAnswer>('versions', 'orders');
  expect(versions.find(({ state }) => state === 'published')).toMatchObject({ untested: true });
  expect((await shop.dql('versions', 'orders')).stdout).toMatch(/published, untested/);
});

test('--fail-fast starts nothing more, and publishes what had passed', async () => {
  shop.write({
    'models/orders.sql': orders('(1 / 0) || $$ euro$$ :: int'),
    'models/apart.sql': "{{ config(materialized='table') }}\nselect 7 as id",
    'models/clock.sql': `-- depends_on: {{ ref('orders_late') }}\n${clock(9)}`,
    'models/orders_late.sql': clock(5),
    'models/_later.yml': '',
  });
  const ended = await shop.dql('build', '--fail-fast');
  expect(ended.code).toBe(1);
  expect(statuses(ended)).toMatchObject({
    apart: 'success',
    orders: 'error',
    orders_late: 'skipped',
    clock: 'skipped',
  });
  expect(resultOf(ended, 'apart').meta.dql.published).toBe(true);
  expect(await shop.query('from main.apart')).toEqual([[7]]);
  expect(await shop.query('from main.clock')).toEqual([[1]]);
  expect(resultOf(ended, 'clock').message).toMatch(/fail.?fast/);
});

test('a rollback to a commit returns to its last run without changes beside it', async () => {
  const commit = git('rev-parse', 'HEAD');
  shop.write({ 'models/orders.sql': orders('40'), 'models/orders_late.sql': null, 'models/clock.sql': clock(2) });
  git('add', '.');
  git('commit', '--quiet', '--message', 'More orders');
  expect((await shop.dql('build')).code).toBe(0);
  expect(await shop.query('from main.orders')).toEqual([[40, 20]]);
  const { runs } = await answer<HistoryAnswer>('history', '--limit', '1');
  expect(runs[0]).toMatchObject({ git_sha: git('rev-parse', 'HEAD'), git_dirty: false, status: 'success' });
  const back = await answer<RollbackAnswer>('rollback', '--to-git', commit.slice(0, 8));
  expect(back.git_sha).toBe(commit);
  expect(await shop.query('from main.orders')).toEqual([[1, 20]]);
  // By any name that git knows; of two runs at a commit the one that had nothing beside it.
  shop.write({ 'models/orders.sql': orders('41') });
  expect((await shop.dql('build')).code).toBe(0);
  expect((await answer<RollbackAnswer>('rollback', '--to-git', 'HEAD')).git_sha).toBe(git('rev-parse', 'HEAD'));
  expect(await shop.query('from main.orders')).toEqual([[40, 20]]);
  expect((await shop.dql('rollback', '--to-git', 'HEAD')).stdout).toMatch(/^Nothing to roll back/);
  git('commit', '--quiet', '--message', 'Never run', '--all');
  const never = await shop.dql('rollback', '--to-git', 'HEAD');
  expect([never.code, never.stderr]).toEqual([
    2,
    expect.stringContaining(`was made at commit \`HEAD\` (${git('rev-parse', 'HEAD').slice(0, 8)})`),
  ]);
});

test('the ledger answers plain SQL', async () => {
  const runs = await shop.query(
    `select command, args <> '', target, git_sha is not null, git_dirty is not null, "user" <> '', dql_version <> '', engine_version <> '',
       ended_at >= started_at, exit_code, status from _dql.runs order by sequence limit 1`,
  );
  expect(runs).toEqual([['build', true, 'dev', true, true, true, true, true, true, 0, 'success']]);
  const node = `select reason, attempts, rows, seconds >= 0, code_fingerprint <> '', version, published from _dql.node_runs where node like '%.orders' order by sequence limit 1`;
  expect(await shop.query(node)).toEqual([['first build', 1, 1n, true, true, 1, true]]);
  expect(
    await shop.query(
      "select status, failures::int, considered::int, sample like '%20%' from _dql.test_runs where status = 'fail'",
    ),
  ).toEqual([['fail', 1, 1, true]]);
  expect(
    await shop.query(
      "select column_name, column_type from _dql.schema_records where relation like '%orders%' and version = 1 order by position",
    ),
  ).toEqual([
    ['id', 'INTEGER'],
    ['amount', 'INTEGER'],
  ]);
  expect(await shop.query("select version from _dql.published where relation like '%apart%'")).toHaveLength(1);
});

test('a ledger of an earlier dql is read as it is, and upgraded by the first command that writes', async () => {
  const ledger = () => shop.query('select max(version) from _dql.ledger_meta');
  const [[newest] = []] = await ledger();
  const older = `drop table _dql.ledger_intents; drop table _dql.ledger_commits; drop table _dql.ledger_copies;
    alter table _dql.ledger_test_runs drop column holds_until; alter table _dql.ledger_versions drop column former_inputs;
    alter table _dql.ledger_runs drop column project;
    delete from _dql.ledger_meta where version > 1`;
  expect((await shop.dql('run-operation', '--sql', older)).code).toBe(0);
  const before = await shop.published();
  const { runs } = await answer<HistoryAnswer>('history', '--limit', '50');
  expect(runs.length).toBeGreaterThan(5);
  for (const words of [['plan'], ['versions'], ['show', '--select', 'orders'], ['rollback', '--dry-run']]) {
    const looked = await shop.dql(...words);
    expect(looked.code, looked.stderr).toBe(0);
  }
  expect(await ledger()).toEqual([[1]]);
  const back = await shop.dql('rollback');
  expect(back.code, back.stderr).toBe(0);
  expect(await ledger()).toEqual([[newest]]);
  expect(await shop.published()).not.toEqual(before);
  expect((await answer<HistoryAnswer>('history', '--limit', '50')).runs).toHaveLength(runs.length + 1);
});
