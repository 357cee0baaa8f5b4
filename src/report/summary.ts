import type { NodeId } from '../core/node-id.ts';
import type { NodeResult, RunResults } from '../run/results.ts';
import { age, count, minute, seconds, thousands } from './amounts.ts';
import { type Paint, paint } from './colour.ts';
import { describeWith, type NodeDescription } from './describe.ts';
import { frame, frames } from './frame.ts';
import { toneOf, verbOf } from './node-line.ts';
import {
  diagnosticsOf,
  doneLine,
  isFailure,
  isHeld,
  isTest,
  isWarning,
  outcomeOf,
  placeOf,
  reasonOf,
  wordsOf,
  worstFirst,
} from './outcome.ts';
import type { ReporterOptions } from './reporter.ts';
import { sampleTable } from './samples.ts';
import type { Terminal } from './terminal.ts';

const INDENT = '    ';
const SAMPLE_ROWS = 5;

/** The end of a run: failures with their reasons, warnings, what is held back and how old what readers see is, the counts. */
export function summary(run: RunResults, terminal: Terminal, options: ReporterOptions): string {
  const colours = paint(terminal.colour);
  const called = (id: NodeId) => describeWith(options.describe, id).name;
  const names = run.results.map(({ unique_id }) => called(unique_id));
  const draw = (result: NodeResult) => {
    const name = called(result.unique_id);
    const isShared = names.indexOf(name) !== names.lastIndexOf(name);
    return entry(result, terminal, options, colours, isShared ? result.unique_id : name);
  };
  const failures = worstFirst(run.results.filter(isFailure));
  const warnings = run.results.filter(isWarning);
  const held = run.results.filter(isHeld);
  const parts: string[] = [];
  if (failures.length > 0)
    parts.push(colours.bold(colours.red(`${thousands(failures.length)} failed`)), ...failures.map(draw));
  if (held.length > 0) parts.push(heldBack(held, options, colours));
  if (!options.quiet) {
    if (warnings.length > 0)
      parts.push(colours.bold(colours.yellow(count(warnings.length, 'warning'))), ...warnings.map(draw));
    if (run.meta.dql.warnings.length > 0) parts.push(frames(run.meta.dql.warnings, frameOptions(terminal, options)));
    parts.push(verdict(run, colours));
  }
  return parts.join('\n\n');
}

/** @param asked what to call it on the command line */
function entry(
  result: NodeResult,
  terminal: Terminal,
  options: ReporterOptions,
  colours: Paint,
  asked: string,
): string {
  const node = describeWith(options.describe, result.unique_id);
  const tone = toneOf(outcomeOf(result), colours);
  const place = placeOf(node);
  const lines = [
    `  ${tone(verbOf(result, node).toLowerCase())} ${colours.bold(node.name)}${place ? colours.dim(`  ${place}`) : ''}`,
  ];
  const diagnostics = diagnosticsOf(result);
  if (diagnostics.length === 0) lines.push(indented(reasonOf(result)));
  for (const diagnostic of diagnostics) lines.push(indented(frame(diagnostic, frameOptions(terminal, options))));
  const facts = result.meta.dql;
  if (isTest(node) && facts.considered && result.failures !== null)
    lines.push(`${INDENT}${count(result.failures, 'failing row')} of ${thousands(facts.considered)}`);
  if (facts.sample && facts.sample.rows.length > 0)
    lines.push(sampleTable(facts.sample, { columns: terminal.columns, rows: SAMPLE_ROWS, indent: INDENT }));
  lines.push(...wordsOf(node).map((line) => INDENT + line));
  lines.push(...whereToLook(result, node, asked).map((line) => INDENT + colours.dim(line)));
  return lines.join('\n');
}

function whereToLook(result: NodeResult, node: NodeDescription, asked: string): string[] {
  const lines: string[] = [];
  if (node.compiledPath && result.compiled && result.status !== 'skipped') lines.push(`compiled: ${node.compiledPath}`);
  if (node.kind === 'test' && (result.status === 'fail' || result.status === 'warn'))
    lines.push(`all rows: dql inspect ${asked}`);
  return lines;
}

function heldBack(held: readonly NodeResult[], options: ReporterOptions, colours: Paint): string {
  const lines = held.flatMap((result) => {
    const facts = result.meta.dql.held;
    if (!facts) return [];
    const node = describeWith(options.describe, result.unique_id);
    return [`  ${colours.bold(node.relation ?? node.name)}  ${facts.reason}`, `${INDENT}${servedBy(facts)}`];
  });
  return [colours.bold(colours.yellow(`${thousands(held.length)} held back`)), ...lines].join('\n');
}

/** What readers of a held node see, and how old that is. */
export function servedBy(held: NonNullable<NodeResult['meta']['dql']['held']>): string {
  if (held.serving_since === null) return 'readers see nothing: it was never published';
  const version = held.serving_version === null ? 'the version' : `version ${held.serving_version}`;
  const old = held.age_seconds === null ? '' : `, ${age(held.age_seconds)} old`;
  return `readers see ${version} of ${minute(held.serving_since)}${old}`;
}

function verdict(run: RunResults, colours: Paint): string {
  const { published, publish_seconds, interrupted, exit_code, warnings } = run.meta.dql;
  const oneByOne = warnings.some(({ code }) => code === 'plan/publish-as-ready');
  const isUntested = run.results.some(({ meta }) => meta.dql.untested);
  const lines: string[] = [];
  if (interrupted) lines.push(colours.yellow('Interrupted: nothing was half-published.'));
  if (publish_seconds !== null && published > 0)
    lines.push(
      `Published ${count(published, 'node')} in ${seconds(publish_seconds)}, ${oneByOne ? 'each as it was ready' : 'all at once'}${isUntested ? ', untested' : ''}.`,
    );
  // What was not served, or what a warning made an error of, is no node to try again.
  const isUnfinished = run.results.some(
    (result) => isHeld(result) || ['error', 'skip', 'warn'].includes(outcomeOf(result)),
  );
  if (interrupted || (exit_code === 1 && isUnfinished)) lines.push('To go on after a fix: dql retry');
  lines.push(`Finished in ${seconds(run.elapsed_time)}.`);
  const done = doneLine(run.results);
  lines.push(exit_code === 0 ? colours.green(done) : colours.red(done));
  return lines.join('\n');
}

const indented = (text: string): string => text.replace(/^(?=.)/gm, INDENT);

const frameOptions = (terminal: Terminal, options: ReporterOptions) => ({
  readSource: options.readSource,
  colour: terminal.colour,
  columns: Math.min(terminal.columns, 160) - INDENT.length,
});
