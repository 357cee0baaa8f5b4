import { inspectText } from '../../report/inspect.ts';
import type { Command } from '../command.ts';
import { limit, output } from '../flags.ts';

export const inspect: Command = {
  takes: '<test>',
  about: 'Everything about one test: its failing rows and where they come from, its SQL, and since when it fails.',
  flags: [limit(20, 'rows'), output],
  examples: [['dql inspect not_null_orders_order_id', 'the rows behind a failure']],
  async run(call) {
    const answer = await call.use('inspect', {
      test: call.args[0] ?? '',
      limit: call.values.number('limit') ?? 20,
    });
    call.reply(answer, () => inspectText(answer, call.page));
    return 0;
  },
};
