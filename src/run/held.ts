import type { GraphNode } from '../compile/manifest.ts';
import { publishedVersion } from '../ledger/records.ts';
import { relationOf } from '../plan/plan-run.ts';
import type { RunContext } from './context.ts';
import type { Held } from './results.ts';
import type { HeldNode } from './settle.ts';

/** Why a node is held, and since when readers see what they see. */
export function heldFacts(context: RunContext, node: GraphNode, why: HeldNode): Held {
  const relation = relationOf(node);
  const serving = publishedVersion(context.state, relation);
  const since = serving ? (context.state.published.get(relation)?.published_at ?? null) : null;
  return {
    reason: why.reason,
    because: why.because,
    serving_since: since,
    serving_version: serving?.version ?? null,
    age_seconds: since === null ? null : Math.max(0, Math.round((context.now().getTime() - Date.parse(since)) / 1000)),
  };
}
