import type { Diagnostic } from '../core/diagnostic.ts';
import { positionAt } from '../core/source.ts';
import { fingerprint } from './fingerprint.ts';
import { diagnosticsOf } from './outcome.ts';
import type { OpenReporter, ReporterOptions } from './reporter.ts';

/**
 * SARIF 2.1.0 for what is wrong with definitions: the project's diagnostics and those of single nodes. Failing rows are not in it;
 * they are data, not code.
 */
export const sarif: OpenReporter = (terminal, options) => ({
  hear: () => {},
  close(results, diagnostics) {
    const all = [
      ...diagnostics,
      ...(results?.meta.dql.warnings ?? []),
      ...(results?.results ?? []).flatMap(diagnosticsOf),
    ];
    terminal.print(JSON.stringify(sarifLog(all, options), null, 2));
  },
});

function sarifLog(diagnostics: readonly Diagnostic[], options: ReporterOptions) {
  const codes = [...new Set(diagnostics.map(({ code }) => code))];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'dql',
            version: options.version,
            rules: codes.map((id) => ({ id, shortDescription: { text: id.replace('/', ': ').replaceAll('-', ' ') } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map((diagnostic) => ({
          ruleId: diagnostic.code,
          ruleIndex: codes.indexOf(diagnostic.code),
          level: diagnostic.severity,
          message: {
            text: [diagnostic.message, diagnostic.label, ...(diagnostic.notes ?? []), diagnostic.hint]
              .filter(Boolean)
              .join('\n'),
          },
          ...location(diagnostic, options),
          partialFingerprints: {
            'dql/v1': fingerprint(`${diagnostic.code}\n${diagnostic.at?.file ?? ''}\n${diagnostic.message}`),
          },
        })),
      },
    ],
  };
}

function location({ at }: Diagnostic, options: ReporterOptions) {
  if (!at) return {};
  const text = options.readSource(at.file);
  const artifactLocation = { uri: at.file.split('/').map(encodeURIComponent).join('/') };
  if (text === undefined) return { locations: [{ physicalLocation: { artifactLocation } }] };
  const from = positionAt(text, at.start);
  const to = positionAt(text, at.end);
  const region = { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column };
  return { locations: [{ physicalLocation: { artifactLocation, region } }] };
}
