/** What versions of a target were built on that is no version of it (`--defer`, somebody else's table), as another target has it. */
import type { Manifest } from '../../compile/manifest.ts';
import type { NodeId } from '../../core/node-id.ts';
import type { Connection } from '../../engine/engine.ts';
import { type LedgerState, publishedVersion, type VersionRecord } from '../../ledger/records.ts';
import { makesRelation, relationOf } from '../../plan/plan-run.ts';
import { keyOf } from '../../run/follow-views.ts';
import { objectName } from '../../run/progress.ts';
import { isForeign, relationContent } from '../warehouse/outside.ts';
import type { Beside } from './take-over.ts';
import type { TargetPlan } from './target-plan.ts';

/** Inputs of a version that the target it was built in did not have. */
export const foreignInputs = (manifest: Manifest, { inputs }: VersionRecord): readonly NodeId[] =>
  Object.entries(inputs).flatMap(([input, content]) => (isForeign(manifest, input, content) ? [input] : []));

/** Those relations in `to`, by node; what it does not have, or cannot be read, is left out. */
export async function relationsBeside(
  ids: ReadonlySet<NodeId>,
  { manifest, relations }: TargetPlan,
  state: LedgerState,
  connection: Connection,
): Promise<ReadonlyMap<NodeId, Beside>> {
  const found = new Map<NodeId, Beside>();
  for (const id of ids) {
    const node = manifest.nodes[id];
    if (!node || !makesRelation(manifest, id)) continue;
    const version = publishedVersion(state, relationOf(node));
    const object = version ? objectName(version, true) : relations.relation(id, () => undefined)?.rendered;
    const rows = object && (await relationContent(object, undefined, connection)).contentId;
    if (object === undefined || rows === undefined) continue;
    found.set(id, { object, key: version && keyOf(version), rows, contentId: version?.content_id ?? rows });
  }
  return found;
}
