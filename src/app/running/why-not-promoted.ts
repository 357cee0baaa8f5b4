/** Why what a target published may not be promoted: its code or what it reads moved on, its tests did not decide, or another target has other rows. */
import type { NodeId } from '../../core/node-id.ts';
import type { Connection, Warehouse } from '../../engine/engine.ts';
import {
  type LedgerState,
  type PublicationRecord,
  publishedVersion,
  type VersionRecord,
} from '../../ledger/records.ts';
import type { BuildTask } from '../../plan/plan.ts';
import { inputsOf, relationOf } from '../../plan/plan-run.ts';
import type { CommonOptions, PromoteAnswer } from '../contract.ts';
import { readFactsCache } from '../opening/parsed-sql.ts';
import { fingerprintOf } from '../tests/test-identity.ts';
import { foreignInputs } from './beside.ts';
import { codesOf } from './node-facts.ts';
import type { Beside } from './take-over.ts';
import type { TargetPlan } from './target-plan.ts';

/** What nothing speaks against, as far as the target it was built in can tell. */
export interface Ready {
  readonly id: NodeId;
  readonly source: VersionRecord;
  readonly task: BuildTask;
  /** As it is in the target that is promoted to. */
  readonly codeFingerprint: string;
}

/**
 * Why a node may not be promoted as it is; undefined when it may.
 * @param refused of its parents: they come first
 */
export function whyNot(
  task: BuildTask,
  source: VersionRecord | undefined,
  from: TargetPlan,
  refused: PromoteAnswer['refused'],
): string | undefined {
  const target = from.opened.project.target.name;
  if (!source) return `it was never published in \`${target}\``;
  const publication = from.published.get(source.relation);
  const tests = blockingTests(task.node, from);
  if (publication?.untested && !tests.every((test) => hasPassedSince(test, publication, from.state)))
    return `it was published untested in \`${target}\`: run \`dql build -t ${target}\``;
  const held = from.state.nodeRuns.get(task.node)?.held_reason;
  if (held) return `it is held in \`${target}\`: ${held}`;
  const isTold = foreignInputs(from.manifest, source).length === 0;
  return (
    whyNotCurrent(task, source, from, refused) ??
    (isTold ? whyNotTested(tests, from, (id) => contentIn(from, id)) : undefined)
  );
}

const NOT_CURRENT = 'what it is built from is not up to date';

/** Its code or what it reads moved on since it was built. */
function whyNotCurrent(
  { node, decision, codeFingerprint }: BuildTask,
  source: VersionRecord,
  from: TargetPlan,
  refused: PromoteAnswer['refused'],
): string | undefined {
  const target = from.opened.project.target.name;
  const isAsBuilt = (id: NodeId) =>
    !refused.some((each) => each.node === id) && source.inputs[id] === contentIn(from, id);
  const foreign = foreignInputs(from.manifest, source);
  const isForced = decision.action === 'build' && decision.cause === 'forced';
  // The rest, and its code, which names them, is compared with the target that it goes to.
  if (foreign.length > 0 && decision.action !== 'take-over' && !isForced)
    return inputsOf(from.manifest, node).every((id) => foreign.includes(id) || isAsBuilt(id)) ? undefined : NOT_CURRENT;
  const isSame = codeFingerprint !== undefined && codeFingerprint === source.code_fingerprint;
  switch (decision.action) {
    case 'reuse':
      return undefined;
    case 'take-over':
      return `version ${source.version} is published in \`${target}\`, and building it would give version ${decision.version}: run \`dql build -t ${target}\``;
    case 'decide': {
      // What is built from something that answers differently each time: was it built from what is published now?
      return isSame && inputsOf(from.manifest, node).every(isAsBuilt) ? undefined : NOT_CURRENT;
    }
    case 'build': {
      // What answers differently each time cannot be compared by its inputs; its code can.
      if (decision.varies === true && isSame) return undefined;
      return `${decision.reason} since it was built in \`${target}\``;
    }
    default:
      return decision satisfies never;
  }
}

interface BuiltBeside {
  readonly from: TargetPlan;
  readonly to: TargetPlan;
  readonly beside: ReadonlyMap<NodeId, Beside>;
  readonly going: readonly Ready[];
  readonly options: CommonOptions;
  readonly warehouse: Warehouse;
  readonly connection: Connection;
}

/** What versions were built on, and tested with, that their target does not have. */
export function readBeside(going: readonly Ready[], from: TargetPlan): ReadonlySet<NodeId> {
  const built = going.filter(({ source }) => foreignInputs(from.manifest, source).length > 0);
  const tested = built
    .flatMap(({ id }) => blockingTests(id, from).flatMap((test) => inputsOf(from.manifest, test)))
    .filter((id) => !isPublished(id, from));
  return new Set([...built.flatMap(({ source }) => foreignInputs(from.manifest, source)), ...tested]);
}

/** It was built where its inputs were read elsewhere (`--defer`): the target it goes to has to have the same rows of them. */
export async function whyNotBeside(each: Ready, request: BuiltBeside): Promise<string | undefined> {
  const { from, to, beside, going } = request;
  const { id: node, source } = each;
  const foreign = foreignInputs(from.manifest, source);
  if (foreign.length === 0) return undefined;
  const [here, there] = [from, to].map(({ opened }) => opened.project.target.name);
  for (const id of foreign) {
    const name = from.manifest.nodes[id]?.name ?? id;
    const what = `\`${name}\` was none of \`${here}\` when it was built on it (--defer, or somebody else's table), and`;
    if (movesWith(id, going, to)) return `${what} is another one in \`${there}\` after this: build it on that one`;
    const found = beside.get(id);
    if (!found) return `${what} \`${there}\` does not have it`;
    if (found.rows !== source.inputs[id]) return `${what} \`${there}\` shows other rows of it: build it again`;
  }
  if (!(await isOfCode(each, foreign, request)))
    return `its code changed since it was built in \`${here}\`, or it was built on what neither \`${here}\` nor \`${there}\` has`;
  return whyNotTested(blockingTests(node, from), from, (id) =>
    foreign.includes(id) || !isPublished(id, from)
      ? (beside.get(id)?.rows ?? contentIn(from, id))
      : contentIn(from, id),
  );
}

/** Code says where its inputs are: in the target that it goes to, or where somebody else put them. */
async function isOfCode(
  { id, source, task }: Ready,
  foreign: readonly NodeId[],
  { from: { opened, state }, to, options, warehouse, connection }: BuiltBeside,
): Promise<boolean> {
  if (task.codeFingerprint === source.code_fingerprint) return true;
  const deferred = new Map(
    foreign.flatMap((input) => {
      const name = to.manifest.nodes[input]?.relation_name;
      return name ? [[input, name] as const] : [];
    }),
  );
  const cache = readFactsCache(opened.targetFolder);
  const codes = await codesOf({ opened, options, warehouse, connection, cache, state, deferred, ids: [id] });
  return codes.get(id) === source.code_fingerprint;
}

/** Of what is promoted, and of views over it, which follow. */
function movesWith(id: NodeId, going: readonly Ready[], to: TargetPlan): boolean {
  if (going.some((each) => each.id === id)) return true;
  const node = to.manifest.nodes[id];
  const shown = node && publishedVersion(to.state, relationOf(node));
  return shown?.physical.kind === 'view' && inputsOf(to.manifest, id).some((input) => movesWith(input, going, to));
}

function isPublished(id: NodeId, { manifest, state }: TargetPlan): boolean {
  const node = manifest.nodes[id];
  return node !== undefined && publishedVersion(state, relationOf(node)) !== undefined;
}

function whyNotTested(
  tests: readonly NodeId[],
  from: TargetPlan,
  contentOf: (id: NodeId) => string | undefined,
): string | undefined {
  const target = from.opened.project.target.name;
  for (const test of tests) {
    const last = from.state.tests.get(test);
    const name = from.manifest.nodes[test]?.name ?? test;
    if (!last) return `test \`${name}\` was never run in \`${target}\`: run \`dql build -t ${target}\``;
    if (!PASSED.includes(last.status)) return `test \`${name}\` did not pass in \`${target}\``;
    // Undefined of what looks at the clock or asks the warehouse: nobody can tell whether it would ask the same.
    const asked = fingerprintOf(from, test, contentOf);
    if (asked !== undefined && asked !== last.fingerprint)
      return `test \`${name}\`, or what it reads, changed since it was run in \`${target}\`: run \`dql build -t ${target}\``;
  }
  return undefined;
}

const PASSED = ['pass', 'warn'];

function contentIn({ manifest, state, outside }: TargetPlan, id: NodeId): string | undefined {
  const node = manifest.nodes[id];
  return outside.get(id)?.contentId ?? (node && publishedVersion(state, relationOf(node))?.content_id);
}

const blockingTests = (node: NodeId, { manifest }: TargetPlan): readonly NodeId[] =>
  (manifest.child_map[node] ?? []).filter(
    (id) =>
      manifest.nodes[id]?.resource_type === 'test' &&
      String(manifest.nodes[id]?.config['severity'] ?? 'error').toLowerCase() === 'error',
  );

/** Of what `dql run` or `dql clone` published. */
function hasPassedSince(test: NodeId, { published_at }: PublicationRecord, { tests }: LedgerState): boolean {
  const last = tests.get(test);
  return last !== undefined && last.executed_at >= published_at && PASSED.includes(last.status);
}
