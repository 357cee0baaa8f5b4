import { DqlError } from '../../core/diagnostic.ts';
import { cleanText } from '../../report/small-answers.ts';
import type { Command } from '../command.ts';
import { type Flag, output } from '../flags.ts';

const versions: Flag = {
  spelling: '--versions',
  help: 'collect versions of data that retention does not keep, instead of folders',
  group: 'Command',
};

const orphans: Flag = {
  spelling: '--orphans',
  help: 'remove relations that are published and that nothing in the project makes any more, instead of folders',
  group: 'Command',
};

export const clean: Command = {
  about: `Removes the folders of clean-targets (target/ by default), or old versions of data, never what is published; or relations of
models that are gone, as a run that dql rollback takes back.`,
  flags: [versions, orphans, output],
  examples: [
    ['dql clean --versions', 'give space back'],
    ['dql clean --orphans', 'what removed and renamed models left published'],
  ],
  async run(call) {
    const asked = { versions: call.values.yes('versions'), orphans: call.values.yes('orphans') };
    if (asked.versions && asked.orphans)
      throw new DqlError([
        {
          code: 'cli/one-at-a-time',
          severity: 'error',
          message: '--versions and --orphans remove different things',
          hint: 'call dql clean twice: what --orphans removes is kept for a while, so that dql rollback can bring it back',
        },
      ]);
    const answer = await call.use('clean', asked);
    call.reply(answer, () => cleanText(answer, call.page));
    return answer.unserved === null ? 0 : 1;
  },
};
