import type { NodeId } from '../core/node-id.ts';

export interface Job {
  readonly id: NodeId;
  readonly after: readonly NodeId[];
}

/**
 * Runs jobs as soon as everything before them is over, at most `threads` at a time, in the given order where there is a choice.
 * What goes wrong is part of what `work` answers: when it rejects all the same, so does this. Stops starting jobs then, and once `stop()`
 * is true; jobs under way are waited for.
 */
export async function schedule(
  jobs: readonly Job[],
  threads: number,
  work: (id: NodeId, worker: number) => Promise<void>,
  stop: () => boolean,
): Promise<readonly NodeId[]> {
  const waitsFor = new Map<NodeId, number>();
  const unblocks = new Map<NodeId, NodeId[]>();
  const known = new Set(jobs.map((job) => job.id));
  for (const job of jobs) {
    const before = new Set(job.after.filter((id) => known.has(id)));
    waitsFor.set(job.id, before.size);
    for (const id of before) unblocks.set(id, [...(unblocks.get(id) ?? []), job.id]);
  }
  const position = new Map(jobs.map((job, index) => [job.id, index]));
  const ready = jobs.filter((job) => waitsFor.get(job.id) === 0).map((job) => job.id);
  const idle = Array.from({ length: Math.max(1, threads) }, (_, worker) => worker);
  const started = new Set<NodeId>();

  await new Promise<void>((resolve, reject) => {
    let running = 0;
    let broken: { readonly error: unknown } | undefined;
    const startReady = (): void => {
      while (ready.length > 0 && idle.length > 0 && !broken && !stop()) {
        const id = ready.shift() as NodeId; // the list is not empty
        const worker = idle.shift() ?? 0;
        started.add(id);
        running += 1;
        work(id, worker).then(
          () => {
            running -= 1;
            idle.unshift(worker);
            for (const next of unblocks.get(id) ?? []) {
              const left = (waitsFor.get(next) ?? 1) - 1;
              waitsFor.set(next, left);
              if (left === 0) insertInOrder(ready, next, position);
            }
            startReady();
          },
          (error: unknown) => {
            running -= 1;
            broken ??= { error };
            startReady();
          },
        );
      }
      if (running > 0) return;
      if (broken) reject(broken.error);
      else resolve();
    };
    startReady();
  });
  return jobs.map((job) => job.id).filter((id) => !started.has(id));
}

function insertInOrder(ready: NodeId[], id: NodeId, position: ReadonlyMap<NodeId, number>): void {
  const place = position.get(id) ?? 0;
  const index = ready.findIndex((other) => (position.get(other) ?? 0) > place);
  if (index < 0) ready.push(id);
  else ready.splice(index, 0, id);
}
