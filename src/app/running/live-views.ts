/** What published views show now: of sources, and of what is deferred, they show the rows of this moment, whether or not they are built again. */
import { type Manifest, nodeOf } from '../../compile/manifest.ts';
import type { NodeId } from '../../core/node-id.ts';
import { type LedgerState, standingVersion, type VersionRecord } from '../../ledger/records.ts';
import { digest } from '../../plan/fingerprint.ts';
import { inputName, relationOf } from '../../plan/plan-run.ts';
import type { OutsideContent } from '../warehouse/outside.ts';

export interface LiveViews {
  /** Whose rows the views show in place: sources, and nodes of which no version stands here. */
  readonly shown: ReadonlySet<NodeId>;
  /** Of those views that show something else than when they were built: what building them now would be called. */
  contents(outside: ReadonlyMap<NodeId, OutsideContent>): ReadonlyMap<NodeId, OutsideContent>;
}

/**
 * @param ids what the command reads and does not build
 * @param unknown an id that no content ever had
 */
export function liveViews(manifest: Manifest, state: LedgerState, ids: readonly NodeId[], unknown: string): LiveViews {
  const views = ids.flatMap((id) => {
    const node = manifest.nodes[id];
    const version = node && standingVersion(state, relationOf(node));
    return version && isKnownView(version) ? [[id, version] as const] : [];
  });
  const shown = new Set<NodeId>();
  const note = (id: NodeId, before: string): string => {
    shown.add(id);
    return before;
  };
  for (const [, version] of views) contentNow(version, state, note);
  return {
    shown,
    contents: (outside) =>
      new Map(
        views.flatMap(([id, version]) => {
          const changed = new Set<string>();
          const contentId = contentNow(version, state, (input, before) => {
            const found = outside.get(input)?.contentId;
            // It was read from another environment, which is not open now.
            const isForeign = !(input in manifest.sources) && before.startsWith('table:');
            const isHidden = found === undefined ? isForeign : found.startsWith('unreadable:');
            const now = isHidden ? unknown : (found ?? before);
            if (now !== before) changed.add(`${inputName(nodeOf(manifest, input), input)} changed`);
            return now;
          });
          return contentId === version.content_id
            ? []
            : [[id, { contentId, change: [...changed].join(', ') }] as const];
        }),
      ),
  };
}

/** A view whose content is what its query makes of its inputs. */
const isKnownView = ({ physical, relation, content_id }: VersionRecord): boolean =>
  physical.kind === 'view' && !content_id.startsWith(`${relation}@`);

/** @param inPlace what an input is now for which no version of ours stands */
function contentNow(
  version: VersionRecord,
  state: LedgerState,
  inPlace: (input: NodeId, before: string) => string,
): string {
  if (!isKnownView(version)) return version.content_id;
  const reads = version.reads.flatMap((read) => versionAt(state, read) ?? []);
  const inputs = Object.entries(version.inputs).map(([input, before]) => {
    const read = reads.find(({ node }) => node === input);
    if (!read) return [input, inPlace(input, before)] as const;
    const now = contentNow(read, state, inPlace);
    return [input, now === read.content_id ? before : now] as const;
  });
  const isAsBuilt = [version.inputs, ...(version.former_inputs ?? [])].some((known) =>
    inputs.every(([input, now]) => known[input] === now),
  );
  return isAsBuilt
    ? version.content_id
    : digest([version.relation, version.code_fingerprint, Object.fromEntries(inputs)]);
}

function versionAt({ versions }: LedgerState, read: string): VersionRecord | undefined {
  const at = read.lastIndexOf('@');
  return versions.get(read.slice(0, at))?.find(({ version }) => version === Number(read.slice(at + 1)));
}
