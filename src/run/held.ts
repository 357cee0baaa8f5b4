import type { GraphNode } from '../compile/manifest.ts';
import { publishedVersion, rowsBuiltAt } from '../ledger/records.ts';
import { relationOf } from '../plan/plan-run.ts';
import type { RunContext } from './context.ts';
import type { Held } from './results.ts';
import type { HeldNode } from './settle.ts';

/** Why a node is held after Ctrl-C. */
export const INTERRUPTED = 'the run was interrupted';

/** Why a node is held, and how old what readers see is. */
export function heldFacts(context: RunContext, node: GraphNode, why: HeldNode): Held {
  const serving = publishedVersion(context.state, relationOf(node));
  const since = serving && rowsBuiltAt(context.state, serving);
  return {
    reason: why.reason,
    because: why.because,
    serving_since: since?.toISOString() ?? null,
    serving_version: serving?.version ?? null,
    age_seconds: since ? Math.max(0, Math.round((context.now().getTime() - since.getTime()) / 1000)) : null,
  };
}
