/** Build or reuse: the one decision behind promise 4, made from values only, before the run where possible and during it otherwise. */
import type { NodeId } from '../core/node-id.ts';
import type { VersionRecord } from '../ledger/records.ts';

export type Decision =
  | {
      readonly action: 'build';
      readonly reason: string;
      readonly cause: 'code' | 'input' | 'forced';
      /** It answers differently on the same inputs, and that is why. */
      readonly varies?: true;
    }
  /** The published version is what building would give. */
  | { readonly action: 'reuse'; readonly reason: string; readonly version: number }
  /** An earlier run built it: it did not come to publish it, or another version was published since. */
  | { readonly action: 'take-over'; readonly reason: string; readonly version: number }
  /** Depends on what its parents come to. */
  | { readonly action: 'decide'; readonly reason: string };

/** What is known of one input when the decision is made. */
export interface InputContent {
  readonly node: NodeId;
  readonly name: string;
  /** undefined: not known before the parent has been dealt with. */
  readonly contentId: string | undefined;
  /** Why it is what it is: "2 new files". */
  readonly change?: string | undefined;
  /** Content ids that were compared and hold the same rows in every column this node uses. */
  readonly sameAs?: ReadonlySet<string> | undefined;
}

export interface DecisionRequest {
  readonly codeFingerprint: string | undefined;
  readonly nondeterministic: string | undefined;
  readonly inputs: readonly InputContent[];
  readonly published: VersionRecord | undefined;
  /** Whole versions that readers do not see, staged or kept, newest first. */
  readonly others: readonly VersionRecord[];
  readonly force: boolean;
  readonly fullRefresh: boolean;
}

export function decide(request: DecisionRequest): Decision {
  const { codeFingerprint, published, inputs } = request;
  if (request.force) return { action: 'build', reason: 'forced', cause: 'forced' };
  if (request.fullRefresh) return { action: 'build', reason: 'full refresh', cause: 'forced' };
  if (codeFingerprint === undefined) return { action: 'decide', reason: 'rendered when its parents are built' };
  if (request.nondeterministic)
    return { action: 'build', reason: `not deterministic: ${request.nondeterministic}`, cause: 'input', varies: true };
  const kept = published && fits(published, codeFingerprint, inputs) ? published : undefined;
  if (kept) return { action: 'reuse', reason: 'unchanged', version: kept.version };
  const others = request.others.filter((version) => version.code_fingerprint === codeFingerprint);
  if (inputs.some((input) => input.contentId === undefined)) {
    if (others.length === 0 && published?.code_fingerprint !== codeFingerprint)
      return { action: 'build', reason: published ? 'code changed' : 'first build', cause: 'code' };
    return { action: 'decide', reason: 'depends on what its parents come to' };
  }
  const ready = others.find((version) => fits(version, codeFingerprint, inputs));
  if (ready) {
    const { version, state } = ready;
    const reason =
      state === 'kept'
        ? `the same as version ${version}, which is kept`
        : 'built by an earlier run that did not publish it';
    return { action: 'take-over', reason, version };
  }
  if (!published) return { action: 'build', reason: 'first build', cause: 'code' };
  if (published.code_fingerprint !== codeFingerprint) return { action: 'build', reason: 'code changed', cause: 'code' };
  const changed = inputs.filter((input) => !sameInput(published, input));
  return {
    action: 'build',
    reason: `input changed (${changed.map((input) => (input.change ? `${input.name}: ${input.change}` : input.name)).join(', ')})`,
    cause: 'input',
  };
}

/** True when building again would give this version. */
const fits = (version: VersionRecord, codeFingerprint: string, inputs: readonly InputContent[]): boolean =>
  version.code_fingerprint === codeFingerprint &&
  Object.keys(version.inputs).length === inputs.length &&
  inputs.every((input) => sameInput(version, input));

/** True when an input still is, in what this node uses of it, what the version was built from. */
export function sameInput(version: VersionRecord, input: InputContent): boolean {
  const before = version.inputs[input.node];
  if (before === undefined || input.contentId === undefined) return false;
  return before === input.contentId || (input.sameAs?.has(before) ?? false);
}
