import { debugText } from '../../report/small-answers.ts';
import type { Command } from '../command.ts';
import { output } from '../flags.ts';

export const debug: Command = {
  about: 'Checks what dql needs: the project, the target, the warehouse file, versions.',
  flags: [output],
  examples: [['dql debug -t prod', 'a target']],
  async run(call) {
    const answer = await call.use('debug', {});
    call.reply(answer, () => debugText(answer, call.page));
    return answer.checks.every(({ ok }) => ok) ? 0 : 1;
  },
};
