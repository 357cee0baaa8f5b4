import * as z from 'zod';
import { defineCheck } from '../../define-check.ts';
import { notFinite } from '../../expressions.ts';
import { indent } from '../../measure.ts';

export const zScoreWithin = defineCheck({
  name: 'z_score_within',
  description: 'No value is too many standard deviations away from the mean.',
  dimension: 'range',
  column: 'required',
  onEmpty: 'vacuous',
  arguments: z.strictObject({
    sigma: z.number().positive().default(3).describe('how many standard deviations'),
    robust: z.boolean().default(false).describe('true: around the median, with the median absolute deviation'),
  }),
  ask: ({ sigma, robust }, { column, type, groupBy }) => {
    const partition = groupBy.length === 0 ? '' : `partition by ${groupBy.join(', ')}`;
    const odd = notFinite(column, type);
    // A value that is no number fails by itself and must not blur the mean of the others.
    const usable = odd === null ? '' : ` filter (where not ${odd})`;
    const number = `cast(${column} as double)`;
    const centre = `${robust ? 'median' : 'avg'}(${number})${usable} over (${partition})`;
    const spread = robust
      ? `1.4826 * median(distance)${odd === null ? '' : ' filter (where not is_odd)'} over (${partition})`
      : `stddev_samp(${number})${usable} over (${partition})`;
    // Of two columns of one name the first is meant: flights have a distance of their own.
    const first = `select ${odd ?? 'false'} as is_odd, abs(${number} - ${centre}) as distance${robust ? '' : `, ${spread} as spread`}, *\nfrom `;
    return {
      kind: 'query',
      grouped: true,
      failing: (from) => {
        const distances = `${first}${from}\nwhere ${column} is not null`;
        const measured = robust
          ? `select ${spread} as spread, *\nfrom (\n${indent(distances)}\n) as distances`
          : distances;
        return `select * exclude (is_odd)\nfrom (\n${indent(measured)}\n) as spreads\nwhere is_odd or distance > ${sigma} * spread`;
      },
      considered: (from) => `select count(*) from ${from} where ${column} is not null`,
    };
  },
});
