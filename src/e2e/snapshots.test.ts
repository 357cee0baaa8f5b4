/** Six snapshots of one price list through five revisions: the expected history of each, row by row, as dbt would keep it. */
import { afterEach, expect, test, vi } from 'vitest';
import { type TemporaryProject, temporaryProject } from '../testing/temporary-project.ts';

vi.setConfig({ testTimeout: 60_000 });

const STRATEGIES = {
  timestamp: "strategy: timestamp, updated_at: updated_at, relation: ref('prices')",
  // The time of a change is what the timestamp strategy looks at; here only the goods count.
  check: "strategy: check, check_cols: all, relation: ref('goods')",
} as const;
const MODES = ['ignore', 'invalidate', 'new_record'] as const;
const SHOP = {
  'snapshots/history.yml': `snapshots:
${Object.entries(STRATEGIES)
  .flatMap(([strategy, config]) =>
    MODES.map((mode) => {
      const [, settings = '', relation = ''] = /^(.*), (relation: .*)$/.exec(config) ?? [];
      return `  - name: ${strategy}_${mode}\n    ${relation}\n    config: { unique_key: id, ${settings}, hard_deletes: ${mode} }`;
    }),
  )
  .join('\n')}
`,
  'models/goods.sql': "select * exclude (updated_at) from {{ ref('prices') }}",
};
/** One a day from the first of January, read at noon; the source stamps its changes at midnight. */
const REVISIONS = {
  'as it was':
    'id,item,price,updated_at\n1,pen,10,2024-01-01 00:00:00\n2,mug,20,2024-01-01 00:00:00\n3,bag,30,2024-01-01 00:00:00\n',
  'the mug costs more':
    'id,item,price,updated_at\n1,pen,10,2024-01-01 00:00:00\n2,mug,25,2024-01-02 00:00:00\n3,bag,30,2024-01-01 00:00:00\n',
  'the bag is gone': 'id,item,price,updated_at\n1,pen,10,2024-01-01 00:00:00\n2,mug,25,2024-01-02 00:00:00\n',
  'the bag is back':
    'id,item,price,updated_at\n1,pen,10,2024-01-01 00:00:00\n2,mug,25,2024-01-02 00:00:00\n3,bag,30,2024-01-04 00:00:00\n',
  'there are colours':
    'id,item,price,colour,updated_at\n1,pen,10,red,2024-01-01 00:00:00\n2,mug,25,blue,2024-01-05 00:00:00\n3,bag,30,red,2024-01-04 00:00:00\n',
  'the pen has another key':
    'id,item,price,colour,updated_at\n9,pen,10,red,2024-01-06 00:00:00\n2,mug,25,blue,2024-01-05 00:00:00\n3,bag,30,red,2024-01-04 00:00:00\n',
} as const;

/** Midnight of a day is `04`, noon `04n`; a row that is still open ends with `…`, one that tells of a deletion with a cross. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  timestamp_ignore: [
    '1 pen 10 - 01-…',
    '2 mug 20 - 01-02',
    '2 mug 25 - 02-05',
    '2 mug 25 blue 05-…',
    '3 bag 30 - 01-04',
    '3 bag 30 - 04-…',
    '9 pen 10 red 06-…',
  ],
  timestamp_invalidate: [
    '1 pen 10 - 01-06n',
    '2 mug 20 - 01-02',
    '2 mug 25 - 02-05',
    '2 mug 25 blue 05-…',
    '3 bag 30 - 01-03n',
    '3 bag 30 - 04-…',
    '9 pen 10 red 06-…',
  ],
  timestamp_new_record: [
    '1 pen 10 - 01-06n',
    '1 pen 10 - 06n-… †',
    '2 mug 20 - 01-02',
    '2 mug 25 - 02-05',
    '2 mug 25 blue 05-…',
    '3 bag 30 - 01-03n',
    '3 bag 30 - 03n-04 †',
    '3 bag 30 - 04-…',
    '9 pen 10 red 06-…',
  ],
  // A column that is new is a change of every row.
  check_ignore: [
    '1 pen 10 - 01n-05n',
    '1 pen 10 red 05n-…',
    '2 mug 20 - 01n-02n',
    '2 mug 25 - 02n-05n',
    '2 mug 25 blue 05n-…',
    '3 bag 30 - 01n-05n',
    '3 bag 30 red 05n-…',
    '9 pen 10 red 06n-…',
  ],
  check_invalidate: [
    '1 pen 10 - 01n-05n',
    '1 pen 10 red 05n-06n',
    '2 mug 20 - 01n-02n',
    '2 mug 25 - 02n-05n',
    '2 mug 25 blue 05n-…',
    '3 bag 30 - 01n-03n',
    '3 bag 30 - 04n-05n',
    '3 bag 30 red 05n-…',
    '9 pen 10 red 06n-…',
  ],
  check_new_record: [
    '1 pen 10 - 01n-05n',
    '1 pen 10 red 05n-06n',
    '1 pen 10 red 06n-… †',
    '2 mug 20 - 01n-02n',
    '2 mug 25 - 02n-05n',
    '2 mug 25 blue 05n-…',
    '3 bag 30 - 01n-03n',
    '3 bag 30 - 03n-04n †',
    '3 bag 30 - 04n-05n',
    '3 bag 30 red 05n-…',
    '9 pen 10 red 06n-…',
  ],
};

const open: TemporaryProject[] = [];
const openShop = (files: Readonly<Record<string, string>>): TemporaryProject => {
  const project = temporaryProject(files);
  open.push(project);
  return project;
};
afterEach(() => {
  for (const project of open.splice(0)) project.close();
});
const ok = async (shop: TemporaryProject, words: string) => {
  const told = await shop.dql(words);
  expect(`${told.code} ${told.stderr}${told.stdout}`).toMatch(/^0 /);
};
const noonOf = (day: number) => `--now 2024-01-${String(day).padStart(2, '0')}T12:00:00Z`;
const time = (column: string) =>
  `coalesce(strftime(${column}, '%d') || case when hour(${column}) = 12 then 'n' else '' end, '…')`;
const history = async (shop: TemporaryProject, name: string) => {
  const deleted = name.endsWith('new_record') ? "case dbt_is_deleted when 'True' then ' †' else '' end" : "''";
  const rows = await shop.rows(
    `select concat_ws(' ', id, item, price, coalesce(colour, '-'), ${time('dbt_valid_from')} || '-' || ${time('dbt_valid_to')} || ${deleted})
from ${name}
order by id, dbt_valid_from`,
  );
  return rows.map(([row]) => row);
};

test('update, delete, revival, a new column and another key, for each strategy and each way to see deletions', async () => {
  const shop = openShop(SHOP);
  for (const [index, prices] of Object.values(REVISIONS).entries()) {
    shop.write('seeds/prices.csv', prices);
    await ok(shop, `build ${noonOf(index + 1)}`);
  }
  for (const [name, rows] of Object.entries(EXPECTED)) expect([name, await history(shop, name)]).toEqual([name, rows]);
  // dbt's id: md5 of the key and the moment.
  expect(
    await shop.rows(
      "select count(*) filter (dbt_scd_id <> md5(id::varchar || '|' || dbt_valid_from::varchar)), count(*) - count(distinct dbt_scd_id) from timestamp_invalidate",
    ),
  ).toEqual([[0n, 0n]]);
  // Nothing changed: nothing is added, also where everything is computed again; and there is no full refresh of a history.
  await ok(shop, `build --force --full-refresh ${noonOf(7)}`);
  for (const [name, rows] of Object.entries(EXPECTED)) expect([name, await history(shop, name)]).toEqual([name, rows]);
});

test('composite keys with NULL, an end of time, other names for the columns, in block syntax', async () => {
  const shop = openShop({
    'seeds/stock.csv': 'shop,item,pieces\nnorth,pen,5\nnorth,mug,7\n,pen,1\n',
    'snapshots/stock_history.sql': `{% snapshot stock_history %}
{{ config(strategy='check', unique_key=['shop', 'item'], check_cols=['pieces'], hard_deletes='invalidate',
  dbt_valid_to_current="timestamp '9999-12-31'",
  snapshot_meta_column_names={'dbt_valid_from': 'since', 'dbt_valid_to': 'until', 'dbt_scd_id': 'row_id', 'dbt_updated_at': 'seen_at'}) }}
select * from {{ ref('stock') }}
{% endsnapshot %}`,
  });
  const rows = async () =>
    (
      await shop.rows(
        "select concat_ws(' ', coalesce(shop, '-'), item, pieces, strftime(since, '%d'), strftime(until, '%Y-%m-%d')) from stock_history order by all",
      )
    ).map(([row]) => row);
  expect((await shop.dql(`build ${noonOf(1)}`)).stderr).toContain(
    '`unique_key` of snapshot `stock_history` (shop, item) is NULL, as a whole or in part, in 1 row',
  );
  shop.write('seeds/stock.csv', 'shop,item,pieces\nnorth,pen,4\nsouth,pen,5\n');
  await ok(shop, `build ${noonOf(2)}`);
  expect(await rows()).toEqual([
    '- pen 1 01 2024-01-02',
    'north mug 7 01 2024-01-02',
    'north pen 4 02 9999-12-31',
    'north pen 5 01 2024-01-02',
    'south pen 5 02 9999-12-31',
  ]);
  expect((await shop.rows('describe stock_history')).map(([name]) => name)).toEqual([
    'shop',
    'item',
    'pieces',
    'row_id',
    'seen_at',
    'since',
    'until',
  ]);
});

test('an end of time that comes later is for new rows; one that goes or changes is refused until the rows are changed', async () => {
  const snapshot = (config: string) => `{% snapshot stock_history %}
{{ config(strategy='check', unique_key='item', check_cols='all', hard_deletes='invalidate'${config}) }}
select * from {{ ref('stock') }}
{% endsnapshot %}`;
  const ends = (day: string) => `, dbt_valid_to_current="timestamp '${day}'"`;
  const stock = (pens: number) => `item,pieces\npen,${pens}\nmug,7\n`;
  const shop = openShop({ 'seeds/stock.csv': stock(5), 'snapshots/stock_history.sql': snapshot('') });
  const rows = async () =>
    (
      await shop.rows(
        "select concat_ws(' ', item, pieces, coalesce(strftime(dbt_valid_to, '%Y-%m-%d'), 'open')) from stock_history order by all",
      )
    ).map(([row]) => row);
  await ok(shop, `build ${noonOf(1)}`);
  shop.write('snapshots/stock_history.sql', snapshot(ends('9999-12-31')));
  shop.write('seeds/stock.csv', stock(4));
  await ok(shop, `build ${noonOf(2)}`);
  const grown = ['mug 7 open', 'pen 4 9999-12-31', 'pen 5 2024-01-02'];
  expect(await rows()).toEqual(grown);

  for (const other of ['', ends('3000-01-01')]) {
    shop.write('snapshots/stock_history.sql', snapshot(other));
    const told = await shop.dql(`build ${noonOf(3)}`);
    expect(told.code).toBe(1);
    expect(told.stderr).toContain(
      '1 row of the history of snapshot `stock_history` open until 9999-12-31 00:00:00, which is not what `dbt_valid_to_current` says now: put it back, or set their `dbt_valid_to` in a pre_hook, once',
    );
    expect(await rows()).toEqual(grown);
  }
  shop.write(
    'snapshots/stock_history.sql',
    snapshot(`, pre_hook="update {{ this }} set dbt_valid_to = null where dbt_valid_to = timestamp '9999-12-31'"`),
  );
  shop.write('seeds/stock.csv', stock(3));
  await ok(shop, `build ${noonOf(4)}`);
  expect(await rows()).toEqual(['mug 7 open', 'pen 3 open', 'pen 4 2024-01-04', 'pen 5 2024-01-02']);
});

test('a key may be an expression, or a list with some, as in dbt', async () => {
  const shop = openShop({
    'seeds/stock.csv': 'shop,item,pieces\nnorth,pen,5\nnorth,mug,7\n,pen,1\n',
    'snapshots/keyed.yml': `snapshots:
  - name: by_expression
    relation: ref('stock')
    config: { unique_key: "shop || '-' || item", strategy: check, check_cols: all, hard_deletes: new_record }
  - name: by_several
    relation: ref('stock')
    config: { unique_key: ["coalesce(shop, 'none')", item], strategy: check, check_cols: [pieces], hard_deletes: invalidate }
`,
  });
  const rows = async (name: string) =>
    (
      await shop.rows(
        `select concat_ws(' ', coalesce(shop, '-'), item, pieces, ${time('dbt_valid_from')} || '-' || ${time('dbt_valid_to')}) from ${name} order by all`,
      )
    ).map(([row]) => row);
  await ok(shop, `build ${noonOf(1)}`);
  shop.write('seeds/stock.csv', 'shop,item,pieces\nnorth,pen,4\nsouth,pen,5\n,pen,1\n');
  await ok(shop, `build ${noonOf(2)}`);
  // A key that is NULL equals no other, so its row is gone and there is a new one.
  expect(await rows('by_expression')).toEqual([
    '- pen 1 01n-02n',
    '- pen 1 02n-…',
    '- pen 1 02n-…',
    'north mug 7 01n-02n',
    'north mug 7 02n-…',
    'north pen 4 02n-…',
    'north pen 5 01n-02n',
    'south pen 5 02n-…',
  ]);
  expect(await rows('by_several')).toEqual([
    '- pen 1 01n-…',
    'north mug 7 01n-02n',
    'north pen 4 02n-…',
    'north pen 5 01n-02n',
    'south pen 5 02n-…',
  ]);
  expect(
    await shop.rows(
      "select count(*) from by_expression where dbt_scd_id <> md5(coalesce(shop || '-' || item, '') || '|' || dbt_valid_from::varchar)",
    ),
  ).toEqual([[0n]]);
  expect((await shop.rows('describe by_several')).map(([name]) => name)).not.toContain('dbt_unique_key_1');
  shop.write('seeds/stock.csv', 'shop,item,pieces\nnorth,pen,4\nnorth,pen,5\n');
  expect((await shop.dql(`build ${noonOf(3)}`)).stderr).toContain(
    "its `unique_key` (shop || '-' || item) is not unique: in the query of snapshot `by_expression` rows come twice for 1 key",
  );
});

test('a row that does not say when it changed is warned of, and none of its history is lost', async () => {
  const shop = openShop({
    'seeds/seeds.yml': 'seeds: [{ name: prices, config: { column_types: { updated_at: timestamp } } }]',
    'snapshots/undated.yml': `snapshots:
  - name: by_time
    relation: ref('prices')
    config: { unique_key: id, strategy: timestamp, updated_at: updated_at }
  - name: by_price
    relation: ref('prices')
    config: { unique_key: id, strategy: check, check_cols: [price], updated_at: updated_at }
`,
  });
  const rows = async (name: string) =>
    (
      await shop.rows(
        `select concat_ws(' ', price, ${time('dbt_valid_from')} || '-' || ${time('dbt_valid_to')}) from ${name} order by price`,
      )
    ).map(([row]) => row);
  for (const [index, row] of ['10,', '20,', '30,2024-01-03', '40,'].entries()) {
    shop.write('seeds/prices.csv', `id,price,updated_at\n1,${row}\n`);
    const built = await shop.dql(`build ${noonOf(index + 1)}`);
    expect(built.code).toBe(0);
    if (index === 0)
      expect(built.stderr).toContain(
        'warning[run/no-updated-at]: `updated_at` of snapshot `by_time`, `updated_at`, is NULL in 1 row',
      );
  }
  // That there is no time yet is written as one that is open.
  expect(await rows('by_time')).toEqual(['10 …-03', '30 03-…']);
  expect(await rows('by_price')).toEqual(['10 …-02n', '20 …-03', '30 03-04n', '40 …-…']);
});

test('a row that is gone was valid until the moment of the run, whatever the time zone of the session', async () => {
  const shop = openShop({
    'project.yml':
      'name: shop\ntarget: dev\ntargets:\n  dev: { path: shop.duckdb, schema: main, settings: { TimeZone: America/Los_Angeles } }\n',
    'models/goods.sql':
      "select id, timestamptz '2024-01-01 00:00:00+00' as changed_at from range({{ var('many', 2) }}) as t(id)",
    'snapshots/history.yml':
      'snapshots: [{ name: history, relation: "ref(\'goods\')", config: { unique_key: id, strategy: timestamp, updated_at: changed_at, hard_deletes: invalidate } }]',
  });
  await ok(shop, `build ${noonOf(2)}`);
  await ok(shop, `build ${noonOf(3)} --vars {"many":1}`);
  expect(
    await shop.rows(
      "select id, dbt_valid_to between timestamptz '2024-01-03 12:00:00+00' and timestamptz '2024-01-03 12:05:00+00' from history order by id",
    ),
  ).toEqual([
    [0n, null],
    [1n, true],
  ]);
});

test('a failing test leaves the history it reads as it was, and the others go on', async () => {
  const shop = openShop({
    ...SHOP,
    'tests/cheap.sql': "select * from {{ ref('check_invalidate') }} where price > 24 and item = 'mug'",
  });
  const [first, second] = Object.values(REVISIONS);
  shop.write('seeds/prices.csv', first ?? '');
  await ok(shop, `build ${noonOf(1)}`);
  const before = await shop.hashes(Object.keys(EXPECTED));
  shop.write('seeds/prices.csv', second ?? '');
  expect((await shop.dql(`build ${noonOf(2)}`)).code).toBe(1);
  const after = await shop.hashes(Object.keys(EXPECTED));
  expect(after['check_invalidate']).toBe(before['check_invalidate']);
  expect(after['check_ignore']).not.toBe(before['check_ignore']);
});

test('keys that come twice and columns that are not there are refused, and the history stays', async () => {
  const configured = (config: string) =>
    `snapshots:\n  - name: history\n    relation: ref('prices')\n    config: { ${config} }\n`;
  const checked = 'unique_key: id, strategy: check, check_cols: [price]';
  const [first = ''] = Object.values(REVISIONS);
  const shop = openShop({ 'seeds/prices.csv': `${first}1,pen,11,2024-01-02 00:00:00\n` });
  shop.write('snapshots/history.yml', configured(checked));
  const refused = async (noon: string) => {
    const told = await shop.dql(`build ${noon}`);
    expect(told.code).toBe(1);
    return told.stderr;
  };
  const twice = 'its `unique_key` (id) is not unique: in the query of snapshot `history` rows come twice for 1 key';
  expect(await refused(noonOf(1))).toContain(twice);
  shop.write('seeds/prices.csv', first);
  await ok(shop, `build ${noonOf(1)}`);
  const before = await shop.hashes(['history']);
  shop.write(
    'seeds/prices.csv',
    `${first}1,pen,11,2024-01-02 00:00:00\n,cap,1,2024-01-02 00:00:00\n,hat,1,2024-01-02 00:00:00\n`,
  );
  expect(await refused(noonOf(2))).toContain(twice);
  for (const [config, message] of [
    [
      checked.replace('[price]', '[prize]'),
      '`check_cols` of snapshot `history` names `prize`, which is no column of its query',
    ],
    [checked.replace('id', 'code'), '`unique_key` of snapshot `history` names `code`'],
    [
      'unique_key: id, strategy: timestamp, updated_at: changed_at',
      '`updated_at` of snapshot `history` names `changed_at`',
    ],
    [`${checked}, hard_deletes: new_record`, 'history of snapshot `history` began without the column `dbt_is_deleted`'],
    [
      `${checked}, snapshot_meta_column_names: { dbt_valid_to: until }`,
      'history of snapshot `history` began without the column `until` (`dbt_valid_to`)',
    ],
  ] as const) {
    shop.write('snapshots/history.yml', configured(config));
    expect(await refused(noonOf(2))).toContain(message);
  }
  expect(await shop.hashes(['history'])).toEqual(before);
});
