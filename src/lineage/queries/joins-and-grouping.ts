/** Filters, joins, grouping, order and windows. */
import { casesOf } from './lineage-case.ts';

export const JOINS_AND_GROUPING = casesOf((it) => {
  // Filters
  it(
    'where',
    "select id from orders where status = 'paid' and amount > 10",
    'id: =orders.id',
    'filter:orders.status filter:orders.amount',
  );
  it('where with a constant', 'select id from orders where true', 'id: =orders.id');
  it(
    'qualify',
    'select id from orders qualify row_number() over (partition by customer_id order by amount, id) = 1',
    'id: =orders.id',
    'window:orders.customer_id window:orders.amount window:orders.id',
  );

  // Joins
  it(
    'inner join',
    'select o.id, c.name from orders o join customers c on o.customer_id = c.id',
    'id: =orders.id | name: =customers.name',
    'join:orders.customer_id join:customers.id',
  );
  it(
    'left join',
    'select o.id, c.name from orders o left join customers c on o.customer_id = c.id',
    'id: =orders.id | name: =customers.name',
    'join:orders.customer_id join:customers.id',
  );
  it('cross join', 'select o.id, r.rate from orders o cross join rates r', 'id: =orders.id | rate: =rates.rate');
  it(
    'comma join',
    'select o.id from orders o, payments p where o.id = p.order_id',
    'id: =orders.id',
    'filter:orders.id filter:payments.order_id',
  );
  it(
    'self join',
    'select c.name, b.name as boss_name from customers c join customers b on c.boss = b.id',
    'name: =customers.name | boss_name: ~customers.name',
    'join:customers.boss join:customers.id',
  );
  it(
    'inequality join',
    'select o.id, r.rate from orders o join rates r on o.day > r.day',
    'id: =orders.id | rate: =rates.rate',
    'join:orders.day join:rates.day',
  );
  it(
    'using',
    'select day, id, rate from orders join rates using (day)',
    'day: =orders.day | id: =orders.id | rate: =rates.rate',
    'join:orders.day join:rates.day',
  );
  it(
    'using shows its column once',
    'select * exclude (customer_id, amount, status) from orders join rates using (day)',
    'id: =orders.id | day: =orders.day | rate: =rates.rate',
    'join:orders.day join:rates.day',
  );
  it(
    'using, asked by table',
    'select rates.day as d from orders left join rates using (day)',
    'd: ~rates.day',
    'join:orders.day join:rates.day',
  );
  it(
    'left join using',
    'select day from orders left join rates using (day)',
    'day: =orders.day',
    'join:orders.day join:rates.day',
  );
  it(
    'right join using',
    'select day from orders right join rates using (day)',
    'day: =rates.day',
    'join:orders.day join:rates.day',
  );
  it(
    'full join using merges',
    'select day from orders full join rates using (day)',
    'day: +orders.day +rates.day',
    'join:orders.day join:rates.day',
  );
  it(
    'three tables using',
    'select id, name from customers join (select customer_id as id, amount from orders) using (id) join (select id, note from baskets) using (id)',
    'id: =customers.id | name: =customers.name',
    'join:customers.id join:orders.customer_id join:baskets.id',
  );
  it(
    'natural join',
    'select * from (select id, amount, day from orders) natural join rates',
    'id: =orders.id | amount: =orders.amount | day: =orders.day | rate: =rates.rate',
    'join:orders.day join:rates.day',
  );
  it(
    'semi join',
    'select name from customers semi join orders on orders.customer_id = customers.id',
    'name: =customers.name',
    'join:orders.customer_id join:customers.id',
  );
  it(
    'anti join using',
    'select * exclude (city, boss) from customers anti join baskets using (id)',
    'id: =customers.id | name: =customers.name',
    'join:customers.id join:baskets.id',
  );
  it(
    'asof join',
    'select o.id, r.rate from orders o asof join rates r on o.day >= r.day',
    'id: =orders.id | rate: =rates.rate',
    'join:orders.day join:rates.day',
  );
  it(
    'asof join using',
    'select id, day, rate from orders asof join rates using (day)',
    'id: =orders.id | day: =orders.day | rate: =rates.rate',
    'join:orders.day join:rates.day',
  );
  it(
    'asof left join',
    'select o.id, r.rate from rates r asof right join orders o on o.day <= r.day',
    'id: =orders.id | rate: =rates.rate',
    'join:orders.day join:rates.day',
  );
  it(
    'positional join',
    'select o.id, r.rate from orders o positional join rates r',
    'id: =orders.id | rate: =rates.rate',
  );
  it(
    'joined in parentheses',
    'select o.id, p.paid, c.name from orders o join (payments p join customers c on c.id = p.order_id) on o.id = p.order_id',
    'id: =orders.id | paid: =payments.paid | name: =customers.name',
    'join:orders.id join:payments.order_id join:customers.id',
  );

  // Grouping
  it(
    'group by',
    'select status, sum(amount) as total, count(*) as n from orders group by status',
    'status: =orders.status | total: #orders.amount | n: ',
    'group:orders.status',
  );
  it(
    'group by position',
    'select status, max(amount) as most from orders group by 1',
    'status: =orders.status | most: #orders.amount',
    'group:orders.status',
  );
  it(
    'group by all',
    'select status, customer_id % 2 as odd, sum(amount) as total from orders group by all',
    'status: =orders.status | odd: +orders.customer_id | total: #orders.amount',
    'group:orders.status group:orders.customer_id',
  );
  it(
    'group by expression',
    "select date_trunc('month', day) as m, count(*) as n from orders group by date_trunc('month', day)",
    'm: +orders.day | n: ',
    'group:orders.day',
  );
  it(
    'rollup',
    'select status, sum(amount) as total, grouping(status) as level from orders group by rollup (status)',
    'status: =orders.status | total: #orders.amount | level: group:orders.status',
    'group:orders.status',
  );
  it(
    'grouping sets',
    'select status, customer_id, count(*) as n from orders group by grouping sets ((status), (customer_id))',
    'status: =orders.status | customer_id: =orders.customer_id | n: ',
    'group:orders.status group:orders.customer_id',
  );
  it(
    'having',
    'select status from orders group by status having max(amount) > 30',
    'status: =orders.status',
    'group:orders.status filter:orders.amount',
  );
  it(
    'one row',
    'select sum(amount) as total, count(customer_id) as known from orders',
    'total: #orders.amount | known: #orders.customer_id',
  );
  it(
    'filtered aggregate',
    "select sum(amount) filter (where status = 'paid') as paid from orders",
    'paid: #orders.amount filter:orders.status',
  );
  it(
    'ordered aggregate',
    "select string_agg(status, ',' order by amount, id) as s from orders",
    's: #orders.status order:orders.amount order:orders.id',
  );
  it('distinct aggregate', 'select count(distinct customer_id) as n from orders', 'n: #orders.customer_id');
  it('arg_max', 'select arg_max(id, amount) as biggest from orders', 'biggest: #orders.id #orders.amount');
  it(
    'expression over aggregates',
    'select sum(amount) / count(id) as mean from orders',
    'mean: #orders.amount #orders.id',
  );
  it(
    'distinct',
    'select distinct status, customer_id from orders',
    'status: =orders.status | customer_id: =orders.customer_id',
    'distinct:orders.status distinct:orders.customer_id',
  );
  it(
    'distinct on',
    'select distinct on (customer_id) customer_id, id from orders order by customer_id, amount desc, id',
    'customer_id: =orders.customer_id | id: =orders.id',
    'distinct:orders.customer_id order:orders.customer_id order:orders.amount order:orders.id',
  );

  // Order and limit
  it(
    'order by and limit',
    'select id from orders order by amount desc, id limit 3',
    'id: =orders.id',
    'order:orders.amount order:orders.id',
  );
  it(
    'order by position',
    'select id, amount from orders order by 2, 1 limit 2',
    'id: =orders.id | amount: =orders.amount',
    'order:orders.amount order:orders.id',
  );
  it(
    'order by all',
    'select status, id from orders order by all limit 2',
    'status: =orders.status | id: =orders.id',
    'order:orders.status order:orders.id',
  );
  it(
    'limit by a query',
    'select id from orders order by id limit (select min(rate) from rates)',
    'id: =orders.id',
    'order:orders.id filter:rates.rate',
  );

  // Windows
  it(
    'row_number',
    'select id, row_number() over (partition by customer_id order by day, id) as nth from orders',
    'id: =orders.id | nth: window:orders.customer_id window:orders.day window:orders.id',
  );
  it(
    'running sum',
    'select sum(amount) over (order by id rows between 1 preceding and current row) as run from orders',
    'run: #orders.amount window:orders.id',
  );
  it(
    'lag with default',
    'select lag(amount, 1, id) over (order by day, id) as before from orders',
    'before: +orders.amount +orders.id window:orders.day window:orders.id',
  );
  it(
    'named window',
    'select first_value(status) over w as f from orders window w as (partition by customer_id order by id)',
    'f: +orders.status window:orders.customer_id window:orders.id',
  );
  it(
    'filtered window',
    "select count(*) filter (where status = 'paid') over (order by id) as n from orders",
    'n: filter:orders.status window:orders.id',
  );
  it(
    'range window',
    'select sum(amount) over (order by day range between interval 1 day preceding and current row) as s from orders',
    's: #orders.amount window:orders.day',
  );
  it(
    'window over aggregates',
    'select status, rank() over (order by sum(amount) desc) as place from orders group by status',
    'status: =orders.status | place: window:orders.amount',
    'group:orders.status',
  );
});
