import type { GraphNode } from '../compile/manifest.ts';

export interface RetryPolicy {
  /** How often an attempt that failed for a passing reason is repeated. */
  readonly retries: number;
  /** Seconds before the first repetition, doubled each time. */
  readonly delaySeconds: number;
}

/** Repeats `attempt` while its outcome may be another next time and the node's policy allows; Ctrl-C ends the waiting. */
export async function tryAgain<Outcome>(
  { retryPolicy, signal }: { readonly retryPolicy: (node: GraphNode) => RetryPolicy; readonly signal: AbortSignal },
  node: GraphNode,
  attempt: () => Promise<Outcome>,
  mayPass: (outcome: Outcome) => boolean,
): Promise<{ readonly outcome: Outcome; readonly attempts: number }> {
  const { retries, delaySeconds } = retryPolicy(node);
  for (let attempts = 1; ; attempts++) {
    const outcome = await attempt();
    if (!mayPass(outcome) || attempts > retries || signal.aborted) return { outcome, attempts };
    await waited(delaySeconds * 2 ** (attempts - 1), signal);
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
