/** Who may be published: pure bookkeeping over what was built, what failed and what was verified on which versions. */
import type { NodeId } from '../core/node-id.ts';

export interface HeldNode {
  readonly reason: string;
  readonly because: readonly NodeId[];
}

/** A blocking test and the versions its verdict is about. */
export interface Verdict {
  readonly test: NodeId;
  readonly name: string;
  readonly passed: boolean;
  /** Nodes of this run it guards. */
  readonly guards: readonly NodeId[];
  /** Every node it read. */
  readonly reads: readonly NodeId[];
  /** True when every built node among `reads` was read in the version of this run. */
}

export interface Settlement {
  readonly held: ReadonlyMap<NodeId, HeldNode>;
  /** Passed tests that read a node which is now held together with one that would be published: to be repeated on that mixture. */
  readonly repeat: readonly NodeId[];
}

/**
 * Holds the guards of failed blocking tests and all their built descendants.
 * @param built nodes of this run that have a new version, parents before children
 * @param parentsOf what each built node read
 * @param broken nodes held for another reason already (an error while publishing, a failed repetition)
 */
export function settle(
  built: readonly NodeId[],
  parentsOf: (id: NodeId) => readonly NodeId[],
  verdicts: readonly Verdict[],
  broken: ReadonlyMap<NodeId, HeldNode>,
  nameOf: (id: NodeId) => string,
): Settlement {
  const held = new Map<NodeId, HeldNode>(broken);
  const isBuilt = new Set(built);
  for (const verdict of verdicts.filter((candidate) => !candidate.passed))
    for (const id of verdict.guards.filter((guard) => isBuilt.has(guard) && !held.has(guard)))
      held.set(id, { reason: `test \`${verdict.name}\` failed`, because: [verdict.test] });
  for (const id of built) {
    const heldParent = held.has(id) ? undefined : parentsOf(id).find((parent) => held.has(parent));
    if (heldParent) held.set(id, { reason: `its parent \`${nameOf(heldParent)}\` was held`, because: [heldParent] });
  }
  const repeat = verdicts
    .filter(
      (verdict) =>
        verdict.passed &&
        verdict.reads.some((id) => held.has(id)) &&
        verdict.guards.some((id) => isBuilt.has(id) && !held.has(id)),
    )
    .map((verdict) => verdict.test);
  return { held, repeat };
}
