import type { Command } from '../command.ts';
import { building, deferral, output, selection } from '../flags.ts';

export const run: Command = {
  about: `Builds the selected models and publishes what was built without error, all at once. Tests are not run: the versions
are marked untested. dql build is the safer command.`,
  flags: [...selection, ...deferral, ...building, output],
  examples: [
    ['dql run -s orders', 'one model'],
    ['dql run -s orders --full-refresh', 'an incremental model from nothing'],
    ['dql run -s orders --event-time-start 2001-03-01 --event-time-end 2001-03-08', 'a week again'],
  ],
  run: (call) => call.execute('run'),
};
