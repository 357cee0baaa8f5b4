import { cleanText } from '../../report/small-answers.ts';
import type { Command } from '../command.ts';
import { type Flag, output } from '../flags.ts';

const versions: Flag = {
  spelling: '--versions',
  help: 'collect versions of data that retention does not keep, instead of folders',
  group: 'Command',
};

export const clean: Command = {
  about: 'Removes the folders of clean-targets (target/ by default), or old versions of data. Never what is published.',
  flags: [versions, output],
  examples: [['dql clean --versions', 'give space back']],
  async run(call) {
    const answer = await call.use('clean', { versions: call.values.yes('versions') });
    call.reply(answer, () => cleanText(answer));
    return 0;
  },
};
