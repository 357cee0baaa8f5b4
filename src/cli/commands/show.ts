import { showJson, showText } from '../../report/show.ts';
import type { Command } from '../command.ts';
import { deferral, type Flag, fullRefresh, limit, output, selection } from '../flags.ts';

export const inline: Flag = {
  spelling: '--inline <sql>',
  help: 'this template instead of a selection',
  group: 'Command',
};
export const noIntrospect: readonly Flag[] = [
  { spelling: '--no-introspect', help: 'templates may not ask the warehouse', group: 'Building', env: 'INTROSPECT' },
  { spelling: '--introspect', help: '', group: 'Building', alias: 'introspect' },
];

export const show: Command = {
  about: 'Prints the first rows of a model, seed, snapshot or source, or of any query. Nothing is built or changed.',
  flags: [inline, limit(5, 'rows'), ...selection, ...deferral, fullRefresh, ...noIntrospect, output],
  examples: [
    ['dql show -s orders', 'a model as its SQL would answer now'],
    ['dql show --inline "select count(*) from {{ ref(\'orders\') }}"', 'any query'],
    ['dql show -s orders --limit 100 --output json', 'for programs'],
  ],
  async run(call) {
    const answer = await call.use('show', {
      inline: call.values.text('inline'),
      limit: call.values.number('limit') ?? 5,
    });
    call.warn(answer.warnings);
    if (call.values.text('output') === 'json') call.page.print(showJson(answer));
    else call.reply(answer, () => showText(answer, call.page));
    return 0;
  },
};
