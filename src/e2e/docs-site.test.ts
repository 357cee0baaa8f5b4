import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, test, vi } from 'vitest';
import type { ItemDetail, WrittenIndex } from '../docs/site-data.ts';
import { type StoryProject, storyProject } from '../testing/story-project.ts';

vi.setConfig({ testTimeout: 60_000 });

const HOSTILE = `<script>alert(1)</script> "it's" 🙂 </script> <img src=x onerror=alert(1)> [here](javascript:alert(1))`;

const SHOP = {
  'project.yml': `name: shop
target: dev
targets:
  dev: { path: shop.duckdb, schema: main, settings: { custom_user_agent: "{{ env_var('DBT_ENV_SECRET_AGENT', 'agent-of-the-night') }}" } }
`,
  'seeds/people.csv': 'id,email,city\n1,ann@example.com,Oslo\n1,zoe@example.com,Bergen\n',
  'models/customers.sql': "select * from {{ ref('people') }}",
  'models/mails.sql': "select id, lower(email) as address from {{ ref('customers') }}",
  'models/shop.yml': `models:
  - name: customers
    description: |
      ${HOSTILE}
    columns:
      - name: id
        data_tests: [unique]
      - name: email
        pii: email
        data_tests:
          - accepted_values: { arguments: { values: [nobody] }, config: { severity: warn } }
      - { name: city }
  - name: mails
    data_tests:
      - dbt_utils.expression_is_true: { arguments: { expression: "address like '%@example.org'" }, config: { severity: warn } }
    examples:
      - { name: all, sql: "select address from {{ ref('mails') }}" }
  - name: internal
    config: { docs: { show: false } }
`,
  'models/internal.sql': 'select 42 as answer_of_the_house',
};

let shop: StoryProject;
afterEach(() => shop.remove());

/** Everything that a page of the site can come to know. */
function siteIn(folder: string) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /\.(js|html)$/.test(path));
  const texts = files.map((path) => readFileSync(join(folder, path), 'utf8'));
  const data = new Map(
    texts.flatMap((text) =>
      [...text.matchAll(/dqlData\("([\w-]+)","([^"]*)"\)/g), ...text.matchAll(/id="data-([\w-]+)"[^>]*>([^<]*)</g)].map(
        ([, name = '', base64 = '']) => [name, gunzipSync(Buffer.from(base64, 'base64')).toString()] as const,
      ),
    ),
  );
  // Written by the generator.
  const index = JSON.parse(data.get('index') ?? '') as WrittenIndex;
  const items = JSON.parse(data.get('items-0') ?? '') as readonly ItemDetail[];
  return {
    index,
    everything: [...texts, ...data.values()].join('\n'),
    detailOf: (name: string) => items[index.items.findIndex((item) => item.name === name)],
  };
}

test('docs generate writes a site from the last run: markup is text, personal values and secrets stay at home', async () => {
  shop = storyProject(SHOP);
  expect((await shop.dql('build')).code).toBe(1);
  const before = await shop.published();
  const told = await shop.dql('docs', 'generate');
  expect(told).toMatchObject({ code: 0, stdout: expect.stringMatching(/target\/docs\/index\.html: \d+ pages/) });
  expect(await shop.published()).toEqual(before);

  const site = siteIn(join(shop.folder, 'target/docs'));
  expect(site.detailOf('customers')?.description).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(site.detailOf('customers')?.description).not.toMatch(/<script|<img|href="javascript/);
  expect(site.index.held.map(({ reason }) => reason)).toContain('test `unique_customers_id` failed');
  expect(site.detailOf('mails')?.examples).toMatchObject([
    { title: 'example mails all', sql: 'select address from main.mails' },
  ]);
  expect(site.index.items.map(({ name }) => name)).not.toContain('internal');
  // The guide is the README, told from its beginning.
  expect(site.index.guide.slice(0, 2).map(({ title }) => title)).toEqual(['What dql is', 'Tutorial']);
  expect(site.everything).toContain('dql turns a folder of SQL into tested tables');
  expect(site.everything).toContain('Bergen');
  expect(found(site.everything, /(ann|zoe)@example\.com|agent-of-the-night|answer_of_the_house/g)).toEqual([]);
  expect(found(shop.read('target/catalog.json'), /(ann|zoe)@example\.com/g)).toEqual([]);
});

test('one file holds the same, and the folder of an earlier site keeps nothing that the new one lacks', async () => {
  shop = storyProject(SHOP);
  await shop.dql('build');
  expect((await shop.dql('docs', 'generate', '--single-file', '--to', 'mail/shop.html')).code).toBe(0);
  expect(readdirSync(join(shop.folder, 'mail'))).toEqual(['shop.html']);
  const page = siteIn(join(shop.folder, 'mail'));
  expect(page.index.items.map(({ name }) => name)).toContain('customers');
  expect(found(page.everything, /(ann|zoe)@example\.com/g)).toEqual([]);
  await shop.dql('docs', 'generate', '--to', 'site');
  shop.write({ 'site/data/notes.txt': 'mine' });
  await shop.dql('docs', 'generate', '--to', 'site', '-s', 'customers');
  expect(siteIn(join(shop.folder, 'site')).index.items.map(({ name }) => name)).toEqual([
    'customers',
    'unique_customers_id',
    'accepted_values_customers_email__nobody',
  ]);
  expect(existsSync(join(shop.folder, 'site/data/notes.txt'))).toBe(true);

  // What makes its column personal is not on this site.
  await shop.dql('docs', 'generate', '--to', 'part', '-s', 'mails');
  const part = siteIn(join(shop.folder, 'part')).detailOf('mails');
  expect(part?.columns.map(({ name, personal }) => [name, personal])).toEqual([
    ['id', false],
    ['address', true],
  ]);
});

test('docs serve shows the site and tells its readers when a model or the results of a run changed', async () => {
  shop = storyProject(SHOP);
  const serving = shop.start('docs', 'serve', '--port', '0');
  try {
    const url = await heard(serving.process.stdout, /http:\/\/\S+/);
    const page = await fetch(url);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('EventSource');
    const stream = await fetch(`${url}__reload`);
    const reader = stream.body?.getReader();
    const next = async () => new TextDecoder().decode((await reader?.read())?.value);
    expect(await next()).toContain('listening');
    shop.write({
      'models/customers.sql': "select 1 as id, 'ann@example.com' as email, 'Trondheim' as city, 2 as added",
    });
    expect(await next()).toContain('reload');
    const index = gunzipped(await (await fetch(`${url}data/index.js`)).text());
    expect(index).toContain('"added"');
    expect((await fetch(`${url}../project.yml`)).status).toBe(404);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    await reader?.cancel();
  } finally {
    serving.process.kill('SIGINT');
    expect((await serving.ended).code).toBe(130);
  }
});

/** Where it stands, a few words around it: a whole site is not worth printing. */
const found = (text: string, wanted: RegExp): readonly string[] =>
  [...text.matchAll(wanted)].map(({ index }) => text.slice(Math.max(0, index - 40), index + 40));

const gunzipped = (script: string): string =>
  gunzipSync(Buffer.from(/","([^"]*)"/.exec(script)?.[1] ?? '', 'base64')).toString();

const heard = (stream: NodeJS.ReadableStream | null, wanted: RegExp): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    stream?.on('data', (part) => {
      text += String(part);
      const found = wanted.exec(text)?.[0];
      if (found) resolve(found);
    });
  });

test('what is not built yet is shown with the columns that the code of today gives, not with those that were built', async () => {
  shop = storyProject({
    'project.yml': 'name: shop\ntarget: dev\ntargets: { dev: { path: shop.duckdb, schema: main } }\n',
    'models/orders.sql': "select 1 as id, 'ten' as amount",
    'models/paid.sql': "select * from {{ ref('orders') }}",
  });
  await shop.dql('build');
  shop.write({ 'models/receipts.sql': "select id, amount as received from {{ ref('paid') }}" });
  const columnsOfReceipts = async () => {
    await shop.dql('docs', 'generate');
    return siteIn(join(shop.folder, 'target/docs'))
      .detailOf('receipts')
      ?.columns.map(({ name, type }) => [name, type]);
  };
  expect(await columnsOfReceipts()).toEqual([
    ['id', 'INTEGER'],
    ['received', 'VARCHAR'],
  ]);
  shop.write({ 'models/orders.sql': 'select 1 as id, 10.5 as amount' });
  expect(await columnsOfReceipts()).toEqual([
    ['id', 'INTEGER'],
    ['received', 'DECIMAL(3,1)'],
  ]);
});

const PEOPLE = {
  'project.yml': 'name: shop\ntarget: dev\ntargets: { dev: { path: shop.duckdb, schema: main } }\n',
  'seeds/people.csv': 'id,email\n1,ann@example.com\n2,zoe@example.com\n',
  'models/shop.yml': 'seeds:\n  - name: people\n    columns: [{ name: email, pii: email }]\n',
};

test('what the engine says of a personal value that it cannot read stays at home: of a failed build, of what it holds, of a view nobody can read', async () => {
  shop = storyProject({
    ...PEOPLE,
    'models/numbers.sql': "{{ config(materialized='table') }} select email::int as number from {{ ref('people') }}",
    'models/digits.sql': "select email::int as digit from {{ ref('people') }}",
    'models/nowhere.sql': "{{ config(materialized='table') }} select * from missing_table",
  });
  const built = await shop.dql('build', '--report', 'junit=target/junit.xml');
  expect(built.code).toBe(1);
  const told = "Conversion Error: Could not convert string '•••' to INT32 when casting from source column email";
  expect(built.stdout + built.stderr).toContain(told);
  expect(shop.read('target/run_results.json')).toContain(told);
  const ledger = await shop.query('select * from _dql.node_runs');
  for (const text of [
    built.stdout,
    built.stderr,
    shop.read('target/run_results.json'),
    shop.read('target/junit.xml'),
    ledger.flat().map(String).join('\n'),
  ])
    expect(found(text, /(ann|zoe)@example\.com/g)).toEqual([]);
  await shop.dql('docs', 'generate');
  const site = siteIn(join(shop.folder, 'target/docs'));
  expect(site.everything).toContain('Table with name missing_table does not exist');
  expect(found(site.everything, /(ann|zoe)@example\.com/g)).toEqual([]);
  expect(JSON.parse(shop.read('target/catalog.json')).errors).toEqual([
    expect.stringContaining("Could not convert string '•••'"),
  ]);
  expect(found(shop.read('target/catalog.json'), /(ann|zoe)@example\.com/g)).toEqual([]);
  shop.write({ 'tests/all_are_numbers.sql': "select email::int from {{ ref('people') }} where email::int > 0" });
  const tested = await shop.dql('test', '-s', 'all_are_numbers');
  expect(tested.stdout + tested.stderr).toContain(told);
  expect(JSON.stringify(tested.results)).toContain(told);
  expect(found(tested.stdout + tested.stderr + JSON.stringify(tested.results), /(ann|zoe)@example\.com/g)).toEqual([]);
});

test('rows are those that readers find: not the slice that an incremental build wrote, nor a build that was held back', async () => {
  shop = storyProject({
    'project.yml': 'name: shop\ntarget: dev\ntargets: { dev: { path: shop.duckdb, schema: main } }\n',
    'seeds/orders.csv': 'id,amount\n1,10\n2,20\n3,30\n',
    'models/payments.sql': `{{ config(materialized='incremental', unique_key='id') }} select * from {{ ref('orders') }}
{% if is_incremental() %} where id >= (select max(id) from {{ this }}) {% endif %}`,
    'models/checked.sql': "{{ config(materialized='table') }} select * from {{ ref('orders') }}",
    'models/doubtful.sql': "{{ config(materialized='table') }} select * from {{ ref('orders') }}",
    'models/shop.yml': `models:
  - { name: checked, columns: [{ name: amount, data_tests: [{ dbt_utils.accepted_range: { arguments: { max_value: 35 } } }] }] }
  - { name: doubtful, columns: [{ name: amount, data_tests: [{ dbt_utils.accepted_range: { arguments: { max_value: 5 } } }] }] }
`,
  });
  await shop.dql('build');
  shop.write({ 'seeds/orders.csv': 'id,amount\n1,10\n2,20\n3,30\n4,40\n' });
  await shop.dql('build');
  expect(await shop.dql('docs', 'generate')).toMatchObject({ code: 0 });
  const { index, detailOf } = siteIn(join(shop.folder, 'target/docs'));
  const rowsOf = (name: string) => index.items.find((item) => item.name === name)?.rows;
  expect(['payments', 'checked', 'doubtful'].map(rowsOf)).toEqual([4, 3, undefined]);
  expect(detailOf('payments')?.versions.map(({ version, rows }) => [version, rows])).toEqual([
    [2, 4],
    [1, 3],
  ]);
  const firstBuilt = detailOf('payments')?.versions.at(-1)?.at;
  expect(await shop.dql('rollback', 'payments@1')).toMatchObject({ code: 0 });
  expect(await shop.dql('docs', 'generate')).toMatchObject({ code: 0 });
  const back = siteIn(join(shop.folder, 'target/docs')).index;
  const payments = back.items.findIndex(({ name }) => name === 'payments');
  // What is read again is as old as when it was built; it was no test that held it back.
  expect([back.items[payments]?.rows, back.items[payments]?.state]).toEqual([3, 'rolled back']);
  expect(back.held.map(({ item }) => back.items[item]?.name)).toEqual(['checked', 'doubtful']);
  const { id: rollback, command } = back.runs.at(-1) ?? {};
  expect(command).toBe('rollback');
  expect(back.rolledBack).toEqual([
    {
      item: payments,
      reason: expect.stringContaining('returned to version 1'),
      run: rollback,
      at: expect.any(String),
      since: firstBuilt,
    },
  ]);
  // Undone: readers see the newest build again.
  expect(await shop.dql('rollback', 'payments@2')).toMatchObject({ code: 0 });
  expect(await shop.dql('docs', 'generate')).toMatchObject({ code: 0 });
  const forth = siteIn(join(shop.folder, 'target/docs')).index;
  expect([forth.items[payments]?.state, forth.rolledBack]).toEqual(['success', []]);
  expect([detailOf('checked')?.unbuilt, detailOf('doubtful')?.unbuilt]).toEqual([undefined, true]);
});
