/**
 * Queries over every construct with their edges written by hand; `queries.test.ts` holds the analysis and DuckDB itself against them.
 *
 * Edges: `=orders.id` copied · `~orders.id` renamed · `+orders.amount` derived · `#orders.amount` aggregated ·
 * `filter:orders.status` (join, group, order, window, distinct) an indirect use.
 */
export interface LineageCase {
  readonly construct: string;
  readonly sql: string;
  /** `name: edges | name: edges`, in order. */
  readonly columns: string;
  /** Indirect uses that decide which rows there are. */
  readonly rows: string;
  /** Value edges, `name<-table.column`, that no change of these little tables shows, each with the reason. */
  readonly quiet?: Readonly<Record<string, string>>;
}

/** The little shop all queries read. */
export const TABLES: Readonly<Record<string, { readonly columns: string; readonly rows: readonly string[] }>> = {
  orders: {
    columns: 'id integer, customer_id integer, amount integer, status varchar, day date',
    rows: [
      "(1, 1, 10, 'paid', date '2024-01-01')",
      "(2, 1, 25, 'open', date '2024-01-02')",
      "(3, 2, 40, 'paid', date '2024-01-02')",
      "(4, 3, 5, 'void', date '2024-01-05')",
      "(5, 2, 25, 'paid', date '2024-01-09')",
      "(6, null, 60, 'open', date '2024-01-09')",
    ],
  },
  customers: {
    columns: 'id integer, name varchar, city varchar, boss integer',
    rows: ["(1, 'Ada', 'Bern', null)", "(2, 'Bo', 'Basel', 1)", "(3, 'Cy', 'Bern', 2)", "(4, 'Di', 'Chur', 1)"],
  },
  payments: {
    columns: 'order_id integer, method varchar, paid integer',
    rows: ["(1, 'card', 10)", "(2, 'cash', 5)", "(2, 'card', 20)", "(3, 'card', 40)", "(9, 'cash', 1)"],
  },
  rates: {
    columns: 'day date, rate integer',
    rows: ["(date '2024-01-01', 2)", "(date '2024-01-04', 3)", "(date '2024-01-08', 7)"],
  },
  baskets: {
    columns:
      'id integer, items integer[], place struct(city varchar, zip integer), stock map(varchar, integer), note varchar',
    rows: [
      "(1, [3, 1, 2], {'city': 'Bern', 'zip': 3000}, map {'a': 1, 'b': 2}, 'x-1')",
      "(2, [5], {'city': 'Chur', 'zip': 7000}, map {'a': 4}, 'y-22')",
      "(3, [8, 9], {'city': 'Bern', 'zip': 3001}, map {'b': 6}, 'z-3')",
    ],
  },
};

const cases: LineageCase[] = [];
function it(
  construct: string,
  sql: string,
  columns: string,
  rows = '',
  quiet?: Readonly<Record<string, string>>,
): void {
  cases.push(quiet === undefined ? { construct, sql, columns, rows } : { construct, sql, columns, rows, quiet });
}

// Plain columns and expressions
it('plain', 'select id, amount from orders', 'id: =orders.id | amount: =orders.amount');
it('alias', 'select id as order_id from orders', 'order_id: ~orders.id');
it('alias in another case', 'select ID as Id from Orders', 'Id: =Orders.id');
it(
  'expression',
  'select amount * 2 as twice, amount + id as s from orders',
  'twice: +orders.amount | s: +orders.amount +orders.id',
);
it(
  'automatic names',
  'select amount + 1, upper(status), -id from orders',
  '(amount + 1): +orders.amount | upper(status): +orders.status | -(id): +orders.id',
);
it(
  'qualified names',
  'select o.id, main.orders.amount from orders, orders o where o.id = orders.id',
  'id: =orders.id | amount: =orders.amount',
  'filter:orders.id',
);
it(
  'cast',
  'select amount::varchar as a, try_cast(status as integer) as b from orders',
  'a: +orders.amount | b: +orders.status',
  '',
  { 'b<-orders.status': 'no status is a number, before or after' },
);
it(
  'case',
  "select case when status = 'paid' then amount else 0 end as paid from orders",
  'paid: +orders.status +orders.amount',
);
it('simple case', "select case status when 'paid' then 'p' else 'n' end as k from orders", 'k: +orders.status');
it(
  'between, in, is null, like',
  "select amount between 5 and 20 as a, id in (1, 2) as b, customer_id is null as c, status like 'p%' as d from orders",
  'a: +orders.amount | b: +orders.id | c: +orders.customer_id | d: +orders.status',
);
it(
  'coalesce and functions',
  "select coalesce(customer_id, id) as who, concat(status, '!') as loud, greatest(id, amount) as g from orders",
  'who: +orders.customer_id +orders.id | loud: +orders.status | g: +orders.id +orders.amount',
);
it(
  'date functions',
  "select date_trunc('month', day) as month, extract(day from day) as d, day + interval 1 day as next from orders",
  'month: +orders.day | d: +orders.day | next: +orders.day',
);
it('constants', "select 1 as one, 'x' as x, null as nothing from orders", 'one:  | x:  | nothing: ');
it('no table', 'select 1 + 1 as two', 'two: ');
it('collate', 'select status collate nocase as s from orders', 's: +orders.status');
it('hidden rowid', 'select rowid as r, id from orders', 'r: ~orders.rowid | id: =orders.id', '', {
  'r<-orders.rowid': 'a rowid cannot be updated',
});
it(
  'whole row as a value',
  'select customers as c from customers',
  'c: +customers.id +customers.name +customers.city +customers.boss',
);
it('duplicate names', 'select id, amount as id from orders', 'id: =orders.id | id: ~orders.amount');

// Alias reuse in the same select
it(
  'alias reuse',
  'select amount * 2 as twice, twice + 1 as more from orders',
  'twice: +orders.amount | more: +orders.amount',
);
it(
  'alias in where',
  'select amount * 2 as twice from orders where twice > 40',
  'twice: +orders.amount',
  'filter:orders.amount',
);
it(
  'a column beats an alias in where',
  'select amount as id from orders where id > 2',
  'id: ~orders.amount',
  'filter:orders.id',
);
it(
  'an alias beats a column in order by',
  'select id, -amount as amount from orders order by amount limit 2',
  'id: =orders.id | amount: +orders.amount',
  'order:orders.amount',
);
it(
  'a column beats an alias in group by',
  'select upper(status) as status, count(*) as n from orders group by status',
  'status: +orders.status | n: ',
  'group:orders.status',
);
it(
  'alias in having and qualify',
  'select customer_id, sum(amount) as total from orders group by customer_id having total > 20',
  'customer_id: =orders.customer_id | total: #orders.amount',
  'group:orders.customer_id filter:orders.amount',
);

// FROM first
it(
  'from first',
  'from orders',
  'id: =orders.id | customer_id: =orders.customer_id | amount: =orders.amount | status: =orders.status | day: =orders.day',
);
it('from first with select', 'from orders select id where amount > 20', 'id: =orders.id', 'filter:orders.amount');

// Stars
it('star', 'select * from rates', 'day: =rates.day | rate: =rates.rate');
it(
  'star with more',
  'select rate + 1 as more, * from rates',
  'more: +rates.rate | day: =rates.day | rate: =rates.rate',
);
it(
  'qualified stars',
  'select r.*, p.paid from rates r, payments p',
  'day: =rates.day | rate: =rates.rate | paid: =payments.paid',
);
it(
  'exclude',
  'select * exclude (day, status) from orders',
  'id: =orders.id | customer_id: =orders.customer_id | amount: =orders.amount',
);
it('replace', 'select * replace (rate * 10 as rate) from rates', 'day: =rates.day | rate: +rates.rate');
it('rename', 'select * rename (rate as factor) from rates', 'day: =rates.day | factor: ~rates.rate');
it(
  'exclude and replace together',
  'select * exclude (day) replace (upper(status) as status) from orders',
  'id: =orders.id | customer_id: =orders.customer_id | amount: =orders.amount | status: +orders.status',
);
it(
  'qualified exclude',
  'select * exclude (r.day) from orders o join rates r on o.day = r.day',
  'id: =orders.id | customer_id: =orders.customer_id | amount: =orders.amount | status: =orders.status | day: =orders.day | rate: =rates.rate',
  'join:orders.day join:rates.day',
);
it('star like', "select * like 'cit%' from customers", 'city: =customers.city');
it(
  'star not ilike',
  "select * not ilike 'C%' from customers",
  'id: =customers.id | name: =customers.name | boss: =customers.boss',
);
it('columns by pattern', "select columns('(na|ci).*') from customers", 'name: =customers.name | city: =customers.city');
it(
  'columns with names from the pattern',
  "select columns('(c)(ity)') as '\\2_\\1' from customers",
  'ity_c: ~customers.city',
);
it(
  'columns by lambda',
  "select columns(c -> c like '%i%') from customers",
  'id: =customers.id | city: =customers.city',
);
it(
  'columns by list comprehension',
  "select columns([c for c in (*) if c <> 'id']) from rates",
  'day: =rates.day | rate: =rates.rate',
);
it('columns by list', "select columns(['rate']) from rates", 'rate: =rates.rate');
it('columns in an expression', 'select columns(* exclude (day)) + 1 from rates', 'rate: +rates.rate');
it('columns in an aggregate', 'select max(columns(*)) from rates', 'day: #rates.day | rate: #rates.rate');
it('unpacked columns', 'select coalesce(*columns(* exclude (day))) as r from rates', 'r: +rates.rate');
it(
  'columns in where',
  'select id from (select id, amount from orders) where columns(*) > 3',
  'id: =orders.id',
  'filter:orders.id filter:orders.amount',
);

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
it('nested cte', 'with a as (with b as (select id as k from orders) select k from b) select k from a', 'k: ~orders.id');
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

// Structs, lists, maps, lambdas
it('struct field', 'select place.city, place.zip as z from baskets', 'city: +baskets.place | z: +baskets.place');
it(
  'struct field by table',
  "select baskets.place.city as c, place['zip'] as z, (place).city as d from baskets",
  'c: +baskets.place | z: +baskets.place | d: +baskets.place',
);
it('struct star', 'select id, place.* from baskets', 'id: =baskets.id | city: +baskets.place | zip: +baskets.place');
it(
  'struct made',
  "select {'a': id, 'b': amount} as s, struct_pack(k := id, v := status) as r from orders",
  's: +orders.id +orders.amount | r: +orders.id +orders.status',
);
it(
  'field of a made struct',
  "select s.b from (select {'a': id, 'b': amount} as s from orders)",
  'b: +orders.id +orders.amount',
  '',
  { 'b<-orders.id': 'lineage does not look into structs: the whole struct is one value' },
);
it(
  'list element and slice',
  'select items[1] as f, items[1:2] as two from baskets',
  'f: +baskets.items | two: +baskets.items',
);
it(
  'map access',
  "select stock['a'] as a, map_keys(stock) as k from baskets",
  'a: +baskets.stock | k: +baskets.stock',
  '',
  { 'k<-baskets.stock': 'the changes touch the values of the map, not its keys' },
);
it('lambda', 'select list_transform(items, lambda x: x + id) as more from baskets', 'more: +baskets.items +baskets.id');
it(
  'a lambda hides a column',
  'select list_filter(items, lambda id: id > 2) as big from baskets',
  'big: +baskets.items',
);
it('list comprehension', 'select [x * 2 for x in items if x > 1] as l from baskets', 'l: +baskets.items');
it(
  'unnest',
  'select id, unnest(items) as item from baskets',
  'id: =baskets.id | item: +baskets.items',
  'join:baskets.items',
);
it('unnest of a struct', 'select unnest(place) from baskets', 'city: +baskets.place | zip: +baskets.place');
it(
  'unnest in from',
  'select b.id, u.item from baskets b, unnest(b.items) as u(item)',
  'id: =baskets.id | item: +baskets.items',
  'join:baskets.items',
);
it(
  'unnest a subquery column',
  'select item from (select unnest(items) as item, note from baskets) where item > 2',
  'item: +baskets.items',
  'join:baskets.items filter:baskets.items',
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

export const QUERIES: readonly LineageCase[] = cases;
