import { coverageText } from '../../report/coverage.ts';
import type { Command } from '../command.ts';
import { type Flag, output, percent, selection } from '../flags.ts';

const failUnder: Flag = {
  spelling: '--fail-under <percent>',
  help: 'exit code 1 below this',
  group: 'Command',
  parse: percent,
};

export const coverage: Command = {
  about: 'Says for each exposed model which of schema, null, uniqueness, range, freshness and volume nobody tests.',
  flags: [failUnder, ...selection, output],
  examples: [['dql coverage --fail-under 80', 'as a gate in CI']],
  async run(call) {
    const failUnder = call.values.number('failUnder');
    const answer = await call.use('coverage', { failUnder });
    call.reply(answer, () => coverageText(answer, call.page));
    return failUnder !== undefined && answer.percent < failUnder ? 1 : 0;
  },
};
