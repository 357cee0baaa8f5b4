import { DqlError } from '../../core/diagnostic.ts';
import { promoteText } from '../../report/small-answers.ts';
import type { Command } from '../command.ts';
import { adopt, type Flag, output, selection } from '../flags.ts';

const flags: readonly Flag[] = [
  { spelling: '--from <target>', help: 'where it was built and tested', group: 'Command' },
  { spelling: '--to <target>', help: 'where readers shall see it', group: 'Command' },
];

export const promote: Command = {
  about:
    'Publishes in one target what was built and tested in another, without computing it again. Stale code or data is refused.',
  flags: [...flags, ...selection, adopt, output],
  examples: [['dql promote --from staging --to prod', 'everything']],
  async run(call) {
    const from = call.values.text('from');
    const to = call.values.text('to') ?? call.options.target;
    if (from === undefined || to === undefined)
      throw new DqlError([
        {
          code: 'cli/missing-flag',
          severity: 'error',
          message: `dql promote needs ${from === undefined ? '--from' : '--to'}`,
          hint: 'dql promote --from staging --to prod',
        },
      ]);
    const answer = await call.use('promote', { from, to });
    call.reply(answer, () => promoteText(answer, call.page));
    return answer.refused.length > 0 || answer.unserved !== null ? 1 : 0;
  },
};
