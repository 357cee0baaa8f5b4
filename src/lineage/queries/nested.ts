/** CTEs, subqueries, lateral joins, set operations, pivots, values and table functions. */
import { casesOf } from './lineage-case.ts';

export const NESTED = casesOf((it) => {
  // CTEs and subqueries
  it(
    'cte',
    'with big as (select id, amount as a from orders where amount > 20) select id, a + 1 as b from big',
    'id: =orders.id | b: +orders.amount',
    'filter:orders.amount',
  );
  it(
    'cte names its columns',
    'with x(k, v) as (select id, amount from orders) select v, k from x',
    'v: ~orders.amount | k: ~orders.id',
  );
  it(
    'cte chain',
    "with a as (select * from orders), b as (select * exclude (day) from a where status = 'paid') select id, amount from b",
    'id: =orders.id | amount: =orders.amount',
    'filter:orders.status',
  );
  it(
    'cte of the table it reads',
    'with orders as (select id, amount from orders) select * from orders',
    'id: =orders.id | amount: =orders.amount',
  );
  it(
    'cte read twice',
    'with c as (select id, name, boss from customers) select a.name, b.name as boss_name from c a join c b on a.boss = b.id',
    'name: =customers.name | boss_name: ~customers.name',
    'join:customers.boss join:customers.id',
  );
  it('unused cte', 'with unused as (select rate from rates) select id from orders', 'id: =orders.id');
  it(
    'materialized cte',
    'with m as materialized (select status, sum(amount) as total from orders group by status) select total from m',
    'total: #orders.amount',
    'group:orders.status',
  );
  it(
    'nested cte',
    'with a as (with b as (select id as k from orders) select k from b) select k from a',
    'k: ~orders.id',
  );
  it(
    'cte shadows an outer one',
    'with a as (select 1 as x) select * from (with a as (select id as x from orders) select x from a)',
    'x: ~orders.id',
  );
  it(
    'subquery in from',
    'select t.total from (select customer_id, sum(amount) as total from orders group by customer_id) t where t.customer_id = 1',
    'total: #orders.amount',
    'group:orders.customer_id filter:orders.customer_id',
  );
  it('subquery without alias', 'select a from (select amount as a from orders)', 'a: ~orders.amount');
  it(
    'names that meet are numbered',
    'select id_1, id from (select o.id, c.id from orders o join customers c on o.customer_id = c.id)',
    'id_1: ~customers.id | id: =orders.id',
    'join:orders.customer_id join:customers.id',
  );
  it('column names of a subquery', 'select q from (select id, amount from orders) t(p, q)', 'q: ~orders.amount');
  it(
    'recursive cte',
    'with recursive up as (select id, name, boss, 1 as depth from customers where boss is null union all select c.id, c.name, c.boss, depth + 1 from customers c join up on c.boss = up.id where depth < 4) select name from up',
    'name: =customers.name',
    'filter:customers.boss join:customers.boss join:customers.id',
  );
  it(
    'recursive cte that swaps',
    'with recursive r(a, b, n) as (select id, amount, 1 from orders union all select b, a, n + 1 from r where n < 3) select a, n from r',
    'a: ~orders.id ~orders.amount | n: ',
  );
  it(
    'recursive cte that adds',
    'with recursive r as (select id, amount as total from orders union all select id, total + 1 from r where total < 8) select total from r',
    'total: +orders.amount',
    'filter:orders.amount',
  );
  it(
    'recursive union',
    'with recursive r as (select boss as b from customers union select c.boss from customers c join r on c.id = r.b) select b from r',
    'b: ~customers.boss',
    'join:customers.id join:customers.boss distinct:customers.boss',
  );

  // Subqueries as values
  it(
    'scalar subquery',
    'select id, (select max(rate) from rates) as top from orders',
    'id: =orders.id | top: #rates.rate',
  );
  it(
    'correlated subquery',
    'select c.name, (select sum(o.amount) from orders o where o.customer_id = c.id) as total from customers c',
    'name: =customers.name | total: #orders.amount filter:orders.customer_id filter:customers.id',
  );
  it(
    'correlated copy',
    'select o.id, (select c.name from customers c where c.id = o.customer_id) as who from orders o',
    'id: =orders.id | who: ~customers.name filter:customers.id filter:orders.customer_id',
  );
  it(
    'exists',
    "select name from customers c where exists (select 1 from orders o where o.customer_id = c.id and o.status = 'paid')",
    'name: =customers.name',
    'filter:orders.customer_id filter:customers.id filter:orders.status',
  );
  it(
    'exists as a value',
    'select id, exists (from payments p where p.order_id = o.id) as has from orders o',
    'id: =orders.id | has: filter:payments.order_id filter:orders.id',
  );
  it(
    'in',
    "select id from orders where customer_id in (select id from customers where city = 'Bern')",
    'id: =orders.id',
    'filter:orders.customer_id filter:customers.id filter:customers.city',
  );
  it(
    'in as a value',
    'select id in (select order_id from payments) as has from orders',
    'has: +orders.id +payments.order_id',
  );
  it(
    'not in',
    'select id from orders where id not in (select order_id from payments)',
    'id: =orders.id',
    'filter:orders.id filter:payments.order_id',
  );
  it(
    'any and all',
    'select amount > all (select rate * 5 from rates) as much from orders',
    'much: +orders.amount +rates.rate',
  );
  it(
    'array of a query',
    'select array(select rate from rates order by day) as rates_by_day',
    'rates_by_day: #rates.rate order:rates.day',
  );
  it(
    'subquery in case',
    "select case when (select count(*) from payments where order_id = orders.id) > 1 then 'many' else status end as s from orders",
    's: +orders.status filter:payments.order_id filter:orders.id',
  );
  it(
    'two levels of correlation',
    'select id, (select count(*) from payments p where p.order_id = o.id and exists (select 1 from customers c where c.id = o.customer_id)) as n from orders o',
    'id: =orders.id | n: filter:payments.order_id filter:orders.id filter:customers.id filter:orders.customer_id',
  );
  it(
    'subquery over a cte',
    'with top as (select max(amount) as m from orders) select id from orders where amount = (select m from top)',
    'id: =orders.id',
    'filter:orders.amount',
  );

  // Lateral
  it(
    'lateral',
    'select c.name, t.most from customers c, lateral (select max(amount) as most from orders o where o.customer_id = c.id) t',
    'name: =customers.name | most: #orders.amount',
    'filter:orders.customer_id filter:customers.id',
  );
  it(
    'lateral without the word',
    'select o.id, x.twice from orders o, (select o.amount * 2 as twice) x',
    'id: =orders.id | twice: +orders.amount',
  );
  it(
    'left join lateral',
    'select c.name, t.id from customers c left join lateral (select id from orders o where o.customer_id = c.id order by amount desc, id limit 1) t on true',
    'name: =customers.name | id: =orders.id',
    'filter:orders.customer_id filter:customers.id order:orders.amount order:orders.id',
  );

  // Set operations
  it(
    'union all',
    'select id, status from orders union all select id, name from customers',
    'id: =orders.id =customers.id | status: =orders.status ~customers.name',
  );
  it(
    'union',
    'select day from orders union select day from rates',
    'day: =orders.day =rates.day',
    'distinct:orders.day distinct:rates.day',
  );
  it(
    'union all by name',
    'select id, status from orders union all by name select name, id from customers',
    'id: =orders.id =customers.id | status: =orders.status | name: =customers.name',
  );
  it(
    'union by name',
    'select day from orders union by name select rate, day from rates',
    'day: =orders.day =rates.day | rate: =rates.rate',
    'distinct:orders.day distinct:rates.day distinct:rates.rate',
  );
  it(
    'except',
    'select id from orders except select order_id from payments',
    'id: =orders.id',
    'filter:payments.order_id distinct:orders.id',
  );
  it(
    'intersect all',
    'select id from orders intersect all select order_id from payments',
    'id: =orders.id',
    'filter:payments.order_id distinct:orders.id',
  );
  it(
    'ordered union',
    'select id from orders union all select id from customers order by id desc limit 4',
    'id: =orders.id =customers.id',
    'order:orders.id order:customers.id',
  );
  it(
    'three-way union',
    'select id from orders union all select id from customers union all select id from baskets',
    'id: =orders.id =customers.id =baskets.id',
  );
  it(
    'union inside a cte',
    'with everybody as (select name as who from customers union all select method from payments) select upper(who) as who from everybody',
    'who: +customers.name +payments.method',
  );

  // Pivots
  it(
    'pivot',
    "pivot (select customer_id, status, amount from orders) on status in ('paid', 'open') using sum(amount)",
    'customer_id: =orders.customer_id | paid: #orders.amount filter:orders.status | open: #orders.amount filter:orders.status',
    'group:orders.customer_id',
  );
  it(
    'pivot with two aggregates',
    "pivot orders on status in ('paid') using sum(amount) as total, count(*) as n group by customer_id",
    'customer_id: =orders.customer_id | paid_total: #orders.amount filter:orders.status | paid_n: filter:orders.status',
    'group:orders.customer_id',
  );
  it(
    'pivot in from',
    'select city, one from (select city, boss, id from customers) pivot (count(id) for boss in (1 as one))',
    'city: =customers.city | one: #customers.id filter:customers.boss',
    'group:customers.city',
  );
  it(
    'unpivot',
    'unpivot (select id, amount, customer_id from orders) on amount, customer_id into name what value v',
    'id: =orders.id | what:  | v: ~orders.amount ~orders.customer_id',
    'filter:orders.amount filter:orders.customer_id',
  );
  it(
    'unpivot with nulls',
    'from (select id, amount, customer_id from orders) unpivot include nulls (v for what in (amount, customer_id))',
    'id: =orders.id | what:  | v: ~orders.amount ~orders.customer_id',
  );
  it(
    'unpivot by columns',
    'unpivot (select id, amount, customer_id from orders) on columns(* exclude (id))',
    'id: =orders.id | name:  | value: ~orders.amount ~orders.customer_id',
    'filter:orders.amount filter:orders.customer_id',
  );

  // Values and table functions
  it('values', 'select a, b from (values (1, 2), (3, 4)) v(a, b)', 'a:  | b: ');
  it(
    'values in from with columns',
    'select o.id, v.k from orders o, (values (o.amount), (o.id)) v(k)',
    'id: =orders.id | k: ~orders.amount ~orders.id',
  );
  it('range', 'select i, id from orders, range(2) r(i)', 'i:  | id: =orders.id');
  it(
    'range of a column',
    'select o.id, r.range as i from orders o, range(o.id) r',
    'id: =orders.id | i: +orders.id',
    'join:orders.id',
  );
  it('series without alias', 'select generate_series from generate_series(1, 3)', 'generate_series: ');
  it('table macro is opaque', 'select id, n from shop_orders(20)', 'id: =shop_orders(20).id | n: =shop_orders(20).n');
  it(
    'scalar macro depends on its arguments',
    'select discounted(amount, id) as d from orders',
    'd: +orders.amount +orders.id',
  );
  it('query text', "select regexp_extract(note, '-(.*)', 1)::int as n from baskets", 'n: +baskets.note');
  it('parameterless words', 'select id, current_date > day as past from orders', 'id: =orders.id | past: +orders.day');
  it('positional reference', 'select #1 as first_column from rates', 'first_column: ~rates.day');
  it('qualified by schema', 'select main.orders.id from main.orders', 'id: =main.orders.id');
  it(
    'summarize',
    'select column_name, max from (summarize rates)',
    'column_name: #rates.day #rates.rate | max: #rates.day #rates.rate',
    '',
    {
      'column_name<-rates.day': 'the names of columns are no data',
      'column_name<-rates.rate': 'the names of columns are no data',
    },
  );
});
