import { expect, test } from 'vitest';
import { flagVacuousPattern } from './vacuous-pattern.ts';

const codes = (sql: string) => flagVacuousPattern(sql).map(({ code }) => code);

test('the freshness test with HAVING is flagged, with the test that does it right', () => {
  const found = flagVacuousPattern(`
    select max(updated_at) as last_update
    from customer_segments
    having max(updated_at) < current_timestamp - interval '1 day' -- a day
  `);
  expect(found).toMatchObject([
    {
      code: 'checks/vacuous-having',
      severity: 'warning',
      hint: expect.stringContaining('`freshness`'),
    },
  ]);
});

test.each([
  ['select avg(amount) from payments having avg(amount) not between 10 and 20'],
  ['select * from (select max(updated_at) as latest from segments) where latest < now() - interval 1 day'],
  [
    'with latest as (select max(updated_at) as at from segments) select * from latest where at < now() - interval 1 day',
  ],
  ['select 1 as id where false union all select max(a) from orders having max(a) > 5'],
])('%s is flagged, too', (sql) => {
  expect(codes(sql)).toContain('checks/vacuous-having');
});

test.each([
  ['select customer_id, sum(amount) from payments group by customer_id having sum(amount) < 0'],
  ['select count(*) from orders having count(*) = 0'],
  [
    "select max(updated_at) from segments having coalesce(max(updated_at), timestamp '1970-01-01') < now() - interval 1 day",
  ],
  ['select max(updated_at) from segments having (max(updated_at) >= now() - interval 1 day) is not true'],
  ['select max(updated_at) from segments having max(updated_at) is null or max(updated_at) < now()'],
  ['select * from orders where amount < 0'],
  ['select * from (select customer_id, max(amount) as most from orders group by 1) where most > 100'],
  ["select * from orders where note = 'having max(x) = null' and status not in ('a', 'b')"],
  ['select * from orders where status not in (select status from known)'],
])('%s is not', (sql) => {
  expect(codes(sql)).toEqual([]);
});

test('conditions that are never true are flagged', () => {
  expect(codes("select * from orders where status not in ('paid', null)")).toEqual(['checks/not-in-null']);
  expect(codes('select * from orders where status = NULL')).toEqual(['checks/equals-null']);
  expect(codes('select * from orders where amount < 0 limit 0')).toEqual(['checks/never-fails']);
});
