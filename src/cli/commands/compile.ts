import { compileText } from '../../report/small-answers.ts';
import type { Command } from '../command.ts';
import { deferral, empty, fullRefresh, output, selection } from '../flags.ts';
import { inline, noIntrospect } from './show.ts';

export const compile: Command = {
  about: 'Renders the selected nodes to SQL below target/compiled/. The SQL of a single node is printed.',
  flags: [inline, ...selection, ...deferral, fullRefresh, ...empty, ...noIntrospect, output],
  examples: [
    ['dql compile', 'everything'],
    ['dql compile -s orders', 'one model, printed'],
    ['dql compile -q --inline "{{ ref(\'orders\') }}"', 'any template'],
  ],
  async run(call) {
    const answer = await call.use('compile', { inline: call.values.text('inline') });
    call.warn(answer.warnings);
    call.reply(answer, () => compileText(answer));
    return 0;
  },
};
