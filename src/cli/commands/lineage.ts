import { lineageDot, lineageMermaid, lineageText } from '../../report/lineage.ts';
import type { Command } from '../command.ts';
import { type Flag, wholeNumber } from '../flags.ts';

const flags: readonly Flag[] = [
  { spelling: '--upstream', help: 'only what it is made from', group: 'Command' },
  { spelling: '--downstream', help: 'only what is made from it', group: 'Command' },
  { spelling: '--depth <n>', help: 'steps at most', group: 'Command', parse: wholeNumber },
  {
    spelling: '--output <format>',
    help: 'how it is drawn',
    group: 'Output',
    choices: ['text', 'json', 'mermaid', 'dot'],
    preset: 'text',
  },
];

export const lineage: Command = {
  takes: '<node>',
  about: 'Shows where a node, or one of its columns, comes from and what is made of it.',
  flags,
  examples: [
    ['dql lineage orders', 'both directions'],
    ['dql lineage orders.amount --upstream', 'a column down to its sources'],
    ['dql lineage orders --output mermaid', 'a diagram'],
  ],
  async run(call) {
    const upstream = call.values.yes('upstream');
    const downstream = call.values.yes('downstream');
    const answer = await call.use('lineage', {
      of: call.args[0] ?? '',
      upstream: upstream || !downstream,
      downstream: downstream || !upstream,
      depth: call.values.number('depth'),
    });
    const output = call.values.text('output');
    call.reply(answer, () =>
      output === 'mermaid' ? lineageMermaid(answer) : output === 'dot' ? lineageDot(answer) : lineageText(answer),
    );
    return 0;
  },
};
