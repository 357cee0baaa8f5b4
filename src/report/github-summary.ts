import type { Diagnostic } from '../core/diagnostic.ts';
import type { NodeResult, RunResults } from '../run/results.ts';
import { age, minute, seconds, thousands } from './amounts.ts';
import { describeWith } from './describe.ts';
import { frame } from './frame.ts';
import { detailsOf } from './junit.ts';
import { block, code, details, markdownTable, plain } from './markdown.ts';
import { countsOf, isFailure, isHeld, isTest, isWarning, outcomeOf, placeOf, reasonOf, worstFirst } from './outcome.ts';
import type { OpenReporter, ReporterOptions } from './reporter.ts';
import { escapeMarkup } from './secrets.ts';

/** GitHub refuses a step summary above 1 MiB as a whole. */
const LONGEST = 1_000_000;
const SLOWEST = 5;
const SHOWN = 50;

/** The step summary in Markdown: failures first, what is held back, warnings, freshness, counts, the slowest nodes. */
export const githubSummary: OpenReporter = (terminal, options) => ({
  hear: () => {},
  close: (results, diagnostics) => terminal.print(summaryMarkdown(results, diagnostics, options)),
});

export function summaryMarkdown(
  results: RunResults | undefined,
  diagnostics: readonly Diagnostic[],
  options: ReporterOptions,
): string {
  const parts = [
    `## ${verdict(results, diagnostics)} dql ${plain(options.command)}`,
    ...problems(diagnostics, options),
    ...(results ? ofRun(results, options) : []),
  ];
  let text = '';
  for (const part of parts) {
    if (text.length + part.length > LONGEST)
      return `${text}\n\n_Cut here: GitHub takes no summary above 1 MiB. The artifacts have everything._`;
    text += `${text === '' ? '' : '\n\n'}${part}`;
  }
  return text;
}

function verdict(results: RunResults | undefined, diagnostics: readonly Diagnostic[]): string {
  if (results?.meta.dql.interrupted) return '⏹ Interrupted:';
  const failed = results ? results.meta.dql.exit_code !== 0 : diagnostics.some(({ severity }) => severity === 'error');
  if (failed) return '❌ Failed:';
  const warned = results?.results.some(isWarning) || diagnostics.length > 0;
  return warned ? '⚠️ Passed with warnings:' : '✅ Passed:';
}

const problems = (diagnostics: readonly Diagnostic[], options: ReporterOptions): string[] =>
  diagnostics.map((diagnostic) => block(frame(diagnostic, { readSource: options.readSource, colour: false })));

function ofRun(run: RunResults, options: ReporterOptions): string[] {
  const failures = worstFirst(run.results.filter(isFailure));
  const warnings = worstFirst(run.results.filter(isWarning));
  const held = run.results.filter(isHeld);
  const skipped = run.results.filter((result) => outcomeOf(result) === 'skip');
  return [
    ...section('Failed', failures, (result) => entry(result, options)),
    ...(held.length > 0 ? ['### Held back', heldTable(held, options)] : []),
    ...section('Warnings', warnings, (result) => entry(result, options)),
    ...problems(run.meta.dql.warnings, options),
    ...freshness(run.results, options),
    '### Counts',
    countsTable(run),
    ...(skipped.length > 0
      ? [
          details(
            `${thousands(skipped.length)} skipped`,
            skipped.map((result) => skippedLine(result, options)).join('\n'),
          ),
        ]
      : []),
    ...slowest(run.results, options),
  ];
}

function section(title: string, results: readonly NodeResult[], draw: (result: NodeResult) => string): string[] {
  if (results.length === 0) return [];
  const more = results.length - SHOWN;
  return [
    `### ${title} (${thousands(results.length)})`,
    ...results.slice(0, SHOWN).map(draw),
    ...(more > 0 ? [`… and ${thousands(more)} more in run_results.json`] : []),
  ];
}

function entry(result: NodeResult, options: ReporterOptions): string {
  const node = describeWith(options.describe, result.unique_id);
  const place = placeOf(node);
  const title = `<b>${escapeMarkup(node.name)}</b> ${escapeMarkup(result.status)}${place ? ` · <code>${escapeMarkup(place)}</code>` : ''}`;
  return details(title, block(detailsOf(result, node, options)));
}

const heldTable = (held: readonly NodeResult[], options: ReporterOptions): string =>
  markdownTable(
    ['node', 'why', 'readers see', 'age'],
    held.map((result) => {
      const facts = result.meta.dql.held;
      const node = describeWith(options.describe, result.unique_id);
      const since = facts?.serving_since;
      const old = facts?.age_seconds;
      return [
        code(node.relation ?? node.name),
        plain(facts?.reason ?? ''),
        since ? `version ${facts.serving_version ?? '?'} of ${minute(since)}` : 'nothing yet',
        old === null || old === undefined ? '' : age(old),
      ];
    }),
  );

function skippedLine(result: NodeResult, options: ReporterOptions): string {
  const node = describeWith(options.describe, result.unique_id);
  return `- ${code(node.name)} ${plain(reasonOf(result))}`;
}

/** Tests named freshness: what they measured, passed or not. */
function freshness(results: readonly NodeResult[], options: ReporterOptions): string[] {
  const rows = results.flatMap((result) => {
    const node = describeWith(options.describe, result.unique_id);
    if (node.check !== 'freshness') return [];
    const value = result.meta.dql.value;
    const measured =
      typeof value === 'number' ? age(value) : value === undefined || value === null ? '' : String(value);
    const tested = node.tests ? describeWith(options.describe, node.tests).name : node.name;
    return [[code(tested), result.status, plain(measured)]];
  });
  return rows.length > 0 ? ['### Freshness', markdownTable(['relation', 'status', 'age'], rows)] : [];
}

function countsTable(run: RunResults): string {
  const counts = countsOf(run.results);
  const titles = ['pass', 'warn', 'error', 'skip', 'reused', 'total', 'published', 'seconds'];
  return markdownTable(
    titles,
    [
      [
        ...[counts.pass, counts.warn, counts.error, counts.skip, counts.reused, counts.total].map(thousands),
        thousands(run.meta.dql.published),
        run.elapsed_time.toFixed(1),
      ],
    ],
    titles,
  );
}

function slowest(results: readonly NodeResult[], options: ReporterOptions): string[] {
  const slow = [...results]
    .filter(({ execution_time }) => execution_time >= 0.1)
    .sort((a, b) => b.execution_time - a.execution_time)
    .slice(0, SLOWEST);
  if (slow.length === 0) return [];
  const rows = slow.map((result) => {
    const node = describeWith(options.describe, result.unique_id);
    const rowCount = result.meta.dql.rows;
    return [
      code(node.relation ?? node.name),
      isTest(node) ? 'test' : (node.materialized ?? node.kind),
      seconds(result.execution_time),
      rowCount === undefined ? '' : thousands(rowCount),
    ];
  });
  return [details('Slowest', markdownTable(['node', 'kind', 'time', 'rows'], rows, ['time', 'rows']))];
}
