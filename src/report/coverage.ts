import { COVERAGE_DIMENSIONS, type CoverageAnswer, type CoverageDimension } from './answers.ts';
import { paint } from './colour.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

/** Which exposed model is tested for what: ✓ tested, ↑ by tests of what its columns are copied from, ✗ not, · does not apply. */
export function coverageText(coverage: CoverageAnswer, page: Terminal): string {
  const mark = ({ dimensions, inherited }: CoverageAnswer['models'][number], dimension: CoverageDimension) => {
    const tested = dimensions[dimension];
    return tested === null ? '·' : inherited[dimension] ? '↑' : tested ? '✓' : '✗';
  };
  const colours = paint(page.colour);
  const failed = coverage.fail_under !== null && coverage.percent < coverage.fail_under;
  const total = `${coverage.percent.toFixed(1)}% covered${coverage.fail_under === null ? '' : `, at least ${coverage.fail_under}% wanted`}`;
  if (coverage.models.length === 0)
    return 'No model is exposed: coverage looks at what exposures and public access show.';
  return [
    table(
      [
        { title: 'model' },
        ...COVERAGE_DIMENSIONS.map((title) => ({ title })),
        { title: '%', align: 'right' as const },
        { title: 'exposed by' },
        { title: 'owner' },
      ],
      coverage.models.map((model) => [
        model.name,
        ...COVERAGE_DIMENSIONS.map((dimension) => mark(model, dimension)),
        model.percent.toFixed(0),
        model.exposed_by.join(', '),
        model.owner ?? '',
      ]),
      { columns: page.columns },
    ),
    '',
    ...coverage.models.flatMap(({ name, inherited }) =>
      Object.entries(inherited).map(([dimension, tests]) => `${name}: ↑ ${dimension} by ${tests.join(', ')}`),
    ),
    ...coverage.models
      .filter(({ missing }) => missing.length > 0)
      .map(({ name, missing }) => `${name}: ✗ ${missing.join(', ')}`),
    failed ? colours.red(total) : colours.green(total),
  ].join('\n');
}
