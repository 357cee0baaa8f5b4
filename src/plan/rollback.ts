/** What going back means, relation by relation: pure, from what is kept to what will be shown. */
import type { NodeId } from '../core/node-id.ts';
import { undoName } from '../ledger/names.ts';
import {
  freeVersion,
  type LedgerState,
  type PublicationRecord,
  publishedVersion,
  type VersionRecord,
} from '../ledger/records.ts';
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
  // What was held never was anybody's to see.
  const wanted = versions.find((record) => record.version === version && record.state === 'kept');
  if (!wanted) return { relation, node: from?.node ?? relation, version };
  const { physical } = wanted;
  // To return to rows that were changed in place makes a version of them, which then is where they were returned to.
  const isBack = physical.kind === 'delta' && from?.content_id === wanted.content_id;
  if (from?.version === version || (isBack && from?.code_fingerprint === wanted.code_fingerprint)) return undefined;
  if (physical.kind !== 'delta')
    return { relation, node: wanted.node, from, to: wanted, wanted, restores: [], earlier: [] };
  const sharing = versions.filter(
    (record) => record.state === 'kept' && record.physical.kind === 'delta' && record.physical.base === physical.base,
  );
  const newer = sharing.filter((record) => record.version > version);
  if (newer.length === 0) return { relation, node: wanted.node, from, to: wanted, wanted, restores: [], earlier: [] };
  const next = freeVersion(state, relation);
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

/** What each returned node holds from now on, by node id; undefined where it is shown no more. */
export type Contents = ReadonlyMap<NodeId, string | undefined>;

/** Published versions by the nodes they were built from. */
export function readersOf(state: LedgerState): (id: NodeId) => readonly VersionRecord[] {
  const readers = new Map<NodeId, VersionRecord[]>();
  for (const relation of state.published.keys()) {
    const version = publishedVersion(state, relation);
    for (const input of Object.keys(version?.inputs ?? {}))
      if (version) readers.set(input, [...(readers.get(input) ?? []), version]);
  }
  return (id) => readers.get(id) ?? [];
}

/** True when the version is what building gives with these inputs; those that are not returned are what they were. */
const isRightFor = ({ inputs, former_inputs: former = [] }: VersionRecord, contents: Contents): boolean =>
  [inputs, ...former].some((known) =>
    Object.keys(inputs).every((id) => known[id] === (contents.has(id) ? contents.get(id) : inputs[id])),
  );

/** Published versions below the returned nodes that were built from what is no longer shown; parents before children. */
export function leftInconsistent(state: LedgerState, contents: Contents): readonly VersionRecord[] {
  const readers = readersOf(state);
  const found = new Map<NodeId, VersionRecord>();
  const queue = [...contents.keys()];
  for (let id = queue.shift(); id !== undefined; id = queue.shift())
    for (const reader of readers(id)) {
      const still = !Object.keys(reader.inputs).some((input) => found.has(input)) && isRightFor(reader, contents);
      if (still || contents.has(reader.node) || found.has(reader.node)) continue;
      found.set(reader.node, reader);
      queue.push(reader.node);
    }
  const ordered = new Set<VersionRecord>();
  const visit = (version: VersionRecord): void => {
    if (ordered.has(version)) return;
    for (const input of Object.keys(version.inputs)) {
      const parent = found.get(input);
      if (parent && parent !== version) visit(parent);
    }
    ordered.add(version);
  };
  for (const version of found.values()) visit(version);
  return [...ordered];
}

/**
 * Takes what reads the returned nodes along: each descendant returns to its newest kept version that was built from exactly what its
 * parents show now. Those without one are left as they are.
 */
export function descendantsToo(
  state: LedgerState,
  returns: readonly Return[],
  gone: readonly NodeId[],
  run: { readonly run_id: string; readonly now: Date },
): readonly Return[] {
  const contents = new Map<NodeId, string | undefined>(gone.map((id) => [id, undefined]));
  for (const each of returns) contents.set(each.node, each.to.content_id);
  const shownOf = new Map(
    [...state.published.keys()].flatMap((relation) => {
      const version = publishedVersion(state, relation);
      return version ? [[version.node, version.content_id] as const] : [];
    }),
  );
  const taken: Return[] = [];
  for (const below of leftInconsistent(state, contents)) {
    const fits = (version: VersionRecord) =>
      version.state === 'kept' &&
      [version.inputs, ...(version.former_inputs ?? [])].some((known) =>
        Object.entries(known).every(([input, content]) => {
          const shown = contents.has(input) ? contents.get(input) : shownOf.get(input);
          // What nobody publishes is a source: going back, its rows are not what they were.
          return shown === undefined ? !contents.has(input) : shown === content;
        }),
      );
    const wanted = (state.versions.get(below.relation) ?? []).find(fits);
    const back = wanted && returnTo(state, below.relation, wanted.version, run);
    if (!back || isMissing(back)) continue;
    taken.push(back);
    contents.set(back.node, back.to.content_id);
  }
  return [...returns, ...taken];
}

/** True when a later build of this relation, of other rows, is kept: readers then see an older state than the last one. */
export const isOlder = (state: LedgerState, { relation, wanted }: Return): boolean => {
  const versions = state.versions.get(relation) ?? [];
  return versions.some(
    (other) =>
      other.version > wanted.version &&
      other.state === 'kept' &&
      !versions.some((earlier) => earlier.version < other.version && earlier.content_id === other.content_id),
  );
};
