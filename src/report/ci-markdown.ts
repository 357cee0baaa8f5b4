import type { NodeId } from '../core/node-id.ts';
import type { RunResults } from '../run/results.ts';
import type { DiffAnswer, ImpactAnswer } from './answers.ts';
import { describeWith } from './describe.ts';
import { diffMarkdown } from './diff.ts';
import { summaryMarkdown } from './github-summary.ts';
import { impactMarkdown } from './impact.ts';
import { code, plain } from './markdown.ts';
import { countsOf, reasonOf } from './outcome.ts';
import type { ReporterOptions } from './reporter.ts';

export interface CiReport {
  readonly results: RunResults;
  readonly diff: DiffAnswer;
  readonly impact: ImpactAnswer;
  readonly newly_failing: readonly NodeId[];
  readonly violations: readonly string[];
}

/** The report of `dql ci` for a pull request: verdict, newly failing tests, data diff, blast radius, the run. */
export function ciMarkdown(report: CiReport, options: ReporterOptions): string {
  const counts = countsOf(report.results.results);
  const newly = report.newly_failing.map((id) => {
    const result = report.results.results.find(({ unique_id }) => unique_id === id);
    return `- ${code(describeWith(options.describe, id).name)}${result ? ` ${plain(reasonOf(result))}` : ''}`;
  });
  return [
    `# ${report.violations.length > 0 ? '❌ This change is held up' : '✅ This change may go in'}`,
    `${counts.total} nodes: ${counts.pass} passed, ${counts.warn} with warnings, ${counts.error} failed, ${counts.skip} skipped, ${counts.reused} reused.`,
    ...(report.violations.length > 0 ? [report.violations.map((text) => `- ${plain(text)}`).join('\n')] : []),
    ...(newly.length > 0 ? ['## Newly failing tests', newly.join('\n')] : []),
    '## Data',
    diffMarkdown(report.diff),
    '## Blast radius',
    impactMarkdown(report.impact),
    summaryMarkdown(report.results, [], options),
  ].join('\n\n');
}
