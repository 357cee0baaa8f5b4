/**
 * Published views that a run does not build. They show what lies outside dql as it is now, not as it was when they were made: whoever
 * reuses an answer about them has to know.
 */
import type { NodeId } from '../../core/node-id.ts';
import { type LedgerState, type VersionRecord, variesByItself, versionsRead } from '../../ledger/records.ts';
import { digest } from '../../plan/fingerprint.ts';
import type { Outside, OutsideContent } from './outside.ts';

/** Sources that views show, directly or through other views. */
export function sourcesShown(state: LedgerState, versions: Iterable<VersionRecord>): ReadonlySet<NodeId> {
  const seen = new Set<VersionRecord>();
  const sources = new Set<NodeId>();
  const visit = (version: VersionRecord): void => {
    if (version.physical.kind !== 'view' || seen.has(version)) return;
    seen.add(version);
    for (const id of Object.keys(version.inputs)) if (isSource(id)) sources.add(id);
    versionsRead(state, version).forEach(visit);
  };
  for (const version of versions) visit(version);
  return sources;
}

/** What was found outside, and the content of those of these versions that show something else than when they were made. */
export function withLiveViews(
  outside: Outside,
  state: LedgerState,
  versions: ReadonlyMap<NodeId, VersionRecord>,
  now: Date,
): Outside {
  const liveOf = liveContents(outside.contents, state, now);
  const contents = new Map(outside.contents);
  let { isComplete } = outside.watched;
  for (const [id, version] of versions) {
    const { varies, ...live } = liveOf(version);
    if (live.contentId !== version.content_id) contents.set(id, live);
    isComplete &&= !varies;
  }
  return { ...outside, contents, watched: { ...outside.watched, isComplete } };
}

interface LiveContent extends OutsideContent {
  /** True where nothing but asking the warehouse tells what it shows. */
  readonly varies: boolean;
}

/** The content id that a version would get if it were made now; a table's is its own. */
function liveContents(
  outside: Outside['contents'],
  state: LedgerState,
  now: Date,
): (version: VersionRecord) => LiveContent {
  const known = new Map<VersionRecord, LiveContent>();
  const found = (version: VersionRecord): LiveContent => {
    const { relation, code_fingerprint, content_id, physical } = version;
    if (physical.kind !== 'view') return { contentId: content_id, varies: false };
    if (variesByItself(version))
      return { contentId: `${content_id}:${now.toISOString()}`, change: 'it is not deterministic', varies: true };
    const read = versionsRead(state, version).map((each) => [each.node, liveOf(each)] as const);
    const inputs: Record<NodeId, string> = { ...version.inputs };
    for (const id of Object.keys(inputs).filter(isSource)) inputs[id] = outside.get(id)?.contentId ?? inputs[id] ?? '';
    for (const [id, { contentId }] of read) if (id in inputs) inputs[id] = contentId;
    const varies = read.some(([, live]) => live.varies);
    return Object.entries(inputs).every(([id, content]) => version.inputs[id] === content)
      ? { contentId: content_id, varies }
      : { contentId: digest([relation, code_fingerprint, inputs]), change: 'what it shows changed', varies };
  };
  const liveOf = (version: VersionRecord): LiveContent => {
    const live = known.get(version) ?? found(version);
    known.set(version, live);
    return live;
  };
  return liveOf;
}

const isSource = (id: NodeId): boolean => id.startsWith('source.');
