import { type Diagnostic, DqlError } from '../../core/diagnostic.ts';
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
    choices: ['text', 'json', 'mermaid', 'dot', 'openlineage'],
    preset: 'text',
  },
];

const noNode: Diagnostic = {
  code: 'cli/missing-argument',
  severity: 'error',
  message: '`dql lineage` needs a node, or a column of one',
  hint: 'e.g. dql lineage orders.amount; `dql ls` lists the nodes, `dql lineage --help` shows what else there is',
};

export const lineage: Command = {
  takes: '[node]',
  about: `Shows where a node, or one of its columns, comes from and what is made of it. With --output openlineage, one OpenLineage
JobEvent a line for each model around the node, or without a node for every model: schemas, column lineage, owners.`,
  flags,
  examples: [
    ['dql lineage orders', 'both directions'],
    ['dql lineage orders.amount --upstream', 'a column down to its sources'],
    ['dql lineage orders --output mermaid', 'a diagram'],
    [
      'dql lineage --output openlineage > events.ndjson',
      'the whole project, for a catalogue such as Marquez or DataHub',
    ],
  ],
  async run(call) {
    const upstream = call.values.yes('upstream');
    const downstream = call.values.yes('downstream');
    const output = call.values.text('output');
    const [of] = call.args;
    const ways = {
      upstream: upstream || !downstream,
      downstream: downstream || !upstream,
      depth: call.values.number('depth'),
    };
    if (output === 'openlineage') {
      const events = await call.use('openLineage', of === undefined ? ways : { of, ...ways });
      call.reply(events, () => events.map((event) => JSON.stringify(event)).join('\n'));
      return 0;
    }
    if (of === undefined) throw new DqlError([noNode]);
    const answer = await call.use('lineage', { of, ...ways });
    call.reply(answer, () =>
      output === 'mermaid' ? lineageMermaid(answer) : output === 'dot' ? lineageDot(answer) : lineageText(answer),
    );
    return 0;
  },
};
