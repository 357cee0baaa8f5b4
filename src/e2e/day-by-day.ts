/**
 * A project whose every relation says which day it was built for (`--vars '{day: 3}'`) and holds what can be computed by a formula,
 * so that "wholly old or wholly new" and "equal to a clean build" can be asked of it at any moment.
 */
export const dayByDay: Readonly<Record<string, string>> = {
  'models/days.sql': "{{ config(materialized='table') }}\nselect {{ var('day') }} as day",
  'models/orders.sql':
    "{{ config(materialized='table') }}\nselect day, range as id, day * 1000 + range as amount from {{ ref('days') }}, range(20000)",
  // Yesterday's events are corrected today: the slice replaces rows and adds some.
  'models/events.sql': `{{ config(materialized='incremental', unique_key='day', incremental_strategy='delete+insert') }}
select days.day - back.range as day, ids.range as id, ids.range * days.day as amount
from {{ ref('days') }} as days, range(2) as back, range(3000) as ids
where days.day - back.range > 0`,
  'snapshots/prices.sql': `{% snapshot prices %}{{ config(strategy='check', unique_key='id', check_cols=['price']) }}
select range as id, (select count(*) from range(1, day + 1) as passed where passed.range % 10 = prices.range) as price
from {{ ref('days') }}, range(10) as prices
{% endsnapshot %}`,
  'models/report.sql': `{{ config(materialized='view') }}
select max(orders.day) as day, count(*) as orders, (select count(*) from {{ ref('events') }}) as events from {{ ref('orders') }} as orders`,
  'models/totals.sql':
    "{{ config(materialized='external', location='exports/totals.parquet') }}\nselect max(day) as day, sum(amount)::bigint as amount from {{ ref('events') }}",
  'models/by_shop.sql':
    "{{ config(materialized='external', location='exports/by_shop', options={'partition_by': 'shop'}) }}\nselect day, id, id % 3 as shop from {{ ref('orders') }} where id < 300",
  'models/_models.yml': `models:
  - name: orders
    columns: [{ name: id, data_tests: [unique, not_null] }]
  - name: events
    columns: [{ name: amount, data_tests: [not_null] }]
`,
};

export const relations = ['days', 'orders', 'events', 'prices', 'report', 'totals', 'by_shop'] as const;

/** One row: the day that each relation says it is. All are equal where no mixture is seen. */
export const daysSeen = `select
  (select max(day) from main.days), (select max(day) from main.orders), (select max(day) from main.events),
  (select sum(price) from main.prices where dbt_valid_to is null)::bigint, (select day from main.report),
  (select day from main.totals), (select max(day) from main.by_shop)`;

/** Each relation's rows and what a clean build of that day would give, as two queries to compare. */
export const expected = (day: number): Readonly<Record<string, readonly [actual: string, formula: string]>> => ({
  days: ['from main.days', `select ${day}`],
  orders: ['from main.orders', `select ${day}, range, ${day} * 1000 + range from range(20000)`],
  events: [
    'from main.events',
    `select days.range, ids.range, ids.range * least(days.range + 1, ${day}) from range(1, ${day} + 1) as days, range(3000) as ids`,
  ],
  prices: [
    'select id, price, dbt_valid_to is null from main.prices',
    `with counted as (select range as id, (select count(*) from range(1, ${day} + 1) as passed where passed.range % 10 = ids.range) as price from range(10) as ids)
     select counted.id, prices.range, prices.range = counted.price from counted, range(0, ${day} + 1) as prices
     where prices.range <= counted.price and prices.range >= (case when counted.id = 1 then 1 else 0 end)`,
  ],
  report: ['from main.report', `select ${day}, 20000, 3000 * ${day}`],
  totals: [
    'from main.totals',
    `select ${day}, sum(ids.range * least(days.range + 1, ${day}))::bigint from range(1, ${day} + 1) as days, range(3000) as ids`,
  ],
  by_shop: ['from main.by_shop', `select ${day}, range, range % 3 from range(300)`],
});

/** Names of relations that are not what a clean build gives: empty when all is well. */
export const differences = (day: number): string =>
  Object.entries(expected(day))
    .map(
      ([name, [actual, formula]]) =>
        `select '${name}' where exists ((${actual}) except all (${formula})) or exists ((${formula}) except all (${actual}))`,
    )
    .join('\nunion all\n');
