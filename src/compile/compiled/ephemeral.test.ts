import { expect, test } from 'vitest';
import { withCtes } from './ephemeral.ts';

const paid = [{ id: 'model.shop.paid', name: '__dbt__cte__paid', sql: 'select 1 as id' }];

test.each([
  ['select 1', 'with __dbt__cte__paid as (\nselect 1 as id\n)\nselect 1'],
  ['with a as (select 1) select 2', 'with __dbt__cte__paid as (\nselect 1 as id\n), a as (select 1) select 2'],
  [
    'WITH RECURSIVE a as (select 1) select 2',
    'WITH RECURSIVE __dbt__cte__paid as (\nselect 1 as id\n), a as (select 1) select 2',
  ],
  [
    '/* with */ -- with\nwith a as (select 1) select 2',
    '/* with */ -- with\nwith __dbt__cte__paid as (\nselect 1 as id\n), a as (select 1) select 2',
  ],
  ['select with_tax from t', 'with __dbt__cte__paid as (\nselect 1 as id\n)\nselect with_tax from t'],
  ['withdrawals', 'with __dbt__cte__paid as (\nselect 1 as id\n)\nwithdrawals'],
])('%s', (sql, expected) => {
  expect(withCtes(sql, paid)).toBe(expected);
  expect(withCtes(sql, [])).toBe(sql);
});
