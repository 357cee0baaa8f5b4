import * as z from 'zod';
import { defineCheck, type Subject, WrongArgument } from '../../define-check.ts';
import { asTable, isNumber, isTime, notFinite, select } from '../../expressions.ts';
import { indent } from '../../measure.ts';
import type { From, Question } from '../../question.ts';

const METHODS = ['psi', 'js', 'kl', 'chi2', 'ks', 'wasserstein'] as const;
type Method = (typeof METHODS)[number];
/** Customary limits: PSI 0.2 is a major shift; the others are distances from 0 to 1 (chi2 as Cramér's V, wasserstein in spreads of the reference). */
const LIMITS: Readonly<Record<Method, number>> = {
  psi: 0.2,
  js: 0.1,
  kl: 0.1,
  chi2: 0.1,
  ks: 0.1,
  wasserstein: 0.1,
};

export const distributionDrift = defineCheck({
  name: 'distribution_drift',
  description: 'The values are distributed as in a reference. NULL is a value of its own; NaN is left out.',
  dimension: 'behaviour',
  column: 'required',
  needsColumns: true,
  onEmpty: 'fail',
  arguments: z.strictObject({
    reference: z.string().min(1).describe('the relation, or query, to compare with'),
    reference_column: z.string().min(1).optional().describe('its column; default: the same name'),
    method: z
      .enum(METHODS)
      .default('psi')
      .describe(`one of ${METHODS.join(', ')}; ks and wasserstein are for numbers`),
    bins: z
      .number()
      .int()
      .min(2)
      .max(1000)
      .default(10)
      .describe('for numbers: so many bins of equal size in the reference'),
    max: z.number().positive().optional().describe('greatest distance; default 0.2 for psi, 0.1 for the others'),
    warn: z.number().positive().optional().describe('a greater distance is a warning'),
  }),
  ask: (given, subject) => {
    const { method, max = LIMITS[method], warn } = given;
    if (warn !== undefined && warn > max) throw new WrongArgument('`warn` is greater than `max`, so it never warns');
    const distance = distanceSql(given, subject);
    return {
      kind: 'query',
      failing: (from) =>
        `select ${method}, ${max} as allowed, rows_here, rows_there${warn === undefined ? '' : `, case when ${method} <= ${max} then 1 else 2 end as severity_level`}\nfrom (\n${indent(distance(from))}\n) as drift\nwhere (${method} <= ${warn ?? max}) is not true`,
      considered: (from) =>
        `select least((select count(*) from ${from}), (select count(*) from ${asTable(given.reference)}))`,
      figure: (from) => `select ${method} from (${distance(from)})`,
      ...(warn === undefined ? {} : { level: 'coalesce(max(severity_level), 0)' }),
    } satisfies Question;
  },
});

interface Drift {
  readonly reference: string;
  readonly reference_column?: string | undefined;
  readonly method: Method;
  readonly bins: number;
}

function distanceSql({ reference, reference_column, method, bins }: Drift, subject: Subject): (from: From) => string {
  const { column, columnName, type, sql } = subject;
  if (reference_column === undefined && columnName === undefined)
    throw new WrongArgument('it needs `reference_column`');
  const theirs = sql(reference_column ?? columnName ?? '');
  const numeric = type !== undefined && (isNumber(type) || isTime(type));
  if ((method === 'ks' || method === 'wasserstein') && !numeric)
    throw new WrongArgument(
      `\`${method}\` needs a column of numbers or times${type === undefined ? ', and the type is not known' : `, not ${type}`}`,
    );
  const number = (cell: string) =>
    type !== undefined && isTime(type) ? `epoch(cast(${cell} as timestamp))` : `cast(${cell} as double)`;
  const side = (cell: string, from: From) => {
    const value = numeric ? number(cell) : `cast(${cell} as varchar)`;
    const odd = numeric ? notFinite(value, 'DOUBLE') : null;
    return select(`${value} as v`, from, odd === null ? null : `${odd} is not true`);
  };
  const sides = (from: From) =>
    `with here as materialized (\n${indent(side(column, from))}\n),\nthere as materialized (\n${indent(side(theirs, asTable(reference)))}\n)`;
  const rows = '(select count(*) from here) as rows_here, (select count(*) from there) as rows_there';
  if (method === 'ks' || method === 'wasserstein')
    return (from) => `${sides(from)},
steps as (
  select v, lead(v) over (order by v) - v as width, sum(a) over (order by v) / nullif(sum(a) over (), 0) as f, sum(b) over (order by v) / nullif(sum(b) over (), 0) as g
  from (select v, count(*) filter (where mine) as a, count(*) filter (where not mine) as b from (select v, true as mine from here union all select v, false from there) where v is not null group by v)
)
select ${method === 'ks' ? 'max(abs(f - g))' : `case when max(abs(f - g)) = 0 then 0 else coalesce(sum(abs(f - g) * width), 0) / (select nullif(stddev_pop(v), 0) from there) end`} as ${method}, ${rows}
from steps`;
  // A bin is the number of reference quantiles below the value, so ties never split.
  const bin = numeric ? `list_count(list_filter(edges, lambda edge: edge < v))` : 'v';
  const edges = numeric
    ? `,\nquantiles as (select list_distinct(quantile_disc(v, [${Array.from({ length: bins - 1 }, (_, index) => (index + 1) / bins).join(', ')}])) as edges from there where v is not null)`
    : '';
  const binned = (table: string) =>
    `select case when v is null then null else cast(${bin} as varchar) end as bin, count(*) as n from ${table}${numeric ? ', quantiles' : ''} group by 1`;
  // Half a row in an empty bin keeps the logarithms finite.
  const share = (cell: string) =>
    `greatest(coalesce(${cell}.n, 0), 0.5) / (select count(*) from ${cell === 'a' ? 'here' : 'there'})`;
  const formula = {
    psi: 'sum((p - q) * ln(p / q))',
    kl: 'sum(p * ln(p / q))',
    js: 'sqrt(greatest(sum(0.5 * p * ln(2 * p / (p + q)) + 0.5 * q * ln(2 * q / (p + q))) / ln(2), 0))',
    chi2: 'sqrt(sum((p - q) * (p - q) / (p + q)) / 2)',
  }[method];
  return (from) => `${sides(from)}${edges},
shares as (
  select ${share('a')} as p, ${share('b')} as q
  from (${binned('here')}) as a full join (${binned('there')}) as b on a.bin is not distinct from b.bin
)
select ${formula} as ${method}, ${rows}
from shares`;
}
