/** A run that has nothing to do is known before the project is compiled. It says what a whole run would say, and nothing that matters escapes it. */
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Manifest } from '../compile/manifest.ts';
import { openWarehouse } from '../engine/open.ts';
import { type Ended, executed, resultOf, type StoryProject, storyProject } from '../testing/story-project.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const PROJECT = `name: shop
target: dev
targets:
  dev: { path: shop.duckdb, schema: main, threads: 2 }
models: { shop: { +schema: "{{ env_var('AREA', 'sales') }}" } }
`;

const files = {
  'project.yml': PROJECT,
  'seeds/countries.csv': 'code,name\nNL,Netherlands\nDE,Germany\n',
  'raw/visits_1.csv': 'id,country\n1,NL\n2,DE\n',
  'exports/.keep': '',
  'models/visits.sql': "{{ config(materialized='table') }} select id, country from {{ source('raw', 'visits') }}",
  'models/by_country.sql': "select country, count(*) as visits from {{ ref('visits') }} group by country",
  'models/handed_on.sql':
    "{{ config(materialized='external', location='exports/by_country.csv') }} select * from {{ ref('by_country') }}",
  'models/_models.yml': `sources:
  - name: raw
    tables: [{ name: visits, external: { location: "raw/visits_*.csv" } }]
models:
  - name: visits
    columns:
      - name: id
        data_tests: [unique, { accepted_range: { arguments: { max: 1 }, config: { severity: warn } } }]
`,
  'snapshots/countries_then.sql': `{% snapshot countries_then %}{{ config(unique_key='code', strategy='check', check_cols='all') }}
    select * from {{ ref('countries') }}{% endsnapshot %}`,
};

let shop: StoryProject;
beforeAll(async () => {
  shop = storyProject(files);
  const first = await build();
  expect(first.code, first.stderr).toBe(0);
});
afterAll(() => shop.remove());

const build = (...words: readonly string[]): Promise<Ended> => shop.dql('build', ...words);
const nodes = (): Manifest['nodes'] => (JSON.parse(shop.read('target/manifest.json')) as Manifest).nodes;
const compiledAt = (): number => nodes()['model.shop.visits']?.created_at ?? 0;

/** Whether the project was compiled for a build that executed nothing. */
async function looksAnew(...words: readonly string[]): Promise<boolean> {
  const before = compiledAt();
  const ended = await build(...words);
  expect(executed(ended)).toEqual([]);
  return compiledAt() !== before;
}

/** Without what differs between any two runs: times, ids, threads, how long it took. */
const lasting = (ended: Ended) => ({
  code: ended.code,
  // Two threads finish in either order.
  said: `${ended.stdout}${ended.stderr}`
    .replace(/\d+(?:\.\d+)? ?m?s\b/g, '…s')
    .split('\n')
    .sort(),
  metadata: Object.keys(ended.results?.metadata ?? {}),
  facts: { ...ended.results?.meta.dql, run_id: '' },
  results: (ended.results?.results ?? []).map(({ timing, thread_id, execution_time, ...result }) => ({
    ...result,
    timing: timing.map(({ name }) => name),
  })),
});

test('it tells, leaves and remembers what a whole run would', async () => {
  const unchanged = await build('--report', 'junit=unchanged.xml');
  const manifest = nodes();
  const records = async () =>
    (
      await shop.query(`select n.node, n.status, n.reason, n.version, n.published, n.code_fingerprint, r.exit_code, r.status, r.command
        from _dql.ledger_node_runs as n join _dql.ledger_runs as r using (run_id)
        where r.sequence = (select max(sequence) from _dql.ledger_runs) order by all`)
    ).map((row) => row.map(String));
  const remembered = await records();
  // Reads nothing that another run kept.
  const whole = await build('--no-partial-parse', '--report', 'junit=whole.xml');
  const report = (file: string) =>
    shop
      .read(file)
      .replace(/ time(?:stamp)?="[^"]*"/g, '')
      .split('\n')
      .sort();
  expect(report('unchanged.xml')).toEqual(report('whole.xml'));
  expect(report('whole.xml').join()).toContain('models/_models.yml');
  expect(lasting(unchanged)).toEqual(lasting(whole));
  expect(lasting(unchanged).facts.exit_code).toBe(0);
  expect(resultOf(unchanged, 'accepted_range_visits_id__1')).toMatchObject({ status: 'warn', failures: 1 });
  expect(remembered).toEqual(await records());
  expect(remembered).toHaveLength(5);
  const stripped = (of: Manifest['nodes']) =>
    Object.values(of).map((node) => ({
      ...node,
      created_at: 0,
      compiled_code: null,
      compiled: null,
      compiled_path: null,
    }));
  expect(stripped(manifest)).toEqual(stripped(nodes()));
});

test('it is a run of its own: in the history, with the ids of its command', async () => {
  await build();
  const before = JSON.parse(shop.read('target/manifest.json')) as Manifest;
  const [[runs]] = (await shop.query('select count(*) from _dql.ledger_runs')) as [[bigint]];
  const ended = await build();
  const after = JSON.parse(shop.read('target/manifest.json')) as Manifest;
  expect(after.metadata['invocation_id']).toBe(ended.results?.metadata.invocation_id);
  expect(after.metadata['invocation_id']).not.toBe(before.metadata['invocation_id']);
  expect(compiledAt()).toBe(before.nodes['model.shop.visits']?.created_at);
  expect(await shop.query('select count(*) from _dql.ledger_runs')).toEqual([[runs + 1n]]);
});

const touched: Readonly<Record<string, () => void | Promise<void>>> = {
  'a file of the project': () => shop.write({ 'models/visits.sql': `${files['models/visits.sql']} -- all of them` }),
  'a new file': () => shop.write({ 'models/notes.md': '{% docs visits %}Who came.{% enddocs %}' }),
  'an artifact that is gone': () => rmSync(join(shop.folder, 'target/compiled/shop/models/visits.sql')),
  'a whole folder of them': () => rmSync(join(shop.folder, 'target/compiled'), { recursive: true }),
  'a manifest of another command': () => void shop.write({ 'target/manifest.json': '{"nodes":{}}' }),
  'the file of a source, only touched': () => {
    const file = join(shop.folder, 'raw/visits_1.csv');
    utimesSync(file, new Date(), new Date(statSync(file).mtimeMs + 5000));
  },
  'somebody else’s table in the warehouse': async () => {
    const warehouse = await openWarehouse('duckdb', {
      path: join(shop.folder, 'shop.duckdb'),
      readOnly: false,
      instanceSettings: {},
    });
    const connection = await warehouse.connect();
    await connection.run('create or replace table notes as select 1 as one');
    connection.close();
    await warehouse.close();
  },
  'an answer that was tampered with': () => {
    const path = 'target/.dql/last-answer.json';
    shop.write({ [path]: shop.read(path).replace('"reused"', '"success"') });
  },
};

for (const [what, touch] of Object.entries(touched))
  test(`${what} is looked at`, async () => {
    await build();
    expect(await looksAnew()).toBe(false);
    await touch();
    expect(await looksAnew()).toBe(true);
    expect(await looksAnew()).toBe(false);
  });

test('other options and variables are other questions', async () => {
  await build();
  expect(await looksAnew()).toBe(false);
  expect(await looksAnew('-s', 'visits')).toBe(true);
  expect(await looksAnew('-s', 'visits')).toBe(false);
  expect(await looksAnew('--vars', '{now: 2}')).toBe(true);
  expect(await looksAnew('--no-partial-parse')).toBe(true);
  await build();
  const before = compiledAt();
  const ended = await shop.startWith({ AREA: 'sales', UNREAD: '1' }, 'build').ended;
  expect(executed(ended)).toEqual([]);
  expect(compiledAt()).not.toBe(before);
});

test('a variable that was asked for and not set is one that was read', async () => {
  shop.write({ 'models/kind.sql': "{{ config(materialized=env_var('KIND', 'view')) }} select 1 as one" });
  for (let again = 0; again < 3; again++) expect((await build()).code).toBe(0);
  const ended = await shop.startWith({ KIND: 'table' }, 'build').ended;
  expect(resultOf(ended, 'kind')).toMatchObject({ status: 'success', meta: { dql: { materialized: 'table' } } });
  shop.write({ 'models/kind.sql': null });
});

test('a variable that nothing reads changes nothing', async () => {
  await build();
  const before = compiledAt();
  await shop.startWith({ UNREAD: '1' }, 'build').ended;
  expect(compiledAt()).toBe(before);
});

test('new rows, an export that is gone and a new file of a pattern are dealt with', async () => {
  await build();
  shop.write({ 'raw/visits_2.csv': 'id,country\n3,DE\n' });
  expect(executed(await build())).toContain('visits');
  expect(await shop.query('select count(*) from main_sales.visits')).toEqual([[3n]]);
  expect(executed(await build())).toEqual([]);
  rmSync(join(shop.folder, 'exports/by_country.csv'));
  await build();
  expect(shop.read('exports/by_country.csv')).toContain('DE,2');
  expect(executed(await build())).toEqual([]);
});

test('what only a whole run can find out is never left out: hooks, clocks, questions to the warehouse, views of others', async () => {
  const clocks: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    hook: { 'project.yml': `${PROJECT}on-run-end: ["create or replace table main.ended as select now() as at"]\n` },
    clock: { 'models/moments.sql': 'select now() as at' },
    'timely test': {
      'models/_more.yml':
        'models: [{ name: by_country, data_tests: [{ row_count: { arguments: { min: 1 } } }, { volume_change: { arguments: { warn: 50 }, config: { severity: warn } } }] }]',
    },
    question: {
      'models/asked.sql': "select {{ run_query('select 1').columns[0].values()[0] if execute else 0 }} as one",
    },
    view: { 'models/_more.yml': 'sources: [{ name: lake, schema: main, tables: [{ name: seen }] }]' },
  };
  const opened = await openWarehouse('duckdb', {
    path: join(shop.folder, 'shop.duckdb'),
    readOnly: false,
    instanceSettings: {},
  });
  const connection = await opened.connect();
  mkdirSync(join(shop.folder, 'lake'));
  writeFileSync(join(shop.folder, 'lake/seen.csv'), 'id\n1\n');
  await connection.run(`create view main.seen as from read_csv('${join(shop.folder, 'lake/seen.csv')}')`);
  connection.close();
  await opened.close();
  for (const [what, added] of Object.entries(clocks)) {
    const reads: Readonly<Record<string, string>> =
      what === 'view' ? { 'models/lake.sql': "select * from {{ source('lake', 'seen') }}" } : {};
    shop.write({ ...added, ...reads });
    const first = await build();
    expect(first.code, first.stderr).toBe(0);
    await build();
    const before = compiledAt();
    await build();
    expect(compiledAt(), what).not.toBe(before);
    if (what === 'view') {
      writeFileSync(join(shop.folder, 'lake/seen.csv'), 'id\n1\n2\n');
      expect(executed(await build())).toContain('lake');
    }
    shop.write({
      ...Object.fromEntries(Object.keys({ ...added, ...reads }).map((path) => [path, null])),
      'project.yml': PROJECT,
    });
  }
});

test('a pass that the clock ends is looked at from then on', async () => {
  shop.write({
    'models/visited.sql': "{{ config(materialized='table') }} select timestamp '2026-03-01 00:00:00' as seen",
    'models/_visited.yml':
      'models: [{ name: visited, columns: [{ name: seen, data_tests: [{ freshness: { arguments: { max_age: 12 hours }, config: { severity: warn } } }] }] }]',
  });
  const at = (time: string) => ['--now', `2026-03-01T${time}:00Z`] as const;
  await build(...at('06:00'));
  await build(...at('06:00'));
  expect(await looksAnew(...at('06:00'))).toBe(false);
  expect(await looksAnew(...at('11:59'))).toBe(false);
  const late = await build(...at('12:01'));
  expect(resultOf(late, 'freshness_visited_seen__12_hours')?.status).toBe('warn');
  shop.write({ 'models/visited.sql': null, 'models/_visited.yml': null });
});

test('a day later old versions may be due, so a whole run looks for them', async () => {
  await build();
  const file = 'target/.dql/last-run.json';
  const kept = JSON.parse(readFileSync(join(shop.folder, file), 'utf8'));
  const hours = (new Date(kept.until).getTime() - Date.now()) / 3_600_000;
  expect(hours).toBeGreaterThan(23);
  expect(hours).toBeLessThanOrEqual(24);
  shop.write({ [file]: JSON.stringify({ ...kept, until: new Date().toISOString() }) });
  expect(await looksAnew()).toBe(true);
});

test('what another version of dql kept, in whatever form, is not read', async () => {
  await build();
  const file = 'target/.dql/last-run.json';
  const { program, ...kept } = JSON.parse(readFileSync(join(shop.folder, file), 'utf8'));
  expect(program).toMatch(/^\d/);
  shop.write({ [file]: JSON.stringify({ ...kept, project: { folder: shop.folder, target: {} } }) });
  expect(await looksAnew()).toBe(true);
  expect(await looksAnew()).toBe(false);
});

test('nothing secret is written down', async () => {
  shop.write({
    'project.yml': PROJECT.replace(
      'threads: 2',
      'threads: 2, settings: { temp_directory: "{{ env_var(\'DBT_ENV_SECRET_PLACE\') }}" }',
    ),
  });
  const secret = join(shop.folder, 'quiet-place');
  for (let again = 0; again < 2; again++)
    expect(await shop.startWith({ DBT_ENV_SECRET_PLACE: secret }, 'build').ended).toMatchObject({ code: 0 });
  expect(shop.read('target/.dql/last-run.json')).not.toContain('quiet-place');
});
