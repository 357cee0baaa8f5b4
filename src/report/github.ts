import { type Diagnostic, hasErrors } from '../core/diagnostic.ts';
import { positionAt } from '../core/source.ts';
import type { NodeResult } from '../run/results.ts';
import { count } from './amounts.ts';
import { describeWith } from './describe.ts';
import { detailsOf } from './junit.ts';
import { diagnosticsOf, isFailure, isTest, isWarning, worstFirst } from './outcome.ts';
import type { OpenReporter, ReporterOptions } from './reporter.ts';

/** GitHub shows ten errors and ten warnings of a step; the rest would be dropped without a word. */
const SHOWN = 10;
/** Beyond 4 KiB GitHub cuts an annotation's message. */
const LONGEST = 4000;

interface Annotation {
  readonly level: 'error' | 'warning';
  readonly title: string;
  readonly message: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly endLine?: number | undefined;
}

/** GitHub Actions' workflow commands: annotations on the YAML line of the test and the SQL line of the error, worst first. */
export const github: OpenReporter = (terminal, options) => ({
  hear: () => {},
  close(results, diagnostics) {
    const worst = worstFirst((results?.results ?? []).filter((result) => isFailure(result) || isWarning(result)));
    const all = [
      ...diagnostics.map((diagnostic) => ofDiagnostic(diagnostic, options)),
      ...worst.flatMap((result) => ofResult(result, options)),
      ...(results?.meta.dql.warnings ?? []).map((diagnostic) => ofDiagnostic(diagnostic, options)),
    ];
    for (const level of ['error', 'warning'] as const) {
      const ofLevel = all.filter((annotation) => annotation.level === level);
      for (const annotation of withinLimit(ofLevel, level)) terminal.print(workflowCommand(annotation));
    }
  },
});

function withinLimit(annotations: readonly Annotation[], level: Annotation['level']): readonly Annotation[] {
  if (annotations.length <= SHOWN) return annotations;
  const hidden = annotations.slice(SHOWN - 1);
  return [
    ...annotations.slice(0, SHOWN - 1),
    {
      level,
      title: `${count(hidden.length, `more ${level}`)}`,
      message: `The step summary has them all. Next: ${hidden
        .slice(0, 20)
        .map(({ title }) => title)
        .join(', ')}`,
    },
  ];
}

function ofResult(result: NodeResult, options: ReporterOptions): Annotation[] {
  const node = describeWith(options.describe, result.unique_id);
  const level = isFailure(result) ? 'error' : 'warning';
  const title = `${result.status}: ${node.name}`;
  const message = detailsOf(result, node, options);
  const inFiles = diagnosticsOf(result).filter(({ at }) => at !== undefined);
  const onLines = inFiles.map((diagnostic) => ({ ...ofDiagnostic(diagnostic, options), level, title }) as const);
  // A test is shown at its YAML line and at the SQL, once where these are one; a node whose SQL is to blame, there alone.
  if (onLines.length > 0 && !isTest(node)) return onLines;
  const { file, line, column } = onLines.find((each) => each.file === node.path) ?? { ...node, file: node.path };
  return [{ level, title, message, file, line, column }, ...onLines.filter((each) => each.file !== node.path)];
}

function ofDiagnostic(diagnostic: Diagnostic, options: ReporterOptions): Annotation {
  const text = diagnostic.at && options.readSource(diagnostic.at.file);
  const from = diagnostic.at && text !== undefined ? positionAt(text, diagnostic.at.start) : undefined;
  const to =
    diagnostic.at && text !== undefined
      ? positionAt(text, Math.max(diagnostic.at.start, diagnostic.at.end - 1))
      : undefined;
  return {
    level: hasErrors([diagnostic]) ? 'error' : 'warning',
    title: diagnostic.code,
    message: [diagnostic.message, diagnostic.label, diagnostic.hint && `hint: ${diagnostic.hint}`]
      .filter(Boolean)
      .join('\n'),
    file: diagnostic.at?.file,
    line: from?.line,
    column: from?.column,
    endLine: to?.line,
  };
}

function workflowCommand(annotation: Annotation): string {
  const { file, line, endLine, column: col, title } = annotation;
  const properties = Object.entries({ file, line, endLine, col, title })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${property(String(value))}`);
  const message =
    annotation.message.length > LONGEST ? `${annotation.message.slice(0, LONGEST)} …` : annotation.message;
  return `::${annotation.level} ${properties.join(',')}::${data(message)}`;
}

// As actions/toolkit escapes them.
const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
