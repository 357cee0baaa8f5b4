import * as z from 'zod';
import { quotedIdentifier } from '../../../core/quote.ts';
import { askedEveryTime, defineCheck, WrongArgument } from '../../define-check.ts';
import { allOf, groupName, nowPlus, typeOf, utc } from '../../expressions.ts';
import { indent } from '../../measure.ts';
import type { From } from '../../question.ts';

const COUNT = z.number().int().positive();

/**
 * dbt-expectations' `expect_column_values_to_be_within_n_moving_stdevs`, with its arithmetic: a sum of nothing is 0, and so are its logarithm and the sum
 * before the first. Two things differ. It divides by the deviation, so that whatever follows a constant history passes; here the departure is compared with it.
 * And a sum that is no number fails by itself, without blurring the periods after it.
 */
export const movingZScoreWithin = defineCheck({
  name: 'moving_z_score_within',
  description:
    'The sum of each of the last complete periods, or its change, is not too many standard deviations away from the mean of the periods before. After a constant history any departure is.',
  dimension: 'behaviour',
  column: 'required',
  onEmpty: 'learning',
  arguments: z.strictObject({
    timestamp_column: z.string().min(1).describe('the column of times by which rows belong to periods'),
    period: z
      .enum(['minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'])
      .default('day')
      .describe('the length of a period; one without rows is not looked at'),
    take_diffs: z.boolean().default(true).describe('true: the change of the sum is judged; false: the sum itself'),
    take_logs: z.boolean().default(true).describe('true: of the logarithm of the sum'),
    lookback_periods: COUNT.default(1).describe('a change is one since so many periods before'),
    trend_periods: COUNT.min(2).default(7).describe('so many periods before are compared with'),
    test_periods: COUNT.default(14).describe('so many of the last complete periods are judged'),
    sigma: z.number().positive().default(3).describe('how many standard deviations'),
    sigma_upper: z.number().optional().describe('how many above the mean; default: `sigma`'),
    sigma_lower: z.number().optional().describe('how many below the mean, negative; default: -`sigma`'),
  }),
  passesUntil: askedEveryTime,
  ask: (given, { column, columns, groupBy, sql }) => {
    const { period, take_diffs, take_logs, lookback_periods, trend_periods, test_periods, sigma } = given;
    const { sigma_upper: upper = sigma, sigma_lower: lower = -sigma } = given;
    if (lower >= upper)
      throw new WrongArgument(
        `nothing lies between ${lower} and ${upper} standard deviations`,
        '`sigma_lower` is below the mean, so it is negative',
      );
    const time = utc(sql(given.timestamp_column), typeOf(given.timestamp_column, columns));
    const thisPeriod = `date_trunc('${period}', ${nowPlus()})`;
    const keys = groupBy.map((key, index) => ({
      key: `group_${index + 1}`,
      sql: key,
      shown: quotedIdentifier(groupName(key, ['period', 'total', 'judged', 'mean', 'spread', 'sigmas'])),
    }));
    const partition = keys.length === 0 ? '' : `partition by ${keys.map(({ key }) => key).join(', ')} `;
    const before = `(${partition}order by period rows between ${trend_periods} preceding and 1 preceding)`;
    const judged = take_diffs
      ? `level - lag(level, ${lookback_periods}, 0.0) over (${partition}order by period)`
      : 'level';
    const scored = (from: From) => `with totals as (
  select ${keys.map((each) => `${each.sql} as ${each.key}, `).join('')}date_trunc('${period}', ${time}) as period, cast(sum(${column}) as double) as total
  from ${from}
  where isfinite(${time})
  group by all
),
levels as (select *, case when isfinite(total) is not false then ${take_logs ? LOGARITHM : 'coalesce(total, 0)'} end as level from totals),
judging as (select *, ${judged} as judged from levels),
scored as (select *, avg(judged) over ${before} as mean, stddev_samp(judged) over ${before} as spread from judging)
select ${keys.map(({ key, shown }) => `${key} as ${shown}, `).join('')}period, total, judged, mean, spread, (judged - mean) / nullif(spread, 0) as sigmas, level is null as is_odd
from scored
where ${allOf(`period >= ${thisPeriod} - ${test_periods} * interval 1 ${period}`, `period < ${thisPeriod}`, '(level is null or (judged is not null and spread is not null))')}`;
    // Means of equal doubles need not be exactly equal to them.
    const holds = `abs(judged - mean) <= 1e-9 * greatest(abs(judged), abs(mean)) or judged - mean between ${lower} * spread and ${upper} * spread`;
    return {
      kind: 'query',
      grouped: true,
      failing: (from) =>
        `select * exclude (is_odd)\nfrom (\n${indent(scored(from))}\n) as scores\nwhere is_odd or (${holds}) is not true`,
      considered: (from) => `select count(*) from (${scored(from)})`,
    };
  },
});

const LOGARITHM = `case when total < 0 then error('the sum of a period is negative, which has no logarithm: give the test \`take_logs: false\`') else coalesce(ln(nullif(total, 0)), 0) end`;
