import * as z from 'zod';
import { equalShape, within } from '../../bounds.ts';
import { defineCheck, type Subject, WrongArgument } from '../../define-check.ts';
import { notFinite } from '../../expressions.ts';

const METRICS = ['min', 'max', 'mean', 'median', 'sum', 'stddev', 'variance', 'quantile'] as const;
type Metric = (typeof METRICS)[number];

export const metric = defineCheck({
  name: 'metric',
  description: 'A figure of the column (mean, sum, …) is within bounds. NaN and the infinities never are.',
  dimension: 'range',
  column: 'required',
  onEmpty: 'fail',
  arguments: z.strictObject({
    metric: z.enum(METRICS).describe(`one of ${METRICS.join(', ')}`),
    quantile: z.number().min(0).max(1).optional().describe('for `quantile`: which, 0 to 1'),
    ...equalShape,
  }),
  ask: ({ metric: name, quantile, ...bounds }, subject) => {
    if ((name === 'quantile') !== (quantile !== undefined))
      throw new WrongArgument(
        name === 'quantile' ? '`quantile` is missing' : '`quantile` goes with `metric: quantile` only',
      );
    return {
      kind: 'aggregate',
      value: figure(name, quantile, subject),
      called: name,
      considered: `count(${subject.column})`,
      holds: `${within('"value"', bounds)}${finite(subject)}`,
    };
  },
});

const FUNCTIONS: Readonly<Record<Exclude<Metric, 'quantile'>, string>> = {
  min: 'min',
  max: 'max',
  mean: 'avg',
  median: 'median',
  sum: 'sum',
  stddev: 'stddev_samp',
  variance: 'var_samp',
};

/** Of these a value that is no number makes the figure no number. */
const CARRIES_NAN: readonly Metric[] = ['mean', 'sum'];

/** NaN when any value is no number: DuckDB would sort it, or stop with an error, depending on the function. */
function figure(metric: Metric, quantile: number | undefined, { column, type }: Subject): string {
  const odd = type !== undefined && CARRIES_NAN.includes(metric) ? null : notFinite(column, type);
  const usable = odd === null ? '' : ` filter (where not ${odd})`;
  const computed =
    metric === 'quantile'
      ? `quantile_cont(${column}, ${quantile})${usable}`
      : `${FUNCTIONS[metric]}(${column})${usable}`;
  if (odd === null) return computed;
  const poisoned = `count(*) filter (where ${odd}) > 0`;
  // Of an unknown type the figure may be a date, which has no NaN; NULL is as little within bounds.
  return type === undefined
    ? `case when ${poisoned} then null else ${computed} end`
    : `case when ${poisoned} then 'nan'::double else ${computed} end`;
}

const finite = ({ type }: Subject): string =>
  notFinite('"value"', type) === null || type === undefined ? '' : ` and isfinite("value")`;
