import { showText } from '../../report/show.ts';
import type { Command } from '../command.ts';
import { deferral, empty, type Flag, failFast, fullRefresh, output, reuse, selection } from '../flags.ts';

const show: Flag = { spelling: '--show', help: 'print the first rows of what was loaded', group: 'Command' };

export const seed: Command = {
  about: 'Loads the selected CSV files as tables and publishes them. Types are inferred, or named in column_types.',
  flags: [show, ...selection, ...deferral, fullRefresh, ...failFast, ...reuse, ...empty, output],
  examples: [
    ['dql seed', 'all of them'],
    ['dql seed -s us_regions --show', 'one, and its first rows'],
  ],
  async run(call) {
    const code = await call.execute('seed');
    if (code !== 0 || !call.values.yes('show') || call.values.text('output') === 'json') return code;
    const answer = await call.use('show', { limit: 5 }, { resourceTypes: ['seed'] });
    call.reply(answer, () => showText(answer, call.page));
    return code;
  },
};
