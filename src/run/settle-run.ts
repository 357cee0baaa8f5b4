/** Settles a run on its warehouse: what is held, with the tests repeated whose verdict was about another combination. */
import type { NodeId } from '../core/node-id.ts';
import type { Connection } from '../engine/engine.ts';
import { publishedVersion } from '../ledger/records.ts';
import { inputsOf, relationOf } from '../plan/plan-run.ts';
import type { RunContext, TestOutcome } from './context.ts';
import { objectName, type Progress } from './progress.ts';
import { type HeldNode, settle, type Verdict } from './settle.ts';

/** Holds what failed, repeats the tests whose verdict was about another combination, until nothing more is held. */
export async function settled(
  context: RunContext,
  progress: Progress,
  connection: Connection,
  broken: Map<NodeId, HeldNode>,
): Promise<ReadonlyMap<NodeId, HeldNode>> {
  const built = [...progress.built.keys()];
  const repeated = new Map<NodeId, { readonly key: string; readonly outcome: TestOutcome }>();
  for (;;) {
    const verdicts = verdictsOf(context, progress);
    const { held, repeat } = settle(
      built,
      (id) => inputsOf(context.manifest, id),
      verdicts,
      broken,
      (id) => context.manifest.nodes[id]?.name ?? id,
    );
    const objectOf = (id: NodeId): string | undefined => {
      if (!held.has(id)) {
        const fresh = progress.built.get(id);
        if (fresh) return fresh.object;
      }
      const node = context.manifest.nodes[id];
      const version = node && (progress.refreshed.get(id) ?? publishedVersion(context.state, relationOf(node)));
      return version && objectName(version, true);
    };
    const key = [...held.keys()].sort().join();
    // Where a relation has never been published there is no pair that readers could see, hence nothing to verify.
    const exists = (test: NodeId) =>
      inputsOf(context.manifest, test).every((id) => !(id in context.manifest.nodes) || objectOf(id) !== undefined);
    const due = repeat.filter((test) => repeated.get(test)?.key !== key && exists(test));
    if (due.length === 0) return held;
    let more = false;
    for (const outcome of await context.tester.run(due, { objectOf, contentOf: objectOf }, connection)) {
      repeated.set(outcome.id, { key, outcome });
      if (!outcome.blocks) continue;
      more = true;
      const test = verdicts.find((verdict) => verdict.test === outcome.id);
      for (const guard of test?.guards ?? [])
        if (!held.has(guard))
          broken.set(guard, {
            reason: `test \`${test?.name}\` fails together with what stays published`,
            because: [outcome.id],
          });
    }
    if (!more) return held;
  }
}

function verdictsOf(context: RunContext, progress: Progress): readonly Verdict[] {
  return context.plan.tasks.flatMap((task): readonly Verdict[] => {
    const outcome = task.kind === 'build' ? undefined : progress.outcomes.get(task.node);
    if (task.kind === 'build' || !outcome) return [];
    const name = context.manifest.nodes[task.node]?.name ?? context.manifest.unit_tests[task.node]?.name ?? task.node;
    // A warning never holds anything, so its verdict need not be repeated either.
    const passed = !outcome.blocks;
    return task.severity === 'warn' && passed
      ? []
      : [{ test: task.node, name, passed, guards: task.guards, reads: task.guards }];
  });
}
