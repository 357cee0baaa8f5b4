/** A project over two files: `days` and `report` lie in the warehouse, the rest in a lake that is attached; views cross over and back. */
import { join } from 'node:path';
import { openWarehouse } from '../engine/open.ts';

/** project.yml of a target that attaches this. */
export const project = (attach: string) => `name: shop
target: dev
targets:
  dev: { path: shop.duckdb, schema: main, threads: 4, attach: [${attach}] }
`;

export const twoFiles = {
  'project.yml': project('{ path: lake.duckdb, alias: lake }'),
  'models/days.sql': "{{ config(materialized='table') }}\nselect {{ var('day', 0) }} as day",
  'models/orders.sql':
    "{{ config(materialized='table', database='lake') }}\nselect day, range as id from {{ ref('days') }}, range(100)",
  'models/events.sql': `{{ config(materialized='incremental', unique_key='day', incremental_strategy='delete+insert', database='lake') }}
select days.day - back.range as day, ids.range as id, ids.range * days.day as amount
from {{ ref('days') }} as days, range(2) as back, range(30) as ids
where days.day - back.range > 0`,
  'snapshots/prices.sql': `{% snapshot prices %}{{ config(strategy='check', unique_key='id', check_cols=['price'], database='lake') }}
select range as id, day * 10 as price from {{ ref('days') }}, range(3)
{% endsnapshot %}`,
  'seeds/countries.csv': 'id,name\n1,NL\n',
  'seeds/_seeds.yml': 'seeds: [{ name: countries, config: { database: lake } }]\n',
  'models/report.sql':
    "select max(orders.day) as day, count(*) as orders, (select count(*) from {{ ref('events') }}) as events from {{ ref('orders') }} as orders",
  'models/echo.sql': "{{ config(database='lake') }}\nselect day, orders, events from {{ ref('report') }}",
  'models/late.sql': "select day, events from {{ ref('echo') }}",
  'models/_models.yml': `models:
  - name: orders
    columns:
      - name: day
        data_tests: [not_null, { accepted_values: { arguments: { values: [1, 2, 3, 4, 5, 6, 7, 8, 9], quote: false } } }]
`,
};

/** What a reader of both files sees. */
export async function rows(folder: string, sql: string): Promise<readonly (readonly unknown[])[]> {
  const warehouse = await openWarehouse('duckdb', {
    path: join(folder, 'shop.duckdb'),
    readOnly: true,
    instanceSettings: {},
  });
  const connection = await warehouse.connect();
  try {
    await connection.run(`attach '${join(folder, 'lake.duckdb')}' as lake (read_only)`);
    return (await connection.query(sql)).rows;
  } finally {
    connection.close();
    await warehouse.close();
  }
}

/** The day each relation is of, and how many rows the incremental table and the snapshot have. */
export const seen = async (folder: string): Promise<readonly unknown[]> => {
  const [row] = await rows(
    folder,
    `select
    (select max(day) from main.days), (select max(day) from lake.main.orders), (select max(day) from lake.main.events),
    (select max(price) // 10 from lake.main.prices where dbt_valid_to is null), (select day from main.report),
    (select day from lake.main.echo), (select day from main.late),
    (select count(*)::int from lake.main.events), (select count(*)::int from lake.main.prices)`,
  );
  return (row ?? []).map(Number);
};
/** What `seen` tells when everything is of one day. */
export const wholly = (day: number) => [day, day, day, day, day, day, day, day * 30, day * 3];
