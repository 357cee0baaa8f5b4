import type { Command } from '../command.ts';
import { building, deferral, output, selection, storeFailures } from '../flags.ts';

export const build: Command = {
  about: `Builds the selected seeds, snapshots and models, runs their tests, and publishes what passed, all at once.
What fails is held back with everything that depends on it: readers keep the last good version.`,
  flags: [...selection, ...deferral, ...building, ...storeFailures, output],
  examples: [
    ['dql build', 'everything'],
    ['dql build -s +orders', 'orders and all it is made of'],
    ['dql build -s tag:nightly --exclude stg_events', 'a tag, without one model'],
    ['dql build -s state:modified+ --defer --state prod/', 'what changed, the rest read from production'],
    ['dql build --report junit=target/junit.xml', 'with a report for CI'],
  ],
  notes: 'See before: dql plan takes the same flags. Undo: dql rollback.',
  run: (call) => call.execute('build'),
};
