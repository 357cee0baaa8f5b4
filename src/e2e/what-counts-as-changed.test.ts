/** What a node's cache entry hangs on: files, tables, variables, macros, markers; each changed alone, and what is then built. */
import { statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { PlanRow } from '../app/contract.ts';
import { executed, type StoryProject, storyProject } from '../testing/story-project.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const table = (sql: string) => `{{ config(materialized='table') }}\n${sql}`;
let shop: StoryProject;

/** What a build with these words, in this environment, really executes. */
const built = async (words: readonly string[] = [], environment: Readonly<Record<string, string>> = {}) => {
  const ended = await shop.startWith(environment, 'build', ...words).ended;
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
  return executed(ended);
};
const sql = async (text: string) => expect((await shop.dql('run-operation', '--sql', text)).code).toBe(0);
const planned = async (name: string): Promise<PlanRow | undefined> => {
  const { rows }: { readonly rows: readonly PlanRow[] } = JSON.parse(
    (await shop.dql('plan', '--output', 'json')).stdout,
  );
  return rows.find((row) => row.name === name);
};

beforeAll(async () => {
  shop = storyProject({
    'raw/flights-1.csv': 'id,seats\n1,100\n',
    'models/_sources.yml': `sources:
  - name: raw
    tables:
      - { name: flights, external: raw/flights-*.csv }
      - { name: stream, external: raw/stream.csv, config: { change_marker: "select max(number) from ticks" } }
      - { name: web, external: "http://127.0.0.1:1/prices.csv" }
  - name: crm
    schema: main
    tables:
      - { name: people }
      - { name: visits, config: { change_marker: "select max(number) from ticks" } }
`,
    'macros/money.sql': `{% macro in_cents(amount) %}{{ scaled(amount) }}{% endmacro %}
{% macro scaled(amount) %}({{ amount }} * 100){% endmacro %}
{% macro nobody_calls() %}1{% endmacro %}`,
    'models/flights.sql': table("select id, seats from {{ source('raw', 'flights') }}"),
    'models/people.sql': table("{{ config(alias='persons') }}select name from {{ source('crm', 'people') }}"),
    'models/visits.sql': table(
      "{{ config(alias='visit_count') }}select count(*) as visits from {{ source('crm', 'visits') }}",
    ),
    'models/priced.sql': table('select {{ in_cents(5) }} as cents'),
    'models/settings.sql': table(
      `select '{{ var("country", "NL") }}' as country, '{{ env_var("SHOP_REGION", "north") }}' as region`,
    ),
    'models/plain.sql': table('select 1 as one'),
  });
  await sql(
    "create table people as select 'Ada' as name; create table visits as select 1 as id; create table ticks as select 1 as number",
  );
  expect(await built()).toEqual(['flights', 'people', 'plain', 'priced', 'settings', 'visits']);
  expect(await built()).toEqual([]);
});
afterAll(() => shop.remove());

test('a file that was touched is read once to see that it is the same; other content under the same size and time is seen', async () => {
  const path = join(shop.folder, 'raw/flights-1.csv');
  const monday = new Date('2026-11-16T08:00:00Z');
  utimesSync(path, monday, monday);
  expect(await built()).toEqual([]);
  const { mtimeMs, size } = statSync(path);
  shop.write({ 'raw/flights-1.csv': 'id,seats\n1,999\n' });
  utimesSync(path, monday, monday);
  expect(statSync(path)).toMatchObject({ size, mtimeMs });
  expect(await built()).toEqual(['flights']);
  expect(await shop.query('from main.flights')).toEqual([[1n, 999n]]);
});

test('new files and files that are gone are counted in the plan', async () => {
  shop.write({ 'raw/flights-2.csv': 'id,seats\n2,50\n', 'raw/flights-3.csv': 'id,seats\n3,50\n' });
  expect(await planned('flights')).toMatchObject({
    action: 'build',
    reason: 'input changed (raw.flights: 2 new files)',
  });
  expect(await built()).toEqual(['flights']);
  shop.write({ 'raw/flights-3.csv': null });
  expect(await planned('flights')).toMatchObject({ reason: 'input changed (raw.flights: 1 file gone)' });
  expect(await built()).toEqual(['flights']);
  shop.write({ 'raw/flights-2.csv': 'id,seats\n2,51\n' });
  expect(await planned('flights')).toMatchObject({ reason: 'input changed (raw.flights: the file changed)' });
  expect(await built()).toEqual(['flights']);
});

test('a source table counts by its rows, in whatever order, and one with a change_marker by what that answers', async () => {
  await sql("insert into people values ('Grace')");
  expect(await planned('people')).toMatchObject({ reason: 'input changed (crm.people: its rows changed)' });
  expect(await built()).toEqual(['people']);
  await sql('create or replace table people as select name from people order by name desc');
  expect(await built()).toEqual([]);
  await sql('insert into visits values (2)');
  expect(await built()).toEqual([]);
  await sql('insert into ticks values (2)');
  expect(await planned('visits')).toMatchObject({
    reason: 'input changed (crm.visits: its change_marker answers something else)',
  });
  expect(await built()).toEqual(['visits']);
  const sources = shop.read('models/_sources.yml');
  shop.write({ 'models/_sources.yml': sources.replaceAll('max(number)', 'max(nmber)') });
  for (const _ of ['once', 'twice'])
    expect(await planned('visits')).toMatchObject({
      reason: expect.stringMatching(
        /^input changed \(crm.visits: its change_marker could not be asked: Binder Error: .*nmber/,
      ),
    });
  // Nothing but NULL, and no row, say nothing either.
  for (const nothing of ['max(number) from ticks where false', 'number from ticks where false']) {
    shop.write({ 'models/_sources.yml': sources.replaceAll('max(number) from ticks', nothing) });
    await built();
    expect(await planned('visits')).toMatchObject({
      reason: 'input changed (crm.visits: its change_marker answers nothing)',
    });
  }
  shop.write({
    'models/_sources.yml': sources.replace(/(visits, config: .*)"select max\(number\) from ticks"/, '$1max(id)'),
  });
  expect(await built()).toEqual(['visits']);
  await sql('insert into visits values (1)');
  expect(await built()).toEqual([]);
  await sql('insert into visits values (3)');
  expect(await built()).toEqual(['visits']);
});

test('variables of the project and of the environment count where they are read', async () => {
  expect(await built(['--vars', '{season: winter}'], { SHOP_SIZE: 'large' })).toEqual([]);
  expect(await built(['--vars', '{country: DE}'])).toEqual(['settings']);
  expect(await built(['--vars', '{country: DE}'], { SHOP_REGION: 'south' })).toEqual(['settings']);
  expect(await shop.query('from main.settings')).toEqual([['DE', 'south']]);
  // As they were at first: that version is kept.
  expect(await built()).toEqual([]);
  expect(await shop.query('from main.settings')).not.toEqual([['DE', 'south']]);
});

test('an edited macro counts where it is called, also through another macro', async () => {
  const macros = shop.read('macros/money.sql');
  shop.write({ 'macros/money.sql': macros.replace('%}1{%', '%}2{%') });
  expect(await built()).toEqual([]);
  shop.write({ 'macros/money.sql': macros.replace('* 100', '* 1000') });
  expect(await built()).toEqual(['priced']);
  expect(await shop.query('from main.priced')).toEqual([[5000]]);
});

test('a file far away counts as changed every time, unless a change_marker speaks for it', async () => {
  shop.write({
    'models/stream.sql': table("select 1 as seen -- {{ source('raw', 'stream') }}"),
    'models/web.sql': table("select 1 as seen -- {{ source('raw', 'web') }}"),
    'raw/stream.csv': 'id\n1\n',
  });
  expect(await built()).toEqual(['stream', 'web']);
  expect(await planned('web')).toMatchObject({
    action: 'build',
    reason: expect.stringMatching(/raw.web: nothing tells whether its rows changed: it has no change_marker/),
  });
  shop.write({ 'raw/stream.csv': 'id\n2\n' });
  expect(await planned('stream')).toMatchObject({ action: 'reuse' });
  await sql('insert into ticks values (3)');
  expect(await planned('stream')).toMatchObject({ action: 'build' });
});

test('what a macro of the warehouse hides is seen: its clock, and that it was changed', async () => {
  await sql('create macro doubled(x) as x * 2; create macro seen_at() as now(); create macro late(x) as seen_at() - x');
  shop.write({
    'models/web.sql': null,
    'models/stream.sql': null,
    'models/twice.sql': table('select doubled(21) as answer'),
    'models/late.sql': table("select late(interval '1 day') as at"),
  });
  expect(await built()).toEqual(['late', 'twice']);
  expect(await planned('late')).toMatchObject({
    action: 'build',
    reason: 'not deterministic: late() is a macro: now() depends on when it runs',
  });
  expect(await planned('twice')).toMatchObject({ action: 'reuse' });
  await sql('create or replace macro doubled(x) as x + x + 0');
  expect(await planned('twice')).toMatchObject({ action: 'build', reason: 'code changed' });
});
