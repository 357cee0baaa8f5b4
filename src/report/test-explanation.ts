import { count, seconds } from './amounts.ts';
import type { TestExplanation } from './answers.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

/** How each test would be answered, and what that costs; below it how many statements that takes. */
export const testExplanationText = (answer: TestExplanation, page: Terminal): string => {
  const known = answer.tests.flatMap(({ estimated_seconds }) => estimated_seconds ?? []);
  const total = known.reduce((sum, each) => sum + each, 0);
  return `${explanations(answer, page)}\n\n${count(answer.tests.length, 'test')}, ${count(answer.statements, 'statement')}${total === 0 ? '' : `, about ${cost(total)}`}`;
};

const explanations = (answer: TestExplanation, page: Terminal): string =>
  table(
    [{ title: 'test' }, { title: 'on' }, { title: 'how' }, { title: 'costs', align: 'right' }, { title: 'why' }],
    answer.tests.map(({ name, relation, how, estimated_seconds, reason }) => [
      name,
      relation,
      how,
      estimated_seconds === null ? '?' : cost(estimated_seconds),
      reason,
    ]),
    { columns: page.columns },
  );

/** Most tests cost less than a hundredth of a second. */
const cost = (value: number): string =>
  value === 0 ? 'nothing' : value < 1 ? `${(value * 1000).toFixed(value < 0.01 ? 1 : 0)} ms` : seconds(value);
