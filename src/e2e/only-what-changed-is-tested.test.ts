import { expect, test } from 'vitest';
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
