-- Daily sales of shops, deterministic through md5: any engine with md5 makes the same rows. Own work, CC0.
-- With the variables stores = 1115 and days = 942 it is 1,017,209 rows, 2013-01-01 to 2015-07-31, with a gap of half a year for 180 shops.
create or replace macro u(k) as (('0x' || substr(md5(k), 1, 8))::bigint / 4294967296.0);      -- uniform [0,1)
create or replace table store as
with s as (select i::int as "Store", u('st' || i) r1, u('as' || i) r2, u('cd' || i) r3, u('cn' || i) r4, u('p2' || i) r5, u('pi' || i) r6, u('cy' || i) r7, u('cm' || i) r8, u('pw' || i) r9, u('py' || i) r10 from range(1, getvariable('stores') + 1) t(i))
select "Store",
  case when r1 < 0.540 then 'a' when r1 < 0.555 then 'b' when r1 < 0.688 then 'c' else 'd' end as "StoreType",
  case when r2 < 0.532 then 'a' when r2 < 0.540 then 'b' else 'c' end as "Assortment",
  case when "Store" in (291, 622, 879) then null else (round(exp(3.4 + 7.4 * r3) / 10) * 10)::int end as "CompetitionDistance",
  case when r4 < 0.3175 then null else 1 + floor(12 * r8)::int end as "CompetitionOpenSinceMonth",
  case when r4 < 0.3175 then null else 1998 + floor(18 * sqrt(r7))::int end as "CompetitionOpenSinceYear",
  (r5 < 0.512)::int as "Promo2",
  case when r5 < 0.512 then 1 + floor(50 * r9)::int end as "Promo2SinceWeek",
  case when r5 < 0.512 then 2009 + floor(7 * r10)::int end as "Promo2SinceYear",
  case when r5 >= 0.512 then null when r6 < 0.587 then 'Jan,Apr,Jul,Oct' when r6 < 0.815 then 'Feb,May,Aug,Nov' else 'Mar,Jun,Sept,Dec' end as "PromoInterval"
from s order by 1;
create or replace table holiday(d date, kind varchar);
insert into holiday values ('2013-01-01','a'),('2013-03-29','b'),('2013-04-01','b'),('2013-05-01','a'),('2013-05-09','a'),('2013-05-20','a'),('2013-10-03','a'),('2013-12-25','c'),('2013-12-26','c'),
 ('2014-01-01','a'),('2014-04-18','b'),('2014-04-21','b'),('2014-05-01','a'),('2014-05-29','a'),('2014-06-09','a'),('2014-10-03','a'),('2014-12-25','c'),('2014-12-26','c'),
 ('2015-01-01','a'),('2015-04-03','b'),('2015-04-06','b'),('2015-05-01','a'),('2015-05-14','a'),('2015-05-25','a');
create or replace table train as
with d as (select (date '2013-01-01' + i::int)::date as d, i::int n from range(getvariable('days')) t(i)),
x as (
  select s."Store", d.d, d.n, isodow(d.d)::int dow, coalesce(h.kind, '0') hol, s."StoreType" st, s."CompetitionDistance" cd,
    u('sd' || s."Store" || '-' || d.n) e1, u('cu' || s."Store" || '-' || d.n) e2, u('base' || s."Store") b, u('refurb' || s."Store") rf
  from store s cross join d left join holiday h using (d)
  where not (s."Store" = 988 and d.d = date '2013-01-01')),
refurb as (select "Store" from store order by u('refurb' || "Store") limit (select getvariable('stores') * 180 // 1115)),
y as (select x.*, ((n // 7) % 2 = 0 and dow <= 5)::int as promo,
    (case when hol <> '0' and st <> 'b' then 0 when dow = 7 and st <> 'b' and u('sun' || x."Store") > 0.012 then 0 when u('cl' || x."Store" || '-' || n // 14) < 0.004 then 0 else 1 end) as is_open,
    ((month(d) in (7, 8) and u('sh' || x."Store" % 16) < 0.75) or (month(d) = 12 and day(d) > 20) or (month(d) = 1 and day(d) < 5) or (week(d) in (14, 15) and dow <= 5))::int school
  from x where not (x."Store" in (select "Store" from refurb) and d between date '2014-07-01' and date '2014-12-31')),
z as (select *, case when is_open = 0 then 0 else
    greatest(round((3200 + 5200 * b * b + case st when 'b' then 3500 else 0 end)
      * (case dow when 1 then 1.18 when 2 then 1.02 when 3 then 0.97 when 4 then 0.99 when 5 then 1.05 when 6 then 0.92 else 1.05 end)
      * (1 + 0.32 * promo) * (1 + 0.06 * sin(2 * pi() * (n - 80) / 365.25) + case when month(d) = 12 then 0.22 else 0 end)
      * (1 + 0.00006 * n) * exp(0.16 * (e1 + u('s2' || "Store" || '-' || n) - 1)))::int, 1) end as sales from y)
select "Store", dow as "DayOfWeek", d as "Date", sales as "Sales", case when sales = 0 then 0 else greatest(round(sales / (7.6 + 2.8 * b + 0.9 * e2))::int, 1) end as "Customers",
  is_open as "Open", promo as "Promo", hol as "StateHoliday", school as "SchoolHoliday"
from z order by "Date" desc, "Store";
