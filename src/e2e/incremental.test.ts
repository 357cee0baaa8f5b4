/** What an incremental model does with keys that are NULL or repeated, with predicates, and when its columns change: dbt's outcome. */
import { afterEach, expect, test, vi } from 'vitest';
import type { RunResults } from '../run/results.ts';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 60_000 });

let shop: TemporaryProject | undefined;
afterEach(() => shop?.close());

const model = (config: string) =>
  `{{ config(materialized='incremental', ${config}) }}\nselect * from {{ ref('orders') }}`;
const opened = (files: Readonly<Record<string, string>>): TemporaryProject => {
  shop = temporaryProject(files);
  return shop;
};
const rowsOf = async (project: TemporaryProject, name: string) =>
  (
    await project.rows(
      `select array_to_string(list_transform(json_extract_string(to_json(t), '$.*'), lambda cell: coalesce(cell, '-')), ' ') from ${name} as t order by all`,
    )
  ).map(([row]) => String(row));
const statusesOf = async (project: TemporaryProject, words: string) =>
  Object.fromEntries(
    (await project.answer(words)).results.map(({ unique_id, status }) => [unique_id.split('.')[2], status]),
  );

test('keys that are NULL match nothing, repeated ones are replaced together, predicates say which rows can match', async () => {
  const project = opened({
    'seeds/orders.csv': 'id,shop,amount\n1,north,10\n1,north,11\n,north,5\n2,north,20\n2,,7\n',
    'models/delete_insert.sql': model("unique_key='id'"),
    'models/delete_insert_small.sql': model("unique_key='id', incremental_predicates=['amount < 11']"),
    'models/delete_insert_pair.sql': model("unique_key=['id', 'shop']"),
    'models/merge.sql': model("incremental_strategy='merge', unique_key='id'"),
    'models/merge_small.sql': model(
      "incremental_strategy='merge', unique_key='id', incremental_predicates=['DBT_INTERNAL_DEST.amount < 11']",
    ),
    'models/merge_pair.sql': model("incremental_strategy='merge', unique_key=['id', 'shop']"),
    'models/no_key.sql': model("incremental_strategy='delete+insert'"),
    'models/append.sql': model("incremental_strategy='append', unique_key='id'"),
  });
  expect((await project.dql('build')).code).toBe(0);
  project.write('seeds/orders.csv', 'id,shop,amount\n1,north,12\n,north,6\n2,,8\n3,north,30\n3,north,31\n');
  expect((await project.dql('build')).code).toBe(0);

  const old = ['1 north 10', '1 north 11', '2 north 20', '2 - 7', '- north 5'];
  const fresh = ['1 north 12', '2 - 8', '3 north 30', '3 north 31', '- north 6'];
  const all = [...old, ...fresh].sort();
  const without = (...gone: readonly string[]) => all.filter((row) => !gone.includes(row));
  const sorted = async (name: string) => (await rowsOf(project, name)).sort();
  expect(await sorted('append')).toEqual(all);
  expect(await sorted('no_key')).toEqual(all);
  expect(await sorted('delete_insert')).toEqual(without('1 north 10', '1 north 11', '2 north 20', '2 - 7'));
  // 1 north 11 and 2 north 20 are out of the predicate’s reach and stay.
  expect(await sorted('delete_insert_small')).toEqual(without('1 north 10', '2 - 7'));
  // A key one part of which is NULL is as good as none.
  expect(await sorted('delete_insert_pair')).toEqual(without('1 north 10', '1 north 11'));
  // Every row that matches takes the new values, so a key that was there twice stays twice.
  expect(await sorted('merge')).toEqual(
    [...without('1 north 10', '1 north 11', '2 north 20', '2 - 7'), '1 north 12', '2 - 8'].sort(),
  );
  expect(await sorted('merge_small')).toEqual(without('1 north 10', '2 - 7'));
  expect(await sorted('merge_pair')).toEqual([...without('1 north 10', '1 north 11'), '1 north 12'].sort());

  // The same once more: what has a key is as it was, what has none comes again.
  expect((await project.dql('build --force')).code).toBe(0);
  expect(await sorted('delete_insert')).toEqual(
    [...without('1 north 10', '1 north 11', '2 north 20', '2 - 7'), '- north 6'].sort(),
  );
});

test('a key may be an expression, or a list with some, whether rows are deleted by it or merged', async () => {
  const merging = "incremental_strategy='merge'";
  const project = opened({
    'seeds/orders.csv': 'id,shop,amount\n1,north,10\n1,south,11\n,west,3\n',
    'models/delete_insert.sql': model(`unique_key="id || '-' || shop"`),
    'models/delete_insert_list.sql': model(`unique_key=['id', 'upper(shop)']`),
    'models/merge.sql': model(`${merging}, unique_key="id || '-' || upper(shop)"`),
    'models/merge_list.sql': model(`${merging}, unique_key=['id', 'upper(shop)']`),
    'models/merge_small.sql': model(
      `${merging}, unique_key=['id', 'upper(shop)'], incremental_predicates=['DBT_INTERNAL_DEST.amount < DBT_INTERNAL_SOURCE.amount']`,
    ),
    'models/merge_chosen.sql': model(`${merging}, unique_key='lower(shop)', merge_update_columns=['amount']`),
  });
  expect((await project.dql('build')).code).toBe(0);
  project.write('seeds/orders.csv', 'id,shop,amount\n1,SOUTH,12\n1,North,9\n,west,4\n');
  expect((await project.dql('build')).code).toBe(0);
  const sorted = async (name: string) => (await rowsOf(project, name)).sort();
  expect(await sorted('delete_insert')).toEqual(
    ['1 North 9', '1 SOUTH 12', '1 north 10', '1 south 11', '- west 3', '- west 4'].sort(),
  );
  const merged = ['1 North 9', '1 SOUTH 12', '- west 3', '- west 4'].sort();
  expect(await sorted('delete_insert_list')).toEqual(merged);
  expect(await sorted('merge')).toEqual(merged);
  expect(await sorted('merge_list')).toEqual(merged);
  // What is not less than the new amount is matched by nothing: it stays, and the new row comes beside it.
  expect(await sorted('merge_small')).toEqual(['1 North 9', '1 SOUTH 12', '1 north 10', '- west 3', '- west 4'].sort());
  expect(await sorted('merge_chosen')).toEqual(['1 north 9', '1 south 12', '- west 4'].sort());
  // What was replaced comes back.
  expect((await project.dql('rollback')).code).toBe(0);
  expect(await sorted('merge_small')).toEqual(['1 north 10', '1 south 11', '- west 3'].sort());
});

test('a key that is no column is told before the first build, with the nearest one', async () => {
  const project = opened({
    'seeds/orders.csv': 'id,shop\n1,north\n',
    'models/delete_insert.sql': model("unique_key='shp'"),
    'models/merge.sql': model("incremental_strategy='merge', unique_key=['id', 'shp']"),
    'models/append.sql': model("incremental_strategy='append', unique_key='shp'"),
  });
  const { code, stderr } = await project.dql('build');
  expect(code).toBe(1);
  expect(stderr).toContain('`unique_key` of `merge` names `shp`, which is no column of its query');
  expect(stderr).toContain('`unique_key` of `delete_insert` names `shp`');
  expect(stderr).not.toContain('`append`');
  expect(stderr).toContain('did you mean `shop`?');
});

test('a merge updates the columns it is told to, and refuses to be told of columns that are none', async () => {
  const merging = (config: string) => model(`incremental_strategy='merge', unique_key='id', ${config}`);
  const project = opened({
    'seeds/orders.csv': 'id,shop,amount\n1,north,10\n',
    'models/chosen.sql': merging("merge_update_columns=['Amount']"),
    'models/excepted.sql': merging("merge_exclude_columns=['SHOP']"),
    'models/added.sql': merging(
      "merge_update_set_expressions={'AMOUNT': 'DBT_INTERNAL_DEST.amount + DBT_INTERNAL_SOURCE.amount'}",
    ),
    'models/misspelt.sql': merging("merge_update_columns=['amuont']"),
    'models/unknown.sql': merging("merge_update_set_expressions={'price': '1'}"),
    'models/two_ways.sql': merging("merge_update_columns=['amount'], merge_exclude_columns=['shop']"),
  });
  const told = await project.dql('build');
  expect(told.code).toBe(1);
  for (const message of [
    '`merge_update_columns` of `misspelt` names `amuont`, which is no column of it',
    'did you mean `amount`?',
    '`merge_update_set_expressions` of `unknown` names `price`',
    '`two_ways` sets both `merge_update_columns` and `merge_exclude_columns`',
  ])
    expect(told.stderr).toContain(message);
  project.write('seeds/orders.csv', 'id,shop,amount\n1,south,12\n');
  await project.dql('build');
  expect(await rowsOf(project, 'chosen')).toEqual(['1 north 12']);
  expect(await rowsOf(project, 'excepted')).toEqual(['1 north 12']);
  expect(await rowsOf(project, 'added')).toEqual(['1 south 22']);
});

test('values that lose what their column has no place for are warned of within lists, maps and structs, too; not where all is refused', async () => {
  const nested = (mode: string) =>
    `{{ config(materialized='incremental', unique_key='id', on_schema_change='${mode}') }}
select 1 as id, {% if is_incremental() %}{'city': 'Rome', 'street': 'x'} as shipped, [1.5] as sizes, map {'a': 1.5} as rates
{% else %}{'city': 'Paris'} as shipped, [1] as sizes, map {'a': 1} as rates{% endif %}`;
  const project = opened({
    'models/ignoring.sql': nested('ignore'),
    'models/refusing.sql': nested('fail'),
    'models/syncing.sql': nested('sync_all_columns'),
  });
  expect((await project.dql('build')).code).toBe(0);
  const { stderr } = await project.dql('build --force');
  const [losing = '', ...rounding] = stderr.split('\n').filter((line) => line.includes('run/values-rounded'));
  expect(losing).toContain('`shipped` of `ignoring` is STRUCT(city VARCHAR) in its table');
  expect(losing).toContain('new values lose `street`');
  expect(rounding.map((line) => line.replace(/.* of /, ''))).toEqual([
    '`ignoring` is INTEGER[] in its table and DECIMAL(2,1)[] in its query: new values are rounded to fit',
    '`ignoring` is MAP(VARCHAR, INTEGER) in its table and MAP(VARCHAR, DECIMAL(2,1)) in its query: new values are rounded to fit',
  ]);
  expect(await project.rows('select shipped.street, sizes[1]::varchar from syncing')).toEqual([['x', '1.5']]);
});

const MODES = ['ignore', 'append_new_columns', 'sync_all_columns', 'fail'] as const;

test('on_schema_change: a new column, a column that is gone and one of another type, in each mode and strategy', async () => {
  const names = MODES.flatMap((mode) => [`${mode}_delete_insert`, `${mode}_merge`]);
  const project = opened({
    'seeds/orders.csv': 'id,amount,note\n1,10,gift\n1,11,gift\n,5,none\n2,20,gift\n',
    ...Object.fromEntries(
      MODES.flatMap((mode) => [
        [`models/${mode}_delete_insert.sql`, model(`unique_key='id', on_schema_change='${mode}'`)],
        [
          `models/${mode}_merge.sql`,
          model(
            `unique_key='id', on_schema_change='${mode}', incremental_strategy='merge', incremental_predicates=['DBT_INTERNAL_DEST.amount < 15']`,
          ),
        ],
      ]),
    ),
  });
  const columnsOf = async (name: string) =>
    (await project.rows(`describe ${name}`)).map(([column, type]) => `${column} ${type}`);
  expect((await project.dql('build')).code).toBe(0);
  const before = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await rowsOf(project, name)])));

  // A new column.
  project.write('seeds/orders.csv', 'id,amount,note,status\n1,12,card,paid\n,6,none,new\n3,30,gift,new\n');
  expect(await statusesOf(project, 'build')).toEqual({
    orders: 'success',
    ...Object.fromEntries(names.map((name) => [name, name.startsWith('fail') ? 'error' : 'success'])),
  });
  const OLD = ['id INTEGER', 'amount INTEGER', 'note VARCHAR'];
  for (const strategy of ['delete_insert', 'merge']) {
    const twice = strategy === 'merge' ? ['1 12 card paid'] : [];
    expect(await columnsOf(`ignore_${strategy}`)).toEqual(OLD);
    expect(await rowsOf(project, `ignore_${strategy}`)).toEqual(
      ['1 12 card', ...twice.map(() => '1 12 card'), '2 20 gift', '3 30 gift', '- 5 none', '- 6 none'].sort(),
    );
    for (const mode of ['append_new_columns', 'sync_all_columns']) {
      expect(await columnsOf(`${mode}_${strategy}`)).toEqual([...OLD, 'status VARCHAR']);
      expect(await rowsOf(project, `${mode}_${strategy}`)).toEqual(
        ['1 12 card paid', ...twice, '2 20 gift -', '3 30 gift new', '- 5 none -', '- 6 none new'].sort(),
      );
    }
    expect(await rowsOf(project, `fail_${strategy}`)).toEqual(before[`fail_${strategy}`]);
  }

  // A column that is gone, and one of another type.
  project.write('seeds/orders.csv', 'id,amount,status\n1,12.4,sent\n4,40.4,new\n');
  const told = await project.dql('build --output json');
  expect(told.code).toBe(1);
  expect(told.stderr).toContain('the columns of incremental model `fail_merge` changed');
  // As in dbt, `ignore` asks the query for the table's own columns, one of which is no longer there.
  const { results }: RunResults = JSON.parse(told.stdout);
  expect(results.find(({ unique_id }) => unique_id === 'model.shop.ignore_merge')).toMatchObject({
    status: 'error',
    message: expect.stringContaining('note'),
  });
  for (const strategy of ['delete_insert', 'merge']) {
    const twice = strategy === 'merge' ? 2 : 1;
    expect(await columnsOf(`ignore_${strategy}`)).toEqual(OLD);
    expect(await rowsOf(project, `ignore_${strategy}`)).toContain('3 30 gift');
    expect(await columnsOf(`append_new_columns_${strategy}`)).toEqual([...OLD, 'status VARCHAR']);
    expect(await rowsOf(project, `append_new_columns_${strategy}`)).toEqual(
      [
        ...Array.from({ length: twice }, () => '1 12 - sent'),
        '2 20 gift -',
        '3 30 gift new',
        '4 40 - new',
        '- 5 none -',
        '- 6 none new',
      ].sort(),
    );
    expect(await columnsOf(`sync_all_columns_${strategy}`)).toEqual(['id INTEGER', 'amount DOUBLE', 'status VARCHAR']);
    expect(await rowsOf(project, `sync_all_columns_${strategy}`)).toEqual(
      [
        ...Array.from({ length: twice }, () => '1 12.4 sent'),
        '2 20.0 -',
        '3 30.0 new',
        '4 40.4 new',
        '- 5.0 -',
        '- 6.0 new',
      ].sort(),
    );
    expect(await rowsOf(project, `fail_${strategy}`)).toEqual(before[`fail_${strategy}`]);
  }
});

test('a type that changed: what did not fit is explained, what is rounded is said', async () => {
  const typed = (config: string) =>
    `{{ config(materialized='incremental', ${config}) }}\nselect id, {{ var('amount', 'amount') }} as amount from (values (1, 10), (2, 20)) as t(id, amount)`;
  const project = opened({
    'models/ignoring.sql': typed("unique_key='id'"),
    'models/appending.sql': typed("unique_key='id', on_schema_change='append_new_columns'"),
    'models/syncing.sql': typed("unique_key='id', on_schema_change='sync_all_columns'"),
    'snapshots/history.yml':
      "snapshots: [{ name: history, relation: ref('goods'), config: { strategy: check, check_cols: all, unique_key: id } }]",
    'models/goods.sql': "select 1 as id, {{ var('amount', 'amount') }} as amount from (select 10 as amount)",
  });
  const build = async (amount: string) => project.dql(['build', '--vars', JSON.stringify({ amount })]);
  expect((await build('amount')).code).toBe(0);
  const words = await build("amount || ' EUR'");
  expect(words.code).toBe(1);
  for (const hint of [
    'its table keeps its types under `on_schema_change: ignore`: select `cast(… as INTEGER) as amount`, set on_schema_change to sync_all_columns, or rebuild with --full-refresh',
    'its table keeps its types under `on_schema_change: append_new_columns`',
    'a history keeps the types of its columns: select `cast(… as INTEGER) as amount`, or give the column another name',
  ])
    expect(words.stderr).toContain(hint);
  expect(words.stderr).toContain('other type: amount INTEGER → VARCHAR');
  expect(await project.rows('select amount from syncing where id = 1')).toEqual([['10 EUR']]);
  // Back again: the rows that are there do not fit.
  project.write(
    'models/syncing.sql',
    `${typed("on_schema_change='sync_all_columns'")} where not {{ is_incremental() }}`,
  );
  expect((await build('amount')).stderr).toContain('rows of its table do not fit the new type');

  const cents = await build('amount + 0.4');
  for (const name of ['ignoring', 'appending', 'history'])
    expect(cents.stderr).toContain(
      `warning[run/values-rounded]: \`amount\` of \`${name}\` is INTEGER in its table and DECIMAL(12,1) in its query: new values are rounded to fit`,
    );
  expect(cents.stderr).not.toContain('of `syncing` is');
  // What was rounded is no change by itself.
  const versions = await project.rows('select count(*) from history');
  await project.dql(['build', '--force', '--vars', '{"amount": "amount + 0.4"}']);
  expect(await project.rows('select count(*) from history')).toEqual(versions);
});
