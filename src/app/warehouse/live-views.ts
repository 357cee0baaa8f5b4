/**
 * Published views that a run does not build. They show the rows of this moment: of sources, of what is deferred to another environment,
 * of files and the clock. Whoever reuses an answer about them has to know.
 */
import { type Manifest, nodeOf } from '../../compile/manifest.ts';
import type { NodeId } from '../../core/node-id.ts';
import {
  type LedgerState,
  standingVersion,
  type VersionRecord,
  variesByItself,
  versionsRead,
} from '../../ledger/records.ts';
import { digest } from '../../plan/fingerprint.ts';
import { inputName, relationOf } from '../../plan/plan-run.ts';
import { isForeign, type Outside } from './outside.ts';

export interface LiveViews {
  /** Whose rows the views show in place: sources, and nodes of which no version stands here. */
  readonly shown: ReadonlySet<NodeId>;
  /** With the content of those views that show something else than when they were built: what building them now would be called. */
  seenWith(outside: Outside): Outside;
}

/**
 * @param ids what the command reads and does not build
 * @param unknown an id that no content ever had
 */
export function liveViews(manifest: Manifest, state: LedgerState, ids: readonly NodeId[], unknown: string): LiveViews {
  const views = ids.flatMap((id) => {
    const node = manifest.nodes[id];
    const version = node && standingVersion(state, relationOf(node));
    return version?.physical.kind === 'view' ? [[id, version] as const] : [];
  });
  const shown = new Set<NodeId>();
  const noted = (input: NodeId, before: string): string => {
    shown.add(input);
    return before;
  };
  for (const [, version] of views) contentNow(version, state, noted, (each) => each.content_id);
  const nameOf = (id: NodeId) => inputName(nodeOf(manifest, id), id);
  return {
    shown,
    seenWith(outside) {
      const contents = new Map(outside.contents);
      let { isComplete } = outside.watched;
      for (const [id, version] of views) {
        const changed = new Set<string>();
        const inPlace = (input: NodeId, before: string): string => {
          const found = outside.contents.get(input)?.contentId;
          // It may have been read from another environment, which is not open now.
          const isHidden = found === undefined ? isForeign(manifest, input, before) : found.startsWith('unreadable:');
          isComplete &&= !isHidden;
          const now = isHidden ? unknown : (found ?? before);
          if (now !== before) changed.add(`${nameOf(input)} changed`);
          return now;
        };
        const byItself = (each: VersionRecord): string => {
          isComplete = false;
          changed.add(each === version ? 'it is not deterministic' : `${nameOf(each.node)} is not deterministic`);
          return `${each.content_id}:${unknown}`;
        };
        const contentId = contentNow(version, state, inPlace, byItself);
        if (contentId !== version.content_id) contents.set(id, { contentId, change: [...changed].join(', ') });
      }
      return { ...outside, contents, watched: { ...outside.watched, isComplete } };
    },
  };
}

/**
 * The content id that a version would get if it were made now; a table's is its own.
 * @param inPlace what an input is now for which no version of ours stands
 * @param byItself what a view is now whose rows do not follow from its inputs
 */
function contentNow(
  version: VersionRecord,
  state: LedgerState,
  inPlace: (input: NodeId, before: string) => string,
  byItself: (version: VersionRecord) => string,
  met = new Map<VersionRecord, string>(),
): string {
  const found = met.get(version);
  if (found !== undefined || version.physical.kind !== 'view') return found ?? version.content_id;
  if (variesByItself(version)) return byItself(version);
  const reads = versionsRead(state, version);
  const inputs = Object.entries(version.inputs).map(([input, before]) => {
    const read = reads.find(({ node }) => node === input);
    if (!read) return [input, inPlace(input, before)] as const;
    const now = contentNow(read, state, inPlace, byItself, met);
    return [input, now === read.content_id ? before : now] as const;
  });
  const isAsBuilt = [version.inputs, ...(version.former_inputs ?? [])].some((known) =>
    inputs.every(([input, now]) => known[input] === now),
  );
  const content = isAsBuilt
    ? version.content_id
    : digest([version.relation, version.code_fingerprint, Object.fromEntries(inputs)]);
  met.set(version, content);
  return content;
}
