import { planText } from '../../report/plan.ts';
import type { Command } from '../command.ts';
import { building, deferral, output, selection, storeFailures } from '../flags.ts';

export const plan: Command = {
  about: `Shows what dql build would do with the same flags, and why: what would be built, reused, tested, published, and what
that is likely to cost. It changes nothing; dql build carries out exactly this plan.`,
  flags: [...selection, ...deferral, ...building, ...storeFailures, output],
  examples: [
    ['dql plan', 'everything'],
    ['dql plan -s orders+', 'orders and what depends on it'],
    ['dql plan --output json', 'for programs'],
  ],
  async run(call) {
    const answer = await call.use('plan', {});
    call.warn(answer.warnings);
    call.reply(answer, () => planText(answer, call.page));
    return 0;
  },
};
