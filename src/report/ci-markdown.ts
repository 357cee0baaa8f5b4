import type { NodeId } from '../core/node-id.ts';
import type { RunResults } from '../run/results.ts';
import { count } from './amounts.ts';
import type { DiffAnswer, ImpactAnswer } from './answers.ts';
import { describeWith } from './describe.ts';
import { diffMarkdown } from './diff.ts';
import { summaryMarkdown } from './github-summary.ts';
import { impactMarkdown } from './impact.ts';
import { code, plain } from './markdown.ts';
import { countsOf, isTest, placeOf, reasonOf } from './outcome.ts';
import type { ReporterOptions } from './reporter.ts';

export interface CiReport {
  readonly results: RunResults;
  readonly diff: DiffAnswer;
  readonly impact: ImpactAnswer;
  readonly newly_failing: readonly NodeId[];
  readonly violations: readonly string[];
}

/** The report of `dql ci` for a pull request, what decides first: verdict, newly failing tests, data diff, blast radius, the run. */
export function ciMarkdown(report: CiReport, options: ReporterOptions): string {
  const counts = countsOf(report.results.results);
  const newly = report.newly_failing.map((id) => {
    const result = report.results.results.find(({ unique_id }) => unique_id === id);
    const node = describeWith(options.describe, id);
    const place = placeOf(node);
    return `- ${code(node.name)}${place ? ` (${code(place)})` : ''}${result ? `: ${plain(reasonOf(result))}` : ''}`;
  });
  return [
    `# ${verdict(report, counts.error)}`,
    `${count(counts.total, 'node')}: ${counts.pass} passed, ${counts.warn} with warnings, ${counts.error} failed, ${counts.skip} skipped, ${counts.reused} reused. ${reach(report.impact)}`,
    ...(report.violations.length > 0 ? [report.violations.map((text) => `- ${plain(text)}`).join('\n')] : []),
    ...(newly.length > 0 ? ['## Newly failing tests', newly.join('\n')] : []),
    '## Data',
    ...dataOf(report, options),
    '## Blast radius',
    impactMarkdown(report.impact),
    summaryMarkdown(report.results, [], options),
  ].join('\n\n');
}

/** What was not built has rows of no one's to compare: that is not the same as no difference. */
function dataOf({ diff, results }: CiReport, { describe }: ReporterOptions): readonly string[] {
  const unbuilt = results.results.flatMap(({ unique_id, status }) => {
    const node = describeWith(describe, unique_id);
    return !isTest(node) && ['error', 'skipped'].includes(status) ? [code(node.name)] : [];
  });
  const compared = unbuilt.length > 0 && diff.relations.length === 0 ? [] : [diffMarkdown(diff)];
  return unbuilt.length === 0 ? compared : [...compared, `Not built, so not compared: ${unbuilt.join(', ')}.`];
}

function verdict({ violations }: CiReport, failed: number): string {
  if (violations.length > 0) return '❌ This change is held up';
  if (failed > 0)
    return `⚠️ This change may go in, although ${count(failed, 'node or test fails', 'nodes or tests fail')}`;
  return '✅ This change may go in';
}

/** The blast radius in a sentence. */
function reach({ changes, affected, owners }: ImpactAnswer): string {
  if (changes.length === 0) return 'No model changed in meaning.';
  const exposures = affected.filter(({ kind }) => kind === 'exposure');
  const others = affected.length - exposures.length;
  const reached = [
    ...(others > 0 ? [count(others, 'node')] : []),
    ...(exposures.length > 0
      ? [`${count(exposures.length, 'exposure')} (${exposures.map(({ name }) => code(name)).join(', ')})`]
      : []),
  ];
  const told = owners.length === 0 ? '' : ` To tell: ${owners.map(({ owner }) => plain(owner)).join(', ')}.`;
  return `${count(changes.length, 'model')} changed in meaning, which reaches ${reached.join(' and ') || 'nothing else'}.${told}`;
}
