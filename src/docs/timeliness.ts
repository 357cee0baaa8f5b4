/** How old the newest data is and by when it was promised: from `dql source freshness`, and from what tests of time said last. */
import type { GraphNode } from '../compile/manifest.ts';
import type { Json, NodeId } from '../core/node-id.ts';
import type { NodeResult } from '../run/results.ts';
import type { MeasuredFreshness } from './history.ts';
import { type KeptPromise, type KnownTimes, keptPromise } from './kept-promise.ts';

/** dbt's words for a verdict. */
const STATUS: Readonly<Record<string, MeasuredFreshness['status']>> = {
  pass: 'pass',
  proved: 'pass',
  warn: 'warn',
  fail: 'error',
  error: 'runtime error',
};

/** What a `freshness` test of the last run measured, as `dql source freshness` would say it; undefined for other tests. */
export function freshnessOfTest(test: GraphNode, result: NodeResult | undefined): MeasuredFreshness | undefined {
  const { verdict, value } = result?.meta.dql ?? {};
  const status = STATUS[verdict ?? ''];
  const at = result?.timing.at(-1)?.completed_at ?? undefined;
  if (test.test_metadata?.name !== 'freshness' || status === undefined || at === undefined) return undefined;
  const age = typeof value === 'number' ? value : null;
  const { max_age, warn_after, error_after } = test.test_metadata.kwargs;
  const words = [
    ...(max_age === undefined ? [] : [`at most ${spoken(max_age)}`]),
    ...(warn_after === undefined ? [] : [`warn after ${spoken(warn_after)}`]),
    ...(error_after === undefined ? [] : [`error after ${spoken(error_after)}`]),
  ];
  return {
    status,
    max_loaded_at: age === null ? null : new Date(Date.parse(at) - age * 1000).toISOString(),
    snapshotted_at: at,
    age_seconds: age,
    expectation: words.length > 0 ? words.join(', ') : null,
  };
}

export interface Promised {
  /** `built by 06:00 UTC`. */
  readonly text: string;
  /** The test that sees whether it is kept. */
  readonly test: NodeId | null;
  /** Of what the configuration promises: whether it was kept when the site was made. */
  readonly kept?: KeptPromise | undefined;
}

/** What a node's configuration and its tests promise about time. */
export function promisesOf(sla: Json | undefined, tests: readonly GraphNode[], times: KnownTimes): readonly Promised[] {
  const stated =
    sla === undefined || sla === null ? [] : [{ text: deadlineText(sla), test: null, kept: keptPromise(sla, times) }];
  const tested = tests.flatMap((test): readonly Promised[] => {
    const { name, kwargs = {} } = test.test_metadata ?? {};
    const about = name === undefined ? undefined : PROMISE[name];
    return about === undefined ? [] : [{ text: about(kwargs), test: test.unique_id }];
  });
  return [...stated, ...tested];
}

type Arguments = Readonly<Record<string, Json>>;

const PROMISE: Readonly<Record<string, (kwargs: Arguments) => string>> = {
  freshness_sla: (kwargs) => `data of the day ${deadlineText(kwargs)}`,
  execution_sla: (kwargs) => `built ${deadlineText(kwargs)}`,
  duration_sla: ({ max = '' }) => `takes at most ${spoken(max)}`,
};

/** `{by: "07:00", timezone: Europe/Berlin}` → `by 07:00 Europe/Berlin`; anything else as it is. */
function deadlineText(written: Json): string {
  if (!isRecord(written)) return spoken(written);
  const { by, deadline = by, timezone = 'UTC', day_of_week, day_of_month, ...others } = written;
  const days = [day_of_week, day_of_month].flat().filter((day) => day !== undefined && day !== null);
  if (deadline === undefined)
    return Object.entries(others)
      .map(([key, value]) => `${key} ${spoken(value)}`)
      .join(', ');
  return `by ${spoken(deadline)} ${spoken(timezone)}${days.length > 0 ? ` (${days.map(spoken).join(', ')})` : ''}`;
}

const spoken = (value: Json | undefined): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');

const isRecord = (value: Json): value is Arguments =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
