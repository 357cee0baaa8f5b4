/** What large and changing data costs: an increment, a comparison, a new environment, fifty years of five-minute batches. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResults } from '../run/results.ts';
import { type Figure, figure } from './figure.ts';
import { layeredProject, write } from './generated-projects.ts';
import { dql, duckdb, type Measured } from './measure.ts';

const DAYS = 100;
/** An increment has a cost that no table changes: two commits and a look at the catalogue. So the table is one that takes seconds. */
const ROWS_A_DAY = 400_000;

const days = (from: number, to: number): string =>
  `select range as id, date '2024-01-01' + (range // ${ROWS_A_DAY})::int as day, range * 7919 % 5003 as customer, (range * 31 % 10007) / 100 as amount
from range(${from * ROWS_A_DAY}, ${to * ROWS_A_DAY})`;

/** One more day of a hundred, against all of them again: what computing and publishing the model took, and the whole command. */
export async function* appending(folder: string): AsyncGenerator<Figure> {
  write(folder, {
    'project.yml': 'name: events\ntarget: dev\ntargets:\n  dev: { path: events.duckdb, threads: 2 }\n',
    'models/events.yml':
      'sources:\n  - name: raw\n    tables:\n      - name: events\n        external: { location: "raw/*.parquet" }\n',
    'models/spending.sql': `{{ config(materialized='incremental', incremental_strategy='append') }}
select id, day, customer, amount, sum(amount) over (partition by day, customer order by id) as spent_so_far
from {{ source('raw', 'events') }}
{% if is_incremental() %}where day > (select max(day) from {{ this }}){% endif %}
`,
    'raw/.keep': '',
  });
  const file = (name: string) => `'${join(folder, 'raw', name).replaceAll("'", "''")}'`;
  await duckdb(':memory:', `copy (${days(0, DAYS - 1)}) to ${file('first.parquet')}`);
  yield figure('appending', '39,600,000 rows, first build', dql(folder, 'build'));
  await duckdb(':memory:', `copy (${days(DAYS - 1, DAYS)}) to ${file('more.parquet')}`);
  const increment = dql(folder, 'build');
  const incrementAlone = modelSeconds(folder);
  const refresh = dql(folder, 'build', '--full-refresh');
  const refreshAlone = modelSeconds(folder);
  yield figure(
    'appending',
    '1 % more: the model and its publishing',
    incrementAlone,
    refreshAlone,
    '≤ 0.03 × full refresh',
  );
  yield figure('appending', '1 % more: the whole command', increment, refresh);
}

/** From its start to its publication, as the run's own results have it. */
function modelSeconds(folder: string): Measured {
  // dql wrote it.
  const { results, meta } = JSON.parse(readFileSync(join(folder, 'target', 'run_results.json'), 'utf8')) as RunResults;
  const model = results.find(({ unique_id }) => unique_id === 'model.events.spending');
  return { seconds: (model?.execution_time ?? 0) + (meta.dql.publish_seconds ?? 0), peakMb: 0, stdout: '' };
}

const ROWS = 20_000_000;

/** Two tables of 20 million rows, equal and with 21 rows changed, against the FULL JOIN people write. */
export async function* diffing(folder: string): AsyncGenerator<Figure> {
  const orders = `select range as id, range % 1000 as customer, (range * 7919 % 100003) / 100 as amount, case range % 4 when 0 then 'new' when 1 then 'paid' when 2 then 'sent' else 'done' end as status from range(${ROWS})`;
  write(folder, {
    'project.yml':
      'name: shop\ntarget: dev\ntargets:\n  dev: { path: shop.duckdb, schema: dev }\n  prod: { path: shop.duckdb, schema: prod }\n',
    'models/orders.sql': `{{ config(materialized='table', unique_key='id') }}\n${orders}\n`,
  });
  dql(folder, 'build', '--target', 'dev');
  dql(folder, 'build', '--target', 'prod');
  const fullJoin = async (): Promise<Measured> => ({
    seconds: await duckdb(
      join(folder, 'shop.duckdb'),
      `select count(*) filter (l.id is null), count(*) filter (r.id is null),
  count(*) filter (l.customer is distinct from r.customer or l.amount is distinct from r.amount or l.status is distinct from r.status)
from dev.orders as l full join prod.orders as r on l.id = r.id`,
    ),
    peakMb: 0,
    stdout: '',
  });
  const compare = (): Measured => {
    const measured = dql(folder, 'diff', 'dev', 'prod', '--select', 'orders', '--output', 'json');
    const [relation] = (JSON.parse(measured.stdout) as { relations: readonly { seconds: number }[] }).relations;
    return { ...measured, seconds: relation?.seconds ?? 0 };
  };
  yield await besides('2 × 20 million rows, equal', compare, fullJoin, '≤ 1 s');
  write(folder, {
    'models/orders.sql': `{{ config(materialized='table', unique_key='id') }}\nselect id, customer, case when id % 1000000 = 77 then -1 else amount end as amount, status from (${orders}) where id <> 5\n`,
  });
  dql(folder, 'build', '--target', 'dev');
  yield await besides('2 × 20 million rows, 21 changed', compare, fullJoin, '≤ 0.2 × FULL JOIN');
}

/** Both in turns, so that a busy moment meets both; the turn in the middle is the figure. */
async function besides(
  what: string,
  compare: () => Measured,
  fullJoin: () => Promise<Measured>,
  target: string,
): Promise<Figure> {
  const turns: { readonly compared: Measured; readonly joined: Measured }[] = [];
  for (let turn = 0; turn < 3; turn++) turns.push({ compared: compare(), joined: await fullJoin() });
  const ratio = ({ compared, joined }: (typeof turns)[number]) => compared.seconds / joined.seconds;
  const middle = turns.sort((one, other) => ratio(one) - ratio(other))[1];
  if (!middle) throw new Error('nothing was measured');
  return figure('diffing', what, middle.compared, middle.joined, target);
}

/** A development environment on production's tables. */
export function* cloning(folder: string): Generator<Figure> {
  const files = layeredProject(25, 20, 1000);
  write(folder, {
    ...files,
    'project.yml':
      'name: layers\ntarget: dev\ntargets:\n  prod: { path: layers.duckdb, schema: prod, threads: 4 }\n  dev: { path: layers.duckdb, schema: dev, threads: 4 }\n',
  });
  dql(folder, 'build', '--target', 'prod');
  yield figure('cloning', 'dev on 500 models of prod', dql(folder, 'clone', '--from', 'prod'), undefined, '≤ 1 s');
}

/** 5,259,456 batches that were never filled. */
export function* intervals(folder: string): Generator<Figure> {
  write(folder, {
    'project.yml': 'name: ticks\ntarget: dev\ntargets:\n  dev: { path: ticks.duckdb }\n',
    'models/ticks.sql': `{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at', begin='1970-01-01', batch_size='5 minutes') }}
select timestamp '1970-01-01' as at, 1 as price
`,
  });
  const nothing = dql(folder, 'plan', '--select', 'tag:none');
  const planned = dql(folder, 'plan', '--now', '2020-01-02T00:00:00Z');
  yield figure('intervals', 'plan 50 years of five minutes', planned, nothing, '≤ 1 s');
}

export const largeData = { appending, diffing, cloning, intervals };
