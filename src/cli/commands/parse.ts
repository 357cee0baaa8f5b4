import { parseText } from '../../report/small-answers.ts';
import type { Command } from '../command.ts';
import { output } from '../flags.ts';

export const parse: Command = {
  about: 'Reads and checks the project without touching the warehouse, and writes target/manifest.json.',
  flags: [output],
  examples: [
    ['dql parse', 'all errors at once'],
    ['dql parse --report sarif=dql.sarif', 'for code scanning'],
  ],
  async run(call) {
    const answer = await call.use('parse', {});
    call.warn(answer.warnings);
    call.reply(answer, () => parseText(answer));
    return 0;
  },
};
