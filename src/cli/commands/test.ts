import { testExplanationText } from '../../report/test-explanation.ts';
import type { Command } from '../command.ts';
import { deferral, type Flag, failFast, output, reuse, selection, storeFailures } from '../flags.ts';

const explain: Flag = {
  spelling: '--explain',
  help: 'do not test: show how each test would be answered, and what it costs',
  group: 'Command',
};

export const test: Command = {
  about: `Tests what is published and changes nothing. A failing node stays published, is marked in the ledger, and the way out
(rollback or build) is said. Tests passed on unchanged data are not run again, unless --force.`,
  flags: [explain, ...selection, ...deferral, ...failFast, ...reuse.filter(isForce), ...storeFailures, output],
  examples: [
    ['dql test', 'everything'],
    ['dql test -s orders', 'the tests of orders'],
    ['dql test -s test_type:unit', 'unit tests'],
    ['dql test --store-failures', 'keep the failing rows as tables'],
  ],
  notes: 'Failing rows and where they come from: dql inspect TEST.',
  async run(call) {
    if (!call.values.yes('explain')) return call.execute('test');
    const answer = await call.use('explainTests', {});
    call.reply(answer, () => testExplanationText(answer, call.page));
    return 0;
  },
};

function isForce({ spelling }: Flag): boolean {
  return spelling === '--force';
}
