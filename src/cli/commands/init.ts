import { resolve } from 'node:path';
import { initText } from '../../report/small-answers.ts';
import type { Command } from '../command.ts';
import { type Flag, output } from '../flags.ts';

const flags: readonly Flag[] = [
  { spelling: '--ci <provider>', help: 'write a workflow, too', group: 'Command', choices: ['github', 'gitlab'] },
  { spelling: '--force', help: 'add what is missing to a folder that is not empty', group: 'Command' },
];

export const init: Command = {
  takes: '[folder]',
  about: 'Writes a project to begin with: real data, models in layers, tests, all of it running.',
  flags: [...flags, output],
  examples: [
    ['dql init shop', 'in a new folder'],
    ['dql init . --ci github', 'in this one, with a workflow'],
  ],
  async run(call) {
    const given = call.values.text('ci');
    const answer = await call.use('init', {
      folder: resolve(call.world.cwd, call.args[0] ?? '.'),
      ci: given === 'github' || given === 'gitlab' ? given : undefined,
      force: call.values.yes('force'),
    });
    call.reply(answer, () => initText(answer));
    return 0;
  },
};
