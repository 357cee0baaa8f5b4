import { diffText } from '../../report/diff.ts';
import type { Command } from '../command.ts';
import { type Flag, limit, output, selection } from '../flags.ts';

export const key: Flag = {
  spelling: '--key <column...>',
  help: 'pair rows by these; else by the model’s unique key',
  group: 'Command',
};

export const diff: Command = {
  takes: '[left] [right]',
  about: `Compares data: two runs, two targets, or a model with its last version. Equal tables cost one pass; for the others schema,
rows added, removed and changed by key, columns by how often they changed, and examples.`,
  flags: [key, limit(5, 'examples'), ...selection, output],
  examples: [
    ['dql diff prod dev', 'two targets'],
    ['dql diff orders', 'a model with its last version'],
    ['dql diff orders@3 orders@5 --key order_id', 'two versions'],
  ],
  async run(call) {
    const [left, right] = call.args;
    const answer = await call.use('diff', {
      left,
      right,
      key: call.values.list('key'),
      limit: call.values.number('limit') ?? 5,
    });
    call.reply(answer, () => diffText(answer, call.page));
    return 0;
  },
};
