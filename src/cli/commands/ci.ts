import type { CiPolicy } from '../../app/contract.ts';
import { DqlError } from '../../core/diagnostic.ts';
import { didYouMean } from '../../core/nearest.ts';
import { ciMarkdown } from '../../report/ci-markdown.ts';
import type { Command } from '../command.ts';
import { building, deferral, type Flag, limit, output, selection, storeFailures } from '../flags.ts';
import { key } from './diff.ts';

const POLICIES: readonly CiPolicy[] = ['tests', 'breaking', 'schema', 'rows', 'coverage'];
const flags: readonly Flag[] = [
  {
    spelling: '--fail-on <policy...>',
    help: `what ends with exit code 1: ${POLICIES.join(', ')} (default: tests)`,
    group: 'Command',
  },
  { spelling: '--markdown <file>', help: 'write the report here instead of standard output', group: 'Command' },
];

export const ci: Command = {
  about: `One step for a pull request: builds and tests what changed against --state (state:modified+, deferred), compares the data
of changed models with production, follows the change down to exposures and owners, and writes one report in Markdown.`,
  flags: [...flags, key, limit(5, 'examples'), ...selection, ...deferral, ...building, ...storeFailures, output],
  examples: [
    ['dql ci --state prod/', 'the report on standard output'],
    ['dql ci --state prod.duckdb --markdown report.md --fail-on tests breaking', 'with a policy'],
  ],
  async run(call) {
    const failOn = call.values.list('failOn').map((name) => {
      const policy = POLICIES.find((known) => known === name);
      if (policy) return policy;
      throw new DqlError([
        {
          code: 'cli/unknown-policy',
          severity: 'error',
          message: `there is no policy \`${name}\``,
          hint: didYouMean(name, POLICIES) ?? `there are ${POLICIES.join(', ')}`,
        },
      ]);
    });
    const answer = await call.use('ci', {
      failOn: failOn.length > 0 ? failOn : ['tests'],
      limit: call.values.number('limit') ?? 5,
      key: call.values.list('key'),
    });
    call.finish(answer.results);
    const report = () => ciMarkdown(answer, call.reporting);
    const file = call.values.text('markdown');
    if (file !== undefined) call.writeFile(file, `${report()}\n`);
    if (file === undefined || call.values.text('output') === 'json') call.reply(answer, report);
    if (answer.results.meta.dql.exit_code === 130) return 130;
    return answer.violations.length > 0 ? 1 : 0;
  },
};
