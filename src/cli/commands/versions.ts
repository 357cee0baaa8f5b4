import { versionsText } from '../../report/history.ts';
import type { Command } from '../command.ts';
import { output, selection } from '../flags.ts';

export const versions: Command = {
  takes: '[models...]',
  about: 'Lists the kept versions of the data of each node: which is published, which can be returned to.',
  flags: [...selection, output],
  examples: [
    ['dql versions orders', 'one model'],
    ['dql versions -s tag:nightly', 'a selection'],
  ],
  async run(call) {
    const select = [...call.args, ...call.options.select];
    const answer = await call.use('versions', {}, { select });
    call.reply(answer, () => versionsText(answer, call.page));
    return 0;
  },
};
