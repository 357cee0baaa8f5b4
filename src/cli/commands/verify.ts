import { verifyText } from '../../report/small-answers.ts';
import type { Command } from '../command.ts';
import { type Flag, output, selection, wholeNumber } from '../flags.ts';

const flags: readonly Flag[] = [
  {
    spelling: '--intervals <n>',
    help: 'closed intervals to rebuild per model',
    group: 'Command',
    parse: wholeNumber,
    preset: 3,
  },
  { spelling: '--whole', help: 'rebuild everything, not single intervals', group: 'Command' },
  { spelling: '--seed <n>', help: 'choose the same intervals again', group: 'Command', parse: wholeNumber },
];

export const verify: Command = {
  about: `Does an incremental model equal its full refresh? Rebuilds a few random closed intervals aside and compares; nothing is
published. A difference ends with exit code 1.`,
  flags: [...flags, ...selection, output],
  examples: [
    ['dql verify -s daily_delays', 'three intervals of one model'],
    ['dql verify --whole', 'everything, as long as it takes'],
  ],
  async run(call) {
    const answer = await call.use('verify', {
      intervals: call.values.number('intervals') ?? 3,
      whole: call.values.yes('whole'),
      seed: call.values.number('seed'),
    });
    call.reply(answer, () => verifyText(answer, call.page));
    return answer.checks.every(({ equal }) => equal) ? 0 : 1;
  },
};
