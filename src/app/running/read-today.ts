import type { NodeId } from '../../core/node-id.ts';
import { type LedgerState, type VersionRecord, versionsRead } from '../../ledger/records.ts';

/** A version and the ledger that it is in. */
export interface Kept {
  readonly version: VersionRecord;
  readonly state: LedgerState;
}

/**
 * Sources that were another thing when one of two versions of a view was built than for the other. A view over a file or a table of
 * somebody else's shows what is there now, whatever version of the view it is, and so does a view over it.
 */
export function readToday(one: Kept, other: Kept): readonly NodeId[] {
  if (one.version.physical.kind !== 'view' || other.version.physical.kind !== 'view') return [];
  const [left, right] = [liveSources(one), liveSources(other)];
  return [...left].flatMap(([source, content]) => ((right.get(source) ?? content) === content ? [] : [source]));
}

/** By source, what it held. */
function liveSources({ version, state }: Kept): ReadonlyMap<NodeId, string> {
  if (version.physical.kind !== 'view') return new Map();
  return new Map([
    ...versionsRead(state, version).flatMap((read) => [...liveSources({ version: read, state })]),
    ...Object.entries(version.inputs).filter(([input]) => input.startsWith('source.')),
  ]);
}
