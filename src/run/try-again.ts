import type { NodeId } from '../core/node-id.ts';
import type { RunEvent } from './results.ts';

export interface RetryPolicy {
  /** How often an attempt that failed for a passing reason is repeated. */
  readonly retries: number;
  /** Seconds before the first repetition, doubled each time. */
  readonly delaySeconds: number;
}

/** What failed for a reason that may be gone at the next try. */
export interface Passing {
  readonly node: NodeId;
  /** `orders`, or several names, as a sentence has them. */
  readonly what: string;
  readonly why: string;
}

/**
 * Repeats `attempt` while its outcome may be another next time and the policy allows, and says so. Ctrl-C ends the waiting, and nothing
 * is tried after it.
 */
export async function tryAgain<Outcome>(
  { emit, signal }: { readonly emit: (event: RunEvent) => void; readonly signal: AbortSignal },
  { retries, delaySeconds }: RetryPolicy,
  attempt: () => Promise<Outcome>,
  passing: (outcome: Outcome) => Passing | undefined,
): Promise<{ readonly outcome: Outcome; readonly attempts: number }> {
  for (let attempts = 1; ; attempts++) {
    const outcome = await attempt();
    const failed = passing(outcome);
    if (!failed || attempts > retries || signal.aborted) return { outcome, attempts };
    const delay = delaySeconds * 2 ** (attempts - 1);
    const [why] = failed.why.split('\n');
    const message = `trying ${failed.what} again in ${delay}s (${attempts + 1} of ${retries + 1}): ${why}`;
    emit({ type: 'log', level: 'warn', message, node: failed.node });
    await waited(delay, signal);
    if (signal.aborted) return { outcome, attempts };
  }
}

const waited = (seconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, seconds * 1000);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
