import type { Command } from '../command.ts';
import { type Flag, output, wholeNumber } from '../flags.ts';

const flags: readonly Flag[] = [
  { spelling: '--host <name>', help: 'where to listen', group: 'Command', preset: '127.0.0.1' },
  {
    spelling: '--port <n>',
    help: 'where to listen; 0 takes a free one',
    group: 'Command',
    parse: wholeNumber,
    preset: 8080,
  },
];

export const docsServe: Command = {
  about: 'Shows the site of this project and reloads it when files change. Ends with Ctrl-C.',
  flags: [...flags, output],
  examples: [['dql docs serve --port 0', 'on a free port']],
  async run(call) {
    const told = (url: string) => call.reply({ url }, () => url);
    await call.use('docsServe', {
      host: call.values.text('host') ?? '127.0.0.1',
      port: call.values.number('port') ?? 8080,
      onListening: told,
    });
    return 0;
  },
};
