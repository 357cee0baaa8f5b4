import { type Diagnostic, hasErrors } from '../core/diagnostic.ts';
import { positionAt } from '../core/source.ts';
import type { NodeResult } from '../run/results.ts';
import { describeWith } from './describe.ts';
import { fingerprint } from './fingerprint.ts';
import { isFailure, isWarning, reasonOf, worstFirst } from './outcome.ts';
import type { OpenReporter, ReporterOptions } from './reporter.ts';

/** GitLab's code quality report (`artifacts:reports:codequality`): description, check_name, fingerprint, severity, location. */
export const gitlab: OpenReporter = (terminal, options) => ({
  hear: () => {},
  close(results, diagnostics) {
    const bad = worstFirst((results?.results ?? []).filter((result) => isFailure(result) || isWarning(result)));
    const all = [
      ...[...diagnostics, ...(results?.meta.dql.warnings ?? [])].map((diagnostic) => ofDiagnostic(diagnostic, options)),
      ...bad.map((result) => ofResult(result, options)),
    ];
    terminal.print(JSON.stringify(all, null, 2));
  },
});

function ofResult(result: NodeResult, options: ReporterOptions) {
  const node = describeWith(options.describe, result.unique_id);
  const status = result.status === 'fail' ? 'major' : isFailure(result) ? 'critical' : 'minor';
  return {
    description: `${node.name}: ${reasonOf(result)}`,
    check_name: node.check ?? node.kind,
    // The message may name counts, which change; the node does not.
    fingerprint: fingerprint(`${result.unique_id}\n${status}`),
    severity: status,
    location: { path: node.path ?? 'project.yml', lines: { begin: node.line ?? 1 } },
  };
}

function ofDiagnostic(diagnostic: Diagnostic, options: ReporterOptions) {
  const text = diagnostic.at && options.readSource(diagnostic.at.file);
  const line = diagnostic.at && text !== undefined ? positionAt(text, diagnostic.at.start).line : 1;
  const hint = diagnostic.hint ? ` (${diagnostic.hint})` : '';
  return {
    description: `${diagnostic.message}${hint}`,
    check_name: diagnostic.code,
    fingerprint: fingerprint(`${diagnostic.code}\n${diagnostic.at?.file ?? ''}\n${diagnostic.message}`),
    severity: hasErrors([diagnostic]) ? 'critical' : 'minor',
    location: { path: diagnostic.at?.file ?? 'project.yml', lines: { begin: line } },
  };
}
