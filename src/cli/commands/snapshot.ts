import type { Command } from '../command.ts';
import { deferral, empty, failFast, output, reuse, selection } from '../flags.ts';

export const snapshot: Command = {
  about:
    'Compares the selected snapshots with their source and writes down what changed (slowly changing dimension, type 2).',
  flags: [...selection, ...deferral, ...failFast, ...reuse, ...empty, output],
  examples: [['dql snapshot', 'all of them']],
  run: (call) => call.execute('snapshot'),
};
