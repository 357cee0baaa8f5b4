import { type LsOutput, lsText } from '../../report/ls.ts';
import type { Command } from '../command.ts';
import { deferral, type Flag, selection } from '../flags.ts';

const OUTPUTS: readonly LsOutput[] = ['selector', 'name', 'path', 'json'];
const flags: readonly Flag[] = [
  {
    spelling: '--output <format>',
    help: 'what a line holds',
    group: 'Output',
    choices: OUTPUTS,
    preset: 'selector',
  },
  { spelling: '--output-keys <key...>', help: 'with json: these keys only, also config.materialized', group: 'Output' },
];

export const ls: Command = {
  about: 'Lists the selected nodes, one a line.',
  flags: [...selection, ...deferral, ...flags],
  examples: [
    ['dql ls', 'everything'],
    ['dql ls -s tag:nightly --resource-type model', 'models with a tag'],
    ['dql ls --output json --output-keys name config.materialized', 'JSON lines'],
  ],
  async run(call) {
    const answer = await call.use('ls', {});
    call.warn(answer.warnings);
    const output = OUTPUTS.find((format) => format === call.values.text('output')) ?? 'selector';
    const keys = call.values.list('outputKeys').flatMap((key) => key.split(/[\s,]+/).filter(Boolean));
    if (answer.rows.length > 0) call.page.print(lsText(answer, output, keys));
    else call.say('No node is selected.');
    return 0;
  },
};
