/** Projects of any size, alike every time. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Texts by path below the folder. */
export function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const project = (name: string) =>
  `name: ${name}\ntarget: dev\ntargets:\n  dev: { path: ${name}.duckdb, schema: main, threads: 4 }\n`;

const entry = (name: string) => `  - name: ${name}
    description: Rows of ${name}.
    columns:
      - name: id
        data_tests: [unique, not_null]
`;

/** Layers of tables; each model below the first layer joins two of the layer above. */
export function layeredProject(layers: number, width: number, rows: number): Readonly<Record<string, string>> {
  const files: Record<string, string> = { 'project.yml': project('layers') };
  for (let layer = 0; layer < layers; layer++) {
    const names = Array.from({ length: width }, (_, index) => `m_${layer}_${index}`);
    names.forEach((name, index) => {
      const parent = (step: number) => `{{ ref('m_${layer - 1}_${(index + step) % width}') }}`;
      const sql =
        layer === 0
          ? `select range as id, range * ${index + 1} % 97 as amount from range(${rows})`
          : `select one.id, one.amount + other.amount as amount\nfrom ${parent(0)} as one\njoin ${parent(1)} as other using (id)`;
      files[`models/layer_${layer}/${name}.sql`] = `{{ config(materialized='table') }}\n${sql}\n`;
    });
    files[`models/layer_${layer}/layer_${layer}.yml`] = `models:\n${names.map(entry).join('')}`;
  }
  return files;
}

/** Many small models, 100 to a folder, each reading one or two before it. */
export function wideProject(models: number): Readonly<Record<string, string>> {
  const files: Record<string, string> = { 'project.yml': project('wide') };
  const nameOf = (index: number) => `m_${String(index).padStart(5, '0')}`;
  for (let part = 0; part * 100 < models; part++) {
    const indexes = Array.from({ length: Math.min(100, models - part * 100) }, (_, index) => part * 100 + index);
    for (const index of indexes) {
      const parents = [index - 1, index - 7].filter((parent) => parent >= 0 && index % 10 !== 0);
      files[`models/part_${part}/${nameOf(index)}.sql`] =
        parents.length === 0
          ? `select ${index} as id\n`
          : `select id, id + ${index} as amount\n${parents.map((parent, each) => `${each === 0 ? 'from' : 'union all by name from'} {{ ref('${nameOf(parent)}') }}`).join('\n')}\n`;
    }
    files[`models/part_${part}/part_${part}.yml`] = `models:\n${indexes.map((index) => entry(nameOf(index))).join('')}`;
  }
  return files;
}

const COLUMNS = ['id', 'amount', 'quantity', 'status', 'country', 'segment', 'ordered_on', 'updated_at'];
const SUBJECTS = ['orders', 'customers', 'payments', 'shipments', 'returns', 'invoices', 'sessions', 'campaigns'];

/** Layers of 500 tables with eight columns, each described and tested: what a site of documentation has to cope with. */
export function documentedProject(models: number): Readonly<Record<string, string>> {
  const files: Record<string, string> = { 'project.yml': project('documented') };
  const width = 500;
  const nameOf = (index: number) =>
    `${index < width ? 'stg' : index < models / 2 ? 'int' : 'fct'}_${SUBJECTS[index % SUBJECTS.length]}_${index}`;
  for (let layer = 0; layer * width < models; layer++) {
    const indexes = Array.from({ length: Math.min(width, models - layer * width) }, (_, at) => layer * width + at);
    for (const index of indexes) {
      const parent = (step: number) =>
        `{{ ref('${nameOf((layer - 1) * width + ((index * 7 + step * 31) % width))}') }}`;
      const sql =
        layer === 0
          ? `select
    range as id,
    range * ${(index % 90) + 7} % 997 as amount,
    range % 9 as quantity,
    case when range % 3 = 0 then 'open' else 'closed' end as status,
    ['NL', 'BE', 'DE', 'FR'][1 + range % 4] as country,
    's' || range % 5 as segment,
    date '2026-01-01' + (range % 300)::int as ordered_on,
    timestamp '2026-01-01' + to_hours(range) as updated_at
from range(20)`
          : `select
    one.id,
    one.amount + ${index % 3 === 0 ? 'one.quantity' : 'other.amount'} as amount,
    one.quantity,
    coalesce(one.status, 'unknown') as status,
    ${index % 3 === 0 ? 'one' : 'other'}.country,
    one.segment,
    one.ordered_on,
    greatest(one.updated_at, ${index % 3 === 0 ? 'one.ordered_on' : 'other.updated_at'}) as updated_at
from ${parent(0)} as one${index % 3 === 0 ? '' : `\njoin ${parent(1)} as other using (id)`}`;
      files[`models/layer_${layer}/${nameOf(index)}.sql`] = `{{ config(materialized='table') }}\n${sql}\n`;
    }
    files[`models/layer_${layer}/layer_${layer}.yml`] =
      `models:\n${indexes.map((index) => describedEntry(nameOf(index))).join('')}`;
  }
  return files;
}

const describedEntry = (name: string) => `  - name: ${name}
    description: The ${name.replaceAll('_', ' ')}, one row each. Ask before you change what \`amount\` means.
    config: { tags: [daily], meta: { owner: finance } }
    columns:
${COLUMNS.map((column) => `      - name: ${column}\n        description: The ${column.replaceAll('_', ' ')} as ${name} knows it.\n${column === 'id' ? '        data_tests: [unique, not_null]\n' : ''}`).join('')}`;

/** A line of SQL for each shape a model can have; `a` and `b` are refs to models of the columns id, customer_id, amount, status, day. */
const SHAPES: readonly ((a: string, b: string, index: number) => string)[] = [
  (a, _, index) =>
    `select id, customer_id, amount * ${index} as amount, upper(status) as status, day\nfrom ${a}\nwhere amount > ${index % 7}`,
  (a, b) =>
    `with paid as (\n  select * from ${a} where status = 'PAID'\n), customers as (\n  select customer_id, max(day) as day, sum(amount) as amount from ${b} group by all\n)\nselect paid.* exclude (amount, day), customers.amount, coalesce(paid.day, customers.day) as day\nfrom paid\nleft join customers using (customer_id)`,
  (a) =>
    `select * replace (sum(amount) over (partition by customer_id order by day) as amount)\nfrom ${a}\nqualify row_number() over (partition by id order by day desc) = 1`,
  (a, b) =>
    `select id, customer_id, amount, status, day from ${a}\nunion all by name\nselect day, status, amount, customer_id, id from ${b}`,
  (a, b) =>
    `select o.id, o.customer_id, o.amount + coalesce(p.amount, 0) as amount, case when p.id is null then 'open' else o.status end as status, o.day\nfrom ${a} o\nleft join ${b} p on o.id = p.id and p.day >= o.day\nwhere exists (select 1 from ${b} x where x.customer_id = o.customer_id)`,
  (a) =>
    `from (\n  from ${a} select id, customer_id, columns('amount|status'), day\n) select id, customer_id, amount, lower(status) as status, day order by day`,
  (a) =>
    `with recursive days as (\n  select min(day) as day from ${a}\n  union all\n  select day + 1 from days where day < date '2024-02-01'\n)\nselect a.id, a.customer_id, a.amount, a.status, d.day\nfrom days d\nasof join ${a} a on d.day >= a.day`,
  (a) =>
    `select id, customer_id, paid + open as amount, 'all' as status, day\nfrom (pivot ${a} on status in ('PAID' as paid, 'OPEN' as open) using sum(amount) group by id, customer_id, day)`,
  (a, b) =>
    `select a.id, a.customer_id, t.total as amount, (select max(b.status) from ${b} b where b.id = a.id) as status, a.day\nfrom ${a} a, lateral (select sum(c.amount) as total from ${b} c where c.customer_id = a.customer_id) t`,
  (a) =>
    `with packed as (\n  select customer_id, list({'id': id, 'amount': amount, 'status': status, 'day': day}) as items from ${a} group by customer_id\n)\nselect item.id, customer_id, item.amount, item.status, item.day\nfrom (select customer_id, unnest(items) as item from packed)`,
];

/** Models of ten shapes in layers of 50 over ten seeds: joins, windows, pivots, recursion, correlated and lateral subqueries, stars. */
export function mixedProject(models: number): Readonly<Record<string, string>> {
  const files: Record<string, string> = { 'project.yml': project('mixed') };
  const width = 50;
  for (let seed = 0; seed < 10; seed++)
    files[`seeds/raw_${seed}.csv`] =
      'id,customer_id,amount,status,day\n1,1,10,PAID,2024-01-01\n2,1,20,OPEN,2024-01-02\n';
  for (let index = 0; index < models; index++) {
    const layer = Math.floor(index / width);
    const above = (step: number) =>
      layer === 0
        ? `{{ ref('raw_${(index + step) % 10}') }}`
        : `{{ ref('model_${(layer - 1) * width + ((index * 7 + step) % width)}') }}`;
    const shape = SHAPES[index % SHAPES.length];
    if (shape) files[`models/layer_${layer}/model_${index}.sql`] = `${shape(above(0), above(1), index)}\n`;
  }
  return files;
}
