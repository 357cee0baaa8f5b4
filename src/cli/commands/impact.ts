import { impactMarkdown, impactText } from '../../report/impact.ts';
import type { Command } from '../command.ts';
import { type Flag, selection, state } from '../flags.ts';

const flags: readonly Flag[] = [
  { spelling: '--against <run>', help: 'compare with this run instead of --state', group: 'Command' },
  {
    spelling: '--output <format>',
    help: 'how it is written',
    group: 'Output',
    choices: ['text', 'json', 'markdown'],
    preset: 'text',
  },
];

export const impact: Command = {
  about: `Which columns changed in meaning, and which columns, models, exposures and owners downstream are affected. Without
--state or --against it compares with what is published.`,
  flags: [...flags, ...selection, state],
  examples: [
    ['dql impact --state prod/', 'against an earlier manifest'],
    ['dql impact --output markdown', 'for a pull request'],
  ],
  async run(call) {
    const answer = await call.use('impact', { against: call.values.text('against') });
    call.reply(answer, () =>
      call.values.text('output') === 'markdown' ? impactMarkdown(answer) : impactText(answer, call.page),
    );
    return 0;
  },
};
