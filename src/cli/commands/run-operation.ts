import { DqlError } from '../../core/diagnostic.ts';
import { operationText } from '../../report/small-answers.ts';
import type { Command } from '../command.ts';
import { type Flag, output } from '../flags.ts';

const flags: readonly Flag[] = [
  { spelling: '--args <yaml>', help: "its arguments: '{days: 7}'", group: 'Command' },
  { spelling: '--sql <template>', help: 'run this template instead of a macro', group: 'Command' },
];

export const runOperation: Command = {
  takes: '[macro]',
  about: 'Calls a macro of the project, outside any model.',
  flags: [...flags, output],
  examples: [
    ["dql run-operation drop_old_partitions --args '{days: 7}'", 'a macro with arguments'],
    ["dql run-operation --sql 'vacuum'", 'a statement'],
  ],
  async run(call) {
    const [macro] = call.args;
    const sql = call.values.text('sql');
    if ((macro === undefined) === (sql === undefined))
      throw new DqlError([
        {
          code: 'cli/missing-argument',
          severity: 'error',
          message: 'dql run-operation needs the name of a macro or --sql, not both',
        },
      ]);
    const { yamlFlag } = await import('../yaml-flag.ts');
    const answer = await call.use('runOperation', {
      macro,
      sql,
      args: yamlFlag('--args', call.values.text('args') ?? ''),
    });
    call.reply(answer, () => operationText(answer));
    return answer.ok ? 0 : 1;
  },
};
