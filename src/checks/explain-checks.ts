/** What `dql test --explain` says: how each test is answered, why that way, and what it should cost. */
import type { CheckPlan, CheckStep, Strategy } from './check-plan.ts';

export interface ExplainedCheck {
  readonly id: string;
  readonly name: string;
  readonly column: string | null;
  readonly relation: string;
  readonly strategy: Strategy;
  readonly because: string;
  /** Milliseconds, from throughput measured on two cores: for comparing tests, not a promise. */
  readonly estimate: number;
  /** Which statement answers it, from 1; 0 when none is needed. Tests with the same number share it. */
  readonly statement: number;
}

export function explainChecks(plan: CheckPlan): readonly ExplainedCheck[] {
  let statement = 0;
  const statements = new Map<string, number>();
  const number = (step: CheckStep): void => {
    if (step.kind === 'known') return;
    if (step.kind === 'materialise') {
      statement++;
      for (const inner of step.steps) number(inner);
      return;
    }
    statement++;
    for (const { check } of step.checks) statements.set(check.id, statement);
  };
  for (const step of plan.steps) number(step);
  return plan.steps.flatMap((step) =>
    step.checks.map(({ check, strategy, because, estimate }) => ({
      id: check.id,
      name: check.name,
      column: check.column,
      relation: check.relation,
      strategy,
      because,
      estimate: Math.round(estimate * 10) / 10,
      statement: statements.get(check.id) ?? 0,
    })),
  );
}

/** The same as aligned lines, one a test, with a total. */
export function explainText(plan: CheckPlan): string {
  const explained = explainChecks(plan);
  const rows = explained.map(({ id, strategy, because, estimate, statement }) => [
    id,
    strategy,
    statement === 0 ? 'no statement' : `statement ${statement}`,
    `~${estimate} ms`,
    because,
  ]);
  const widths = [0, 1, 2, 3, 4].map((place) => Math.max(0, ...rows.map((row) => row[place]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, place) => cell.padEnd(widths[place] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const statements = Math.max(0, ...explained.map(({ statement }) => statement));
  const total = Math.round(explained.reduce((sum, { estimate }) => sum + estimate, 0));
  return [
    ...lines,
    `${counted(explained.length, 'test')} in ${counted(statements, 'statement')}, about ${total} ms`,
  ].join('\n');
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
