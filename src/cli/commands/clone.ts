import { cloneText } from '../../report/small-answers.ts';
import type { Command } from '../command.ts';
import { adopt, type Flag, fullRefresh, output, selection, state } from '../flags.ts';

const from: Flag = { spelling: '--from <target>', help: 'the target whose tables are opened', group: 'Command' };

export const clone: Command = {
  about: `Opens this target on the tables of another, without copying them. In the same file its views stay on the versions of now;
across files, which are attached READ_ONLY, they follow what the other target publishes.`,
  flags: [from, ...selection, state, fullRefresh, adopt, output],
  examples: [['dql clone --from prod -t dev', 'a development target in no time']],
  async run(call) {
    const answer = await call.use('clone', { from: call.values.text('from') });
    call.reply(answer, () => cloneText(answer, call.page));
    return answer.unserved === null ? 0 : 1;
  },
};
