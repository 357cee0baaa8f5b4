import { historyText } from '../../report/history.ts';
import type { Command } from '../command.ts';
import { limit, output } from '../flags.ts';

export const history: Command = {
  takes: '[run]',
  about: 'Lists the runs of this target, the newest first, and what is held back; or shows one run with all its nodes.',
  flags: [limit(20, 'runs'), output],
  examples: [
    ['dql history', 'the last twenty runs'],
    ['dql history 2f61c0', 'one of them'],
  ],
  async run(call) {
    const answer = await call.use('history', { run: call.args[0], limit: call.values.number('limit') ?? 20 });
    call.reply(answer, () => historyText(answer, call.page));
    return 0;
  },
};
