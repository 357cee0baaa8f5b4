import { expect, test } from 'vitest';
import * as z from 'zod';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { RunResults } from '../run/results.ts';
import { paperTerminal, reporterOptions, runResults, troubled } from '../testing/recorded-run.ts';
import { sarif } from './sarif.ts';

/** What the SARIF 2.1.0 standard says of the properties dql writes: which there may be, which there must be, and their values. */
const message = z.strictObject({ text: z.string().min(1) });
const place = z.int().min(1);
const log = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.array(
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.string().min(1),
          version: z.string(),
          rules: z
            .array(z.strictObject({ id: z.string().min(1), shortDescription: message }))
            .refine((rules) => new Set(rules.map(({ id }) => id)).size === rules.length, 'a rule is described once'),
        }),
      }),
      columnKind: z.enum(['utf16CodeUnits', 'unicodeCodePoints']),
      results: z.array(
        z.strictObject({
          ruleId: z.string(),
          ruleIndex: z.int().min(0),
          level: z.enum(['none', 'note', 'warning', 'error']),
          message,
          locations: z
            .array(
              z.strictObject({
                physicalLocation: z.strictObject({
                  // A reference relative to the repository: no scheme, no blank, no backslash.
                  artifactLocation: z.strictObject({ uri: z.string().regex(/^(?![a-z]+:|\/)[^\s\\]+$/i) }),
                  region: z
                    .strictObject({ startLine: place, startColumn: place, endLine: place, endColumn: place })
                    .refine(
                      ({ startLine, startColumn, endLine, endColumn }) =>
                        endLine > startLine || (endLine === startLine && endColumn >= startColumn),
                      'a region ends where it begins or later',
                    )
                    .optional(),
                }),
              }),
            )
            .optional(),
          partialFingerprints: z.record(z.string(), z.string()),
        }),
      ),
    }),
  ),
});

function sarifOf(results: RunResults | undefined, diagnostics: readonly Diagnostic[] = []) {
  const paper = paperTerminal();
  sarif(paper.terminal, reporterOptions).close(results, diagnostics);
  const read = log.parse(JSON.parse(paper.text()));
  for (const { tool, results: found } of read.runs)
    for (const { ruleId, ruleIndex } of found) expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  return read;
}

test('a run with errors is a valid log; failing rows are not in it', () => {
  const [run] = sarifOf(troubled).runs;
  expect(run?.results.map(({ ruleId, level }) => [ruleId, level])).toMatchInlineSnapshot(`
    [
      [
        "compile/unknown-ref",
        "error",
      ],
    ]
  `);
});

test('problems of a project without a run have their places, and one rule each', () => {
  const at = { file: 'models/späte zahlungen.sql', start: 3, end: 3 };
  const [run] = sarifOf(undefined, [
    { code: 'compile/unknown-ref', severity: 'error', message: 'there is no model `order`', at, hint: 'orders' },
    { code: 'compile/unknown-ref', severity: 'warning', message: 'there is no model `day`' },
  ]).runs;
  expect(run?.tool.driver.rules).toHaveLength(1);
  expect(run?.results[0]?.locations?.[0]?.physicalLocation.artifactLocation.uri).toBe(
    'models/sp%C3%A4te%20zahlungen.sql',
  );
});

test('nothing to tell is a valid log without results', () => {
  expect(sarifOf(runResults([])).runs[0]?.results).toEqual([]);
});
