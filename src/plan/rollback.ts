/** What going back means, relation by relation: pure, from what is kept to what will be shown. */
import type { NodeId } from '../core/node-id.ts';
import { undoName } from '../ledger/names.ts';
import { type LedgerState, type PublicationRecord, publishedVersion, type VersionRecord } from '../ledger/records.ts';
import { restoreChange } from './delta.ts';

export interface Return {
  readonly relation: string;
  readonly node: NodeId;
  readonly from: VersionRecord | undefined;
  /** What readers will see: a kept version, or, for a delta that is not its base's newest, a new version with the same rows. */
  readonly to: VersionRecord;
  /** The version the user asked for. */
  readonly wanted: VersionRecord;
  /** Statements that put the base's rows back; empty where moving the view is all. */
  readonly restores: readonly string[];
  /** Kept versions on the same base, the newest first; their views are written anew after a restore. */
  readonly earlier: readonly VersionRecord[];
}

export interface MissingVersion {
  readonly relation: string;
  readonly node: NodeId;
  readonly version: number | null;
}

/** The version each relation showed right after the run with that sequence number. Relations not published by then are left out. */
export function shownAfter(
  publications: readonly PublicationRecord[],
  sequence: number,
): ReadonlyMap<string, PublicationRecord> {
  const shown = new Map<string, PublicationRecord>();
  for (const publication of publications)
    if (publication.sequence <= sequence) shown.set(publication.relation, publication);
  return shown;
}

/** How to show `version` of a relation again. undefined: it is shown already. */
export function returnTo(
  state: LedgerState,
  relation: string,
  version: number,
  run: { readonly run_id: string; readonly now: Date },
): Return | MissingVersion | undefined {
  const from = publishedVersion(state, relation);
  const versions = state.versions.get(relation) ?? [];
  const wanted = versions.find((record) => record.version === version);
  if (!wanted) return { relation, node: from?.node ?? relation, version };
  if (from?.version === version) return undefined;
  const { physical } = wanted;
  if (physical.kind !== 'delta')
    return { relation, node: wanted.node, from, to: wanted, wanted, restores: [], earlier: [] };
  const sharing = versions.filter(
    (record) => record.state === 'kept' && record.physical.kind === 'delta' && record.physical.base === physical.base,
  );
  const newer = sharing.filter((record) => record.version > version);
  if (newer.length === 0) return { relation, node: wanted.node, from, to: wanted, wanted, restores: [], earlier: [] };
  const next = versions.reduce((most, record) => Math.max(most, record.version), 0) + 1;
  const name = { database: wanted.database, schema: wanted.schema, alias: wanted.alias };
  const to: VersionRecord = {
    ...wanted,
    version: next,
    run_id: run.run_id,
    built_at: run.now.toISOString(),
    physical: { ...physical, undo: undoName(name, next), pending: undefined },
  };
  return {
    relation,
    node: wanted.node,
    from,
    to,
    wanted,
    restores: restoreChange(name, next, wanted, newer),
    earlier: sharing,
  };
}

export const isMissing = (candidate: Return | MissingVersion): candidate is MissingVersion => !('to' in candidate);

/** Published nodes below the returned ones that were built from what is no longer shown. */
export function leftInconsistent(
  state: LedgerState,
  returns: readonly Return[],
  childrenOf: (id: NodeId) => readonly NodeId[],
  relationOf: (id: NodeId) => string | undefined,
): readonly NodeId[] {
  const contents = new Map(returns.map((each) => [each.node, each.to.content_id]));
  const found = new Set<NodeId>();
  const visit = (id: NodeId): void => {
    for (const child of childrenOf(id)) {
      if (contents.has(child) || found.has(child)) continue;
      const relation = relationOf(child);
      const shown = relation === undefined ? undefined : publishedVersion(state, relation);
      const before = shown?.inputs[id];
      if (found.has(id) || (before !== undefined && before !== contents.get(id))) {
        found.add(child);
        visit(child);
      } else if (relation === undefined) visit(child);
    }
  };
  for (const each of returns) visit(each.node);
  return [...found];
}
