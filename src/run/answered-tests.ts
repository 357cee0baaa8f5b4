/** Answers of tests that are ready; those that could not be answered for a passing reason are asked again, together. */
import type { NodeId } from '../core/node-id.ts';
import type { RunContext, TestOutcome } from './context.ts';
import { type RetryPolicy, tryAgain } from './try-again.ts';

export async function answeredTests(
  context: RunContext,
  tests: readonly NodeId[],
  ask: (tests: readonly NodeId[]) => Promise<readonly TestOutcome[]>,
): Promise<readonly TestOutcome[]> {
  const answered: TestOutcome[] = [];
  let open = tests;
  let attempts = 0;
  const attempt = async (): Promise<readonly TestOutcome[]> => {
    attempts += 1;
    const outcomes = (await ask(open)).map((outcome) => withAttempts(outcome, attempts));
    const unanswered = outcomes.filter(({ passing }) => passing !== undefined);
    answered.push(...outcomes.filter(({ passing }) => passing === undefined));
    open = unanswered.map(({ id }) => id);
    return unanswered;
  };
  const { outcome: unanswered } = await tryAgain(context, mostPatient(context, tests), attempt, ([first, ...more]) =>
    first?.passing === undefined
      ? undefined
      : { node: first.id, what: named(context, first.id, more.length), why: first.passing },
  );
  return [...answered, ...unanswered];
}

function named({ manifest }: RunContext, id: NodeId, more: number): string {
  const name = `\`${manifest.nodes[id]?.name ?? id}\``;
  return more === 0 ? name : `${name} and ${more} more ${more === 1 ? 'test' : 'tests'}`;
}

/** A test is tried as often as what it reads, or as the target says. */
function mostPatient({ manifest, retryPolicy }: RunContext, tests: readonly NodeId[]): RetryPolicy {
  const ids = new Set(tests.flatMap((id) => [id, ...(manifest.parent_map[id] ?? [])]));
  const policies = [...ids].flatMap((id) => manifest.nodes[id] ?? []).map(retryPolicy);
  return policies.reduce((most, each) => (each.retries > most.retries ? each : most), { retries: 0, delaySeconds: 0 });
}

const withAttempts = (outcome: TestOutcome, attempts: number): TestOutcome =>
  attempts === 1
    ? outcome
    : { ...outcome, result: { ...outcome.result, meta: { dql: { ...outcome.result.meta.dql, attempts } } } };
