/** Select lists: expressions, aliases, stars, structs, lists and lambdas. */
import { casesOf } from './lineage-case.ts';

export const SELECT_LISTS = casesOf((it) => {
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
  it(
    'columns by pattern',
    "select columns('(na|ci).*') from customers",
    'name: =customers.name | city: =customers.city',
  );
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
  it(
    'lambda',
    'select list_transform(items, lambda x: x + id) as more from baskets',
    'more: +baskets.items +baskets.id',
  );
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
});
