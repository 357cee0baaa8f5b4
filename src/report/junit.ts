import type { Diagnostic } from '../core/diagnostic.ts';
import type { NodeId } from '../core/node-id.ts';
import type { NodeResult, RunResults } from '../run/results.ts';
import { describeWith, type NodeDescription } from './describe.ts';
import { frame } from './frame.ts';
import { diagnosticsOf, isTest, outcomeOf, placeOf, reasonOf, wordsOf } from './outcome.ts';
import type { OpenReporter, ReporterOptions } from './reporter.ts';
import { sampleTable } from './samples.ts';
import { escapeMarkup } from './secrets.ts';

/**
 * JUnit XML: a suite for each model, seed, snapshot and source, with one case for building it and one for each of its tests.
 *
 * `file` and `line` of a case are the place of the test in its YAML. No standard has them: Ant's schema (windyroad's JUnit.xsd) never did, and
 * junit-10.xsd of Jenkins' xUnit plugin knew them first and refuses them since version 2. They stay because those who read them use them (GitLab
 * links `file`, CircleCI and annotating actions on GitHub take both) and those who do not, Jenkins' own `junit` step among them, pass over what they
 * do not know. Everything else is as junit-10.xsd has it, and the first line of a body begins with `file:line`, so that nobody loses the place.
 * Jenkins' xUnit plugin, and whoever else reads by the schema, is given `xunit`: the same without the two.
 *
 * Failing rows and the SQL's file stand in the body. Warnings pass and say so in `system-out`: JUnit has no word for them.
 */
export const junit: OpenReporter = reporterWith(
  ({ path, line }) => `${path ? ` file="${attribute(path)}"` : ''}${line ? ` line="${line}"` : ''}`,
);

/** Valid by junit-10.xsd as it is today; `junit` is by the last one that knew the two. */
export const xunit: OpenReporter = reporterWith(() => '');

/** Attributes of a case that tell where it is written. */
type PlaceAttributes = (place: { readonly path?: string | undefined; readonly line?: number | undefined }) => string;

function reporterWith(attributesOf: PlaceAttributes): OpenReporter {
  return (terminal, options) => ({
    hear: () => {},
    close: (results, diagnostics) => terminal.print(junitXml(results, diagnostics, options, attributesOf)),
  });
}

interface Case {
  readonly xml: string;
  readonly kind: 'pass' | 'failure' | 'error' | 'skipped';
  readonly seconds: number;
}

function junitXml(
  results: RunResults | undefined,
  diagnostics: readonly Diagnostic[],
  options: ReporterOptions,
  attributesOf: PlaceAttributes,
): string {
  const suites = new Map<string, { node: NodeDescription; cases: Case[] }>();
  const suiteOf = (name: string, node: NodeDescription) => {
    const suite = suites.get(name) ?? { node, cases: [] };
    suites.set(name, suite);
    return suite.cases;
  };
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  for (const error of errors)
    suiteOf('project', { name: 'project', kind: 'project', parents: [] }).push(broken(error, options, attributesOf));
  for (const result of results?.results ?? []) {
    const node = describeWith(options.describe, result.unique_id);
    const owner = suiteOwner(result.unique_id, node);
    const owned = describeWith(options.describe, owner);
    suiteOf(owned.name, owned).push(caseOf(result, node, owned, options, attributesOf(node)));
  }
  const started = String(results?.metadata.generated_at ?? '').replace(/(\.\d+)?Z$/, '');
  const all = [...suites.values()].flatMap(({ cases }) => cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="dql ${options.command}" ${totals(all)}>`,
    ...[...suites].map(
      ([name, { node, cases }]) =>
        `  <testsuite name="${attribute(name)}"${node.path ? ` file="${attribute(node.path)}"` : ''} ${totals(cases)} skipped="${number(cases, 'skipped')}"${started ? ` timestamp="${attribute(started)}"` : ''}>\n${cases.map(({ xml }) => xml).join('\n')}\n  </testsuite>`,
    ),
    '</testsuites>',
  ].join('\n');
}

/** A test belongs to what it tests; a test of several relations, without one it is attached to, to itself. */
const suiteOwner = (id: NodeId, node: NodeDescription): NodeId =>
  isTest(node) ? (node.tests ?? (node.parents.length === 1 ? (node.parents[0] ?? id) : id)) : id;

function caseOf(
  result: NodeResult,
  node: NodeDescription,
  suite: NodeDescription,
  options: ReporterOptions,
  place: string,
): Case {
  const name = isTest(node) ? node.name : `build ${node.relation ?? node.name}`;
  const outcome = outcomeOf(result);
  const kind =
    outcome === 'skip' ? 'skipped' : result.status === 'fail' ? 'failure' : outcome === 'error' ? 'error' : 'pass';
  const message = attribute(reasonOf(result));
  const body = content(placedDetailsOf(result, node, options));
  const inner =
    kind === 'pass'
      ? outcome === 'warn' || result.meta.dql.held || result.meta.dql.verdict === 'vacuous'
        ? `<system-out>${body}</system-out>`
        : ''
      : kind === 'skipped'
        ? `<skipped message="${message}"/>`
        : `<${kind} message="${message}" type="${attribute(node.check ?? node.materialized ?? node.kind)}">${body}</${kind}>`;
  const classname = node.testedColumn ? `${suite.name}.${node.testedColumn}` : suite.name;
  const open = `    <testcase name="${attribute(name)}" classname="${attribute(classname)}"${place} time="${time(result.execution_time)}"`;
  return {
    kind,
    seconds: result.execution_time,
    xml: inner === '' ? `${open}/>` : `${open}>\n      ${inner}\n    </testcase>`,
  };
}

function broken(diagnostic: Diagnostic, options: ReporterOptions, attributesOf: PlaceAttributes): Case {
  const text = content(frame(diagnostic, { readSource: options.readSource, colour: false }));
  const file = attributesOf({ path: diagnostic.at?.file });
  return {
    kind: 'error',
    seconds: 0,
    xml: `    <testcase name="${attribute(diagnostic.code)}" classname="project"${file} time="0.000">\n      <error message="${attribute(diagnostic.message)}" type="${attribute(diagnostic.code)}">${text}</error>\n    </testcase>`,
  };
}

/** What a person needs to see without opening anything else: the message, the rows, the places. */
export function detailsOf(result: NodeResult, node: NodeDescription, options: ReporterOptions): string {
  const facts = result.meta.dql;
  const lines: string[] = [];
  if (diagnosticsOf(result).length === 0) lines.push(reasonOf(result));
  for (const diagnostic of diagnosticsOf(result))
    lines.push(frame(diagnostic, { readSource: options.readSource, colour: false }));
  if (facts.verdict === 'vacuous') lines.push('vacuous: no row was considered');
  if (facts.held) lines.push(`held back: ${facts.held.reason}`);
  if (facts.considered) lines.push(`${facts.failures ?? result.failures ?? 0} of ${facts.considered} rows`);
  if (facts.sample && facts.sample.rows.length > 0)
    lines.push(sampleTable(facts.sample, { columns: 160, rows: facts.sample.rows.length }));
  lines.push(...wordsOf(node));
  if (node.compiledPath && result.compiled) lines.push(`compiled: ${node.compiledPath}`);
  return lines.join('\n');
}

/** The same for readers that get no place beside it: `file:line` before the first line. */
export function placedDetailsOf(result: NodeResult, node: NodeDescription, options: ReporterOptions): string {
  const place = placeOf(node);
  return `${place ? `${place}: ` : ''}${detailsOf(result, node, options)}`;
}

const number = (cases: readonly Case[], kind: Case['kind']) => cases.filter((one) => one.kind === kind).length;
const totals = (cases: readonly Case[]): string =>
  `tests="${cases.length}" failures="${number(cases, 'failure')}" errors="${number(cases, 'error')}" time="${time(cases.reduce((sum, one) => sum + one.seconds, 0))}"`;
const time = (value: number): string => value.toFixed(3);

/** XML 1.0 has no place for most control characters, not even escaped. */
const content = (text: string): string =>
  escapeMarkup(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 forbids these
    text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '�'),
  );
const attribute = (text: string): string => content(text).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
