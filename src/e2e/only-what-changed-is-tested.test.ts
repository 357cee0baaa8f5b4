import { expect, test } from 'vitest';
import type { TestExplanation } from '../app/contract.ts';
import { temporaryProject } from '../testing/temporary-project.ts';

test('tests of an incremental model read the new rows only, once they passed on the others', {
  timeout: 30_000,
}, async () => {
  const shop = temporaryProject({
    'seeds/sales.csv': 'id,day,amount\n1,2026-01-01,10\n2,2026-01-01,20\n',
    'models/totals.sql': `{{ config(materialized='incremental', unique_key='id') }}
select * from {{ ref('sales') }}
{% if is_incremental() %} where day > (select max(day) from {{ this }}) {% endif %}`,
    'models/totals.yml': `models:
  - name: totals
    columns:
      - name: id
        data_tests: [unique, not_null]
      - name: amount
        data_tests:
          - accepted_range: { arguments: { min: 0 } }
          - metric: { arguments: { metric: sum, min: 1 } }
`,
  });
  const strategies = async () =>
    Object.fromEntries(
      (await shop.answer('build')).results
        .filter(({ unique_id }) => unique_id.startsWith('test.'))
        .map(({ unique_id, status, meta }) => [unique_id.split('.')[2], `${status}: ${meta.dql.strategy}`]),
    );
  try {
    await strategies();
    shop.write('seeds/sales.csv', 'id,day,amount\n1,2026-01-01,10\n2,2026-01-01,20\n3,2026-01-02,30\n');
    expect(await strategies()).toEqual({
      accepted_range_totals_amount__0: 'pass: slice',
      metric_totals_amount__sum__1: 'pass: union',
      not_null_totals_id: 'pass: slice',
      unique_totals_id: 'pass: slice',
    });
    shop.write(
      'seeds/sales.csv',
      'id,day,amount\n1,2026-01-01,10\n2,2026-01-01,20\n3,2026-01-02,30\n2,2026-01-03,-1\n4,2026-01-03,1\n4,2026-01-03,1\n',
    );
    expect(await strategies()).toMatchObject({
      accepted_range_totals_amount__0: 'fail: slice',
      not_null_totals_id: 'pass: slice',
      unique_totals_id: 'fail: slice',
    });
  } finally {
    shop.close();
  }
});

test('every verdict over the changed rows is the verdict over all of them, and --explain says which is asked', {
  timeout: 60_000,
}, async () => {
  const scoped = (scope: string) => `config: { scope: ${scope} }`;
  const pair = (name: string, test: string, more = '') =>
    ['slice', 'all']
      .map((scope) => `          - ${test}: { name: ${name}_${scope}, ${more}${scoped(scope)} }`)
      .join('\n');
  const shop = temporaryProject({
    'seeds/sales.csv': '',
    'models/totals.sql': `{{ config(materialized='incremental', unique_key='id') }}
select * from {{ ref('sales') }}
{% if is_incremental() %} where day >= (select max(day) from {{ this }}) {% endif %}`,
    'models/totals.yml': `models:
  - name: totals
    columns:
      - name: id
        data_tests:
${pair('unique', 'unique')}
      - name: customer
        data_tests:
${pair('there', 'not_null')}
${pair('known', 'accepted_values', 'arguments: { values: [ada, bob] }, ')}
      - name: amount
        data_tests:
${pair('positive', 'accepted_range', 'arguments: { min: 0 }, ')}
${pair('little', 'metric', 'arguments: { metric: sum, max: 200 }, ')}
`,
  });
  const verdicts = async () =>
    Object.fromEntries(
      (await shop.answer('build')).results
        .filter(({ unique_id }) => unique_id.startsWith('test.'))
        .map(({ unique_id, status, failures, meta }) => [
          unique_id.split('.')[2] ?? '',
          { verdict: `${status} ${failures ?? ''}`, isSlice: meta.dql.strategy === 'slice' },
        ]),
    );
  const NAMES = ['unique', 'there', 'known', 'positive', 'little'];
  const DAYS = [
    '1,2026-01-01,ada,10\n2,2026-01-01,bob,20\n3,2026-01-02,ada,30\n',
    '1,2026-01-01,ada,10\n3,2026-01-02,ada,35\n4,2026-01-03,bob,40\n',
    // A key twice, a stranger, nobody, and less than nothing.
    '3,2026-01-03,ada,30\n5,2026-01-04,eve,-1\n5,2026-01-04,eve,1\n6,2026-01-04,,1\n',
    '7,2026-01-05,ada,500\n',
    '8,2026-01-05,bob,1\n9,2026-01-05,bob,2\n',
    '9,2026-01-05,eve,2\n',
    '9,2026-01-05,bob,3\n9,2026-01-05,bob,-3\n',
  ];
  try {
    let wasPublished = false;
    const all = new Set<string>();
    for (const [index, rows] of DAYS.entries()) {
      shop.write('seeds/sales.csv', `id,day,customer,amount\n${rows}`);
      const found = await verdicts();
      for (const name of NAMES) {
        expect([index, name, found[`${name}_slice`]?.verdict]).toEqual([index, name, found[`${name}_all`]?.verdict]);
        expect([name, found[`${name}_all`]?.isSlice]).toEqual([name, false]);
        // A sum is of all rows; and where the last build was held, the other rows are not those that passed then.
        const isEnough = name !== 'little' && wasPublished;
        expect([index, name, found[`${name}_slice`]?.isSlice]).toEqual([index, name, isEnough]);
        all.add(`${name} ${found[`${name}_slice`]?.verdict.split(' ')[0]}`);
      }
      wasPublished = Object.values(found).every(({ verdict }) => verdict.startsWith('pass'));
    }
    expect([...all].sort()).toEqual(NAMES.flatMap((name) => [`${name} fail`, `${name} pass`]).sort());
    const { tests } = await shop.answer<TestExplanation>('test --explain');
    const said = Object.fromEntries(tests.map(({ name, reason }) => [name, reason]));
    expect(said['unique_slice']).toContain('a build tests only the rows it changes, once the others passed');
    expect(said['unique_all']).toContain('a build tests all rows: `scope: all`');
    expect(said['little_slice']).toContain('a build tests all rows: it is a figure of all rows');
  } finally {
    shop.close();
  }
});
