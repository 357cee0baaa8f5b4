import * as z from 'zod';
import { quotedString } from '../../../core/quote.ts';
import { askedEveryTime, defineCheck, type Subject, WrongArgument } from '../../define-check.ts';
import { isNumber, notFinite, nowPlus, typeOf, utc } from '../../expressions.ts';
import { indent } from '../../measure.ts';
import { anomalyQuestion, anomalyShape, type BucketFigure } from './anomaly.ts';

export const volumeAnomaly = defineCheck({
  name: 'volume_anomaly',
  description: 'The number of rows in the last period is ordinary. A period without rows counts as 0.',
  dimension: 'volume',
  column: 'never',
  onEmpty: 'learning',
  arguments: z.strictObject(anomalyShape),
  passesUntil: askedEveryTime,
  ask: (given, subject) => anomalyQuestion(given, subject, [{ metric: 'row_count', figure: 'count(*)', absent: 0 }]),
});

export const freshnessAnomaly = defineCheck({
  name: 'freshness_anomaly',
  description: 'The time since the last update is ordinary, compared with the gaps between earlier updates.',
  dimension: 'freshness',
  column: 'never',
  onEmpty: 'learning',
  arguments: z.strictObject({
    timestamp_column: z.string().min(1).describe('the column of times'),
    sensitivity: z.number().positive().default(4).describe('how many deviations above the median gap are too many'),
    lookback: z.number().int().min(4).default(28).describe('how many earlier gaps are compared with'),
    min_points: z.number().int().min(3).default(8).describe('fewer earlier gaps: still learning'),
  }),
  passesUntil: askedEveryTime,
  ask: ({ timestamp_column, sensitivity, lookback, min_points }, { sql, columns }) => {
    const time = utc(sql(timestamp_column), typeOf(timestamp_column, columns));
    const gaps = (from: string) =>
      `select t, epoch(t) - epoch(lag(t) over (order by t)) as gap from (select distinct ${time} as t from ${from} where ${time} <= ${nowPlus()} and isfinite(${time}))`;
    const recent = (from: string) =>
      `select max(t) as latest, count(*) as gaps, median(ln(1 + gap)) as centre, list(ln(1 + gap)) as levels from (select * from (${gaps(from)}) where gap is not null order by t desc limit ${lookback})`;
    const scored = (from: string) =>
      `select latest, epoch(${nowPlus()}) - epoch(latest) as seconds_since, round(exp(centre) - 1) as ordinary_seconds, (ln(1 + epoch(${nowPlus()}) - epoch(latest)) - centre) / greatest(1.4826 * list_aggregate([abs(one - centre) for one in levels], 'median'), 0.05) as score\nfrom (\n${indent(recent(from))}\n) as recent\nwhere gaps >= ${min_points}`;
    return {
      kind: 'query',
      failing: (from) =>
        `select * from (\n${indent(scored(from))}\n) as scored\nwhere (score <= ${sensitivity}) is not true`,
      considered: (from) => `select count(*) from (${scored(from)})`,
    };
  },
});

export const eventFreshnessAnomaly = defineCheck({
  name: 'event_freshness_anomaly',
  description: 'The delay between an event and its arrival is ordinary in the last period.',
  dimension: 'freshness',
  column: 'never',
  onEmpty: 'learning',
  arguments: z.strictObject({
    ...anomalyShape,
    direction: z.enum(['both', 'drop', 'rise']).default('rise').describe('which changes count'),
    event_column: z.string().min(1).describe('the time of the event; `timestamp_column` is the time of its arrival'),
  }),
  passesUntil: askedEveryTime,
  ask: ({ event_column, ...given }, subject) => {
    const event = utc(subject.sql(event_column), typeOf(event_column, subject.columns));
    const arrival = utc(subject.sql(given.timestamp_column), typeOf(given.timestamp_column, subject.columns));
    return anomalyQuestion(given, subject, [
      {
        metric: 'delay_seconds',
        figure: `max(epoch(${arrival}) - epoch(${event})) filter (where isfinite(${event}))`,
        absent: null,
      },
    ]);
  },
});

const MONITORS = [
  'null_count',
  'null_percent',
  'distinct_count',
  'min',
  'max',
  'mean',
  'sum',
  'stddev',
  'zero_count',
  'zero_percent',
  'empty_count',
  'average_length',
  'true_count',
] as const;
type Monitor = (typeof MONITORS)[number];
const OF_NUMBERS: readonly Monitor[] = ['min', 'max', 'mean', 'sum', 'stddev', 'zero_count', 'zero_percent'];
const OF_TEXT: readonly Monitor[] = ['empty_count', 'average_length'];

const monitorShape = {
  ...anomalyShape,
  metrics: z
    .array(z.enum(MONITORS))
    .min(1)
    .optional()
    .describe(`which of ${MONITORS.join(', ')}; default by the column's type`),
};

export const columnAnomaly = defineCheck({
  name: 'column_anomaly',
  description: 'Figures of the column (nulls, mean, …) are ordinary in the last period.',
  dimension: 'behaviour',
  column: 'required',
  onEmpty: 'learning',
  arguments: z.strictObject(monitorShape),
  passesUntil: askedEveryTime,
  ask: ({ metrics, ...given }, subject) => {
    const chosen = metrics ?? defaultMonitors(subject.type);
    return anomalyQuestion(
      given,
      subject,
      chosen.map((monitor) => monitored(monitor, subject.column, subject.type, monitor)),
    );
  },
});

export const allColumnsAnomaly = defineCheck({
  name: 'all_columns_anomaly',
  description: 'Figures of every column are ordinary in the last period.',
  dimension: 'behaviour',
  column: 'never',
  onEmpty: 'learning',
  needsColumns: true,
  arguments: z.strictObject({
    ...monitorShape,
    exclude: z.array(z.string()).default([]).describe('columns to leave out'),
  }),
  passesUntil: askedEveryTime,
  ask: ({ metrics, exclude, ...given }, subject) => {
    const left = new Set([...exclude, given.timestamp_column].map((name) => name.toLowerCase()));
    const figures = (subject.columns ?? [])
      .filter(({ name }) => !left.has(name.toLowerCase()))
      .flatMap(({ name, type }) =>
        (metrics?.filter((monitor) => suits(monitor, type)) ?? defaultMonitors(type)).map((monitor) =>
          monitored(monitor, subject.sql(name), type, `${name} ${monitor}`),
        ),
      );
    if (figures.length === 0) throw new WrongArgument('no column is left to look at');
    return anomalyQuestion(given, subject, figures);
  },
});

const suits = (monitor: Monitor, type: string): boolean =>
  OF_NUMBERS.includes(monitor)
    ? isNumber(type)
    : OF_TEXT.includes(monitor)
      ? type === 'VARCHAR'
      : monitor === 'true_count'
        ? type === 'BOOLEAN'
        : true;

const defaultMonitors = (type: Subject['type']): readonly Monitor[] => {
  if (type !== undefined && isNumber(type)) return ['null_percent', 'mean', 'zero_percent'];
  return type === 'VARCHAR' ? ['null_percent', 'empty_count', 'average_length'] : ['null_percent'];
};

function monitored(monitor: Monitor, column: string, type: string | undefined, metric: string): BucketFigure {
  const odd = notFinite(column, type);
  const usable = odd === null ? '' : ` filter (where not ${odd})`;
  const share = (condition: string) => `100.0 * count(*) filter (where ${condition}) / count(*)`;
  const figure = {
    null_count: `count(*) - count(${column})`,
    null_percent: share(`${column} is null`),
    distinct_count: `count(distinct ${column})`,
    min: `min(${column})${usable}`,
    max: `max(${column})${usable}`,
    mean: `avg(${column})${usable}`,
    sum: `sum(${column})${usable}`,
    stddev: `stddev_samp(${column})${usable}`,
    zero_count: `count(*) filter (where ${column} = 0)`,
    zero_percent: share(`${column} = 0`),
    empty_count: `count(*) filter (where ${column} = ${quotedString('')})`,
    average_length: `avg(length(${column}))`,
    true_count: `count(*) filter (where ${column})`,
  }[monitor];
  return { metric, figure, absent: null };
}
