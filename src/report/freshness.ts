import { age, minute } from './amounts.ts';
import type { FreshnessResults } from './answers.ts';
import { paint } from './colour.ts';
import { type Describe, nameOf } from './describe.ts';
import type { Terminal } from './terminal.ts';
import { padEnd } from './width.ts';

/** A line a source: its newest row, how old that is, the verdict. */
export function freshnessText(freshness: FreshnessResults, describe: Describe, page: Terminal): string {
  const colours = paint(page.colour);
  const tone = { pass: colours.green, warn: colours.yellow, error: colours.red, 'runtime error': colours.red };
  const names = freshness.results.map(({ unique_id }) => describe(unique_id)?.name ?? nameOf(unique_id));
  const widest = Math.max(0, ...names.map((name) => name.length));
  const lines = freshness.results.map((result, index) => {
    const old = result.max_loaded_at_time_ago_in_s;
    const detail =
      result.error ??
      (result.max_loaded_at === null || old === null
        ? 'it has no rows'
        : `newest row of ${minute(result.max_loaded_at)}, ${age(old)} old`);
    const note = result.meta ? `; ${result.meta.dql.note}` : '';
    return `${tone[result.status](padEnd(result.status, 13))} ${padEnd(names[index] ?? '', widest)}  ${detail}${note}`;
  });
  return lines.length === 0 ? 'No source has a freshness to check.' : lines.join('\n');
}
