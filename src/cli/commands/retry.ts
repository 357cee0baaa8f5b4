import type { Command } from '../command.ts';
import { failFast, fullRefresh, output, reuse, state } from '../flags.ts';

export const retry: Command = {
  about: `Runs the last command again from where it failed: what failed, what was skipped, and what was held back. What was built
and tested meanwhile is taken over. It takes no selection.`,
  flags: [state, fullRefresh, ...failFast, ...reuse, output],
  examples: [
    ['dql retry', 'after a fix'],
    ['dql retry --state old-target/', 'of another run_results.json'],
  ],
  run: (call) => call.execute('retry'),
};
