import { resolve } from 'node:path';
import { docsText } from '../../report/small-answers.ts';
import type { Command } from '../command.ts';
import { type Flag, output, selection, state } from '../flags.ts';

const flags: readonly Flag[] = [
  { spelling: '--single-file', help: 'one HTML file to send by mail', group: 'Command' },
  { spelling: '--static', help: '', group: 'Command', alias: 'singleFile' },
  { spelling: '--to <path>', help: 'the folder or file to write; default target/docs', group: 'Command' },
  { spelling: '--no-compile', help: 'use the manifest of the last command', group: 'Command' },
  { spelling: '--compile', help: '', group: 'Command', alias: 'compile' },
  { spelling: '--empty-catalog', help: 'do not ask the warehouse for columns and statistics', group: 'Command' },
];

export const docsGenerate: Command = {
  about: 'Writes the site of this project: models, columns, tests, lineage, runs. It needs neither server nor network.',
  flags: [...flags, ...selection, state, output],
  examples: [
    ['dql docs generate', 'target/docs/index.html'],
    ['dql docs generate --single-file --to shop.html', 'one file'],
    ['dql docs generate --exclude tag:internal --to public/', 'without what is marked so'],
  ],
  async run(call) {
    const to = call.values.text('to');
    const answer = await call.use('docsGenerate', {
      singleFile: call.values.yes('singleFile'),
      compile: call.values.maybe('compile') ?? true,
      emptyCatalog: call.values.yes('emptyCatalog'),
      to: to === undefined ? undefined : resolve(call.world.cwd, to),
    });
    call.reply(answer, () => docsText(answer));
    return 0;
  },
};
