import { resolve } from 'node:path';
import { freshnessText } from '../../report/freshness.ts';
import type { Command } from '../command.ts';
import { type Flag, selection } from '../flags.ts';

const output: Flag = {
  spelling: '-o, --output <path>',
  help: 'write sources.json here, too; `json` prints it instead of the table',
  group: 'Output',
};

export const sourceFreshness: Command = {
  about:
    'Asks each selected source how old its newest row is, and compares that with its freshness. Writes target/sources.json.',
  flags: [...selection, output],
  examples: [
    ['dql source freshness', 'every source'],
    ['dql source freshness -s source:raw.events', 'one'],
  ],
  notes: 'A source that is too old ends with exit code 1; one that only warns, with 0 unless --warn-error.',
  async run(call) {
    const output = call.values.text('output');
    const to =
      output === undefined || output === 'json' || output === 'text' ? undefined : resolve(call.world.cwd, output);
    const answer = await call.use('sourceFreshness', { to });
    call.reply(answer, () => freshnessText(answer, call.reporting.describe, call.page));
    const bad = answer.results.some(
      ({ status }) => status === 'error' || status === 'runtime error' || (status === 'warn' && call.options.warnError),
    );
    return bad ? 1 : 0;
  },
};
