/** Promise 4, the other way round: what is reused, or stopped at, is to the column, the type and the row what computing everything gives. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type StoryProject, storyProject } from '../testing/story-project.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const table = (sql: string, config = '') => `{{ config(materialized='table'${config}) }}\n${sql}`;
const exported = (sql: string) => `{{ config(materialized='external', location='exports/sorted.csv') }}\n${sql}`;
const from = (parent: string, sql: string) => table(sql.replaceAll('$', `{{ ref('${parent}') }}`));

/** What a parent is, what it becomes, and what is built from it: the edit is not in the columns that are read, or does not change a hash. */
const EDITS: Readonly<Record<string, readonly [before: string, after: string, child: string]>> = {
  wider: ['select 1::integer as a, 2 as b', 'select 1::bigint as a, 3 as b', 'select a from $'],
  retyped: ['select null::integer as a, 2 as b', 'select null::varchar as a, 3 as b', 'select a from $'],
  recased: ['select 1 as a, 2 as b', 'select 1 as A, 3 as b', 'select a from $'],
  refielded: ["select {'x': 1, 'y': 2} as a, 2 as b", "select {'y': 1, 'x': 2} as a, 3 as b", 'select a from $'],
  months: [
    "select interval '30 days' as a",
    "select interval '1 month' as a",
    "select date '2020-01-31' + a as d from $",
  ],
  zero: ['select -0.0::double as a', 'select 0.0::double as a', 'select a::varchar as a from $'],
  empty: ['select null::integer[] as a', 'select []::integer[] as a', 'select a is null as a from $'],
  lists: ['select [1, 2] as a, []::integer[] as b', 'select [1] as a, [2] as b', 'select len(a) as a from $'],
  named_t: ['select 1 as t, 2 as b', 'select 1 as t, 3 as b', 'select b from $'],
  lateral: ['select 1 as x', 'select 1 as x, 100 as total', 'select x + 1 as total, total * 2 as twice from $'],
  filtered: ['select 1 as x', 'select 1 as x, 0 as total', 'select x + 1 as total from $ where total > 1'],
  natural: [
    'select 1 as x',
    'select 1 as x, 9 as y',
    'select p.x from $ as p natural join (select 1 as x, 2 as y) as q',
  ],
  correlated: [
    'select 7 as y',
    'select 7 as y, 6 as z',
    'select (select max(y) from $ where z = 5) as m from (select 5 as z) as q',
  ],
  sorted_table: [
    'from range(5) as t(i) order by i',
    'from range(5) as t(i) order by i desc',
    'select list(i) as l from $',
  ],
};
const parents = (which: 0 | 1) =>
  Object.fromEntries(Object.entries(EDITS).map(([name, edit]) => [`models/${name}.sql`, table(edit[which])]));

const verdict = (sql: string) => `{{ config(severity='warn') }}\n${sql}`;

const others = (when: 0 | 1) => ({
  ...Object.fromEntries(Object.entries(EDITS).map(([name, [, , sql]]) => [`models/of_${name}.sql`, from(name, sql)])),
  'models/_sources.yml': `sources:
  - name: raw
    tables: [{ name: swapped }, { name: renamed }, { name: retyped }, { name: dropped }]
  - name: files
    tables:
      - name: prices
        external: { location: raw/prices.csv, options: { header: ${when === 0} } }
models:
  - name: divided
    columns:
      - name: a
        data_tests:
          - relationships: { arguments: { to: raw.allowed, field: a }, config: { severity: warn } }
`,
  'raw/prices.csv': 'a\n1\n',
  'models/read_otherwise.sql': table("select * from {{ source('files', 'prices') }}"),
  'tests/by_undeclared_table.sql': verdict("select 1 from {{ ref('old') }}, raw.nobody where nobody.a = 2"),
  'tests/by_macro.sql': verdict("select * from {{ ref('old') }} where is_late(1)"),
  'tests/by_setting.sql': verdict("select * from {{ ref('old') }} where 5 / 2 > 2"),
  'models/swapped_columns.sql': table("select a, b from {{ source('raw', 'swapped') }}"),
  'models/renamed_column.sql': table("select * from {{ source('raw', 'renamed') }}"),
  'models/retyped_column.sql': table("select * from {{ source('raw', 'retyped') }}"),
  'models/undeclared.sql': table('select a from raw.nobody'),
  'models/undeclared_below.sql': from('undeclared', 'select a from $'),
  'models/undeclared_pivot.sql': table('pivot raw.nobody on a using count(*)'),
  'models/by_macro.sql': table('select * from nobody()'),
  'models/by_hook.sql': table(
    'select 0 as a',
    `, post_hook="insert into {{ this }} select a from {{ ref('read_by_a_hook') }}"`,
  ),
  'models/by_source_hook.sql': table(
    'select 0 as a',
    `, post_hook="insert into {{ this }} select a from {{ source('raw', 'dropped') }}"`,
  ),
  'models/by_undeclared_hook.sql': table(
    'select 0 as a',
    ', post_hook="insert into {{ this }} select a from raw.nobody"',
  ),
  'models/by_temporary_table.sql': table(
    'select a from gathered',
    ', pre_hook="create or replace temp table gathered as select a from raw.nobody"',
  ),
  'models/zoned.sql': table("select timestamptz '2020-01-01 00:00:00+00'::varchar as at"),
  'models/divided.sql': table('select 5 / 2 as a'),
  'models/of_set_macro.sql': table('select scaled(1) as a'),
  'models/old.sql': table("select age(timestamp '2020-01-01') is not null as a"),
});

const RAW = `create schema raw; create table raw.swapped as select 1 as a, 2 as b; create table raw.renamed as select 1 as a;
create table raw.retyped as select 1 as a; create table raw.nobody as select 1 as a; create table raw.dropped as select 1 as a;
create macro nobody() as table select a from raw.nobody; create macro is_late(x) as x > 5;
create table raw.allowed as select a from (values (2), (2.5)) as allowed(a)`;
const RAW_AFTER = `create or replace table raw.swapped as select 1 as b, 2 as a; alter table raw.renamed rename a to z;
alter table raw.retyped alter a type bigint; update raw.nobody set a = 2; update raw.dropped set a = 3;
create or replace macro is_late(x) as x > 0; delete from raw.allowed`;

const project = (settings: string, factor: number) => `name: shop
target: dev
targets:
  dev: { path: shop.duckdb, schema: main, threads: 2, settings: { ${settings} } }
on-run-start:
  - "-- how this project divides\\nselect 1; set integer_division = ${factor === 2}"
  - create or replace temp macro scaled(x) as x * ${factor}
`;

const HEAVY = 200_000; // rows; dbt does not look into a seed of more than a megabyte

let shop: StoryProject;
/** Answers what the tests said. */
const build = async (...words: readonly string[]): Promise<readonly string[]> => {
  const ended = await shop.dql('build', ...words);
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
  const tests = ended.results?.results.filter(({ unique_id: id }) => id.startsWith('test.')) ?? [];
  return tests.map(({ unique_id: id, status }) => `${id} ${status}`).sort();
};

/** Columns, types and rows of everything that readers see, rows in their order, and the text of every export. */
async function everything(): Promise<Readonly<Record<string, string>>> {
  const names = (
    await shop.query("select view_name from duckdb_views() where schema_name = 'main' and not internal")
  ).map(([name]) => String(name));
  const columns = await shop.query(
    names
      .map((name) => `select '${name}', list([column_name, column_type]) from (describe from main."${name}")`)
      .join('\nunion all '),
  );
  // Of many rows their order in a result says nothing.
  const rows = await shop.query(
    names
      .map(
        (name) => `select '${name}', case when count(*) < 100 then list(line)::varchar else sum(hash(line))::varchar end
          from (select row(columns(*))::varchar as line from main."${name}")`,
      )
      .join('\nunion all '),
  );
  const found: Record<string, string> = {};
  for (const [name, told] of [...columns, ...rows])
    found[String(name)] = `${found[String(name)] ?? ''} ${JSON.stringify(told)}`;
  const folder = join(shop.folder, 'exports');
  for (const file of existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.csv')) : [])
    found[file] = readFileSync(join(folder, file), 'utf8');
  return found;
}

beforeAll(async () => {
  shop = storyProject({
    ...others(0),
    ...parents(0),
    'project.yml': project("TimeZone: 'UTC'", 2),
    'models/read_by_a_hook.sql': table('select 1 as a'),
    'models/sorted.sql': exported('from range(5) as t(i) order by i'),
    'seeds/reordered.csv': 'a\n1\n2\n',
    'seeds/blank_end.csv': 'a,b\n1,x',
    'seeds/heavy.csv': `a\n${'12345\n'.repeat(HEAVY)}`,
  });
  expect((await shop.dql('run-operation', '--sql', RAW)).code).toBe(0);
  await build();
  await build();
});
afterAll(() => shop.remove());

test('after any edit, every relation and file is what computing everything gives', async () => {
  shop.write({
    ...others(1),
    ...parents(1),
    'project.yml': project("TimeZone: 'Asia/Tokyo'", 3),
    'models/read_by_a_hook.sql': table('select 2 as a'),
    'models/sorted.sql': exported('from range(5) as t(i) order by i desc'),
    'seeds/reordered.csv': 'a\n2\n1\n',
    'seeds/blank_end.csv': 'a,b\n1,x  ',
    'seeds/heavy.csv': `a\n${'12345\n'.repeat(HEAVY - 1)}54321\n`,
  });
  expect((await shop.dql('run-operation', '--sql', RAW_AFTER)).code).toBe(0);
  const said = await build();
  const reused = await everything();
  expect(said).toEqual(await build('--force'));
  expect(said.map((each) => each.split(' ')[1])).toEqual(['warn', 'warn', 'warn', 'warn']);
  expect(reused).toEqual(await everything());
});
