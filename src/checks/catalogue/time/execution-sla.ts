import * as z from 'zod';
import { deadlineShape, lastDeadline } from '../../deadlines.ts';
import { askedEveryTime, defineCheck } from '../../define-check.ts';
import { duration } from '../../durations.ts';
import type { Question } from '../../question.ts';

const COLUMNS = ['state', 'deadline', 'last_success'];

export const executionSla = defineCheck({
  name: 'execution_sla',
  description: 'On the days that count, the node ran with success by the deadline.',
  dimension: 'freshness',
  column: 'never',
  onEmpty: 'fail',
  past: 'runs',
  arguments: z.strictObject(deadlineShape),
  passesUntil: askedEveryTime,
  ask: (given, { history, now }): Question => {
    const last = lastDeadline(given, now);
    if ((history.runs ?? []).length === 0)
      return {
        kind: 'answered',
        columns: COLUMNS,
        findings: [],
        considered: 0,
        learning: 'Learning: no earlier run yet',
      };
    if (last === undefined)
      return {
        kind: 'answered',
        columns: COLUMNS,
        findings: [],
        considered: 1,
        value: 'MET',
      };
    const runs = (history.runs ?? []).filter(({ startedAt }) => Date.parse(startedAt) >= last.dayStart);
    const successes = runs.flatMap(({ status, completedAt }) =>
      status === 'success' && completedAt !== null ? [completedAt] : [],
    );
    const inTime = successes.some((completedAt) => Date.parse(completedAt) <= last.due);
    const state = inTime ? 'MET' : successes.length > 0 ? 'MISSED' : runs.length > 0 ? 'ALL_FAILED' : 'NOT_RUN';
    const due = new Date(last.due).toISOString();
    return {
      kind: 'answered',
      columns: COLUMNS,
      findings: state === 'MET' ? [] : [[state, due, successes.at(-1) ?? null]],
      considered: 1,
      value: state,
    };
  },
});

export const durationSla = defineCheck({
  name: 'duration_sla',
  description: 'The last build of the node that succeeded took no longer than allowed.',
  dimension: 'behaviour',
  column: 'never',
  onEmpty: 'fail',
  past: 'runs',
  arguments: z.strictObject({
    max: duration.describe('the longest a run may take: `10 minutes`'),
  }),
  passesUntil: askedEveryTime,
  ask: ({ max }, { history }): Question => {
    const columns = ['seconds', 'allowed_seconds', 'started_at'];
    const last = history.runs?.findLast(({ status, seconds }) => status === 'success' && seconds !== null);
    const seconds = last?.seconds ?? null;
    if (last === undefined || seconds === null)
      return {
        kind: 'answered',
        columns,
        findings: [],
        considered: 0,
        learning: 'Learning: no finished run yet',
      };
    return {
      kind: 'answered',
      columns,
      findings: seconds > max ? [[String(seconds), String(max), last.startedAt]] : [],
      considered: 1,
      value: seconds,
    };
  },
});
