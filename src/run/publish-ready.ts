/** `publish: as_ready`: a node is published as soon as it passed, for runs that take too long to wait for the last. */
import type { NodeId } from '../core/node-id.ts';
import type { Connection } from '../engine/engine.ts';
import { readLedger } from '../ledger/read-ledger.ts';
import { inputsOf } from '../plan/plan-run.ts';
import type { RunContext } from './context.ts';
import type { Progress } from './progress.ts';
import { publishRun } from './publish-run.ts';

/**
 * Answers a function to call whenever a job is over: it publishes every node whose tests are over and whose parents are published, one
 * transaction at a time, and tells which. A run that stops on the way leaves each relation wholly old or wholly new.
 */
export function readyPublisher(
  context: RunContext,
  progress: Progress,
  connection: Connection,
  published: (nodes: readonly NodeId[]) => Promise<void>,
): () => Promise<void> {
  const guards = new Map<NodeId, NodeId[]>();
  for (const task of context.plan.tasks)
    if (task.kind !== 'build') for (const id of task.guards) guards.set(id, [...(guards.get(id) ?? []), task.node]);
  const isReady = (id: NodeId): boolean =>
    (guards.get(id) ?? []).every((test) => progress.results.has(test)) &&
    inputsOf(context.manifest, id).every((parent) => !progress.built.has(parent) || progress.published.has(parent));
  const publish = async (): Promise<void> => {
    while (!context.signal.aborted) {
      const due = new Set([...progress.built.keys()].filter((id) => !progress.published.has(id) && isReady(id)));
      if (due.size === 0) return;
      const { nodes } = await publishRun(
        context,
        progress,
        connection,
        () => '',
        (id) => due.has(id),
      );
      if (nodes.length === 0) return;
      await published(nodes);
      progress.state = await readLedger(connection, context.state.ledgers, context.run.target);
    }
  };
  let turn: Promise<void> = Promise.resolve();
  return () => {
    turn = turn.then(publish);
    return turn;
  };
}
