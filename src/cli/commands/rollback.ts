import { DqlError } from '../../core/diagnostic.ts';
import { rollbackText } from '../../report/history.ts';
import type { Command } from '../command.ts';
import { type Flag, output } from '../flags.ts';

const flags: readonly Flag[] = [
  { spelling: '--to <run>', help: 'everything as it was after this run', group: 'Command' },
  {
    spelling: '--to-git <sha>',
    help: 'everything as the last run of this commit, branch or tag left it',
    group: 'Command',
  },
  { spelling: '--with-descendants', help: 'take along what reads the models', group: 'Command' },
  { spelling: '--dry-run', help: 'only say what would move', group: 'Command' },
];

export const rollback: Command = {
  takes: '[models...]',
  about: `Publishes earlier versions again: of single models (orders@3, or orders for the one before), or everything as of a run.
It takes the time of a metadata commit, and is itself a run that can be undone.`,
  flags: [...flags, output],
  examples: [
    ['dql rollback', 'everything as before the last run'],
    ['dql rollback --to 2f61c0', 'everything as after that run'],
    ['dql rollback orders@3 --with-descendants', 'one model and what reads it'],
  ],
  async run(call) {
    const toRun = call.values.text('to');
    const toGit = call.values.text('toGit');
    if ([toRun, toGit].filter((place) => place !== undefined).length + (call.args.length > 0 ? 1 : 0) > 1)
      throw new DqlError([
        {
          code: 'cli/two-places',
          severity: 'error',
          message: 'models, --to and --to-git name different places to return to',
          hint: 'give one of them',
        },
      ]);
    const answer = await call.use('rollback', {
      models: call.args,
      toRun,
      toGit,
      withDescendants: call.values.yes('withDescendants'),
      dryRun: call.values.yes('dryRun'),
    });
    call.reply(answer, () => rollbackText(answer, call.page));
    return answer.unserved === null ? 0 : 1;
  },
};
