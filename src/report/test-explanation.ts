import { seconds } from './amounts.ts';
import type { TestExplanation } from './answers.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

/** How each test would be answered, and what that costs. */
export const testExplanationText = (answer: TestExplanation, page: Terminal): string =>
  table(
    [{ title: 'test' }, { title: 'on' }, { title: 'how' }, { title: 'costs', align: 'right' }, { title: 'why' }],
    answer.tests.map(({ name, relation, how, estimated_seconds, reason }) => [
      name,
      relation,
      how,
      estimated_seconds === null ? '?' : seconds(estimated_seconds),
      reason,
    ]),
    { columns: page.columns },
  );
